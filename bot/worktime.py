"""Business time: the moment that lies some working time ahead, and the working time between two moments.

Pure arithmetic on aware moments; the agreement says who works when, `bot.sla` says what runs on it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.agreement.holidays import DaysOff

if TYPE_CHECKING:
    from bot.agreement import Agreement, Rep, Team

Windows = tuple[tuple[int, int], ...]
"""Working windows of one weekday: (start, end) in minutes from local midnight; over 1440 is tomorrow."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_DAY = 86_400
_DAY_MINUTES = 1440
_LAST_YEAR = 9990
_BARREN_YEARS = 20  # so many years on end without a working minute, and we stop looking
_SPILL_DAYS = 3  # a window that starts this many days outside a year cannot reach into it


class WorkCalendar(ABC):
    """When somebody works. Moments come in aware, in any zone, and go out in UTC.

    `after` and `between` are exact to the microsecond and inverse to each other:
    `between(a, after(a, w)) == w`. Working time is real elapsed time inside the windows, so a window over a
    change of daylight saving time is longer or shorter than the clock on the wall says.
    Instances are immutable and may be shared between threads.
    """

    @staticmethod
    def weekly(
        windows: Mapping[int, Sequence[tuple[int, int]]],
        tz: str | ZoneInfo,
        holidays: DaysOff | str | Iterable[date] = (),
    ) -> WorkCalendar:
        """The calendar of windows that repeat each week, less holidays.

        `windows`: by weekday (0 is Monday), (start, end) in minutes from local midnight; an end over 1440
        runs past midnight. Such a shift belongs to the day on which it starts, whatever the next day is.
        `holidays`: days off and half days; or only a country, `US`, or a part of one, `US-CA`; or dates.
        On a half day is worked what the usual windows and its own have in common.
        Equal arguments give the same instance, with all that it has already worked out.
        Raises ValueError for an unknown zone, a window of no length or over a day long, or no window at all.
        """
        week = tuple(tuple(sorted((int(a), int(b)) for a, b in windows.get(d, ()))) for d in range(7))
        days_off = holidays if isinstance(holidays, DaysOff) else DaysOff.of(holidays)
        return _weekly(week, str(tz), days_off)

    @property
    @abstractmethod
    def day(self) -> timedelta:
        """One working day: the mean working time of the weekdays that have windows.

        So a week's worth of days is a week's work, whatever its days are like.
        """

    @abstractmethod
    def after(self, start: datetime, working: timedelta) -> datetime:
        """The first moment by which `working` has been worked since `start`.

        Work that fills a shift to the brim is due at its end, not at the start of the next one.
        Raises ValueError for negative `working`, and when no working time is found for twenty years.
        """

    @abstractmethod
    def between(self, a: datetime, b: datetime) -> timedelta:
        """The working time from `a` to `b`; negative when `b` is before `a`."""

    @abstractmethod
    def is_open(self, at: datetime) -> bool:
        """Whether `at` lies in a window. A window's start is in it, its end is not."""

    @abstractmethod
    def opens_next(self, at: datetime) -> datetime:
        """`at` itself if it is open, else the start of the next window.

        Raises ValueError when no working time is found for twenty years.
        """


class _Wall(WorkCalendar):
    """Always open: a day is 24 hours."""

    @property
    def day(self) -> timedelta:
        return timedelta(days=1)

    def after(self, start: datetime, working: timedelta) -> datetime:
        _refuse_negative(working)
        return _utc(start) + working

    def between(self, a: datetime, b: datetime) -> timedelta:
        return _utc(b) - _utc(a)

    def is_open(self, at: datetime) -> bool:
        _utc(at)
        return True

    def opens_next(self, at: datetime) -> datetime:
        return _utc(at)


WALL: WorkCalendar = _Wall()


@dataclass(frozen=True, slots=True)
class _Year:
    """The stretches of work in one year of UTC, in microseconds since 1970, and the running sum of them."""

    starts: array[int]
    ends: array[int]
    done: array[int]  # done[i]: worked before stretch i; one longer than the others
    total: int

    def worked(self, at: int) -> int:
        """Work done in this year before `at`."""
        i = bisect_right(self.starts, at) - 1
        return 0 if i < 0 else self.done[i] + min(at, self.ends[i]) - self.starts[i]

    def when(self, work: int) -> int:
        """The first moment by which `work` is done; 0 < work ≤ total."""
        i = bisect_left(self.done, work) - 1
        return self.starts[i] + work - self.done[i]


