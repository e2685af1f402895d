"""Moments as people write them: `2h`, `tomorrow 9:00`, `until monday`, `2026-12-27`, `27 Dec`.

A small grammar of our own: a general date library takes a second to load, and guesses where a person who is
away should be asked. What the moment is for is the caller's business.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONGEST = timedelta(days=366)
MORNING = time(9)
"""When a day begins, for whoever names a day and no time."""
EXAMPLES = "`2h`, `3 days`, `tomorrow`, `monday 14:00`, `27 Dec` or `2026-12-27`"

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_UNITS = {"min": 60, "minute": 60, "m": 60, "h": 3600, "hr": 3600, "hour": 3600}
_DAY_UNITS = {"d": 1, "day": 1, "w": 7, "wk": 7, "week": 7}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_LEADING = re.compile(r"^(?:(?:until|till|til|to|for|in|on|by|next|this|the)\s+)+")
_LENGTH = re.compile(r"(\d{1,4}|[a-z]+)\s*([a-z]+)")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?\s+([a-z]{3,9})\.?(?:,?\s+(\d{4}))?")
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?")
_TIME = re.compile(
    r"(?:^|[\sT])(?:at\s+)?(\d{1,2})(?::(\d{2})|(?::(\d{2}))?\s?([ap])\.?m\.?)$", re.IGNORECASE
)
_NOON = re.compile(r"(?:^|\s)(?:at\s+)?(noon|midday)$")


class NoMoment(ValueError):
    """What was written is no moment that can be taken; the text says why and what to write, for a person."""


def moment(text: str, now: datetime, timezone: str) -> datetime:
    """The moment that was meant, in UTC, as somebody in this IANA time zone writes it at `now` (aware).

    A day without a time begins at 9:00; a time without a day is the next such time; a weekday is the next
    one, never today; a day of the year without a year is the next one. Raises NoMoment for what cannot be
    read, for days that do not exist, for what is past, and for what is over a year ahead.
    """
    written = " ".join(text.replace(",", " ").lower().split())
    wanted = _LEADING.sub("", written)
    zone = ZoneInfo(timezone)
    here = now.astimezone(zone)
    found = _length(wanted, here) or _day_and_time(wanted, here)
    if found is None:
        raise NoMoment(f"I cannot read “{text.strip()[:60]}” as a time. Write {EXAMPLES}.")
    if found <= now:
        raise NoMoment(f"“{text.strip()[:60]}” is past. Write a time ahead: {EXAMPLES}.")
    if found > now + LONGEST:
        raise NoMoment(f"“{text.strip()[:60]}” is over a year ahead. Write a time within a year: {EXAMPLES}.")
    return found.astimezone(UTC)


def _length(text: str, here: datetime) -> datetime | None:
    """`2h`, `90 minutes`, `an hour`, `3 days`: days keep the time on the clock."""
    match = _LENGTH.fullmatch(text)
    if match is None:
        return None
    count = int(match[1]) if match[1].isdigit() else _NUMBERS.get(match[1])
    unit = match[2] if match[2] in _UNITS | _DAY_UNITS else match[2].removesuffix("s")
    if count is None:
        return None
    if unit in _UNITS:
        return here.astimezone(UTC) + timedelta(seconds=count * _UNITS[unit])
    return here + timedelta(days=count * _DAY_UNITS[unit]) if unit in _DAY_UNITS else None


def _day_and_time(text: str, here: datetime) -> datetime | None:
    text, at = _split_time(text)
    if at is None:
        return None
    if not text:
        today = datetime.combine(here.date(), at, here.tzinfo)
        return today if today > here else today + timedelta(days=1)
    day = _relative_day(text, here) or _weekday(text, here) or _calendar_day(text, here)
    return datetime.combine(day, at, here.tzinfo) if day else None


def _split_time(text: str) -> tuple[str, time | None]:
    """The words before a time of day, and the time: 9:00 where there is none, None where there is no such."""
    if match := _NOON.search(text):
        return text[: match.start()].strip(), time(12)
    if match := _TIME.search(text):
        hour, minute = int(match[1]), int(match[2] or match[3] or 0)
        if match[4]:
            hour = hour % 12 + (12 if match[4].lower() == "p" else 0) if 1 <= hour <= 12 else 24
        if hour > 23 or minute > 59:
            return text, None
        return text[: match.start()].strip(), time(hour, minute)
    return text, MORNING if text else None


def _relative_day(text: str, here: datetime) -> date | None:
    ahead = {"today": 0, "tonight": 0, "tomorrow": 1, "tmrw": 1, "day after tomorrow": 2}.get(text)
    if ahead is not None:
        return here.date() + timedelta(days=ahead)
    if text == "week":  # "next week"
        return here.date() + timedelta(days=7 - here.weekday())
    return None


def _weekday(text: str, here: datetime) -> date | None:
    name = _named(text, _DAYS)
    if name is None:
        return None
    return here.date() + timedelta(days=(name - here.weekday() - 1) % 7 + 1)


def _calendar_day(text: str, here: datetime) -> date | None:
    if match := _ISO.fullmatch(text):
        return _date(int(match[1]), int(match[2]), int(match[3]), text)
    if match := _DAY_MONTH.fullmatch(text):
        day, month, year = match[1], match[2], match[3]
    elif match := _MONTH_DAY.fullmatch(text):
        day, month, year = match[2], match[1], match[3]
    else:
        return None
    number = _named(month, _MONTHS)
    if number is None:
        return None
    if year:
        return _date(int(year), number + 1, int(day), text)
    for candidate in range(here.year, here.year + 9):  # 29 February may be a while
        try:
            found = date(candidate, number + 1, int(day))
        except ValueError:
            continue
        if found >= here.date():
            return found
    raise NoMoment(f"“{text}” is no day of the calendar. Write {EXAMPLES}.")


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NoMoment(f"“{text}” is no day of the calendar. Write {EXAMPLES}.") from None


def _named(word: str, names: tuple[str, ...]) -> int | None:
    """Which of the names this is, or a beginning of, in three letters or more."""
    if len(word) < 3:
        return None
    return next((number for number, name in enumerate(names) if name.startswith(word)), None)
