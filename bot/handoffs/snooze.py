"""More time for a commitment: a rep puts it off once, or the manager gives it a fresh and longer clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement.model import Agreement, Rep, Team
from bot.context import Context
from bot.errors import InvalidInput, NotPossible, Obstacle
from bot.handoffs.shared import Decided, before, lock, lock_clock, record_and_announce
from bot.ladder.clock_rows import clock_of, course_of, values_of
from bot.lookups.history import BEFORE
from bot.rules import sla
from bot.rules.roles import Permission
from bot.rules.worktime import hours_for
from storage import clocks, handoffs
from storage.models import ClockKind, EventKind, Handoff, SlaClock
from storage.models.details import Detail
from storage.models.values import ClockValues

SNOOZES = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "tomorrow": None}
"""How long a lead can be put off: None stands for tomorrow morning."""

EXTENSIONS = {
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "2d": timedelta(days=2),
}
"""How much time a manager can give. A day is a working day of whoever owes it."""

_MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Snooze:
    """A person puts off what is due: `length` is a key of SNOOZES."""

    handoff_id: int
    length: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MoreTime:
    """A manager starts what is due anew: `length` is a key of EXTENSIONS."""

    handoff_id: int
    length: str
    reason: str | None = None


def snooze(tx: Connection, ctx: Context, command: Snooze) -> Decided:
    """Let the clock that sales has to keep stand still for a while, once for each handoff.

    Raises HandoffNotFound, NotAllowed, NotPossible where nothing runs or it was put off before, or
    InvalidInput naming the fields.
    """
    found = lock(tx, ctx, command.handoff_id, Permission.SNOOZE)
    row = of_sales(tx, found)
    if found.snoozed_at is not None:
        raise NotPossible(Obstacle.SNOOZED_BEFORE, at=found.snoozed_at)
    reason = (command.reason or "").strip()
    faults = {} if reason else {"note": "Why? One sentence is enough; the manager sees it."}
    if command.length not in SNOOZES:
        faults["length"] = "For how long? Please choose one."
    if faults:
        raise InvalidInput(faults)
    until = _until(ctx, found, command.length)
    on = course_of(tx, ctx.book, row, team=found.team, priority=found.priority)
    clock = sla.pause(clock_of(row), on, until, ctx.now)
    detail: Detail = {
        "until": until.isoformat(),
        "note": reason,
        "clock": row.kind,
        BEFORE: before(tx, found),
    }
    clocks.change(tx, row.id, values_of(clock))
    handoffs.change(tx, found.id, {"snoozed_at": ctx.now})
    record_and_announce(tx, ctx, found, EventKind.SNOOZED, detail)
    return Decided(found.id, found.lead_id)


def of_sales(tx: Connection, found: Handoff) -> SlaClock:
    """The clock that sales has to keep now. Raises NotPossible where there is none."""
    running = (row for row in clocks.running(tx, found.id) if row.kind != ClockKind.ANSWER)
    row = next(running, None)
    if row is None:
        raise NotPossible(Obstacle.NOTHING_RUNS)
    return row


def _until(ctx: Context, found: Handoff, length: str) -> datetime:
    by = SNOOZES.get(length)
    if by is not None:
        return ctx.now + by
    agreement = ctx.book.current
    team = agreement.team(found.team)
    rep = team.rep(found.owner) if team and found.owner else None
    return min(tomorrow_morning(agreement, team, rep, ctx.now), ctx.now + sla.LONGEST_SNOOZE)


def tomorrow_morning(agreement: Agreement, team: Team | None, rep: Rep | None, now: datetime) -> datetime:
    """When this person's next working day after today begins; at nine where every hour is one of work."""
    zone = ZoneInfo(agreement.timezone_of(team, rep))
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(0), zone).astimezone(UTC)
    hours = hours_for(agreement, team, rep)
    if hours.is_open(midnight):
        return datetime.combine(tomorrow, _MORNING, zone).astimezone(UTC)
    return hours.opens_next(midnight)


def give_more_time(tx: Connection, ctx: Context, command: MoreTime) -> Decided:
    """Start the running clock anew, as long as the manager says. One that was missed stays missed.

    Raises HandoffNotFound, NotAllowed, NotPossible where nothing runs, or InvalidInput.
    """
    found, row = lock_clock(tx, ctx, command.handoff_id)
    if command.length not in EXTENSIONS:
        raise InvalidInput({"length": "How much more? Please choose one."})
    on = course_of(tx, ctx.book, row, team=found.team, priority=found.priority)
    length = EXTENSIONS[command.length]
    working = on.calendar.day * length.days if length.days else length
    clock = sla.plan(row.kind, ctx.now, working, on)
    detail: Detail = {
        **{"until": clock.due_at.isoformat(), "note": command.reason, "clock": row.kind},
        BEFORE: before(tx, found),
    }
    clocks.stop(tx, row.id, at=ctx.now)
    same: ClockValues = {
        "handoff_id": row.handoff_id,
        "lead_id": row.lead_id,
        "agreement_id": row.agreement_id,
        "kind": row.kind,
        "owner": row.owner,
        "present": row.present,
    }
    clocks.start(tx, {**same, **values_of(clock)})
    record_and_announce(tx, ctx, found, EventKind.MORE_TIME, detail)
    return Decided(found.id, found.lead_id)
