"""Working hours: what the file says at each level, and the week that comes out of it.

The agreement, a team and a rep may each say something; the nearest one wins, key by key. Reckoning with the
week is bot/rules/worktime.py's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

import holidays as calendars
from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag

from bot.agreement.fields import (
    WEEKDAY_NAMES,
    WEEKDAYS,
    Frozen,
    HolidayDate,
    Text,
    Weekday,
    clock_text,
    minute_of_day,
)
from bot.agreement.wording import near, shown

_DAY = 24 * 60
_WEEK = 7 * _DAY
Windows = tuple[tuple[int, int], ...]


class Hours(Frozen):
    """A week of work.

    `weekly` has the windows of each weekday (0 is Monday) as (start, end) in minutes from that day's local
    midnight, in order; an end above 1440 lies in the next day. `holidays` is a country code (`US`, `US-CA`)
    or the dates themselves; an empty tuple is none. A window belongs to the day it starts on.
    """

    weekly: dict[int, Windows]
    holidays: str | tuple[date, ...] = ()


def _window(value: object) -> tuple[int, int]:
    parts = re.split(r"\s*[-\u2013]\s*", value.strip()) if isinstance(value, str) else []
    if len(parts) != 2:
        raise ValueError(f'{shown(value)} is not a window of hours; write "09:00-12:30"')
    return _span(minute_of_day(parts[0]), minute_of_day(parts[1]))


def _span(start: int, end: int) -> tuple[int, int]:
    if start == end:
        raise ValueError(
            f"{clock_text(start)} to {clock_text(end)} is a window of no length; "
            'write a later end, or "00:00-24:00" for the whole day'
        )
    return (start, end if end > start else end + _DAY)


def _country(code: str) -> str:
    """Check a country code, with or without a region, against the calendars there are."""
    country, _, region = code.upper().partition("-")
    known = (
        calendars.list_supported_countries(include_aliases=True) if not _has_calendar(country, None) else None
    )
    if known is not None:
        match = near(country, list(known)) if len(country) == 2 else None
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


@lru_cache(maxsize=512)
def _has_calendar(country: str, region: str | None) -> bool:
    try:
        calendars.country_holidays(country, subdiv=region)
    except (NotImplementedError, AttributeError, ValueError):
        return False
    return True


Minute = Annotated[int, BeforeValidator(minute_of_day)]
Window = Annotated[tuple[int, int], BeforeValidator(_window)]
Holidays = Annotated[
    Annotated[Text, AfterValidator(_country), Tag("country")]
    | Annotated[tuple[HolidayDate, ...], Tag("dates")],
    Discriminator(lambda value: "country" if isinstance(value, str) else "dates"),
]


class HoursTable(Frozen):
    """What one level of the file says about hours; None is left to the level above."""

    days: tuple[Weekday, ...] | None = None
    open: Minute | None = None
    close: Minute | None = None
    holidays: Holidays | None = None
    mon: tuple[Window, ...] | None = None
    tue: tuple[Window, ...] | None = None
    wed: tuple[Window, ...] | None = None
    thu: tuple[Window, ...] | None = None
    fri: tuple[Window, ...] | None = None
    sat: tuple[Window, ...] | None = None
    sun: tuple[Window, ...] | None = None

    def over(self, above: HoursTable) -> HoursTable:
        """This level laid over the one above: its keys win, and its days, open or close set aside the finer
        windows of the level above, which were meant for other hours."""
        mine = self.model_dump(exclude_none=True)
        theirs = above.model_dump(exclude_none=True)
        if mine.keys() & {"days", "open", "close"}:
            theirs = {key: value for key, value in theirs.items() if key not in WEEKDAYS}
        return HoursTable.model_construct(**{**theirs, **mine})

    def week(self) -> Hours:
        """The week that this table means, laid over one that says days, open and close."""
        start, end = self.open or 0, self.close or 0
        plain = (start, end if end > start else end + _DAY)
        weekly: dict[int, Windows] = {}
        for number, day in enumerate(WEEKDAYS):
            finer: Windows | None = getattr(self, day)
            usual = (plain,) if day in (self.days or ()) else ()
            weekly[number] = usual if finer is None else tuple(sorted(finer))
        return Hours(weekly=weekly, holidays=self.holidays or ())


OFFICE = HoursTable.model_validate({"days": WEEKDAYS[:5], "open": "09:00", "close": "17:00"})
"""Monday to Friday, nine to five: what holds where the file says nothing."""


def faults_of_week(table: HoursTable) -> Iterator[str]:
    """What is wrong with the week of a whole table: no working time at all, or windows that overlap."""
    if table.open == table.close and any(getattr(table, day) is None for day in table.days or ()):
        yield f"opens and closes at {clock_text(table.open or 0)}; write a later close"
        return
    hours = table.week()
    spans = sorted(
        (day * _DAY + start, day * _DAY + end, day)
        for day, windows in hours.weekly.items()
        for start, end in windows
    )
    if not spans:
        yield 'leaves no working time at all; write at least one day, such as days = ["mon"]'
        return
    around = [*spans[1:], (spans[0][0] + _WEEK, spans[0][1] + _WEEK, spans[0][2])]
    for (start, end, day), (next_start, next_end, next_day) in zip(spans, around, strict=True):
        if next_start < end:
            first = f"{WEEKDAY_NAMES[day]} {_hours(start, end)}"
            second = f"{WEEKDAY_NAMES[next_day]} {_hours(next_start, next_end)}"
            yield f"{first} and {second} overlap; end the first by {clock_text(next_start)}"


def _hours(start: int, end: int) -> str:
    day_end = end - start + start % _DAY
    return f"{clock_text(start % _DAY)}-{clock_text(day_end)}"


def inline_hours(data: Any) -> Any:
    """Move the keys of hours that stand directly in a team or a rep into its `hours`."""
    if not isinstance(data, dict):
        return data
    inline = {key: data[key] for key in HoursTable.model_fields if key in data}
    given = data.get("hours", {})
    if not inline or not isinstance(given, dict):
        return data
    rest = {key: value for key, value in data.items() if key not in inline}
    return {**rest, "hours": {**given, **inline}}
