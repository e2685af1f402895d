"""Days off: any mix of countries, dates, ranges, yearly days and half days, less exceptions.

Here they are read from the file and laid over a year. Which of them hold for whom is said in
bot/agreement/hours.py; working time is reckoned in bot/rules/calendars.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

import holidays as calendars
from holidays.registry import COUNTRIES

from bot.agreement.fields import Windows, window
from bot.agreement.wording import near, remedy, shown

_DAY = timedelta(days=1)
_SAMPLE_YEARS = range(2020, 2036)
"""In which a holiday that comes every few years comes at least once."""
_LEAP = 2028
_YEARLY = re.compile(r"(\d{1,2})-(\d{1,2})")
_NAMES_JOINED = "; "  # as the library joins them
_HOW = 'a country such as "US", a date "2026-12-25", a range "2026-12-24..2027-01-01" or a yearly day "12-24"'


@dataclass(frozen=True, slots=True)
class Region:
    """The public holidays of a country, `US`, or of a part of one, `US-CA`; days in lieu included."""

    code: str

    def within(self, year: int, spared: Set[str] = frozenset()) -> Iterable[date]:
        """The days off in a year, save those all of whose names are spared.

        Raises ValueError for a region without a calendar.
        """
        if not spared:
            return _region_days(self.code, year)
        named = self.named_in(year).items()
        return [
            day for day, told in named if not any({_folded(n) for n in names} <= spared for names in told)
        ]

    def named_in(self, year: int) -> Mapping[date, Sequence[Set[str]]]:
        """The days off in a year with their names, once in the country's own language and once in English,
        without what stands in brackets. Raises ValueError for a region without a calendar."""
        return _named_days(self.code, year)


@dataclass(frozen=True, slots=True)
class Days:
    """The days from the first to the last, both included."""

    first: date
    last: date

    def within(self, year: int) -> Iterator[date]:
        """Those of them in this year."""
        day, last = max(self.first, date(year, 1, 1)), min(self.last, date(year, 12, 31))
        while day <= last:
            yield day
            day += _DAY


@dataclass(frozen=True, slots=True)
class Yearly:
    """The same days each year, as (month, day), both included; a last before the first is next year's."""

    first: tuple[int, int]
    last: tuple[int, int]

    def within(self, year: int) -> Iterator[date]:
        """Those of them in this year; 29 February in leap years."""
        day, around = date(year, 1, 1), self.last < self.first
        while day.year == year:
            here = (day.month, day.day)
            if (here >= self.first or here <= self.last) if around else self.first <= here <= self.last:
                yield day
            if day == date.max:
                return
            day += _DAY


@dataclass(frozen=True, slots=True)
class HalfDay:
    """Days on which work is done in these windows only, and only as far as it would be done anyway."""

    days: Days | Yearly
    open: Windows


@dataclass(frozen=True, slots=True)
class Named:
    """A public holiday by its name, whatever the case and in whichever year."""

    name: str


Entry = Region | Days | Yearly | HalfDay
Exempt = Named | Days | Yearly


@dataclass(frozen=True, slots=True)
class DaysOff:
    """All days off of somebody. An exception takes a day back from whatever says that it is off."""

    entries: tuple[Entry, ...] = ()
    exceptions: tuple[Exempt, ...] = ()

    @classmethod
    def of(cls, written: str | Iterable[date]) -> DaysOff:
        """A country or a part of one, or days: what needs no more than that."""
        if isinstance(written, str):
            return cls((Region(written),)) if written else cls()
        return cls(tuple(Days(day, day) for day in sorted({*written})))

    def in_year(self, year: int) -> Mapping[date, Windows]:
        """The days of a year that are off, and the windows that are worked all the same: none, or a half
        day's, which count for more. Raises ValueError for a region without a calendar."""
        return _in_year(self, year)

    def past_since(self) -> date | None:
        """The last day of a list of dates; None where there is none, or where days come again each year."""
        dated = [entry.days if isinstance(entry, HalfDay) else entry for entry in self.entries]
        lasts = [entry.last for entry in dated if isinstance(entry, Days)]
        return max(lasts) if lasts and len(lasts) == len(dated) else None


NONE = DaysOff()


@lru_cache(maxsize=512)
def _in_year(off: DaysOff, year: int) -> Mapping[date, Windows]:
    found: dict[date, Windows] = {}
    spared = {_folded(item.name) for item in off.exceptions if isinstance(item, Named)}
    for entry in off.entries:
        if isinstance(entry, Region):
            found |= dict.fromkeys(entry.within(year, spared), ())
        elif not isinstance(entry, HalfDay):
            found |= dict.fromkeys(entry.within(year), ())
    for entry in off.entries:
        if isinstance(entry, HalfDay):
            found |= dict.fromkeys(entry.days.within(year), entry.open)
    for item in off.exceptions:
        if not isinstance(item, Named):
            for day in item.within(year):
                found.pop(day, None)
    return found


@lru_cache(maxsize=512)
def _region_days(code: str, year: int) -> frozenset[date]:
    return frozenset(_calendar(code, year))


@lru_cache(maxsize=512)
def _named_days(code: str, year: int) -> Mapping[date, Sequence[Set[str]]]:
    own = _calendar(code, year)
    tongues = {own.default_language, "en_US"} & {*own.supported_languages}
    told = [_calendar(code, year, tongue) for tongue in sorted(filter(None, tongues))] or [own]
    return {day: [_names(each[day]) for each in told if day in each] for day in own}


def _names(joined: str) -> Set[str]:
    return frozenset(re.sub(r"\s*\([^)]*\)", "", name) for name in joined.split(_NAMES_JOINED))


