"""The commitments that run against a handoff: when each falls due, what its ladder asks for, how it ended.

Pure: a clock is a value that a row can hold, and every function returns a new one. Sending, storing and
gathering what is due are the engine's; working time is reckoned in `bot.rules.worktime`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from bot.agreement import Agreement, Duration, Rep, Team, Verb
from bot.rules.courses import REPEATS as REPEATS
from bot.rules.courses import Course as Course
from bot.rules.courses import Rung
from bot.rules.courses import course as course
from bot.rules.value import but, value
from bot.rules.worktime import WALL, WorkCalendar
from storage.models import Cause, ClockKind

LONGEST_SNOOZE = timedelta(hours=24)
LONGEST_BEAT = timedelta(seconds=60)
"""The longest time between two heartbeats that is not yet an outage."""
LATE_CARD = timedelta(seconds=60)
"""How long after the handoff Slack may take the card before the accept clock waits for it."""
REASSIGNMENTS = 2
"""How often Baton reassigns a handoff by itself."""
AMBER = 0.75
"""The share of a clock from which little time is left."""

Gap = tuple[datetime, datetime]
"""A stretch without a heartbeat: the last before it, the first after it."""

_NOTHING = timedelta(0)


@value
class Moment:
    """A rung of the ladder and the moment it falls due. `step` is its index in the agreement's ladder, and
    goes on counting where the last one comes again, for the `repeat`-th time."""

    at: datetime
    step: int
    share: float
    do: Verb
    repeat: int = 0


@value
class Clock:
    """One running commitment: all that a row keeps of it, so that its moments can be worked out again.

    `duration` is working time, in whole seconds, as `remaining` is: the working time that was left until the
    due moment when it was paused (negative: it was overdue). `due_at` and `next_at` already allow for a
    pause, so a pause that runs out needs no further step. `next_step` is the index in the agreement's ladder
    of the next rung; `next_at` is when to look at the clock again: for that rung, or because little time is
    left or it falls due.
    """

    kind: ClockKind
    started_at: datetime
    duration: timedelta
    due_at: datetime
    wall: bool = False
    next_at: datetime | None = None
    next_step: int = 0
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    remaining: timedelta | None = None
    met_at: datetime | None = None
    breached_at: datetime | None = None

    @property
    def in_time(self) -> bool:
        """Whether it was met, and not after it fell due."""
        return self.met_at is not None and self.breached_at is None

    def is_paused(self, now: datetime) -> bool:
        """Whether it stands still at this moment."""
        return self.paused_at is not None and self.paused_until is not None and now < self.paused_until


@value
class Due:
    """What a look at a clock found: the rungs that have fallen due, whether the clock itself just has, and
    the clock as it stands after them. `amber`: since the last look its time has become little. `woken`: since
    then its pause has ended."""

    moments: tuple[Moment, ...]
    breached: bool
    clock: Clock
    amber: bool = False
    woken: bool = False


def target(agreement: Agreement, kind: ClockKind, priority: str) -> Duration | None:
    """How long this commitment has; None where marketing promised no answer.

    Raises KeyError for a priority that the agreement does not have.
    """
    if kind is ClockKind.ANSWER:
        return agreement.answer
    targets = agreement.targets(priority)
    return {
        ClockKind.ACCEPT: targets.accept,
        ClockKind.FIRST_TOUCH: targets.first_touch,
        ClockKind.OUTCOME: targets.outcome,
    }[kind]


def start(
    agreement: Agreement,
    kind: ClockKind,
    priority: str,
    team: Team | None,
    rep: Rep | None,
    now: datetime,
    *,
    present: Collection[str] | None = None,
    lasts: Duration | None = None,
) -> Clock | None:
    """A fresh, full clock that starts now; None where marketing promised no answer.

    `present`: with no rep yet, who of the team is there, as for `course`. `lasts`: in place of its target.

    It belongs to this version of the agreement: work out its `course` from that version as long as it runs.
    """
    duration = lasts or target(agreement, kind, priority)
    if duration is None:
        return None
    on = course(agreement, kind, priority, team, rep, present=present)
    return plan(kind, now, duration.working(on.calendar.day), on)


def plan(kind: ClockKind, started_at: datetime, working: timedelta, on: Course) -> Clock:
    """A clock of so much working time, which is rounded to whole seconds."""
    duration = timedelta(seconds=round(working.total_seconds()))
    due_at = on.calendar.after(started_at, duration)
    first = min([AMBER * duration, *(rung.work for rung in on.ladder(duration)[:1])])
    next_at = on.calendar.after(started_at, first)  # what is `_next_look` of a clock that starts
    return Clock(kind, started_at, duration, due_at, on.calendar is WALL, next_at)


def accept_starts_at(handed_at: datetime, posted_at: datetime | None) -> datetime:
    """Where the accept clock starts: the handoff, or when Slack took the card if that was over 60 s later."""
    return posted_at if posted_at is not None and posted_at - handed_at > LATE_CARD else handed_at


def moments(clock: Clock, on: Course) -> tuple[Moment, ...]:
    """Every rung of the ladder and when it falls due, in order.

    The moment of a share is when that share of the duration has been worked; a share over 1 lies beyond the
    due moment. After a pause the rungs still ahead shift with the due moment, and those behind stay put.
    """
    return tuple(_reached(clock, on, rung) for rung in on.ladder(clock.duration))


def _reached(clock: Clock, on: Course, rung: Rung) -> Moment:
    at = _moment_of(clock, on.calendar, rung.work)
    return Moment(at, rung.step, rung.share, rung.do, rung.repeat)


def amber_at(clock: Clock, on: Course) -> datetime:
    """From when little time is left: three quarters of the duration have been worked."""
    return _moment_of(clock, on.calendar, AMBER * clock.duration)


def next_moment(clock: Clock, on: Course) -> Moment | None:
    """The next rung that has not been taken, if the ladder has one."""
    ahead = (rung for rung in on.ladder(clock.duration) if rung.step >= clock.next_step)
    rung = next(ahead, None)
    return _reached(clock, on, rung) if rung is not None else None


def due_steps(clock: Clock, on: Course, now: datetime) -> Due:
    """All that has fallen due by now and has not been taken yet, and the clock with it taken.

    After downtime that may be several rungs at once. A clock that was met has nothing due.
    """
    if clock.met_at is not None:
        return Due((), False, clock)
    due, rung = _due_and_next(clock, on, now)
    breached = clock.breached_at is None and clock.due_at <= now
    breached_at = clock.due_at if breached else clock.breached_at
    is_late = clock.next_at is None or clock.next_at > clock.due_at  # little time was left before
    amber = clock.due_at if is_late and breached_at is not None else amber_at(clock, on)
    after = but(
        clock,
        next_step=max((each.step + 1 for each in due), default=clock.next_step),
        breached_at=breached_at,
        next_at=_next_look(clock.due_at, breached_at, rung, amber, now),
    )
    turned = clock.next_at is not None and clock.next_at <= amber <= now
    return Due(
        due, breached, after, turned, clock.next_at is not None and clock.next_at == clock.paused_until
    )


def _due_and_next(clock: Clock, on: Course, now: datetime) -> tuple[tuple[Moment, ...], Moment | None]:
    """The rungs from the clock's next on that are due, and the one that is to be taken after them."""
    due: list[Moment] = []
    ahead: Moment | None = None
    for rung in on.ladder(clock.duration):
        if rung.step < clock.next_step:
            continue
        found = _reached(clock, on, rung)
        if found.at <= now:
            due.append(found)
        elif all(found.step > each.step for each in due):
            ahead = found
            break
    return tuple(due), ahead


