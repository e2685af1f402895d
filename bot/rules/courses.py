"""What a clock runs on: whose working hours, and the ladder of its agreement with the work behind each rung.

Worked out once for each agreement, team and rep; the clocks themselves are `bot.rules.sla`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from bot.agreement import Agreement, Rep, Step, Team, Verb
from bot.rules.kept import MOST, kept
from bot.rules.worktime import WorkCalendar, calendar_for, pool_hours
from storage.models import ClockKind

REPEATS = 9
"""How often the last rung of a ladder comes again."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the ladder, and after how much working time it is reached."""

    work: timedelta
    step: int
    share: float
    do: Verb
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """What a clock runs on: a calendar, and the rungs of its ladder as (index in the agreement, step).

    `repeat` is after how much working time the last rung comes again, `REPEATS` times; None for never.
    """

    calendar: WorkCalendar
    rungs: tuple[tuple[int, Step], ...] = ()
    repeat: timedelta | None = None
    _ladders: dict[timedelta, tuple[Rung, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def ladder(self, duration: timedelta) -> tuple[Rung, ...]:
        """Every rung of a clock of so much working time, the first due first."""
        found = self._ladders.get(duration)
        if found is None:
            found = self._ladders[duration] = tuple(sorted(_rungs(self, duration), key=_in_order))
        return found


def _rungs(on: Course, duration: timedelta) -> Iterator[Rung]:
    """The ladder, and the last rung when it comes again; once marketing has the lead nothing is left to
    repeat."""
    for index, step in on.rungs:
        yield Rung(step.at * duration, index, step.at, step.do)
    if on.repeat is None or not on.rungs or on.rungs[-1][1].do == Verb.MARKETING:
        return
    index, step = on.rungs[-1]
    for number in range(1, REPEATS + 1):
        work = step.at * duration + number * on.repeat
        yield Rung(work, index + number, step.at, step.do, number)


def _in_order(rung: Rung) -> tuple[timedelta, int]:
    return rung.work, rung.step


def course(
    agreement: Agreement,
    kind: ClockKind,
    priority: str,
    team: Team | None,
    rep: Rep | None = None,
    *,
    present: Collection[str] | None = None,
    repeats: bool = False,
) -> Course:
    """The calendar and the ladder of such a clock.

    The calendar is the rep's, before there is one the team's; marketing's answer runs in the hours of the
    office. Wall time where the agreement says so, and for P1 with `p1_after_hours`.
    `present`: with no rep yet, who of the team is there; the calendar is then their hours together.
    `repeats`: whether the last rung comes again, as often as the agreement says.
    """
    if kind is ClockKind.ANSWER:
        team = rep = None
    pool = tuple(present) if team is not None and rep is None and present is not None else None
    known, key = _courses(agreement, team, rep), (kind, priority, pool, repeats)
    found = known.get(key)
    if found is None:
        if len(known) >= MOST:
            known.clear()
        found = known[key] = _course(agreement, kind, priority, team, rep, pool, repeats)
    return found


_CourseKey = tuple[ClockKind, str, tuple[str, ...] | None, bool]


@kept
def _courses(_agreement: Agreement, _team: Team | None, _rep: Rep | None) -> dict[_CourseKey, Course]:
    """The courses of these that are worked out already."""
    return {}


def _course(
    agreement: Agreement,
    kind: ClockKind,
    priority: str,
    team: Team | None,
    rep: Rep | None,
    pool: tuple[str, ...] | None,
    repeats: bool,
) -> Course:
    if team is not None and pool is not None:
        calendar = pool_hours(agreement, team, pool, priority=priority)
    else:
        calendar = calendar_for(agreement, team, rep, priority=priority)
    steps = enumerate(agreement.ladder.get(kind, ()))
    again = agreement.repeat.working(calendar.day) if repeats and agreement.repeat else None
    return Course(calendar, tuple((n, step) for n, step in steps if priority not in step.skip), again)
