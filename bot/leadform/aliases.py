"""The names that other systems give to a lead's fields: one table, read without case, spaces or punctuation.

What the values mean is left to values.py.
"""

from __future__ import annotations

import re

from bot.agreement.matching import simplify
from bot.leadform.columns import find
from bot.leadform.fields import LEAD_FIELDS
from bot.memory import remembered

# Names that are no field of a lead: reading.py folds them into fields.
_FOLDED: dict[str, str] = {
    "activity_at": "activity date, activity time",
    "activity_detail": "activity details",
    "company_size": "size, employee range, employees range, company size range, size range",
    "name": "full name, contact name, lead name, person name",
    "status": "lead status, person status, lifecycle stage",
    "id": "",
}
_ALIASES: dict[str, str] = {name: field.aliases for name, field in LEAD_FIELDS.items()} | _FOLDED

IDENTIFYING = frozenset({"email", "external_id", "id"})
"""A record with none of these cannot be told apart from another; a file needs a column of one of them."""

_LONGEST_NAME = 80

_FIELDS = {
    simplify(alias): field for field, aliases in _ALIASES.items() for alias in (field, *aliases.split(","))
}
_FIELDS.pop("", None)

_SUMMARY = re.compile(
    r"(?P<order>last|latest|mostrecent|recent|newest|first)(?P<side>sales|marketing)?"
    r"(?P<noun>activity|touch|touchpoint|conversion|engagement|interaction|interestingmoment|event|action|visit"
    r"|formsubmission|campaignresponse|contact)(?:event)?"
    r"(?P<part>type|name|kind|details?|description|date|time|at|on|datetime|timestamp)?"
)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_PARTS = {
    **dict.fromkeys(("type", "name", "kind"), "type"),
    **dict.fromkeys(("detail", "details", "description"), "detail"),
    **dict.fromkeys(("date", "time", "at", "on", "datetime", "timestamp"), "at"),
}


@remembered(2048)
def _look_up(name: str) -> str | None:
    return _FIELDS.get(simplify(name)) or ("summary" if summary_of(name) else _label(name))


def _label(name: str) -> str | None:
    """The field of a column that some tool calls so, in any of the languages of columns.py."""
    known = find(name)
    return known.field if known and known.field in _ALIASES else None


def summary_of(name: str) -> tuple[str, str] | None:
    """What a column sums up of the past and which part of it, or None where it is no summary.

    "Last Activity Date (GMT-05:00)" is `("last activity", "at")`; the other parts are `type`, `detail`, and
    "" for a column that only names the whole.
    """
    found = _SUMMARY.fullmatch(simplify(_IN_BRACKETS.sub("", name)))
    if found is None:
        return None
    order = "first" if found["order"] == "first" else "last"
    what = " ".join(filter(None, (order, found["side"], found["noun"])))
    return what, _PARTS.get(found["part"] or "", "")


def field_of(name: str) -> str | None:
    """The lead field that a column or key of this name holds, or None where it is one of the sender's own.

    Besides the fields of LeadForm it knows `name`, `id`, `company_size`, `activity_at`, `activity_detail`,
    `extra`, and `summary` for what a tool says of the past (`summary_of` has more of it).
    """
    return _look_up(name) if len(name) <= _LONGEST_NAME else None


def is_canonical(name: str, field: str) -> bool:
    """Whether the name is the field's own, however it is spelled, and not an alias."""
    return simplify(name) == simplify(field)
