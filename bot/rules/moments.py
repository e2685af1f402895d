"""Moments as people write them: `2h`, `tomorrow 9:00`, `until monday`, `2026-12-27`, `27 Dec`, `01.12.`.

A small grammar of our own: a general date library takes a good part of a second to load, and guesses where a
person who is away should be asked. What the moment is for is the caller's business; spans are read in
`bot.rules.spans`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

LONGEST = timedelta(days=366)
MORNING = time(9)
"""When a day begins, for whoever names a day and no time."""
EXAMPLES = "`2h`, `3 days`, `tomorrow`, `monday 14:00`, `27 Dec` or `2026-12-27`"

Order = Literal["day/month", "month/day"]
"""How `12/1` is read. The other forms say by themselves which is which."""
ORDERS: tuple[Order, Order] = ("day/month", "month/day")
WEEK = timedelta(days=7)
DAY = timedelta(days=1)

_T = TypeVar("_T")
_MONTHS = ("january february march april may june july august september october november december",)
_MONTHS_ELSEWHERE = (
    "januar februar marz april mai juni juli august september oktober november dezember",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
)
_WEEKDAYS = ("monday tuesday wednesday thursday friday saturday sunday",)
_WEEKDAYS_ELSEWHERE = (
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miercoles jueves viernes sabado domingo",
)
_SHORT_WEEKDAYS = {"mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6, "weds": 2}
_AHEAD = {
    **{"today": 0, "tonight": 0, "tomorrow": 1, "tmrw": 1, "day after tomorrow": 2, "yesterday": -1},
    **{"heute": 0, "morgen": 1, "ubermorgen": 2, "aujourd'hui": 0, "demain": 1, "hoy": 0, "manana": 1},
}
_UNITS = {"min": 60, "minute": 60, "m": 60, "h": 3600, "hr": 3600, "hour": 3600}
_DAY_UNITS = {"d": 1, "day": 1, "w": 7, "wk": 7, "week": 7}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_LEADING = re.compile(r"^(?:(?:until|till|til|to|for|in|on|by|next|this|the)\s+)+")
_LENGTH = re.compile(r"(\d{1,4}|[a-z]+)\s*([a-z]+)")
_HOURS = re.compile(r"(\d{1,3})(?:\.(\d)\s?h(?:rs?|ours?)?|\s?h\s?(\d{2})\s?(?:m|min)?)")
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?\.?\s*(?:of\s+|de\s+)?([a-z]{3,10})\.?(?:\s+(\d{4}))?")
_MONTH_DAY = re.compile(r"([a-z]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:\s+(\d{4}))?")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})(?:\.\s?(\d{4}|\d{2})?)?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?")
_TIME = re.compile(
    r"(?:^|[\st])(?:(?:at|um)\s+)?(\d{1,2})(?::(\d{2})(?:\s?uhr)?|\s?uhr|(?::(\d{2}))?\s?([ap])\.?m\.?)$"
)
_NOON = re.compile(r"(?:^|\s)(?:at\s+)?(noon|midday)$")


class NoMoment(ValueError):
    """What was written is no moment that can be taken; the text says why and what to write, for a person."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that may have been meant: in words for a person, and written so that it means only this."""

    words: str
    text: str


