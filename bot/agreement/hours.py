"""Working hours: what the file says at each level, and the week that comes out of it.

The agreement, a team and a rep may each say something; the nearest one wins, key by key. Reckoning with the
week is bot/rules/worktime.py's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, ValidatorFunctionWrapHandler, WrapValidator

from bot.agreement.durations import Duration
from bot.agreement.fields import (
    WEEKDAY_NAMES,
    WEEKDAYS,
    Frozen,
    Weekday,
    Windows,
    clock_text,
    minute_of_day,
    window,
)
from bot.agreement.holidays import NONE, DaysOff, Entry, Named, entry, exempt, unknown_name

_DAY = 24 * 60
_WEEK = 7 * _DAY


class Hours(Frozen):
    """A week of work. `wind_down` is how long before a long absence no new leads come.

    `weekly` has the windows of each weekday (0 is Monday) as (start, end) in minutes from that day's local
    midnight, in order; an end above 1440 lies in the next day. A window belongs to the day it starts on.
    """

    weekly: dict[int, Windows]
    holidays: DaysOff = NONE
    wind_down: Duration | None = None


Minute = Annotated[int, BeforeValidator(minute_of_day)]
Window = Annotated[tuple[int, int], BeforeValidator(window)]


def _one_or_more(value: object, several: ValidatorFunctionWrapHandler) -> tuple[Entry, ...]:
    """A single country or day need not stand in a list."""
    found: tuple[Entry, ...] = (entry(value),) if isinstance(value, str) else several(value)
    return found


Holidays = Annotated[tuple[Annotated[Any, PlainValidator(entry)], ...], WrapValidator(_one_or_more)]
Exceptions = tuple[Annotated[Any, PlainValidator(exempt)], ...]


class HoursTable(Frozen):
    """What one level of the file says about hours; None is left to the level above."""

    days: tuple[Weekday, ...] | None = None
    open: Minute | None = None
    close: Minute | None = None
    holidays: Holidays | None = None
    exceptions: Exceptions | None = Field(default=None, alias="except")
    wind_down: Duration | None = None
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
        mine, theirs = self._written(), above._written()
        if mine.keys() & {"days", "open", "close"}:
            theirs = {key: value for key, value in theirs.items() if key not in WEEKDAYS}
        return HoursTable().model_copy(update={**theirs, **mine})

    def _written(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in HoursTable.model_fields}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def days_off(self) -> DaysOff:
        """The holidays that this table means, less its exceptions."""
        return DaysOff(self.holidays or (), self.exceptions or ())

    def week(self) -> Hours:
        """The week that this table means, laid over one that says days, open and close."""
        start, end = self.open or 0, self.close or 0
        plain = (start, end if end > start else end + _DAY)
        weekly: dict[int, Windows] = {}
        for number, day in enumerate(WEEKDAYS):
            finer: Windows | None = getattr(self, day)
            usual = (plain,) if day in (self.days or ()) else ()
            weekly[number] = usual if finer is None else tuple(sorted(finer))
        return Hours(weekly=weekly, holidays=self.days_off, wind_down=self.wind_down)


HOURS_KEYS = tuple(field.alias or name for name, field in HoursTable.model_fields.items())
"""What may stand in `[hours]`, and directly in a team or a rep."""

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


def faults_of_exceptions(table: HoursTable, written: HoursTable) -> Iterator[tuple[int, str]]:
    """Names among the exceptions `written` at a level that none of the calendars of the whole `table` has."""
    for number, item in enumerate(written.exceptions or ()):
        fault = unknown_name(item.name, table.days_off) if isinstance(item, Named) else None
        if fault:
            yield number, fault


def _hours(start: int, end: int) -> str:
    day_end = end - start + start % _DAY
    return f"{clock_text(start % _DAY)}-{clock_text(day_end)}"


def inline_hours(data: Any) -> Any:
    """Move the keys of hours that stand directly in a team or a rep into its `hours`."""
    if not isinstance(data, dict):
        return data
    inline = {key: data[key] for key in HOURS_KEYS if key in data}
    given = data.get("hours", {})
    if not inline or not isinstance(given, dict):
        return data
    rest = {key: value for key, value in data.items() if key not in inline}
    return {**rest, "hours": {**given, **inline}}
