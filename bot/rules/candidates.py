"""Who might take a lead, as things stand: when each of them could act, and what keeps them from it.

Pure: what is known of each rep is told by the caller. Who of them gets it is decided in routing.py.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.agreement import Agreement, Duration, Rep, Team
from bot.agreement.vocabulary import ClockTime
from bot.rules.absence import absence_at, next_absence, winds_down
from bot.rules.kept import kept
from bot.rules.moments import instant
from bot.rules.spans import Span
from bot.rules.value import but, value
from bot.rules.worktime import WALL, WorkCalendar, calendar_for, hours_for, is_p1

NEVER = timedelta(days=366)
"""How far ahead somebody is put who has not said when they are back."""


@value
class Need:
    """What a lead asks of whoever takes it.

    `clock` is the accept clock's length in working time. `urgent` is P1: nobody may be asleep, and nothing
    waits for the owner of a company.
    """

    now: datetime
    priority: str
    clock: timedelta
    urgent: bool


@value
class Facts:
    """What is known of a rep. `given_today` and `given_this_week` count the leads given since `counted_from`.

    `held_before`: had this lead in this handoff. `company_deed_at`: when they last did anything about any
    lead of the company, where they own one of its leads.
    """

    open_leads: int = 0
    given_today: int = 0
    given_this_week: int = 0
    absences: tuple[Span, ...] = ()
    left: bool = False
    held_before: bool = False
    owns_company: bool = False
    company_deed_at: datetime | None = None


_NOTHING_KNOWN = Facts()


@value
class Candidate:
    """A rep of the team as things stand now.

    `opens_at` is when they could begin to act: now, if on shift. `shift_ends` is when the present shift does,
    or an absence begins; None off shift, or for a shift without an end. `due_at` is when the clock would fall
    due if they had the lead; without it `opens_at` stands for it. `held_before` is within this handoff.
    `leaves_at` is the begin of a long absence, so near that no new leads come any more.
    """

    user: str
    open_leads: int
    opens_at: datetime
    on_shift: bool
    away: bool = False
    left: bool = False
    held_before: bool = False
    is_company_owner: bool = False
    due_at: datetime | None = None
    shift_ends: datetime | None = None
    back_at: datetime | None = None
    leaves_at: datetime | None = None
    given_today: int = 0
    given_this_week: int = 0
    company_deed_at: datetime | None = None

    @property
    def due(self) -> datetime:
        """When the clock would fall due."""
        return self.due_at or self.opens_at

    @property
    def keeps_it_in_shift(self) -> bool:
        """Whether they are at work, and still will be when the clock falls due."""
        return self.on_shift and (self.shift_ends is None or self.due <= self.shift_ends)


class Bar(StrEnum):
    """What keeps a rep from taking a lead, as the end of a sentence about so many people."""

    LEFT = "left the workspace"
    AWAY = "away"
    WINDING_DOWN = "winding down for an absence"
    HELD_BEFORE = "had it before"
    FULL = "at capacity"
    PER_DAY = "reached their limit for today"
    PER_WEEK = "reached their limit for this week"


def bar_of(candidate: Candidate, rep: Rep) -> Bar | None:
    """What keeps a rep from taking the lead, the first that holds; None for who is able."""
    if candidate.left:
        return Bar.LEFT
    if candidate.away:
        return Bar.AWAY
    if candidate.leaves_at is not None:
        return Bar.WINDING_DOWN
    return _has_enough(candidate, rep)


def _has_enough(known: Candidate | Facts, rep: Rep) -> Bar | None:
    """What keeps a rep who is there from taking the lead."""
    if known.held_before:
        return Bar.HELD_BEFORE
    if rep.capacity is not None and known.open_leads >= rep.capacity:
        return Bar.FULL
    if rep.per_day is not None and known.given_today >= rep.per_day:
        return Bar.PER_DAY
    if rep.per_week is not None and known.given_this_week >= rep.per_week:
        return Bar.PER_WEEK
    return None


def counted_from(now: datetime, timezone: str) -> tuple[datetime, datetime]:
    """From when on leads count for `per_day` and for `per_week`: midnight, and Monday's, where the rep is."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return instant(datetime.combine(today, time()), zone), instant(datetime.combine(monday, time()), zone)


def one_more(known: Facts) -> Facts:
    """What is known of a rep who was given a lead just now."""
    return but(
        known,
        open_leads=known.open_leads + 1,
        given_today=known.given_today + 1,
        given_this_week=known.given_this_week + 1,
    )


def one_less(known: Facts, given_at: datetime | None, now: datetime, timezone: str) -> Facts:
    """What is known of a rep from whom a lead, theirs since `given_at`, was taken just now."""
    day, week = (given_at is not None and given_at >= since for since in counted_from(now, timezone))
    return but(
        known,
        open_leads=max(0, known.open_leads - 1),
        given_today=max(0, known.given_today - day),
        given_this_week=max(0, known.given_this_week - week),
    )


def counted(moments: Sequence[datetime], day: datetime, week: datetime) -> tuple[int, int]:
    """How many of these moments, in order, are of this day on, and of this week on."""
    return len(moments) - bisect_left(moments, day), len(moments) - bisect_left(moments, week)


def need_of(agreement: Agreement, team: Team, priority: str, now: datetime) -> Need:
    """What a lead of this priority asks. Raises KeyError for one that the agreement does not have."""
    asks = _roster(agreement, team).asks(priority)
    return Need(now, priority, asks.clock, asks.urgent)