class Ambiguous(NoMoment):
    """What was written means two things or more: the person is to choose one of the `readings`."""

    def __init__(self, written: str, readings: Sequence[Reading]) -> None:
        self.readings = tuple(readings)
        meant = " or ".join(reading.words for reading in self.readings)
        super().__init__(
            f"“{shortened(written)}” may mean {meant}. Which one? Write `{self.readings[0].text}`, say."
        )


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the calendar as it was written, with or without a year."""

    day: int
    month: int
    year: int | None = None

    def first(self, earliest: date) -> date:
        """The day, of its year or else the first on or after `earliest`. Raises NoMoment where none is."""
        years = [self.year] if self.year else range(earliest.year, earliest.year + 9)  # 29 February is rare
        return self._found(found for found in self._in(years) if self.year or found >= earliest)

    def last(self, latest: date) -> date:
        """The day, of its year or else the last on or before `latest`. Raises NoMoment where none is."""
        years = [self.year] if self.year else range(latest.year, latest.year - 9, -1)
        return self._found(found for found in self._in(years) if self.year or found <= latest)

    def _in(self, years: Iterable[int]) -> Iterable[date]:
        for year in years:
            try:
                yield date(year, self.month, self.day)
            except ValueError:
                continue

    def _found(self, days: Iterable[date]) -> date:
        for day in days:
            return day
        raise _no_such_day(self.day, self.month, self.year)


def moment(text: str, now: datetime, timezone: str) -> datetime:
    """The moment that was meant, in UTC, as somebody in this IANA time zone writes it at `now` (aware).

    A day without a time begins at 9:00; a time without a day is the next such time; a weekday is the next
    one, never today; a day of the year without a year is the next one. Raises NoMoment for what cannot be
    read, for days that do not exist, for what is past, and for what is over a year ahead; Ambiguous, which is
    one too, for `12/1`.
    """
    wanted = _LEADING.sub("", plain(text))
    zone = ZoneInfo(timezone)
    return one_of(
        text,
        (partial(_moment, text, wanted, now, zone, order) for order in ORDERS),
        lambda found: _reading(found.astimezone(zone)),
    )


def one_of(written: str, senses: Iterable[Callable[[], _T]], reading: Callable[[_T], Reading]) -> _T:
    """What the text means, if all its senses that can be taken at all come to the same.

    Raises what the first sense raised where none can be taken, Ambiguous where there are several.
    """
    found: list[_T] = []
    refused: list[NoMoment] = []
    for sense in senses:
        try:
            meant = sense()
        except NoMoment as error:
            refused.append(error)
        else:
            found += [meant] if meant not in found else []
    if not found:
        raise refused[0]
    if len(found) > 1:
        raise Ambiguous(written, [reading(meant) for meant in found])
    return found[0]


def plain(text: str) -> str:
    """The text in small letters, without accents, commas and spare blanks."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("\u2019", "'"))
    kept = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(kept.replace(",", " ").split())


def shortened(text: str) -> str:
    """What somebody wrote, short enough to be said back."""
    return text.strip()[:60]


def day_words(day: date, this_year: int) -> str:
    """`Tuesday 1 December`, with the year if it is another than this one."""
    words = f"{day:%A} {day.day} {day:%B}"
    return words if day.year == this_year else f"{words} {day.year}"


