"""From a body to the records of leads that it holds, by what a source's preset and its own paths say.

Pure. Who may send a body is proof.py's; what becomes of a lead is the use cases'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.agreement.intake import LEAD_KEYS, Intake
from bot.agreement.matching import simplify
from bot.intake.functions import Unmapped, search
from bot.intake.presets import BAD, DONE, PRESETS, Known
from bot.leadform import FieldFault, LeadFaults, LeadForm, field_of, read_lead
from bot.leadform.columns import find
from bot.leadform.reading import SEEN
from bot.leadform.secrets import is_secret, storable, without_secrets
from storage.models import RefusedCause

PUBLIC_KEY = "key"
"""The name under which a page sends its source's public key, in the query or in the form."""

_WORST = 99
_DEEPEST = 5  # lists in lists that still hold leads
_WHOLE = re.compile(r'[\w."-]+|\([^()]*\)')  # an alternative that means the same by itself


class NoLead(LeadFaults):
    """A record that holds no lead to be taken: why, in a sentence, and the status that it is answered with.

    `cause` is TEST for a tool's test lead.
    """

    def __init__(self, cause: RefusedCause, sentence: str, status: int = DONE) -> None:
        self.cause, self.status = cause, status
        super().__init__([FieldFault("body", sentence)])

    def __str__(self) -> str:
        return self.faults[0].message


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record as read_lead takes it. `origins` says of each of its names where the value stood; `notes` what
    could not be found."""

    record: Mapping[str, Any]
    origins: Mapping[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the agreement, with what is known of its tool and the secrets that it goes by."""

    intake: Intake
    secret: str | None = None
    verify_token: str | None = None
    other: str | None = None  # while the secret is being changed

    @property
    def name(self) -> str:
        """The name: of the door, and of the system whose ids its leads bear."""
        return self.intake.name

    @property
    def known(self) -> Known:
        """What is known of the tool."""
        return PRESETS[self.intake.preset]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that nothing may keep or show."""
        basic = (each.partition(":")[2] for each in self.believed)
        return tuple(value for value in (*self.believed, self.verify_token, *basic) if value)

    @property
    def believed(self) -> tuple[str, ...]:
        """The secrets by which somebody may prove to be the tool."""
        return tuple(each for each in (self.secret, self.other) if each)


@dataclass(slots=True)
class Read:
    """One record of a body: as it came, without secrets, and the lead that it is or why it is none."""

    raw: Any
    lead: LeadForm | LeadFaults
    mapped: Mapped | None = None


def records_of(source: Source, body: Any, most: int | None = None) -> list[Any]:
    """The leads of a body as they came: those that the preset finds, the items of a list, else the whole.

    A list of over `most` items is given as it is: it is looked at no closer.
    """
    items = list(_items(body, 0))
    if most is not None and len(items) > most:
        return items
    return [record for item in items for record in _found_in(source, item)]


def _items(body: Any, depth: int) -> Iterator[Any]:
    """A body, or what stands in its lists."""
    if isinstance(body, list) and depth < _DEEPEST:
        for item in body:
            yield from _items(item, depth + 1)
    else:
        yield body


def _found_in(source: Source, body: Any) -> list[Any]:
    try:
        found = search(source.known.records, body)
    except Unmapped:
        found = body
    if not isinstance(found, list):
        return [found if found is not None else body]
    return found if found or not body else [body]


def read_record(source: Source, raw: Any, now: datetime) -> Read:
    """One record, read leniently: a side field that cannot be read costs that field."""
    kept = without_secrets(raw, source.secrets)
    mapped = None
    try:
        mapped = mapped_record(source, raw)
        aside: list[FieldFault] = []
        form = read_lead(mapped.record, now=now, aside=aside, least=SEEN)
        notes = (
            *mapped.notes,
            *(f"{fault.field}: {fault.message}; it was kept with the other fields" for fault in aside),
        )
        return Read(kept, form.with_remarks((*form.remarks, *notes)), mapped)
    except LeadFaults as bad:
        return Read(kept, bad, mapped)


def mapped_record(source: Source, raw: Any) -> Mapped:
    """What a record says under names that read_lead knows. Raises NoLead, and LeadFaults for no record."""
    if not isinstance(raw, Mapping):
        raise LeadFaults([FieldFault("body", 'must be an object like {"email": "jane@example.com"}')])
    _turn_away(source, raw)
    notes: list[str] = []
    found = [each for each in _found(source, raw, notes) if each.value not in (None, "", [])]
    chosen = {each.name: each for each in found if not is_secret(each.name)}
    taken = {(name, str(each.value)) for each in found if not each.beside for name in _names(each)}
    record = {
        each.name: _by_table(source, each.name, each.value)
        for each in chosen.values()
        if not (each.beside and {(name, str(each.value)) for name in _names(each)} & taken)
    }
    record = without_secrets({name: record[name] for name in sorted(record, key=_rank)}, source.secrets)
    return Mapped(record, {name: chosen[name].origin for name in record}, tuple(notes))


def _turn_away(source: Source, raw: Mapping[str, Any]) -> None:
    known = source.known
    if known.tests and _matches(known.tests, raw):
        raise NoLead(RefusedCause.TEST, f"A test lead of {known.title}: it works, and nothing was stored.")
    if source.intake.honeypot and raw.get(source.intake.honeypot):
        why = f"The hidden field {source.intake.honeypot} was filled in, so a robot sent it."
        raise NoLead(RefusedCause.TEST, why)
    for turned in known.turned:
        if _matches(turned.when, raw):
            raise NoLead(RefusedCause.NOBODY, turned.why, turned.status)


def _matches(path: str, raw: Mapping[str, Any]) -> bool:
    try:
        return bool(search(path, raw))
    except Unmapped:
        return False


@dataclass(frozen=True, slots=True)
class _Found:
    """A name and its value. `path` is where it stood, of several the one that was there; `beside`: it is one
    of the sender's own names."""

    name: str
    value: Any
    path: str = ""
    beside: bool = False

    @property
    def origin(self) -> str:
        """Where the value comes from, as a person is told."""
        return f"as “{self.name}”" if self.beside else self.path or "the same for every lead"