class _Weekly(WorkCalendar):
    """Weekly windows in a zone, worked out a year at a time and kept."""

    def __init__(self, week: tuple[Windows, ...], zone: ZoneInfo, days_off: DaysOff) -> None:
        self._week = week
        self._zone = zone
        self._days_off = days_off
        lengths = [sum(end - start for start, end in windows) for windows in week if windows]
        self._day = timedelta(minutes=sum(lengths)) / len(lengths)
        self._year = lru_cache(maxsize=32)(self._work_out)

    def __repr__(self) -> str:
        return f"WorkCalendar.weekly({self._week!r}, {self._zone.key!r}, {self._days_off!r})"

    @property
    def day(self) -> timedelta:
        return self._day

    def after(self, start: datetime, working: timedelta) -> datetime:
        _refuse_negative(working)
        start = _utc(start)
        if not working:
            return start
        number = start.year
        work = working // _MICROSECOND + self._year(number).worked(_micros(start))
        for year in self._years_from(number):
            if work <= year.total:
                return _moment(year.when(work))
            work -= year.total
        raise self._no_work(start)

    def between(self, a: datetime, b: datetime) -> timedelta:
        a, b = _utc(a), _utc(b)
        if b < a:
            return -self.between(b, a)
        work = self._year(b.year).worked(_micros(b)) - self._year(a.year).worked(_micros(a))
        return (work + sum(self._year(n).total for n in range(a.year, b.year))) * _MICROSECOND

    def is_open(self, at: datetime) -> bool:
        at = _utc(at)
        year, moment = self._year(at.year), _micros(at)
        i = bisect_right(year.starts, moment) - 1
        return i >= 0 and moment < year.ends[i]

    def opens_next(self, at: datetime) -> datetime:
        if self.is_open(at):
            return _utc(at)
        at = _utc(at)
        moment = _micros(at)
        for year in self._years_from(at.year):
            i = bisect_right(year.starts, moment)
            if i < len(year.starts):
                return _moment(year.starts[i])
        raise self._no_work(at)

    def _years_from(self, number: int) -> Iterator[_Year]:
        """One year after another, until twenty on end had no work in them or the calendar ends."""
        barren = 0
        while barren < _BARREN_YEARS and number <= _LAST_YEAR:
            year = self._year(number)
            yield year
            barren = 0 if year.total else barren + 1
            number += 1

    def _no_work(self, at: datetime) -> ValueError:
        return ValueError(
            f"no working time is left after {at:%Y-%m-%d}: every day that has working hours is a holiday, "
            f"or the time asked for reaches past the year {_LAST_YEAR}"
        )

    def _work_out(self, number: int) -> _Year:
        first = date(number, 1, 1).toordinal() - _EPOCH_ORDINAL
        past = date(number + 1, 1, 1).toordinal() - _EPOCH_ORDINAL
        shifts = self._shifts(range(first - _SPILL_DAYS, past + _SPILL_DAYS), number)
        starts, ends, done, total = array("q"), array("q"), array("q", [0]), 0
        for start, end in _merged(shifts, first * _DAY, past * _DAY):
            starts.append(start * _SECOND)
            ends.append(end * _SECOND)
            total += (end - start) * _SECOND
            done.append(total)
        return _Year(starts, ends, done, total)

    def _shifts(self, days: range, number: int) -> list[tuple[int, int]]:
        """The windows that start on these local days (counted from 1970), in seconds UTC since 1970."""
        off = self._days_off_about(number)
        offsets = _offsets(self._zone, number)
        shifts = []
        for day in days:
            windows = self._week[(day + 3) % 7]  # 1970 began on a Thursday
            if windows and day in off:
                windows = _common(windows, off[day])
            for start, end in windows:
                opens = _first_instant(offsets, day * _DAY + start * 60)
                shifts.append((opens, _first_instant(offsets, day * _DAY + end * 60)))
        return sorted(shifts)

    def _days_off_about(self, number: int) -> dict[int, Windows]:
        """Days counted from 1970, from the end of the year before to the beginning of the next."""
        return {
            day.toordinal() - _EPOCH_ORDINAL: windows
            for year in (number - 1, number, number + 1)
            for day, windows in self._days_off.in_year(year).items()
        }


