"""What a record changes about a lead, what it only writes otherwise, and what a rejection contests.

When two values are the same is said in sameness.py; whether a change matters, in news.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.agreement import Reason
from bot.agreement.vocabulary import Then
from bot.rules.sameness import is_another

CONTACT: Final = ("email", "phone", "name")
"""What a rejection that is to be fixed contests, where its reason does not say."""
FACTS: Final = (
    *("email", "phone", "first_name", "last_name", "title", "company", "domain", "employees", "industry"),
    *("country", "region"),
)
"""The fields that say who somebody is and where they work; all others are bookkeeping of other systems."""

_BOTH_NAMES: Final = ("first_name", "last_name")
# What follows from other fields, and what is told by itself.
_NOT_TOLD: Final = frozenset(
    (
        *("email_key", "company_key", "company_domain", "external_id", "activities", "stage", "closed_at"),
        *("qualified", "extra", "updated_at", "created_at"),
    )
)


def changed_fields(
    known: Mapping[str, Any], told: Mapping[str, Any], region: str | None = None
) -> dict[str, tuple[Any, Any]]:
    """The fields that a record gives another value, as (before, after); the sender's own columns too.

    `known` and `told` are a lead's columns (`to_columns`), `extra` among them. A field that is not told, or
    told as nothing, is not changed: a record never blanks. `region` is where the lead's phone is dialled.
    """
    found = _changed(known, {name: value for name, value in told.items() if name not in _NOT_TOLD}, region)
    return found | _changed(known.get("extra") or {}, told.get("extra") or {}, region)


def rewritten_fields(
    known: Mapping[str, Any], told: Mapping[str, Any], region: str | None = None
) -> tuple[str, ...]:
    """The fields that a record writes otherwise and means the same."""
    return tuple(
        name
        for name, value in told.items()
        if name not in _NOT_TOLD
        and value not in (None, "")
        and value != known.get(name)
        and not is_another(name, known.get(name), value, region)
    )


def contested_fields(reason: Reason | None) -> frozenset[str]:
    """The fields that a rejection says are wrong, both parts of a name for `name`; none unless the reason is
    to be fixed. A reason that the agreement does not have any more contests the contact data."""
    if reason is not None and reason.then is not Then.FIX:
        return frozenset()
    named = (reason.contests if reason is not None else None) or CONTACT
    return frozenset(field for name in named for field in (_BOTH_NAMES if name == "name" else (name,)))


def _changed(
    known: Mapping[str, Any], told: Mapping[str, Any], region: str | None
) -> dict[str, tuple[Any, Any]]:
    return {
        name: (known.get(name), value)
        for name, value in told.items()
        if value not in (None, "") and is_another(name, known.get(name), value, region)
    }
