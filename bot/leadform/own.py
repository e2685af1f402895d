"""What `export leads` wrote, read back to the letter: nothing in it is guessed, renamed or left out.

How the file is laid out is the export's; what becomes of a lead is decided elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from bot.leadform import values
from bot.leadform.faults import FieldFault, LeadFaults
from bot.leadform.fields import LEAD_FIELDS
from bot.leadform.model import ActivityForm, LeadForm
from bot.leadform.sheets import unguarded
from bot.leadform.text import BadValue
from storage.models import Stage, member_of
from storage.models.values import LeadValues

CLOSED = (Stage.WON, Stage.LOST, Stage.RECYCLED, Stage.DISQUALIFIED)
"""Stages in which nobody in sales has anything to do: a lead that is read back keeps them."""

_COLUMNS = {"crm_owner": "owner", "amount": "amount"} | {
    name: name for name in LEAD_FIELDS if name not in ("owner", "external_id", "stage", "closed_at")
}
_JSON: dict[str, Any] = {"external_ids": [], "activities": [], "extra": {}, "told_at": {}, "names_before": []}


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One lead of an export.

    `system` is whose id `form.external_id` is; `others` are its other ids, each with its system. `restored`
    is what no form tells and a lead that is new here gets back; `stage` is where it stood.
    """

    form: LeadForm
    system: str | None = None
    others: tuple[tuple[str, str], ...] = ()
    stage: Stage = Stage.INQUIRY
    restored: LeadValues = field(default_factory=lambda: LeadValues())


def read_own(cells: Mapping[str, str], aside: list[FieldFault]) -> OwnRecord:
    """The lead of a row, by the names of its columns. A cell that was spoilt by hand is noted in `aside`.

    Raises LeadFaults for a row that says nothing of who it is about.
    """
    given = {name: text for name, cell in cells.items() if (text := unguarded(cell))}
    loaded = {name: _loaded(name, given.get(name), empty, aside) for name, empty in _JSON.items()}
    told: dict[str, Any] = {}
    for column, name in _COLUMNS.items():
        if column not in _JSON and column in given:
            _read_into(told, name, given[column], aside)
    ids = [(str(system), str(number)) for system, number in loaded["external_ids"]]
    if ids:
        told["external_id"] = ids[0][1]
    if not told.keys() & {"email", "external_id", "phone", "first_name", "last_name"}:
        raise LeadFaults([FieldFault("email", "is missing; give an e-mail address or an external_id")])
    extra = {str(name): str(text) for name, text in loaded["extra"].items()}
    if "origin" in given:
        extra["origin"] = given["origin"]
    if extra:
        told["extra"] = extra
    if activities := _activities(loaded["activities"], aside):
        told["activities"] = activities
    return OwnRecord(
        LeadForm(**told),
        system=ids[0][0] if ids else None,
        others=tuple(ids[1:]),
        stage=member_of(Stage, given.get("stage")) or Stage.INQUIRY,
        restored=_restored(given, loaded, aside),
    )


def _read_into(told: dict[str, Any], name: str, text: str, aside: list[FieldFault]) -> None:
    read: Callable[[str], Any] = _READERS.get(name, values.line)
    try:
        value = read(text)
    except BadValue as problem:
        aside.append(FieldFault(name, str(problem)))
        return
    if value is not None:
        told[name] = value


def _amount(text: str) -> Decimal:
    found: Decimal = values.amount(text)[0]
    return found


def _employees(text: str) -> int:
    return values.employees(text)[0]


_READERS: Mapping[str, Callable[[str], Any]] = {
    **{name: each.read for name, each in LEAD_FIELDS.items() if each.read is not None},
    **{"employees": _employees, "amount": _amount},
}
"""As each field is declared, without what is said beside a number."""


def _loaded(name: str, text: str | None, empty: Any, aside: list[FieldFault]) -> Any:
    if text is None:
        return empty
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, type(empty)) or (name == "external_ids" and not _are_pairs(found)):
        aside.append(FieldFault(name, "was changed by hand; leave this column as it was exported"))
        return empty
    return found


def _are_pairs(found: list[Any]) -> bool:
    return all(isinstance(each, list) and len(each) == 2 and all(each) for each in found)


def _activities(told: list[Any], aside: list[FieldFault]) -> tuple[ActivityForm, ...]:
    found = []
    for number, each in enumerate(told):
        try:
            found.append(ActivityForm(**each))
        except (TypeError, ValidationError):
            aside.append(
                FieldFault(f"activities[{number}]", "is not an activity; leave it as it was exported")
            )
    return tuple(found)


def _restored(given: Mapping[str, str], loaded: Mapping[str, Any], aside: list[FieldFault]) -> LeadValues:
    restored: LeadValues = {"names_before": loaded["names_before"], "told_at": loaded["told_at"]}
    moments: dict[str, datetime] = {}
    for name in ("created_at", "recycled_until", "closed_at"):
        if name in given:
            try:
                moments[name] = values.any_moment(given[name])
            except BadValue as problem:
                aside.append(FieldFault(name, str(problem)))
    if "created_at" in moments:
        restored["created_at"] = moments["created_at"]
    if member_of(Stage, given.get("stage")) in CLOSED:
        restored["stage"] = Stage(given["stage"])
        restored["recycled_until"] = moments.get("recycled_until")
        restored["closed_at"] = moments.get("closed_at")
    return restored
