"""What a line of the history says beside its kind: every word that one may have, and what it means.

A misspelt word, written or read, fails the type checker. It is kept as JSON: moments are ISO text in UTC,
people are Slack user ids, money is hundredths. What was not known is None or left out.
"""

from __future__ import annotations

from typing import Any, NotRequired, cast

from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from storage.models.vocabulary import EventKind


class Merged(TypedDict):
    """What one lead brought into another: ids as (system, id), and copies of its activities.

    Those are the ones after `after`, the newest activity of anybody before. Older merges list their keys.
    """

    into: int
    aliases: list[tuple[str, str]]
    after: NotRequired[int]
    activities: NotRequired[list[str]]


class Turn(TypedDict):
    """Whose turn of a team's rotation it was."""

    team: str
    user: str


class Before(TypedDict):
    """Columns as they stood before a decision, those of clocks by their ids; what was empty is left out."""

    lead: dict[str, object]
    handoff: dict[str, object]
    clocks: dict[str, dict[str, object]]
    merged: NotRequired[Merged]
    turn: NotRequired[Turn]  # that was given back
    choice: NotRequired[dict[str, Any] | None]  # how the owner had been chosen, where another was chosen now


Detail = TypedDict(
    "Detail",
    {
        # who, where from, where to
        "user": str | None,
        "owner": str | None,  # from now on
        "from": str | None,  # the owner, or the priority, before
        "by": str,  # who really did it, where another system reports it
        "company_owner": str,
        "team": str | None,
        "from_team": str,
        "to": str | None,  # the team that got the leads of one that is gone
        "away": str,  # why whoever had it cannot act
        "among": dict[str, float],  # each rep who took part in the turn, with their weight
        # why, and in which words
        "reason": str | None,  # a code of the agreement
        "label": str | None,  # the reason as people read it
        "then": str,
        "why": str | None,
        "note": str | None,
        "cause": str | None,  # of a breach
        # when
        "at": str,
        "begins": str,
        "until": str | None,
        "due_at": str,
        "clock": str,
        # what became of the lead
        "touch": str | None,
        "outcome": str,
        "stage": str,
        "told": str,  # the stage as the CRM has it
        "priority": str,
        "grade": str | None,
        "amount_minor": int | None,
        "currency": str | None,
        "deal_at": str | None,
        "merged_into": int,
        # what came in
        "type": str,  # of the activity
        "fields": list[str],
        "activities": int,
        "system": str,
        "external_id": str,
        "changed": dict[str, list[Any]],  # each field that says who somebody is: what it was, and is
        "corrected": list[str],
        "history": bool,  # imported of a CRM's past
        # a split
        "split_from": int,
        "split_into": int,
        "stays": str,
        "goes": str,
        "seen": int,  # the newest event of the form that was sent
        "ids": list[list[str]],
        # others
        "url": str | None,  # the content that helped
        "undid": EventKind,
        "step": int,  # of the ladder
        "leads": int,
        "report": int,
        "point": str,
        "what": str,
        "who": Any,  # decides a point of the report; in a split who has the lead from now on
        "period": str,
        "channel": str,
        "before": Before,  # for an undo
        "was": dict[str, Any],  # the columns that a record changed, as they were
        "door": list[str],  # what may not follow from a record
        "agreement": int,
        # a proposed change of the agreement
        "proposal": int,
        "side": str,
        "says": list[str],
    },
    total=False,
)


def without_empty(detail: Detail) -> Detail:
    """The same, without what is None."""
    return cast(Detail, {name: value for name, value in detail.items() if value is not None})