def _calendar(code: str, year: int, language: str | None = None) -> calendars.HolidayBase:
    country, _, part = code.partition("-")
    try:
        return calendars.country_holidays(country, subdiv=part or None, years=year, language=language)
    except (NotImplementedError, AttributeError) as error:
        raise ValueError(f"no holidays are known for {code!r}; write a country code or dates") from error


def _folded(name: str) -> str:
    return re.sub(r"[^\w]+", " ", name.casefold()).strip()


def entry(value: object) -> Entry:
    """Read one item of `holidays`. Raises ValueError in words."""
    if isinstance(value, dict):
        return _half_day(value)
    days = _days(value)
    if days is not None:
        return days
    if isinstance(value, str) and value.strip() and not any(letter.isdigit() for letter in value):
        return Region(_country(value.strip()))
    raise ValueError(f"{shown(value)} is not a date; write year, month and day, such as {_sample(value)}")


def exempt(value: object) -> Exempt:
    """Read one item of `except`. Raises ValueError in words; whether a name exists is looked at later."""
    days = _days(value)
    if days is not None:
        return days
    if isinstance(value, str) and any(letter.isalpha() for letter in value):
        return Named(value.strip())
    raise ValueError(
        f'{shown(value)} is not a day; write the name of a holiday such as "Columbus Day", or a date such as '
        f"{_sample(value)}"
    )


def unknown_name(name: str, off: DaysOff) -> str | None:
    """What is wrong with the name of a holiday to be excepted; None where a calendar has it."""
    regions = [item for item in off.entries if isinstance(item, Region)]
    if not regions:
        return f'"{name}" is the name of no day here, since holidays names no country; write a date'
    wanted, known = _folded(name), set[str]()
    for year in _SAMPLE_YEARS:  # the first is mostly enough
        known.update(each for region in regions for each in _all_names(region, year))
        if wanted in map(_folded, known):
            return None
    where = " or ".join(region.code for region in regions)
    begins = (each for each in sorted(known) if _folded(each).startswith(wanted))
    match = next(begins, None) or near(name, sorted(known))
    hint = f'did you mean "{match}"?' if match else f"write one such as {_some(known)}, or a date"
    return f'"{name}" is not a holiday of {where}; {hint}'


def _all_names(region: Region, year: int) -> Iterator[str]:
    for told in region.named_in(year).values():
        for names in told:
            yield from names


def _some(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names)[:3])


def _days(value: object) -> Days | Yearly | None:
    """A date, a range or a yearly day; None for what does not look like one."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return Days(value, value)
    text = value.strip() if isinstance(value, str) else ""
    first, dots, last = (part.strip() for part in text.partition(".."))
    begin, end = _day(first), _day(last) if dots else _day(first)
    if begin is None or end is None:
        return None
    if isinstance(begin, date) and isinstance(end, date):
        if end < begin:
            raise ValueError(f'"{text}" ends before it begins; write "{end}..{begin}"')
        return Days(begin, end)
    if isinstance(begin, tuple) and isinstance(end, tuple):
        return Yearly(begin, end)
    raise ValueError(f'"{text}" has a year on one side only; write it on both, or on neither')


def _day(text: str) -> date | tuple[int, int] | None:
    if match := _YEARLY.fullmatch(text):
        month, day = int(match[1]), int(match[2])
        try:
            date(_LEAP, month, day)
        except ValueError:
            sample = f"{day:02}-{month:02}" if 1 <= day <= 12 < month <= 31 else "12-24"
            raise ValueError(
                f'"{text}" is not a day of the year; write month and day, such as "{sample}"'
            ) from None
        return month, day
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _half_day(value: Mapping[str, object]) -> HalfDay:
    for key in value:
        if key not in ("day", "open"):
            raise ValueError(f'"{key}" means nothing in a half day; {remedy(str(key), ("day", "open"))}')
    if "day" not in value or "open" not in value:
        raise ValueError('is not a half day; write { day = "12-24", open = "09:00-12:00" }')
    days = _days(value["day"])
    if days is None:
        raise ValueError(
            f'{shown(value["day"])} is not a day; write "12-24", "2026-12-24" or a range of them'
        )
    given = value["open"]
    return HalfDay(
        days, tuple(sorted(window(item) for item in (given if isinstance(given, list) else [given])))
    )


def _sample(value: object) -> str:
    """What the date was probably meant to be."""
    match = (
        re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", value.strip()) if isinstance(value, str) else None
    )
    if match and int(match[1]) > 12:
        return f'"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"'
    return '"2026-12-25"'


def _country(code: str) -> str:
    """Check a country code, with or without a region, against the calendars there are."""
    country, _, region = code.upper().partition("-")
    if country not in _codes():
        match = near(country, list(_codes())) if len(country) == 2 else None
        hint = (
            f'did you mean "{match}"?'
            if match
            else 'write a two-letter code such as "US", or a list of dates'
        )
        raise ValueError(f'there is no calendar of holidays for "{code}"; {hint}')
    if region and not _has_calendar(country, region):
        regions = ", ".join(calendars.country_holidays(country).subdivisions[:12])
        hint = f'write "{country}" or one of its regions ({regions} …)' if regions else f'write "{country}"'
        raise ValueError(f'"{code}" names a region that has no calendar of its own; {hint}')
    return f"{country}-{region}" if region else country


@cache
def _codes() -> frozenset[str]:
    """The codes of all countries that have a calendar; loading one takes a tenth of a second."""
    return frozenset(code for _, *codes in COUNTRIES.values() for code in codes if len(code) in (2, 3))


@lru_cache(maxsize=512)
def _has_calendar(country: str, region: str) -> bool:
    try:
        calendars.country_holidays(country, subdiv=region)
    except (NotImplementedError, AttributeError, ValueError):
        return False
    return True
