"""What a record changes about a lead: which values are others, and which are the same written otherwise.

Whether a change matters is news.py's to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.agreement import Reason
from bot.agreement.matching import number_range
from bot.leadform.keys import company_key, email_key, host_of

CONTACT: Final = ("email", "phone", "name")
"""What a rejection that is to be fixed contests, where its reason does not say."""
FACTS: Final = (
    *("email", "phone", "first_name", "last_name", "title", "company", "domain", "employees", "industry"),
    *("country", "region"),
)
"""The fields that say who somebody is and where they work; all others are bookkeeping of other systems."""

_BOTH_NAMES: Final = ("first_name", "last_name")
_SHORTEST_PHONE: Final = 7  # digits: fewer may be anybody's extension
# What follows from other fields, and what is told by itself.
_NOT_TOLD: Final = frozenset(
    (
        *("email_key", "company_key", "company_domain", "external_id", "activities", "stage", "closed_at"),
        *("qualified", "extra", "updated_at", "created_at"),
    )
)


def is_same(field: str, known: Any, told: Any) -> bool:
    """Whether two values of a field mean the same, however they are written: `+1 555 0101`, `+15550101`."""
    if known == told:
        return True
    if known is None or told is None or known == "" or told == "":
        return False
    key = _KEYS.get(field, _plain)
    if field == "phone" and _is_same_phone(known, told):
        return True
    return bool(key(known) == key(told))


def changed_fields(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields that a record gives another value, as (before, after); the sender's own columns too.

    `known` and `told` are a lead's columns (`to_columns`), `extra` among them. A field that is not told, or
    told as nothing, is not changed: a record never blanks.
    """
    found = _changed(known, {name: value for name, value in told.items() if name not in _NOT_TOLD})
    return found | _changed(known.get("extra") or {}, told.get("extra") or {})


def rewritten_fields(known: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that a record writes otherwise and means the same."""
    return tuple(
        name
        for name, value in told.items()
        if name not in _NOT_TOLD
        and value not in (None, "")
        and value != known.get(name)
        and is_same(name, known.get(name), value)
    )


def contested_fields(reason: Reason | None) -> frozenset[str]:
    """The fields that a rejection says are wrong, both parts of a name for `name`; none unless the reason is
    to be fixed. A reason that the agreement does not have any more contests the contact data."""
    if reason is not None and reason.then != "fix":
        return frozenset()
    named = (reason.contests if reason is not None else None) or CONTACT
    return frozenset(field for name in named for field in (_BOTH_NAMES if name == "name" else (name,)))


def _changed(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (known.get(name), value)
        for name, value in told.items()
        if value is not None and value != "" and not is_same(name, known.get(name), value)
    }


def _plain(value: Any) -> str:
    """A text without case, accents and punctuation; a text of nothing else as it is."""
    text = unicodedata.normalize("NFKD", str(value).casefold())
    letters = "".join(char for char in text if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]+", " ", letters).split()) or str(value).strip()


def _digits(value: Any) -> str:
    return re.sub(r"\D", "", str(value)).lstrip("0")


def _is_same_phone(known: Any, told: Any) -> bool:
    """The one with and the one without the code of its country, or the zero in its place."""
    short, long = sorted((_digits(known), _digits(told)), key=len)
    return len(short) >= _SHORTEST_PHONE and long.endswith(short)


def _number(value: Any) -> tuple[float, float] | str:
    return number_range(value) or _plain(value)


_KEYS: dict[str, Callable[[Any], object]] = {
    "email": lambda value: email_key(str(value)),
    "phone": lambda value: _digits(value) or _plain(value),
    "company": lambda value: company_key(str(value)) or _plain(value),
    "domain": lambda value: host_of(str(value)) or _plain(value),
    "employees": _number,
    "amount_minor": _number,
    "crm_url": lambda value: str(value).strip(),
}
