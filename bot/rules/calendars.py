"""A calendar of working time: the moment that lies some of it ahead, and how much lies between two moments.

Pure arithmetic on aware moments. Whose calendar it is, is decided in `bot.rules.worktime`; import from there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.agreement.holidays import DaysOff
from bot.rules.stretches import (
    DAY_SECONDS,
    EPOCH_ORDINAL,
    SPILL_DAYS,
    Windows,
    Year,
    common,
    first_instant,
    merged,
    micros_of,
    moment_of,
    offsets_about,
)

_MICROSECOND = timedelta(microseconds=1)
_NOTHING = timedelta(0)
_SECOND = 1_000_000
_DAY_MINUTES = 1440
_LAST_YEAR = 9990
_BARREN_YEARS = 20  # so many years on end without a working minute, and we stop looking


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

    @staticmethod
    def union(calendars: Iterable[WorkCalendar]) -> WorkCalendar:
        """The calendar of people who stand in for each other: open whenever any of theirs is.

        Its day is what they work together in a week without holidays, in the winter of the north, over the
        number of weekdays on which any of them works. Equal calendars give the same instance. Raises
        ValueError for none at all.
        """
        members = {id(each): each for each in calendars}
        if not members:
            raise ValueError("a union needs at least one calendar")
        if WALL in members.values():
            return WALL
        return _union(tuple(members[key] for key in sorted(members)))

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

    @abstractmethod
    def closes_next(self, at: datetime) -> datetime | None:
        """The end of the stretch of work that `at` lies in.

        None where it is closed, and where it does not close for a year.
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

    def closes_next(self, at: datetime) -> datetime | None:
        _utc(at)
        return None


WALL: WorkCalendar = _Wall()


class _Yearly(WorkCalendar):
    """Stretches of work that are worked out a year at a time and kept."""

    def __init__(self) -> None:
        self._year = lru_cache(maxsize=32)(self._work_out)

    @abstractmethod
    def _work_out(self, number: int) -> Year:
        """The stretches in a year of UTC."""

    def after(self, start: datetime, working: timedelta) -> datetime:
        start = _utc(start)
        year = self._year(start.year)
        i, left = bisect_right(year.opens, start) - 1, working
        if working > _NOTHING:  # it mostly fits into this stretch, or ends in the next
            if i >= 0 and start < year.closes[i]:
                if (end := start + working) <= year.closes[i]:
                    return end
                left -= year.closes[i] - start
            if i + 1 < len(year.opens) and (end := year.opens[i + 1] + left) <= year.closes[i + 1]:
                return end
        return self._after(start, working)

    def _after(self, start: datetime, working: timedelta) -> datetime:
        """The same however many stretches it takes."""
        _refuse_negative(working)
        if not working:
            return start
        number = start.year
        work = working // _MICROSECOND + self._year(number).worked(micros_of(start))
        for year in self._years_from(number):
            if work <= year.total:
                return moment_of(year.when(work))
            work -= year.total
        raise self._no_work(start)

    def between(self, a: datetime, b: datetime) -> timedelta:
        a, b = _utc(a), _utc(b)
        if b < a:
            return -self.between(b, a)
        work = self._year(b.year).worked(micros_of(b)) - self._year(a.year).worked(micros_of(a))
        return (work + sum(self._year(n).total for n in range(a.year, b.year))) * _MICROSECOND

    def is_open(self, at: datetime) -> bool:
        at = _utc(at)
        year = self._year(at.year)
        i = bisect_right(year.opens, at) - 1
        return i >= 0 and at < year.closes[i]

    def opens_next(self, at: datetime) -> datetime:
        at = _utc(at)
        year = self._year(at.year)
        i = bisect_right(year.opens, at)
        if i and at < year.closes[i - 1]:
            return at
        if i < len(year.opens):
            return year.opens[i]
        for following in self._years_from(at.year + 1):
            if following.opens:
                return following.opens[0]
        raise self._no_work(at)

    def closes_next(self, at: datetime) -> datetime | None:
        at = _utc(at)
        number = at.year
        year = self._year(number)
        i = bisect_right(year.opens, at) - 1
        if i < 0 or at >= year.closes[i]:
            return None
        end = year.closes[i]
        for following in (number + 1, number + 2):  # it may go on over a new year
            if i + 1 < len(year.opens):
                break
            year, i = self._year(following), 0
            if not year.opens or year.opens[0] != end:
                break
            end = year.closes[0]
        else:
            return None
        return end

    def _years_from(self, number: int) -> Iterator[Year]:
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