def _found(source: Source, raw: Mapping[str, Any], notes: list[str]) -> Iterator[_Found]:
    """Each name with its value; a later one of a name is the one that counts."""
    intake = source.intake
    left_out = {intake.honeypot, PUBLIC_KEY if intake.public_key else None}
    for name, value in _rest(source, raw).items():
        if name not in left_out:
            yield _Found(storable(str(name), source.secrets), value, beside=True)
    own = {each: path for each, path in source.known.fields.items() if each not in intake.fields}
    for name, path in (*own.items(), *intake.fields.items()):
        try:
            value, part = _first(path, raw)
        except Unmapped as problem:
            notes.append(f"{name}: {path} finds nothing here: {problem}")
        else:
            if value is not False or name == "qualified":  # what a path like `a && 'b'` finds where a is not
                yield _Found(name, value, part)
    yield from (_Found(name, value) for name, value in intake.constants.items())


def _names(found: _Found) -> set[str]:
    """The names under which a value would be told twice."""
    return {name for name in (found.path.rpartition(".")[2] or found.name, field_of(found.name)) if name}


def _rest(source: Source, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        rest = search(source.known.rest, raw)
    except Unmapped:
        return {}
    return rest if isinstance(rest, Mapping) else {}


def _first(path: str, raw: Mapping[str, Any]) -> tuple[Any, str]:
    """What a path finds, and by which of its alternatives where those are plain."""
    parts = path.split(" || ")
    if len(parts) > 1 and all(_WHOLE.fullmatch(part) for part in parts):
        for part in parts:
            if (value := search(part, raw)) not in (None, "", [], False):
                return value, part
    return search(path, raw), path


def _by_table(source: Source, name: str, value: Any) -> Any:
    """What a table of values says in place of this one, whatever its case."""
    field = field_of(name)
    for wanted, table in source.intake.values.items():
        if simplify(wanted) == simplify(name) or (field is not None and field_of(wanted) == field):
            known = {str(key).strip().casefold(): instead for key, instead in table.items()}
            return known.get(str(value).strip().casefold(), value)
    return value


def _rank(name: str) -> int:
    """The order in which names of one field count: the field's own, then the better of its aliases."""
    if name in LEAD_KEYS:
        return -1
    known = find(name)
    return known.rank if known is not None else _WORST


__all__ = [
    "BAD",
    "DONE",
    "Mapped",
    "NoLead",
    "Read",
    "Source",
    "mapped_record",
    "read_record",
    "records_of",
]
