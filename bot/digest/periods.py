"""Stretches of time as people name them: weeks, months, quarters, years, or from a day to a day.

Each begins and ends at midnight in the agreement's time zone and is kept as two moments in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

WEEK, MONTH, QUARTER, YEAR, DAYS = "week", "month", "quarter", "year", "days"
_EARLIEST = 2000
_MONTHS_IN = {MONTH: 1, QUARTER: 3, YEAR: 12}

HOW_TO = (
    "Write `week`, `month`, `quarter` or `year`, `last` before one of them, `2026-W47`, `2026-11`, "
    "`2026-Q4`, or two days as `2026-11-01..2026-11-15`."
)

_DAY = r"(\d{4})-(\d{1,2})-(\d{1,2})"
_FORMS = {
    "relative": re.compile(r"(?:(this|last)\s+)?(week|month|quarter|year)\b"),
    "range": re.compile(rf"{_DAY}\s*\.\.+\s*{_DAY}"),
    "week": re.compile(r"(\d{4})-?w(\d{1,2})\b"),
    "quarter": re.compile(r"(\d{4})-?q([1-4])\b"),
    "day": re.compile(_DAY + r"(?![\d.])"),
    "month": re.compile(r"(\d{4})-(\d{1,2})(?![\d-])"),
    "year": re.compile(r"(20\d\d)(?![\d-])"),
}


class BadPeriod(ValueError):
    """The stretch of time that was asked for cannot be had; the text says why and what to write."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of whole days: `first` to `last`, both included, in the zone `tz`."""

    kind: str
    first: date
    last: date
    tz: str

    @property
    def since(self) -> datetime:
        """Where it begins, in UTC."""
        return _midnight(self.first, self.tz)

    @property
    def until(self) -> datetime:
        """Where it ends, in UTC: the first moment that is no longer in it."""
        return _midnight(self.last + timedelta(days=1), self.tz)

    @property
    def label(self) -> str:
        """Its short name, by which it can be asked for again: "2026-W47", "2026-11", "2026-Q4"."""
        match self.kind:
            case "week":
                year, week, _ = self.first.isocalendar()
                return f"{year}-W{week:02}"
            case "month":
                return f"{self.first:%Y-%m}"
            case "quarter":
                return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
            case "year":
                return str(self.first.year)
        return f"{self.first}..{self.last}"

    @property
    def title(self) -> str:
        """Its name as people read it: "Week 47, 16 to 22 Nov 2026"."""
        match self.kind:
            case "week":
                return f"Week {self.first.isocalendar().week}, {_days(self.first, self.last)}"
            case "month":
                return f"{self.first:%B %Y}"
            case "quarter":
                return f"Quarter {(self.first.month + 2) // 3} of {self.first.year}"
            case "year":
                return str(self.first.year)
        return _days(self.first, self.last)

    def back(self, steps: int = 1) -> Span:
        """The stretch of the same kind so many steps before; of days, of as many days."""
        if self.kind in _MONTHS_IN:
            first = _month_start(self.first, -steps * _MONTHS_IN[self.kind])
            return _months(self.kind, first, self.tz)
        days = timedelta(days=((self.last - self.first).days + 1) * steps)
        return replace(self, first=self.first - days, last=self.last - days)


def week_of(day: date, tz: str) -> Span:
    """The week, Monday to Sunday, that holds this day."""
    monday = day - timedelta(days=day.weekday())
    return Span(WEEK, monday, monday + timedelta(days=6), tz)


def quarter_of(day: date, tz: str) -> Span:
    """The quarter of the calendar that holds this day."""
    return _months(QUARTER, date(day.year, (day.month - 1) // 3 * 3 + 1, 1), tz)


def quarters_over(span: Span) -> Iterator[Span]:
    """The quarters that a stretch touches, in order."""
    quarter = quarter_of(span.first, span.tz)
    while quarter.first <= span.last:
        yield quarter
        quarter = quarter_of(quarter.last + timedelta(days=1), span.tz)


def local_day(moment: datetime, tz: str) -> date:
    """The day that it is in this zone."""
    return moment.astimezone(ZoneInfo(tz)).date()


def take_period(text: str, now: datetime, tz: str) -> tuple[Span, str]:
    """The stretch that a text begins with, and the rest of the text; without one, this week.

    Raises BadPeriod for days that do not exist, the wrong way round, or in the future.
    """
    wanted = text.strip()
    for form, shape in _FORMS.items():
        if found := shape.match(wanted.lower()):
            span = _read(form, found, local_day(now, tz), tz)
            if span.first.year < _EARLIEST:
                raise BadPeriod(f"{span.title} is before my time. {HOW_TO}")
            if span.since > now:
                raise BadPeriod(f"{span.title} is still to come, so there is nothing to count yet.")
            return span, wanted[found.end() :].strip()
    return week_of(local_day(now, tz), tz), wanted


def read_period(text: str, now: datetime, tz: str) -> Span:
    """The stretch that a text names, and nothing besides. Raises BadPeriod."""
    span, rest = take_period(text, now, tz)
    if rest or not text.strip():
        raise BadPeriod(f"“{text.strip()}” is not a period. {HOW_TO}")
    return span


def _read(form: str, found: re.Match[str], today: date, tz: str) -> Span:
    parts = found.groups()
    try:
        match form:
            case "relative":
                return _relative(parts[1], today, tz).back(1 if parts[0] == "last" else 0)
            case "range":
                return _range(_date(*parts[:3]), _date(*parts[3:]), tz)
            case "day":
                day = _date(*parts)
                return _range(day, day, tz)
            case "week":
                return week_of(date.fromisocalendar(int(parts[0]), int(parts[1]), 1), tz)
            case "quarter":
                return _months(QUARTER, date(int(parts[0]), int(parts[1]) * 3 - 2, 1), tz)
            case "month":
                return _months(MONTH, date(int(parts[0]), int(parts[1]), 1), tz)
        return _months(YEAR, date(int(parts[0]), 1, 1), tz)
    except BadPeriod:
        raise
    except (ValueError, OverflowError):
        raise BadPeriod(f"“{found[0]}” is not a date in the calendar. {HOW_TO}") from None


def _relative(kind: str, today: date, tz: str) -> Span:
    if kind == WEEK:
        return week_of(today, tz)
    if kind == QUARTER:
        return quarter_of(today, tz)
    return _months(kind, date(today.year, today.month if kind == MONTH else 1, 1), tz)


def _range(first: date, last: date, tz: str) -> Span:
    if last < first:
        raise BadPeriod(f"{first} is after {last}. Write the earlier day first: `{last}..{first}`.")
    return Span(DAYS, first, last, tz)


def _months(kind: str, first: date, tz: str) -> Span:
    return Span(kind, first, _month_start(first, _MONTHS_IN[kind]) - timedelta(days=1), tz)


def _month_start(first: date, months: int) -> date:
    """The first of the month so many months on."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _date(year: str, month: str, day: str) -> date:
    return date(int(year), int(month), int(day))


def _midnight(day: date, tz: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(tz)).astimezone(UTC)


def _days(first: date, last: date) -> str:
    """Two days in words, with what they share said once."""
    end = f"{last.day} {last:%b %Y}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {end}"
    return f"{first.day} {first:%b}{'' if first.year == last.year else f' {first.year}'} to {end}"
