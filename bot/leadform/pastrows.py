"""From the rows of a history to what became of its leads: a row a lead or a deal, or a row for each change.

Changes are gathered by the lead that they are of, so that a file of them needs memory for its leads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.leadform.aliases import field_of
from bot.leadform.blanks import is_blank
from bot.leadform.csvfile import Row
from bot.leadform.filerows import FileReader, read_record
from bot.leadform.past import PastForm, read_past
from bot.leadform.pastcolumns import PastKind, moment_of_stage
from bot.leadform.text import simplify

_CONTACT = re.compile(r"\s*([^;()]*?)\s*\(([^()\s]+@[^()\s]+)\)")
_STATUS = frozenset({"leadstatus", "status", "stage", "lifecyclestage"})
_OWNER = frozenset({"leadowner", "owner"})
_CREATED = frozenset({"created", "leadcreated"})
_SHOWN = ("deal_id", "deal_name", "stage", "status")
_EMAIL = re.compile(r"[^\s;()<>]+@[^\s;()<>]+")


@dataclass(slots=True)
class _Changes:
    """What is known of one lead from the changes read so far."""

    row: Row
    moments: dict[str, datetime] = field(default_factory=dict)
    assigned: datetime | None = None
    created: datetime | None = None
    told: dict[str, Any] = field(default_factory=dict)

    def add(self, row: Row, told: Mapping[str, Any]) -> None:
        self.row, at = row, told["edited_at"]
        what, value = simplify(told.get("edit_field", "")), str(told.get("new_value", ""))
        if what in _CREATED:
            self.created = min(at, self.created or at)
        elif what in _OWNER:
            self.assigned = min(at, self.assigned or at)
        elif what in _STATUS and (name := moment_of_stage(value)):
            self.moments[name] = min(at, self.moments.get(name, at))
        self.told |= {name: each for name, each in told.items() if name not in _OF_A_CHANGE}

    def all(self) -> dict[str, Any]:
        """As one row that had it all would tell it; passed to sales when it got its first owner."""
        moments = dict(self.moments)
        first = moments.pop("handed_off_at", None) or self.assigned or self.created
        found = {**self.told, **moments}
        if first is not None:
            found.setdefault("handed_off_at", min([first, *moments.values()]))
        return found | ({"created_at": self.created} if self.created else {})


_OF_A_CHANGE = frozenset(
    {"edit_field", "new_value", "old_value", "edited_at", "edited_by", "stage", "status"}
)


def past_rows(reader: FileReader) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Each row and what it tells of the past; of a file of changes each lead once, by its last row."""
    if reader.columns.past is not PastKind.CHANGES:
        for row in reader:
            yield row, {} if row.fault else reader.told(row)
        return
    yield from _gathered(reader)


def _gathered(reader: FileReader) -> Iterator[tuple[Row, dict[str, Any]]]:
    leads: dict[tuple[str, ...], _Changes] = {}
    for row in reader:
        told = {} if row.fault else reader.told(row)
        if row.fault or "edited_at" not in told:
            yield row, told
            continue
        key = _key(reader.record(row))
        leads.setdefault(key, _Changes(row)).add(row, told)
    for changes in leads.values():
        yield changes.row, changes.all()


def _key(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Which lead a change is of: by id, else by address, else by name and company."""
    told = _by_field(record)
    for name in ("external_id", "email"):
        if value := told.get(name):
            return name, value.casefold()
    return tuple(told.get(name, "") for name in ("first_name", "last_name", "name", "company"))


def _by_field(record: Mapping[str, Any]) -> dict[str, str]:
    """What a record says that is no blank, by the fields of a lead."""
    named = ((field_of(key), value) for key, value in record.items() if not is_blank(value))
    return {name: str(value) for name, value in named if name is not None}


def read_past_row(reader: FileReader, row: Row, told: Mapping[str, Any], now: datetime) -> PastForm:
    """The lead of a row and what became of it. Raises LeadFaults as `read_record` and `read_past`."""
    record = reader.record(row)
    record |= _contact(record, told)
    shown = {reader.name_of(name): str(told[name]) for name in _SHOWN if name in told}
    if shown:
        record["extra"] = {**shown, **record.get("extra", {})}
    return read_past(read_record(reader, row, record, now), told, now)


def _contact(record: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The person of a deal: the first of its contacts, written "Jane Doe (jane@acme.com)", and its id."""
    known, found = _by_field(record), dict[str, Any]()
    ids = [each.strip() for each in re.split(r"[;,]", str(told.get("contact_id", ""))) if each.strip()]
    if ids and "external_id" not in known:
        found["external_id"] = ids[0]
    written = str(told.get("contact", ""))
    match = _CONTACT.match(written)
    name, email = match.groups() if match else (written.partition(";")[0].strip(), "")
    if not email and (address := _EMAIL.search(name)):
        name, email = "", address[0]
    if email and "email" not in known:
        found["email"] = email
    if name and not known.keys() & {"first_name", "last_name", "name"}:
        found["name"] = name
    return found