def instant(wall: datetime, zone: ZoneInfo, earliest: datetime | None = None) -> datetime:
    """The moment (UTC) at which the clock on the wall shows this.

    Of a time that is there twice it is the first that is not before `earliest`; for one that is skipped, the
    moment at which the clock is put on.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first < second:
        return second if earliest is not None and first < earliest <= second else first
    return _changes(zone, second, first)


def _changes(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first moment in (low, high] with another offset than `low` has, to the second."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def length(text: str, begin: datetime, zone: ZoneInfo) -> datetime | None:
    """The end (UTC) of `2h`, `1.5h`, `90 minutes`, `an hour`, `3 days` from `begin` (UTC) on, if it is one.

    Days keep the time on the clock.
    """
    if match := _HOURS.fullmatch(text):
        minutes = int(match[2]) * 6 if match[2] else int(match[3])
        return begin + timedelta(hours=int(match[1]), minutes=minutes)
    match = _LENGTH.fullmatch(text)
    if match is None:
        return None
    count = int(match[1]) if match[1].isdigit() else _NUMBERS.get(match[1])
    unit = match[2] if match[2] in _UNITS | _DAY_UNITS else match[2].removesuffix("s")
    if count is None:
        return None
    if unit in _UNITS:
        return begin + timedelta(seconds=count * _UNITS[unit])
    if unit not in _DAY_UNITS:
        return None
    wall = begin.astimezone(zone).replace(tzinfo=None) + timedelta(days=count * _DAY_UNITS[unit])
    return instant(wall, zone)


def split_time(text: str) -> tuple[str, time | None]:
    """The words before a time of day, and the time; the whole text and None where there is no such."""
    if match := _NOON.search(text):
        return text[: match.start()].strip(), time(12)
    if match := _TIME.search(text):
        hour, minute = int(match[1]), int(match[2] or match[3] or 0)
        if match[4]:
            hour = hour % 12 + (12 if match[4] == "p" else 0) if 1 <= hour <= 12 else 24
        if hour <= 23 and minute <= 59:
            return text[: match.start()].strip(), time(hour, minute)
    return text, None


def relative_day(text: str, today: date) -> date | None:
    """`today`, `tomorrow`, `day after tomorrow`."""
    ahead = _AHEAD.get(text)
    return None if ahead is None else today + timedelta(days=ahead)


def weekday(text: str) -> int | None:
    """Which day of the week a name or its beginning is, 0 for Monday; in English, German, French, Spanish."""
    if text in _SHORT_WEEKDAYS:
        return _SHORT_WEEKDAYS[text]
    return _named(text, _WEEKDAYS, _WEEKDAYS_ELSEWHERE)


def month(text: str) -> int | None:
    """Which month a name or its beginning is, 1 for January; in English, German, French, Spanish."""
    number = _named(text, _MONTHS, _MONTHS_ELSEWHERE)
    return None if number is None else number + 1


def next_weekday(number: int, earliest: date) -> date:
    """The first such weekday on or after a day."""
    return earliest + timedelta(days=(number - earliest.weekday()) % 7)


def calendar_day(text: str, order: Order) -> CalendarDay | None:
    """`27 Dec`, `Dec 27, 2026`, `27.12.`, `2026-12-27`, `27/12`; None for what is no such day.

    Raises NoMoment for what is written as a day and is none: `2026-02-30`, `31 June`.
    """
    if match := _ISO.fullmatch(text):
        return _checked(int(match[3]), int(match[2]), int(match[1]))
    if match := _DOTTED.fullmatch(text):
        return _checked(int(match[1]), int(match[2]), _year(match[3]))
    if match := _SLASHED.fullmatch(text):
        one, other = int(match[1]), int(match[2])
        day, number = (one, other) if order == "day/month" else (other, one)
        return _checked(day, number, _year(match[3]))
    if match := _DAY_MONTH.fullmatch(text):
        day, name, year = int(match[1]), month(match[2]), match[3]
    elif match := _MONTH_DAY.fullmatch(text):
        day, name, year = int(match[2]), month(match[1]), match[3]
    else:
        return None
    return None if name is None else _checked(day, name, _year(year))


def _checked(day: int, month_number: int, year: int | None) -> CalendarDay:
    try:
        date(year or 2000, month_number, day)
    except ValueError:
        raise _no_such_day(day, month_number, year) from None
    return CalendarDay(day, month_number, year)


def _no_such_day(day: int, month_number: int, year: int | None) -> NoMoment:
    name = (
        _MONTHS[0].split()[month_number - 1].title()
        if 1 <= month_number <= 12
        else f"in month {month_number}"
    )
    when = f"{day} {name} {year}" if year else f"{day} {name}"
    return NoMoment(f"There is no {when} in the calendar. Write {EXAMPLES}.")


def _year(written: str | None) -> int | None:
    return None if written is None else int(written) + (2000 if len(written) == 2 else 0)


def _moment(text: str, wanted: str, now: datetime, zone: ZoneInfo, order: Order) -> datetime:
    now = now.astimezone(UTC)
    try:
        found = length(wanted, now, zone) or _day_and_time(wanted, now, zone, order)
    except OverflowError:
        found = datetime.max.replace(tzinfo=UTC)
    if found is None:
        raise NoMoment(f"I cannot read “{shortened(text)}” as a time. Write {EXAMPLES}.")
    if found <= now:
        raise NoMoment(f"“{shortened(text)}” is past. Write a time ahead: {EXAMPLES}.")
    if found > now + LONGEST:
        raise NoMoment(f"“{shortened(text)}” is over a year ahead. Write a time within a year: {EXAMPLES}.")
    return found


def _day_and_time(text: str, now: datetime, zone: ZoneInfo, order: Order) -> datetime | None:
    today = now.astimezone(zone).date()
    text, at = split_time(text)
    if not text:
        return next_time(at, now, zone) if at else None
    day = _day(text, today, order)
    return instant(datetime.combine(day, at or MORNING), zone, now) if day else None


def next_time(at: time, now: datetime, zone: ZoneInfo) -> datetime:
    """The next moment (UTC) at which the clock shows this time: today, or tomorrow."""
    today = now.astimezone(zone).date()
    found = instant(datetime.combine(today, at), zone, now + timedelta(microseconds=1))
    return found if found > now else instant(datetime.combine(today + DAY, at), zone)


def _day(text: str, today: date, order: Order) -> date | None:
    if text == "week":  # "next week"
        return next_weekday(0, today + DAY)
    number = weekday(text)
    if number is not None:
        return next_weekday(number, today + DAY)
    written = calendar_day(text, order)
    return written.first(today) if written else relative_day(text, today)


def _reading(local: datetime) -> Reading:
    day = f"{local.day} {local:%B %Y}"
    words = day if local.time() == MORNING else f"{day} {local:%H:%M}"
    return Reading(words, f"{local:%Y-%m-%d %H:%M}")


def _named(word: str, names: Sequence[str], elsewhere: Sequence[str]) -> int | None:
    """Which of the names this is, or a beginning of, in three letters or more; English before the others."""
    if len(word) < 3:
        return None
    for tongues in (names, elsewhere):
        found = {
            number
            for tongue in tongues
            for number, name in enumerate(tongue.split())
            if name.startswith(word)
        }
        if len(found) == 1:
            return found.pop()
    return None
