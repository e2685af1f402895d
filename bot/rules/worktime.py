"""Business time: what the clocks of a person, of a team or of a pool run on.

The agreement says who works when, `bot.rules.calendars` does the arithmetic; `bot.rules.sla` says what runs
on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.agreement.vocabulary import ClockTime
from bot.rules.calendars import WALL, WorkCalendar
from bot.rules.kept import kept
from bot.rules.stretches import Windows

if TYPE_CHECKING:
    from bot.agreement import Agreement, Rep, Team

__all__ = [
    "WALL",
    "Windows",
    "WorkCalendar",
    "calendar_for",
    "hours_for",
    "is_p1",
    "pool_hours",
    "runs_after_hours",
]


def calendar_for(
    agreement: Agreement, team: Team | None, rep: Rep | None = None, *, priority: str | None = None
) -> WorkCalendar:
    """What a clock of this owner runs on: the rep's hours, before there is one the team's, else the default.

    `WALL` when the agreement counts wall time, and for its P1 when it says `p1_after_hours`.
    """
    if agreement.clock is ClockTime.WALL or (priority is not None and runs_after_hours(agreement, priority)):
        return WALL
    return hours_for(agreement, team, rep)


def hours_for(agreement: Agreement, team: Team | None, rep: Rep | None = None) -> WorkCalendar:
    """The working hours of a person, of a team or of the whole agreement, whatever its clocks run on."""
    return _hours_for(agreement, team, rep)


@kept
def _hours_for(agreement: Agreement, team: Team | None, rep: Rep | None) -> WorkCalendar:
    hours = agreement.hours_of(team, rep)
    return WorkCalendar.weekly(hours.weekly, agreement.timezone_of(team, rep), hours.holidays)


def pool_hours(
    agreement: Agreement, team: Team, present: Iterable[str], *, priority: str | None = None
) -> WorkCalendar:
    """What the clock of a lead runs on that anybody may take: the hours of all who are there, together.

    `present`: the reps who are neither away nor gone; with none of them it is the team's hours.
    """
    reps = [rep for rep in map(team.rep, present) if rep is not None]
    theirs = [calendar_for(agreement, team, rep, priority=priority) for rep in reps]
    return WorkCalendar.union(theirs) if theirs else calendar_for(agreement, team, priority=priority)


def runs_after_hours(agreement: Agreement, priority: str) -> bool:
    """Whether clocks and nags of this priority take no heed of working hours (`p1_after_hours`)."""
    return agreement.p1_after_hours and is_p1(agreement, priority)


def is_p1(agreement: Agreement, priority: str) -> bool:
    """Whether this is P1 or stands above it; in an agreement that has no P1, whether it is the first."""
    names = [known.name for known in agreement.priorities]
    last = names.index("P1") if "P1" in names else 0
    return priority in names[: last + 1]