class _Weekly(_Yearly):
    """Weekly windows in a zone."""

    def __init__(self, week: tuple[Windows, ...], zone: ZoneInfo, days_off: DaysOff) -> None:
        super().__init__()
        self._week = week
        self._zone = zone
        self._days_off = days_off
        lengths = [sum(end - start for start, end in windows) for windows in week if windows]
        self._day = timedelta(minutes=sum(lengths)) / len(lengths)

    def __repr__(self) -> str:
        return f"WorkCalendar.weekly({self._week!r}, {self._zone.key!r}, {self._days_off!r})"

    @property
    def day(self) -> timedelta:
        return self._day

    @property
    def weekdays(self) -> frozenset[int]:
        """The days on which there is work, 0 for Monday."""
        return frozenset(number for number, windows in enumerate(self._week) if windows)

    def without_holidays(self) -> _Weekly:
        """The same week, every week."""
        return _Weekly(self._week, self._zone, DaysOff())

    def _work_out(self, number: int) -> Year:
        first = date(number, 1, 1).toordinal() - EPOCH_ORDINAL
        past = date(number + 1, 1, 1).toordinal() - EPOCH_ORDINAL
        shifts = self._shifts(range(first - SPILL_DAYS, past + SPILL_DAYS), number)
        in_micros = ((start * _SECOND, end * _SECOND) for start, end in shifts)
        return Year.of(merged(in_micros, first * DAY_SECONDS * _SECOND, past * DAY_SECONDS * _SECOND))

    def _shifts(self, days: range, number: int) -> list[tuple[int, int]]:
        """The windows that start on these local days (counted from 1970), in seconds UTC since 1970."""
        off = self._days_off_about(number)
        offsets = offsets_about(self._zone, number)
        shifts = []
        for day in days:
            windows = self._week[(day + 3) % 7]  # 1970 began on a Thursday
            if windows and day in off:
                windows = common(windows, off[day])
            for start, end in windows:
                opens = first_instant(offsets, day * DAY_SECONDS + start * 60)
                shifts.append((opens, first_instant(offsets, day * DAY_SECONDS + end * 60)))
        return sorted(shifts)

    def _days_off_about(self, number: int) -> dict[int, Windows]:
        """Days counted from 1970, from the end of the year before to the beginning of the next."""
        return {
            day.toordinal() - EPOCH_ORDINAL: windows
            for year in (number - 1, number, number + 1)
            for day, windows in self._days_off.in_year(year).items()
        }


class _Union(_Yearly):
    """Whatever any of its members has."""

    def __init__(self, members: Sequence[_Yearly]) -> None:
        super().__init__()
        self._members = members

    def __repr__(self) -> str:
        return f"WorkCalendar.union({self._members!r})"

    @cached_property
    def day(self) -> timedelta:
        parts = list(self._parts())
        monday = datetime(2026, 1, 12, tzinfo=UTC)
        together = _Union([part.without_holidays() for part in parts])
        days = frozenset[int]().union(*(part.weekdays for part in parts))
        return together.between(monday, monday + timedelta(days=7)) / len(days)

    def _parts(self) -> Iterator[_Weekly]:
        for member in self._members:
            if isinstance(member, _Union):
                yield from member._parts()
            elif isinstance(member, _Weekly):
                yield member

    def _work_out(self, number: int) -> Year:
        years = [member._year(number) for member in self._members]
        shifts = sorted(shift for year in years for shift in zip(year.starts, year.ends, strict=True))
        first, past = (micros_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (number, number + 1))
        return Year.of(merged(shifts, first, past))


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


@lru_cache(maxsize=512)
def _union(members: tuple[WorkCalendar, ...]) -> WorkCalendar:
    known = [member for member in members if isinstance(member, _Yearly)]
    return known[0] if len(known) == 1 else _Union(known)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; working time needs an aware moment")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _refuse_negative(working: timedelta) -> None:
    if working < _NOTHING:
        raise ValueError(f"working time must not be negative: {working}")
