"""A replay as it is asked for: which period, under which agreement, and what came of it."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement import LoadedAgreement
from bot.agreement.book import AgreementBook
from bot.digest.periods import BadPeriod, read_period
from bot.replay.comparing import Compared, compare
from bot.replay.record import read
from bot.replay.running import replay
from bot.replay.summary import Summary, summarise
from bot.replay.words import lines
from storage import people

_OTHER = -1  # no version that was ever in force has it


class NothingToReplay(ValueError):
    """There is no history to run again; the text says why."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What came of it. `names` are what people are called."""

    compared: Sequence[Compared]
    summary: Summary
    names: Mapping[str, str]
    timezone: str

    def to_json(self) -> dict[str, Any]:
        """As `replay --format json` gives it."""
        return {
            "handoffs": [each.to_json() for each in self.compared],
            "summary": self.summary.to_json(),
        }

    def words(self) -> list[str]:
        """What would have been, line by line."""
        return list(lines(self.summary, self.names, self.timezone))


def what_if(tx: Connection, other: LoadedAgreement | None, since: datetime, until: datetime) -> WhatIf:
    """Run the period again under another agreement; without one, under those that were in force.

    Reads only. Raises NothingToReplay where no readable version of an agreement was ever in force.
    """
    with _no_collecting():
        return _what_if(tx, other, since, until)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Look for no garbage meanwhile, nor in what was made, ever: nearly all of it is kept to the end of the
    process, which is there for the replay alone."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def _what_if(tx: Connection, other: LoadedAgreement | None, since: datetime, until: datetime) -> WhatIf:
    record = read(tx)
    if not record.books:
        gone = "; ".join(record.gone.values())
        raise NothingToReplay(gone or "No agreement was ever in force here, so there is nothing to replay.")
    began = min((row.handed_at for row in record.handoffs.values() if not row.history), default=since)
    since, book = max(since, began), None
    if other is not None:
        book = AgreementBook(other.agreement, _OTHER, people.groups(tx), other.hash)
    replayed = replay(record, book, since)
    compared = compare(record, replayed, since, until)
    current = (book or record.book_at(until)).current
    version = current.version if book is not None else "the agreements in force"
    summary = summarise(record, replayed, compared, version, since, until)
    users = {side.name for side in summary.reps}
    known = people.among(tx, sorted(users))
    names = {user: row.name for user, row in known.items() if row.name}
    return WhatIf(compared, summary, names, current.timezone)


def span_of(since: str, until: str, now: datetime, timezone: str) -> tuple[datetime, datetime]:
    """A period from two days or moments of the agreement's time zone; empty: from the first, or until now.

    `until` is the first moment that is no longer in it, a day as a whole is in it. Raises BadPeriod for what
    is none, for an hour that the clocks skip, and for a period that ends before it begins.
    """
    zone = ZoneInfo(timezone)
    first = _moment(since, zone, now, end=False) if since else datetime(2000, 1, 1, tzinfo=UTC)
    last = _moment(until, zone, now, end=True) if until else now
    if last <= first:
        raise BadPeriod(f"{until or 'now'} is not after {since}; --to must be later than --from.")
    return first, last


def _moment(text: str, zone: ZoneInfo, now: datetime, *, end: bool) -> datetime:
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        wall = None
    if wall is None or len(text) <= len("2026-11-01"):
        span = read_period(text, now, zone.key)
        return span.until if end else span.since
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    there = moment.astimezone(zone).replace(tzinfo=None)
    if there != wall:
        raise BadPeriod(
            f"{text} does not exist in {zone.key}: the clocks go forward then. Write {there.isoformat()}."
        )
    return moment
