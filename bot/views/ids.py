"""Every action_id, callback_id and block_id that Baton puts into Slack, and the value behind its buttons."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Action(StrEnum):
    """The action_id of a button, menu or input."""

    ACCEPT = "lead_accept"
    REJECT = "lead_reject"
    TOUCH = "lead_touch"
    OUTCOME = "lead_outcome"
    REASSIGN = "lead_reassign"  # a menu of the team's reps; its option's value is the rep's id
    TAKE = "lead_take"
    MORE_TIME = "lead_more_time"
    OPEN_CRM = "lead_crm"  # a link: Slack reports the click, and nothing follows
    REASON = "reason"
    NOTE = "note"
    TEAM = "team"
    MERGE_INTO = "merge_into"


class Callback(StrEnum):
    """The callback_id of a modal."""

    REJECT = "lead_reject"


class Command(StrEnum):
    """The slash commands."""

    LEAD = "/lead"
    ALIGNMENT = "/alignment"


class RejectContext(BaseModel):
    """The private_metadata of the rejection modal. In a modal, block_id and action_id are the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    handoff_id: int
    chosen: str | None = None  # the reason's code that the modal was last drawn for


def list_row(handoff_id: int) -> str:
    """The block_id of a lead's buttons in a list message."""
    return f"lead:{handoff_id}"


METADATA_EVENT = "baton"
