"""What the history keeps of a change to who somebody is, and how a lead is put back by it.

Values are kept as they were, to the letter; whether a change is worth telling is sameness.py's to say. Keys
that follow from the fields (`email_key`, `company_domain` …) are built anew by whoever stores the lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.rules.sameness import is_another

IDENTITY_FIELDS = (
    "email",
    "first_name",
    "last_name",
    "title",
    "phone",
    "company",
    "domain",
    "crm_url",
    "external_ids",
)
"""The fields that say who somebody is. `external_ids` are pairs of system and id, in no order."""

Changes = Mapping[str, Sequence[Any]]
"""Old and new value of each changed field; from JSON, where pairs become lists, as well."""


class HistoryGap(ValueError):
    """A change does not begin where the one before it ended: something in between is not in the history."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"{field} was changed by something that the history does not tell")


def identity_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Old and new value of each field that says who somebody is and that `new` sets to something different.

    A field that `new` does not have stays; one that it sets to None is cleared. Of somebody new, `old` is
    empty. What is only written otherwise is a change too, because the lead is put back to the letter.
    """
    told = [field for field in IDENTITY_FIELDS if field in new]
    pairs = {field: (_kept(field, old.get(field)), _kept(field, new[field])) for field in told}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


_FOLLOWS = (*IDENTITY_FIELDS, "email_key", "phone_key", "company_key", "names_before", "updated_at")
_JOINED = ("extra", "told_at")


def facts_before(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What stood in each other column that `new` sets to something different, so that a lead can be judged as
    it was then. Of the sender's own columns (`extra`, `told_at`) only those that changed; None: not there.
    """
    found: dict[str, Any] = {}
    for name, value in new.items():
        was = old.get(name)
        if name in _FOLLOWS or was == value:
            continue
        if name in _JOINED:
            was = {key: (was or {}).get(key) for key in value if (was or {}).get(key) != value[key]}
        found[name] = was
    return found


def put_back(columns: Mapping[str, Any], was: Mapping[str, Any]) -> dict[str, Any]:
    """The columns with what `facts_before` kept in its place again."""
    found = {**columns, **was}
    for name in _JOINED:
        if name in was:
            both = {**columns[name], **was[name]}
            found[name] = {key: value for key, value in both.items() if value is not None}
    return found


def worth_telling(changes: Changes, region: str | None = None) -> dict[str, Sequence[Any]]:
    """Those changes that say something else than before, and are not only written otherwise.

    `region` is the lead's country (ISO 3166), for phone numbers without a country code.
    """
    return {field: pair for field, pair in changes.items() if is_another(field, pair[0], pair[1], region)}


def undo(lead: Mapping[str, Any], changes: Iterable[Changes]) -> dict[str, Any]:
    """The lead as it was before these changes, which come newest first.

    Raises HistoryGap where a field does not have the value that a change left it with.
    """
    before = dict(lead)
    for each in changes:
        for field, (old, new) in each.items():
            if _kept(field, before.get(field)) != _kept(field, new):
                raise HistoryGap(field)
            before[field] = _kept(field, old)
    return before


def replay(changes: Iterable[Changes]) -> dict[str, Any]:
    """Who somebody was after these changes, oldest first and from their beginning on; unset fields are None.

    Raises HistoryGap where a change does not begin with the value that the one before it ended with.
    """
    after: dict[str, Any] = {field: _kept(field, None) for field in IDENTITY_FIELDS}
    for each in changes:
        for field, (old, new) in each.items():
            if _kept(field, after.get(field)) != _kept(field, old):
                raise HistoryGap(field)
            after[field] = _kept(field, new)
    return after


def _kept(field: str, value: Any) -> Any:
    """A value as it is compared and kept: external ids as sorted pairs, everything else as it is."""
    if field == "external_ids":
        return tuple(sorted({(system, external_id) for system, external_id in value or ()}))
    return value
