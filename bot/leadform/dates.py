"""One date or time in the forms that exports use.

A text may be two days ("11/5/2026"): which, is a question to its whole column, and date_columns.py's. What a
moment means is left to reading.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.leadform.months import month_named
from bot.leadform.text import BadValue, as_text, clean, quoted
from bot.memory import remembered

_EXAMPLE = "2026-11-05T14:30:00Z"
_LONGEST = 80
_EARLIEST = 1970
_MILLISECONDS_FROM, _MICROSECONDS_FROM = 10**11, 10**14
_LATEST = 253_402_300_800  # the year 10000, in epoch seconds
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet's days have no zone until they are read
_SERIALS = (25_569, 80_000)  # 1970 to 2119


class Order(StrEnum):
    """Which of the first two numbers of a date is the day."""

    DAY_FIRST = "DMY"
    MONTH_FIRST = "MDY"


@dataclass(frozen=True, slots=True)
class _Day:
    """A date as read: certain, or one of two."""

    certain: date | None = None
    day_first: date | None = None
    month_first: date | None = None

    def in_order(self, order: Order | None) -> date | None:
        """The day under an order; under none, the one that both orders agree on or that only one allows."""
        if order is None:
            first, second = self.day_first, self.month_first
            return (first or second) if first == second or not (first and second) else None
        return self.day_first if order is Order.DAY_FIRST else self.month_first


_YEAR = r"(\d{4}|\d{2})"
_TIME = (
    r"(?:[T,]?\s*(?:um|at|à|alle|às|a las|om)?\s*(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})"
    r"(?:[:.](?P<second>\d{2}))?(?:[.,]\d+)?\s*(?P<half>[ap]\.?\s?m\.?)?\s*(?:Uhr)?)?"
)
_ZONE = r"\s*(?P<zone>Z|\(?(?:UTC|GMT)?\s?[+-]\d{1,2}:?(?:\d{2})?\)?|\(?[A-Z]{3,4}\)?)?"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_ORDINAL = r"(?:st|nd|rd|th|er|º|ª|\.)?"


def _numbers(year: str, month: str, day: str) -> date | None:
    number = int(year)
    if number < 100:
        number += 1900 if number >= 70 else 2000
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


def _year_first(groups: tuple[str, ...]) -> _Day:
    return _Day(certain=_numbers(groups[0], groups[1], groups[2]))


def _dotted(groups: tuple[str, ...]) -> _Day:
    return _Day(certain=_numbers(groups[2], groups[1], groups[0]))


def _slashed(groups: tuple[str, ...]) -> _Day:
    first, second, year = groups
    return _Day(None, _numbers(year, second, first), _numbers(year, first, second))


def _named_day_first(groups: tuple[str, ...]) -> _Day:
    month = month_named(groups[1])
    return _Day(certain=_numbers(groups[2], str(month), groups[0]) if month else None)


def _named_month_first(groups: tuple[str, ...]) -> _Day:
    month = month_named(groups[0])
    return _Day(certain=_numbers(groups[2], str(month), groups[1]) if month else None)


@cache
def _forms() -> tuple[tuple[re.Pattern[str], Callable[[tuple[str, ...]], _Day]], ...]:
    """Each form with what it makes of its first three groups. With dots the day comes first."""
    forms = (
        (r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", _year_first),
        (r"(\d{4})(\d{2})(\d{2})", _year_first),
        (r"(\d{4})年\s?(\d{1,2})月\s?(\d{1,2})日?", _year_first),
        (rf"(\d{{1,2}})\.\s?(\d{{1,2}})\.\s?{_YEAR}\.?", _dotted),
        (rf"(\d{{1,2}})[/-](\d{{1,2}})[/-]{_YEAR}", _slashed),
        (
            rf"{_WEEKDAY}(\d{{1,2}}){_ORDINAL}[\s-]*(?:de\s)?([^\W\d_]{{3,12}})\.?,?[\s/-]*(?:del?\s)?{_YEAR}",
            _named_day_first,
        ),
        (rf"{_WEEKDAY}([^\W\d_]{{3,12}})\.?[\s-]*(\d{{1,2}}){_ORDINAL},?[\s-]+{_YEAR}", _named_month_first),
    )
    return tuple((re.compile(form + _TIME + _ZONE, re.IGNORECASE), reader) for form, reader in forms)


_TWO_ORDERS = re.compile(r"\s*'?\d{1,2}[/-]\d{1,2}[/-]\d")
_EPOCH = re.compile(r"\d{9,16}(?:\.\d+)?")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_WEEKDAY_TIME_YEAR = re.compile(r"(\w{3} \w{3} +\d{1,2}) (\d\d:\d\d:\d\d) (?:(\w{3,4}) )?(\d{4})")


@remembered(8192)
def _parsed(text: str) -> tuple[_Day, timedelta, tzinfo | None] | None:
    """Day, time of day and zone of a text; None where it has none of the forms."""
    if turned := _WEEKDAY_TIME_YEAR.fullmatch(text):  # as Unix and Ruby print it
        text = f"{turned[1]}, {turned[4]} {turned[2]} {turned[3] or ''}".strip()
    for pattern, reader in _forms():
        if match := pattern.fullmatch(text):
            day, time = reader(match.group(1, 2, 3)), _time_of(match)
            zone = _zone_of(match["zone"]) if match["zone"] else None
            if time is None or (match["zone"] and zone is None) or day == _Day():
                return None
            return day, time, zone
    return None


def _time_of(match: re.Match[str]) -> timedelta | None:
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
    fine = hour <= 23 and minute <= 59 and second <= 60
    return timedelta(hours=hour, minutes=minute, seconds=second) if fine else None


_ABBREVIATED = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "BST": 1, "JST": 9,
    "AEST": 10, "AEDT": 11, "SGT": 8, "HKT": 8,
}  # fmt: skip


def _zone_of(text: str) -> tzinfo | None:
    name = text.strip("() ").upper()
    if name in _ABBREVIATED:
        return timezone(timedelta(hours=_ABBREVIATED[name]))
    match = re.fullmatch(r"(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d{2})?", name)
    if not match or int(match[2]) > 14:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(-offset if match[1] == "-" else offset)


def zone_in(header: str) -> tzinfo | None:
    """The zone that a column's name gives for all its times: "Create Date (GMT-05:00)", "Created At (UTC)",
    "Start (America/New_York)"; None where it gives none."""
    for inside in re.findall(r"[(\[]([^()\[\]]+)[)\]]", header):
        if zone := _zone_of(inside):
            return zone
        if "/" in inside:
            try:
                return ZoneInfo(inside.strip().replace(" ", "_"))
            except (ZoneInfoNotFoundError, ValueError, OSError):
                continue
    return None


def _epoch(seconds: float) -> datetime:
    if seconds >= _MICROSECONDS_FROM:
        seconds /= 10**6
    elif seconds >= _MILLISECONDS_FROM:
        seconds /= 1000
    if not 0 <= seconds < _LATEST:  # false for NaN too
        raise ValueError("outside the calendar")
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)


def _serial(days: float, zone: tzinfo) -> datetime:
    whole = _SERIAL_ZERO + timedelta(seconds=round(days * 86_400))
    return whole.replace(tzinfo=zone)


def read_moment(
    value: Any, order: Order | None = None, zone: tzinfo = UTC, *, any_year: bool = False
) -> datetime:
    """A moment as aware UTC, in any of the forms; a date alone is its midnight, a time without a zone is in
    `zone`.

    Numbers are epoch seconds, milli- or microseconds, and a spreadsheet's days since 1899-12-30. Without
    `order`, "11/5/2026" is refused. Raises BadValue for that, for anything else, and, unless `any_year` will
    do, before 1970.
    """
    try:
        found = _read(value, order, zone)
        found = (found.replace(tzinfo=zone) if found.tzinfo is None else found).astimezone(UTC)
    except BadValue:
        raise
    except (ValueError, OverflowError):
        raise BadValue(f"{quoted(value)} is not a date or time; write it like {_EXAMPLE}") from None
    if found.year < _EARLIEST and not any_year:
        raise BadValue(f"{quoted(value)} lies before 1970; write it like {_EXAMPLE}")
    return found


def _read(value: Any, order: Order | None, zone: tzinfo) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _serial(value, zone) if _SERIALS[0] <= value < _SERIALS[1] else _epoch(value)
    text = as_text(value)[:_LONGEST].strip("' ")
    if _EPOCH.fullmatch(text):
        return _epoch(float(text))
    if _SERIAL.fullmatch(text):
        return _read(float(text.replace(",", ".")), order, zone)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _by_form(text, order, zone)


def _by_form(text: str, order: Order | None, zone: tzinfo) -> datetime:
    parsed = _parsed(text)
    if parsed is None:
        raise ValueError("none of the forms")
    day, time, own_zone = parsed
    found = day.certain or day.in_order(order)
    if found is None:
        raise BadValue(f"{quoted(text)} {_two_days(day, order)}")
    return datetime(found.year, found.month, found.day, tzinfo=own_zone or zone) + time


def _two_days(day: _Day, order: Order | None) -> str:
    if order is None and day.day_first and day.month_first:
        either = " or ".join(f"{each.day} {each:%B}" for each in (day.month_first, day.day_first))
        return f"may be {either}; write it like {_EXAMPLE}"
    return "does not fit the order of day and month that the other dates have"


def orders_of(text: str) -> frozenset[Order] | None:
    """The orders of day and month under which a text is a day, if it is one of those that have two orders;
    None for every other text. "13/11/2026" has one, "11/5/2026" two, "5/5/2026" is the same day in both."""
    if not _TWO_ORDERS.match(text) or not (parsed := _parsed(clean(text)[:_LONGEST])):
        return None
    day = parsed[0]
    if day.certain or day.day_first == day.month_first:
        return None
    return frozenset(order for order in Order if day.in_order(order))
