"""Clocks between the database and the rules: a row as a value, a value as columns, and the course it runs on.

What a clock does is `bot.rules.sla`'s; when somebody looks at it is the ladder's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Agreement, Rep, Team
from bot.rules import sla
from storage.models import SlaClock
from storage.models.values import ClockValues

_SECOND = timedelta(seconds=1)


def clock_of(row: SlaClock) -> sla.Clock:
    """A row of `clock` as the value that `bot.rules.sla` reckons with."""
    return sla.Clock(
        kind=row.kind,
        started_at=row.started_at,
        duration=row.duration * _SECOND,
        due_at=row.due_at,
        wall=row.wall,
        next_at=row.next_at,
        next_step=row.next_step,
        paused_at=row.paused_at,
        paused_until=row.paused_until,
        remaining=None if row.remaining is None else row.remaining * _SECOND,
        met_at=row.met_at,
        breached_at=row.breached_at,
    )


def values_of(clock: sla.Clock) -> ClockValues:
    """The clock as columns of its row, all but those that say whose it is."""
    return {
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "duration": clock.duration // _SECOND,
        "wall": clock.wall,
        "next_at": clock.next_at,
        "next_step": clock.next_step,
        "paused_at": clock.paused_at,
        "paused_until": clock.paused_until,
        "remaining": None if clock.remaining is None else clock.remaining // _SECOND,
        "met_at": clock.met_at,
        "breached_at": clock.breached_at,
    }


def team_and_rep(
    book: AgreementBook, agreement: Agreement, team: str, owner: str | None
) -> tuple[Team | None, Rep | None]:
    """The team and the rep as this version of the agreement knows them, else as the one in force does."""
    found = agreement.team(team) or book.current.team(team)
    now = book.current.team(team)
    rep = (found and owner and found.rep(owner)) or (now and owner and now.rep(owner))
    return found, rep or None


def course_of(tx: Connection, book: AgreementBook, row: SlaClock, *, team: str, priority: str) -> sla.Course:
    """What a row of `clock` runs on: its own version of the agreement, whatever was agreed since."""
    agreement = book.of(tx, row.agreement_id)
    found, rep = team_and_rep(book, agreement, team, row.owner)
    return sla.course(agreement, row.kind, priority, found, rep, present=row.present, repeats=True)


def worked(clock: sla.Clock, on: sla.Course, at: datetime) -> int:
    """The seconds of the clock's own time from its start to a moment, less those for which it stood still.

    A pause that is not over by then ends at that moment.
    """
    total = on.calendar.between(clock.started_at, max(at, clock.started_at))
    if clock.paused_at is not None and clock.paused_until is not None and clock.paused_at < at:
        total -= on.calendar.between(clock.paused_at, min(clock.paused_until, at))
    return max(0, total // _SECOND)
