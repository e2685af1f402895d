"""Which columns of a file tell what became of its leads: for a history that is taken in.

The names are past_names.py's; what is no column of the past is read as in any file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache

from bot.leadform.past_names import DEAL_MARKS, ENTERED, LEAD_MARKS, PAST_NAMES
from bot.leadform.stages import STAGE_OF_STATUS
from bot.leadform.text import simplify
from storage.models import Stage


class PastKind(StrEnum):
    """What a line of a history is."""

    LEADS = "leads"
    DEALS = "deals"
    CHANGES = "changes"  # of leads, one field at a time


MOMENTS = (
    "handed_off_at",
    "accepted_at",
    "first_touch_at",
    "sql_at",
    "opportunity_at",
    "won_at",
    "lost_at",
    "rejected_at",
    "recycled_at",
    "disqualified_at",
)
"""What may have happened to a lead, each with its moment, in the order in which it happens."""

DATES = frozenset({*MOMENTS, "closed_at", "created_at", "edited_at"})
OWN = frozenset(PAST_NAMES) - {"owner", "amount", "email", "first_name", "last_name", "title", "company"}
"""The fields that are no field of a lead."""

_REACHED = {
    Stage.SAL: "accepted_at",
    Stage.SQL: "sql_at",
    Stage.OPPORTUNITY: "opportunity_at",
    Stage.WON: "won_at",
    Stage.LOST: "lost_at",
    Stage.RECYCLED: "recycled_at",
    Stage.DISQUALIFIED: "disqualified_at",
}
_HANDED = frozenset({"marketingqualifiedlead", "marketingqualified", "mql"})
_OF_DEALS = {
    "recordid": "deal_id",
    "id": "deal_id",
    "createdate": "opportunity_at",
    "createddate": "opportunity_at",
    "createdon": "opportunity_at",
    "createdtime": "opportunity_at",
}


@cache
def past_names() -> Mapping[str, str]:
    """The field of each known name of a column, without case, spaces and punctuation."""
    found: dict[str, str] = {}
    for field, names in PAST_NAMES.items():
        for name in re.split(r"[;\n]", names):
            if simplify(name):
                found.setdefault(simplify(name), field)
    return found


def find_past(name: str) -> str | None:
    """The field of a history that a column of this name holds; None where it is no column of the past."""
    known = past_names().get(simplify(name))
    if known is not None:
        return known
    entered = re.fullmatch(ENTERED, name.strip(), re.IGNORECASE)
    return moment_of_stage(entered[1]) if entered else None


def moment_of_stage(written: str) -> str | None:
    """The moment that coming to a stage is, by the stage's name in a CRM: "Closed Won" is `won_at`."""
    if simplify(written) in _HANDED:
        return "handed_off_at"
    stage = STAGE_OF_STATUS.get(simplify(written))
    return _REACHED.get(stage) if stage is not None else None


def past_kind(header: Sequence[str]) -> PastKind:
    """What the lines of a file with these columns are."""
    names = {simplify(name) for name in header}
    fields = {find_past(name) for name in header}
    if {"edit_field", "new_value", "edited_at"} <= fields:
        return PastKind.CHANGES
    return PastKind.DEALS if fields & DEAL_MARKS and not names & LEAD_MARKS else PastKind.LEADS


def past_fields(header: Sequence[str]) -> tuple[str | None, ...]:
    """Per column the field of the past that it holds, or None."""
    kind = past_kind(header)
    if kind is PastKind.DEALS:
        return tuple(_OF_DEALS.get(simplify(name)) or find_past(name) for name in header)
    found = tuple(find_past(name) for name in header)
    if kind is PastKind.LEADS:  # "Field" alone is one of the sender's own
        return tuple(None if field in _OF_CHANGES else field for field in found)
    return found


_OF_CHANGES = frozenset({"edit_field", "new_value", "old_value", "edited_at", "edited_by"})