CHANGES_HANDS = (Verb.REASSIGN, Verb.POOL, Verb.MARKETING)
"""The rungs that take a lead from whoever has it, which ends its clock."""


def to_take(due: Sequence[Moment]) -> Iterator[Moment]:
    """Of the rungs that are due together, after a downtime: a lead changes hands once, which ends its clock,
    and the last rung is taken once however often it has come again."""
    fresh = [moment for moment in due if not moment.repeat]
    for moment in fresh or due[-1:]:
        yield moment
        if moment.do in CHANGES_HANDS:
            return


def pause(clock: Clock, on: Course, until: datetime, now: datetime) -> Clock:
    """The clock standing still from now until then; the working time that remained is kept.

    It is looked at when the pause ends, so that nobody is told longer that it stands still.

    Raises ValueError, in words, when it was met or paused before, or for a time that is past or over 24 hours
    away.
    """
    if clock.met_at is not None:
        raise ValueError("this is done already; there is nothing to put off")
    if clock.paused_at is not None:
        raise ValueError("this was put off once already")
    if not now < until <= now + LONGEST_SNOOZE:
        raise ValueError("it can be put off by 24 hours at most")
    left = on.calendar.between(now, clock.due_at)
    remaining = timedelta(seconds=-(-left // timedelta(seconds=1)))  # rounded up: nobody loses by it
    return but(_anchored(but(clock, paused_at=now, remaining=remaining), on, until), next_at=until)


def resume(clock: Clock, on: Course, now: datetime) -> Clock:
    """The clock running again before its pause was over. Raises ValueError when it is not paused."""
    if not clock.is_paused(now):
        raise ValueError("this is not put off")
    return _anchored(clock, on, now)


def meet(clock: Clock, at: datetime) -> Clock:
    """The clock, met. Later than its due moment is a breach too, whether or not a tick has seen it."""
    late = clock.breached_at is None and at > clock.due_at
    return but(clock, met_at=at, next_at=None, breached_at=clock.due_at if late else clock.breached_at)


def gap_between(last_beat: datetime | None, beat: datetime) -> Gap | None:
    """The outage between two heartbeats that follow each other: over 60 s, else None."""
    if last_beat is None or beat - last_beat <= LONGEST_BEAT:
        return None
    return last_beat, beat


def cause(
    kind: ClockKind,
    due_at: datetime,
    *,
    gaps: Iterable[Gap] = (),
    had_eligible_rep: bool = True,
    rejected_to_fix: bool = False,
) -> Cause:
    """Why a clock was not met, the first that holds.

    An outage that covers the due moment; nobody who could have taken the lead; bad data, when it was later
    rejected with `then = "fix"`; else the side whose commitment it was. The two in the middle excuse sales:
    marketing's answer is owed because of bad data.
    """
    if any(begin <= due_at <= end and end - begin > LONGEST_BEAT for begin, end in gaps):
        return Cause.OUTAGE
    if kind is ClockKind.ANSWER:
        return Cause.MARKETING
    if not had_eligible_rep:
        return Cause.NO_ELIGIBLE_REP
    return Cause.BAD_DATA if rejected_to_fix else Cause.REP


def pingable_at(
    now: datetime,
    hours: WorkCalendar,
    *,
    quiet_until: datetime | None = None,
    p1: bool = False,
    after_hours: bool = False,
) -> datetime:
    """The first moment from now on at which this person may be pinged.

    `hours` are theirs. `quiet_until` is when their last ping is far enough behind; P1 does not wait for it.
    `after_hours` is for P1 where the agreement says `p1_after_hours`: then working hours do not matter.
    """
    at = now if p1 or quiet_until is None else max(now, quiet_until)
    return at if after_hours else hours.opens_next(at)


def may_reassign(times: int) -> bool:
    """Whether Baton may pick the next rep itself, where it has done so `times` often in this handoff; after
    two the manager must choose."""
    return times < REASSIGNMENTS


def _anchored(clock: Clock, on: Course, at: datetime) -> Clock:
    """The clock running again from `at` with what remained."""
    moved = but(clock, paused_until=at)
    return _look_ahead(but(moved, due_at=_moment_of(moved, on.calendar, moved.duration)), on, at)


def _moment_of(clock: Clock, calendar: WorkCalendar, work: timedelta) -> datetime:
    """When so much of the clock's working time is behind it."""
    if clock.remaining is not None and clock.paused_until is not None:
        ahead = work - (clock.duration - clock.remaining)
        if ahead >= _NOTHING:
            return calendar.after(clock.paused_until, ahead)
    return calendar.after(clock.started_at, work)


def _look_ahead(clock: Clock, on: Course, now: datetime) -> Clock:
    """The clock with `next_at` set to the first of: its next rung, amber if still ahead, its due moment."""
    rung = next_moment(clock, on)
    return but(clock, next_at=_next_look(clock.due_at, clock.breached_at, rung, amber_at(clock, on), now))


def _next_look(
    due_at: datetime, breached_at: datetime | None, rung: Moment | None, amber: datetime, now: datetime
) -> datetime | None:
    ahead = [rung.at] if rung else []
    if breached_at is None:
        ahead += [due_at, amber] if amber > now else [due_at]
    return min(ahead, default=None)
