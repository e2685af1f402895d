"""What Baton asks of a CRM, whichever it is, and the values that go over: the port that adapters fill.

Fields are named and valued as the CRM has them, in text; `None` is an empty field. What Baton says in which
field is said.py's, what a difference means differences.py's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol

from storage.models import Stage, TouchKind

Fields = Mapping[str, str | None]


class CrmTrouble(Exception):
    """The CRM cannot be worked with for now: why, and what to do, in words; `wait` if it says how long."""

    def __init__(self, why: str, wait: timedelta | None = None) -> None:
        self.why, self.wait = why, wait
        super().__init__(why)


class Feed(StrEnum):
    """The kinds of change that a CRM is asked for, each with a cursor of its own."""

    RECORDS = "records"
    MEETINGS = "meetings"
    CALLS = "calls"


class Did(StrEnum):
    """What became of one change."""

    WRITTEN = "written"
    GONE = "gone"  # the record is no longer there
    CLOSED = "closed"  # the record takes no more changes, which is as it should be
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a lead is about, as far as a CRM needs to find or to make their record."""

    lead_id: int
    email: str | None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands in the CRM. `closed`: it takes no more changes; `stage`: what it has become."""

    id: str
    email: str | None
    fields: Fields
    modified_at: datetime
    closed: bool = False
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """A user of the CRM who may own a record."""

    id: str
    email: str
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """Fields of a lead's record that are to have these values; without a `record` one is made."""

    person: Person
    record: str | None
    fields: Fields


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a change; `why` in words where it was not written, `record` where one was made."""

    did: Did
    record: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A meeting or a call that was logged in the CRM with one of its records, and by whom (an address)."""

    record: str
    touch: TouchKind
    at: datetime
    by: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What changed after a position, and the position behind it; `more`: there is more at once."""

    position: str
    records: Sequence[Record] = ()
    contacts: Sequence[Contact] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field that the CRM has. `options`: the only values that it takes; `longest`: how many letters."""

    name: str
    label: str
    writable: bool = True
    options: tuple[str, ...] = ()
    longest: int | None = None


class Crm(Protocol):
    """A CRM. Every method raises CrmTrouble where the CRM as a whole is at fault, or cannot be reached."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def feeds(self) -> Sequence[Feed]:
        """The kinds of change that it can be asked for, in this order: contact before what follows of it."""

    @property
    def where_fields(self) -> str:
        """Where in it a field is made."""

    async def account(self) -> str | None:
        """The id of the account that is reached; None where it does not tell."""

    @property
    def to_tell_account(self) -> str:
        """What lets it tell its account: what to grant, and where."""

    async def owners(self) -> Sequence[Owner]:
        """Everybody who may own a record, and who once could."""

    async def find(self, emails: Sequence[str], fields: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """The records with these e-mail addresses, by address in small letters."""

    async def read(self, records: Sequence[str], fields: Sequence[str]) -> Mapping[str, Record]:
        """Records by the id that was asked for. One that was merged is the one it joined; gone ones miss."""

    async def write(self, changes: Sequence[Change]) -> Sequence[Written]:
        """Make these changes; what became of each, in their order. The same again changes nothing."""

    async def changes_since(self, feed: Feed, position: str, fields: Sequence[str]) -> Page:
        """What changed after a position, the oldest first."""

    def start(self, now: datetime) -> str:
        """The position from which on everything after this moment is seen."""

    def since(self, position: str) -> datetime:
        """From which moment on a position asks, by the CRM's own clock."""

    @property
    def told_at(self) -> datetime | None:
        """What its own clock said in its last answer; None where it does not tell."""

    async def time(self) -> datetime | None:
        """What its own clock says now; None where it does not tell."""

    async def known_fields(self) -> Sequence[FieldInfo]:
        """The fields of a record."""

    async def lacks(self) -> Sequence[str]:
        """What the connection may not do that Baton needs: each in words, with where to set it."""

    async def close(self) -> None:
        """Let go of the connections."""


def same(one: str | None, other: str | None) -> bool:
    """Whether two values are the same to a CRM: it writes numbers and moments in its own way."""
    if (one or "") == (other or ""):
        return True
    if not one or not other:
        return False
    return _plain(one) == _plain(other)


def _plain(text: str) -> object:
    """A number as a number, a moment as a moment, else the text without blanks around it."""
    try:
        return Decimal(text)
    except InvalidOperation:
        pass
    if len(text) >= _SHORTEST_MOMENT and text[:4].isdigit() and "T" in text:
        try:
            return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
        except ValueError:
            pass
    return text.strip().replace("\r\n", "\n")


_SHORTEST_MOMENT = len("2026-11-16T15:00")