def candidates_of(
    agreement: Agreement, team: Team, need: Need, facts: Mapping[str, Facts]
) -> list[Candidate]:
    """Everybody in the team, in its order; of whom nothing is known has nothing and is there."""
    roster = _roster(agreement, team)
    times = _Times(roster.asks(need.priority), need.now)
    return [_candidate(times, member, facts.get(member.user, _NOTHING_KNOWN)) for member in roster.members]


def can_any(agreement: Agreement, team: Team, need: Need, facts: Mapping[str, Facts]) -> bool:
    """Whether anybody in the team can take a lead, as `bar_of` has it, without their times where that is
    plain."""
    roster = _roster(agreement, team)
    for member, rep in zip(roster.members, team.reps, strict=True):
        known = facts.get(member.user, _NOTHING_KNOWN)
        if known.left or _has_enough(known, rep):
            continue
        if not known.absences:
            return True
        times = _Times(roster.asks(need.priority), need.now)
        if bar_of(_candidate(times, member, known), rep) is None:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Member:
    """A rep, and when they are at work: always, where the whole agreement knows no hours."""

    user: str
    hours: WorkCalendar
    wind_down: Duration | None


@dataclass(frozen=True, slots=True)
class _Asks:
    """What leads of a priority ask of a team, whenever they come. `wall`: their clocks run day and night."""

    accept: Duration
    clock: timedelta
    urgent: bool
    wall: bool


class _Roster:
    """What a team's agreement says of everybody in it."""

    def __init__(self, agreement: Agreement, team: Team) -> None:
        is_wall = agreement.clock is ClockTime.WALL
        self.members = [
            _Member(
                rep.user,
                WALL if is_wall else hours_for(agreement, team, rep),
                agreement.hours_of(team, rep).wind_down,
            )
            for rep in team.reps
        ]
        self._agreement, self._team = agreement, team
        self._asks: dict[str, _Asks] = {}

    def asks(self, priority: str) -> _Asks:
        """Raises KeyError for a priority that the agreement does not have."""
        found = self._asks.get(priority)
        if found is None:
            accept = self._agreement.targets(priority).accept
            runs_on = calendar_for(self._agreement, self._team, priority=priority)
            clock, urgent = accept.working(runs_on.day), is_p1(self._agreement, priority)
            found = self._asks[priority] = _Asks(accept, clock, urgent, runs_on is WALL)
        return found


@kept
def _roster(agreement: Agreement, team: Team) -> _Roster:
    return _Roster(agreement, team)


@value
class _Time:
    """When somebody with these hours could act."""

    on_shift: bool
    opens_at: datetime
    shift_ends: datetime | None
    due_at: datetime


class _Times:
    """The times of a team's reps at one moment, worked out once for those with the same hours."""

    __slots__ = ("_asks", "_known", "now")

    def __init__(self, asks: _Asks, now: datetime) -> None:
        self.now = now
        self._asks = asks
        self._known: dict[WorkCalendar, _Time] = {}

    def due(self, hours: WorkCalendar, start: datetime) -> datetime:
        """When a clock that starts then would fall due."""
        runs_on = WALL if self._asks.wall else hours
        return runs_on.after(start, self._asks.accept.working(runs_on.day))

    def of(self, hours: WorkCalendar) -> _Time:
        """The times of who has these hours, and is there."""
        found = self._known.get(hours)
        if found is None:
            opens = hours.opens_next(self.now)
            is_open = opens == self.now
            closes = hours.closes_next(self.now) if is_open else None
            found = self._known[hours] = _Time(is_open, opens, closes, self.due(hours, self.now))
        return found


def _candidate(times: _Times, member: _Member, known: Facts) -> Candidate:
    hours, now = member.hours, times.now
    time_, leaves_at = times.of(hours), None
    gone: Span | None = None
    absences = [each for each in known.absences if each.ends is None or each.ends > now]
    if absences:
        gone = absence_at(absences, now)
        ahead = None if gone else next_absence(absences, now)
        if gone is not None:
            time_ = _after(times, hours, gone)
        elif ahead is not None:
            goes = winds_down([ahead], now, member.wind_down, hours)
            leaves_at = goes.begins if goes else None
            time_ = _before(times, hours, time_, ahead)
    return Candidate(
        member.user,
        known.open_leads,
        time_.opens_at,
        time_.on_shift,
        away=gone is not None,
        left=known.left,
        held_before=known.held_before,
        is_company_owner=known.owns_company,
        due_at=time_.due_at,
        shift_ends=time_.shift_ends,
        back_at=gone.ends if gone else None,
        leaves_at=leaves_at,
        given_today=known.given_today,
        given_this_week=known.given_this_week,
        company_deed_at=known.company_deed_at,
    )


def _after(times: _Times, hours: WorkCalendar, gone: Span) -> _Time:
    """When somebody could act who is away: from their return on."""
    if gone.ends is None:
        never = times.now + NEVER
        return _Time(False, never, None, never)
    back = hours.opens_next(gone.ends)
    return _Time(False, back, None, times.due(hours, back))


def _before(times: _Times, hours: WorkCalendar, time_: _Time, ahead: Span) -> _Time:
    """When somebody could act who goes: before the clock falls due, they meet it when they are back."""
    if time_.due_at <= ahead.begins:
        return time_
    after = _after(times, hours, ahead)
    ends = min(time_.shift_ends or ahead.begins, ahead.begins) if time_.on_shift else None
    opens = time_.opens_at if time_.opens_at < ahead.begins else max(time_.opens_at, after.opens_at)
    return _Time(time_.on_shift, opens, ends, after.due_at)