def calendar_for(
    agreement: Agreement, team: Team | None, rep: Rep | None = None, *, priority: str | None = None
) -> WorkCalendar:
    """What a clock of this owner runs on: the rep's hours, before there is one the team's, else the default.

    `WALL` when the agreement counts wall time, and for its P1 when it says `p1_after_hours`.
    """
    if agreement.clock == "wall" or (priority is not None and runs_after_hours(agreement, priority)):
        return WALL
    return hours_for(agreement, team, rep)


def hours_for(agreement: Agreement, team: Team | None, rep: Rep | None = None) -> WorkCalendar:
    """The working hours of a person, of a team or of the whole agreement, whatever its clocks run on."""
    hours = agreement.hours_of(team, rep)
    return WorkCalendar.weekly(hours.weekly, agreement.timezone_of(team, rep), hours.holidays)


def runs_after_hours(agreement: Agreement, priority: str) -> bool:
    """Whether clocks and nags of this priority take no heed of working hours (`p1_after_hours`)."""
    return agreement.p1_after_hours and is_p1(agreement, priority)


def is_p1(agreement: Agreement, priority: str) -> bool:
    """Whether this is P1 or stands above it; in an agreement that has no P1, whether it is the first."""
    names = [known.name for known in agreement.priorities]
    last = names.index("P1") if "P1" in names else 0
    return priority in names[: last + 1]


@lru_cache(maxsize=512)
def _weekly(week: tuple[Windows, ...], zone: str, days_off: DaysOff) -> WorkCalendar:
    for windows in week:
        for start, end in windows:
            if not 0 <= start <= _DAY_MINUTES or not start < end <= start + _DAY_MINUTES:
                raise ValueError(
                    f"a window from minute {start} to minute {end} of a day: it must start within the day "
                    "and last more than nothing and at most 24 hours"
                )
    if not any(week):
        raise ValueError("no working time: at least one weekday needs a window")
    try:
        return _Weekly(week, ZoneInfo(zone), days_off)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{zone!r} is not a time zone; write one such as 'Europe/Berlin'") from error


@lru_cache(maxsize=256)
def _offsets(zone: ZoneInfo, year: int) -> tuple[tuple[int, int, int], ...]:
    """The zone's offsets about one year: (from, to, offset), in seconds, from and to in UTC.

    It looks at each day's start and narrows a difference down to its second: no zone has changed its clocks
    and changed them back within a day.
    """
    first = (date(year, 1, 1).toordinal() - _EPOCH_ORDINAL - _SPILL_DAYS - 2) * _DAY
    last = (date(year + 1, 1, 1).toordinal() - _EPOCH_ORDINAL + _SPILL_DAYS + 4) * _DAY
    found, begin, offset = [], first, _offset(zone, first)
    for day in range(first + _DAY, last + 1, _DAY):
        while (now := _offset(zone, day)) != offset:
            low, high = max(begin, day - _DAY), day
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            found.append((begin, high, offset))
            begin, offset = high, now if high == day else _offset(zone, high)
    return (*found, (begin, last, offset))


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return 0 if offset is None else offset.days * _DAY + offset.seconds


def _first_instant(offsets: tuple[tuple[int, int, int], ...], wall: int) -> int:
    """The first instant (UTC) at which the clock on the wall shows `wall` or later, both in seconds.

    So a time that spring skips is the moment of the change, and of one that autumn repeats it is the first.
    """
    for begin, end, offset in offsets:
        if wall < end + offset:
            return max(begin, wall - offset)
    return wall - offsets[-1][2]


def _common(some: Windows, others: Windows) -> Windows:
    """What both have of a day."""
    both = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return tuple(sorted((start, end) for start, end in both if start < end))


def _merged(shifts: Iterable[tuple[int, int]], first: int, past: int) -> Iterator[tuple[int, int]]:
    """Sorted shifts, cut to [first, past); those that touch or overlap are joined, empty ones left out."""
    held: tuple[int, int] | None = None
    for start, end in shifts:
        start, end = max(start, first), min(end, past)
        if start >= end:
            continue
        if held and start <= held[1]:
            held = (held[0], max(held[1], end))
        else:
            if held:
                yield held
            held = (start, end)
    if held:
        yield held


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; working time needs an aware moment")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


def _refuse_negative(working: timedelta) -> None:
    if working < timedelta(0):
        raise ValueError(f"working time must not be negative: {working}")
