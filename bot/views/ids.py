"""Every action_id, callback_id and block_id that Baton puts into Slack, and the value behind its buttons."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """The action_id of a button, menu or input."""

    ACCEPT = "lead_accept"
    REJECT = "lead_reject"
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


METADATA_EVENT = "baton"
