"""Stretches of time as people write them: `until monday`, `20 Dec to 3 Jan`, `01.12.`, `this afternoon`.

Days, months and times of day are read by moments.py. What the span is for is the caller's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import product
from zoneinfo import ZoneInfo

from bot.rules.moments import (
    DAY,
    LONGEST,
    ORDERS,
    CalendarDay,
    NoMoment,
    Order,
    Reading,
    calendar_day,
    day_words,
    instant,
    length,
    month,
    next_time,
    next_weekday,
    one_of,
    plain,
    relative_day,
    shortened,
    split_time,
    weekday,
)

EXAMPLES = "`until monday`, `20 Dec to 3 Jan`, `tomorrow`, `2h` or `until further notice`"

_OPEN = {
    *("further notice", "indefinitely", "open end", "open ended", "i am back", "i'm back"),
    *("auf weiteres", "nouvel ordre", "nuevo aviso"),
}
_NOW = {"", "now", "right now", "immediately", "jetzt", "maintenant", "ahora"}
_FROM = re.compile(
    r"^(?:from|starting(?: on| from)?|beginning|as of|vom|von|ab|del|desde|du|des)\s+|\s+on(?:wards?)?$"
)
_UNTIL = r"until|till|til|jusqu'a|jusqu'au|jusque|hasta"
_TO = r"to|through|thru|bis|au|al"
_JOINT = re.compile(rf"(?:^|\s)(?:(?P<until>{_UNTIL})|(?P<to>{_TO})|(?P<for>for))\s+(?=\S)")
_DASH = re.compile(
    r"\s*(?:[\u2013\u2014]|\.\.+)\s*"  # a dash proper, or `..`
    r"|\s+-\s+"
    r"|(?<=[a-z.])-(?=[a-z0-9])"  # mon-fri, 20.12.-3.1., 20 dec-3 jan
    r"|(?<=:\d\d)-(?=\d)"  # 9:00-12:00
    r"|(?<=/\d)-(?=\d)|(?<=/\d\d)-(?=\d)"  # 20/12-3/1
    r"|(?<=^\d)-(?=\d{1,2}\.?\s?[a-z])|(?<=^\d\d)-(?=\d{1,2}\.?\s?[a-z])"  # 20-24 dec
    r"|(?<=[a-z] \d)-(?=[a-z0-9])|(?<=[a-z] \d\d)-(?=[a-z0-9])"  # dec 20-24
)
_THE = re.compile(r"^(?:(?:the|this|on|all|whole|coming|el|la|le|den|am)\s+)+")
_END_OF = re.compile(r"^(?:the\s+)?(?:end|rest)\s+of\s+(?:the\s+)?(?:(?P<next>next)\s+|this\s+)?")
_BARE_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?")
_ISO_WEEK = re.compile(r"(?:(\d{4})-?)?(?:w|kw|week|semaine|semana)\s?(\d{1,2})")
_SHORT_ENDS = {
    "eod": "day",
    "end of business": "day",
    "cob": "day",
    "eow": "week",
    "eom": "month",
    "tonight": "day",
}
_PARTS = {"morning": (0, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 24)}
"""Parts of a day, from and to which hour of it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in UTC; `ends` is not in it, and None until somebody says so."""

    begins: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What one phrase means, in wall time. `point`: a moment, whose end is its begin. `closes`: as `eod`, it
    can only be the end of something."""

    begin: datetime
    end: datetime
    point: bool = False
    closes: bool = False


@dataclass(frozen=True, slots=True)
class _Sense:
    """One way of understanding what may be understood in several."""

    order: Order
    weekday_is_today: bool
    """Whether the weekday that it is today means today, not the one in a week."""
    time_is_end: bool
    """Whether a moment that stands alone is when it ends, not when it begins."""


_SENSES = tuple(_Sense(*each) for each in product(ORDERS, (True, False), (True, False)))


def span(text: str, now: datetime, timezone: str) -> Span:
    """The span that was meant, as somebody in this IANA time zone writes it at `now` (aware).

    Nothing means from now on. A day alone is that day, `until` ends as its day begins, `to` and a dash end
    with theirs, `from` alone has no end. What began before now begins now. A year left out is found so that
    the span lies ahead, or about now.
    Raises Ambiguous where two spans may be meant, with both; NoMoment for what cannot be read, days that do
    not exist, ends before begins, what is past, and what reaches over a year ahead.
    """
    zone, wanted = ZoneInfo(timezone), plain(text).strip(" .!")
    readers = (_Reader(now.astimezone(UTC), zone, sense) for sense in _SENSES)
    senses = (partial(reader.read, wanted) for reader in readers)
    return one_of(text, senses, lambda found: reading(found, now, timezone))


def reading(found: Span, now: datetime, timezone: str) -> Reading:
    """The span in words, in somebody's time zone, and as a text that means this span and no other."""
    zone = ZoneInfo(timezone)
    here, begin = now.astimezone(zone), found.begins.astimezone(zone)
    first = _moment_words(begin, here.year)
    if found.ends is None:
        later = Reading(f"from {first} on", f"from {begin:%Y-%m-%d %H:%M}")
        return later if found.begins > now else Reading("from now on", "now")
    end = found.ends.astimezone(zone)
    last = _moment_words(end, here.year)
    if found.begins <= now:
        rest = end.time() == time() and end.date() == here.date() + DAY
        return Reading("the rest of today" if rest else f"until {last}", f"until {end:%Y-%m-%d %H:%M}")
    text = f"{begin:%Y-%m-%d %H:%M} until {end:%Y-%m-%d %H:%M}"
    if begin.time() == end.time() == time():
        return _days_reading(begin.date(), end.date() - DAY, here.year)
    if begin.date() == end.date():
        return Reading(f"{day_words(begin.date(), here.year)} {begin:%H:%M} to {end:%H:%M}", text)
    return Reading(f"{first} until {last}", text)


def _days_reading(first: date, last: date, year: int) -> Reading:
    if first == last:
        return Reading(day_words(first, year), f"{first}")
    return Reading(f"{day_words(first, year)} to {day_words(last, year)}", f"{first} to {last}")


def _moment_words(local: datetime, year: int) -> str:
    day = day_words(local.date(), year)
    return day if local.time() == time() else f"{day} {local:%H:%M}"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one text in one sense, as it is now."""

    now: datetime
    zone: ZoneInfo
    sense: _Sense

    @property
    def wall(self) -> datetime:
        return self.now.astimezone(self.zone).replace(tzinfo=None)

    @property
    def today(self) -> date:
        return self.wall.date()

    def read(self, text: str) -> Span:
        """Raises NoMoment."""
        try:
            begins, ends = self._parts(text)
        except OverflowError:
            raise _refusal(text, "reaches over a year ahead. Write a time within a year") from None
        if ends is not None:
            if ends <= begins and begins != self.now:
                raise _refusal(text, "ends before it begins. Write the first day first")
            if ends <= self.now:
                raise _refusal(text, "is past. Write a time ahead")
        begins = max(begins, self.now)
        last = ends - timedelta(microseconds=1) if ends else begins
        if (ends or begins) > self.now + LONGEST:
            day = last.astimezone(self.zone)
            words = f"reaches to {day.day} {day:%B %Y}, over a year ahead. Write a time within a year"
            raise _refusal(text, words)
        return Span(begins, ends)

    def _parts(self, text: str) -> tuple[datetime, datetime | None]:
        """Begin and end in UTC, however far away."""
        wanted = _FROM.sub("", text)
        if wanted in _NOW | _OPEN:
            return self.now, None
        if (joint := _JOINT.search(wanted)) and joint.end() < len(wanted):
            return self._joined(wanted[: joint.start()].strip(), wanted[joint.end() :], joint.lastgroup or "")
        if dash := _DASH.search(wanted):
            return self._joined(wanted[: dash.start()], wanted[dash.end() :], "to")
        lasting = length(wanted, self.now, self.zone)
        if lasting is not None and wanted == text:
            return self.now, lasting
        alone = self._stretch(wanted, self.today, begins=True)
        if alone is None:
            raise _unread(text)
        if wanted != text:  # "from monday"
            return self._at(alone.begin), None
        if alone.closes:
            return self.now, self._at(alone.end)
        if not alone.point:
            return self._at(alone.begin), self._at(alone.end)
        at = self._at(alone.begin)
        return (self.now, at) if self.sense.time_is_end else (at, None)

    def _joined(self, first: str, last: str, how: str) -> tuple[datetime, datetime | None]:
        if how == "for":
            begins = self.now if first in _NOW else self._at(self._begin(first).begin)
            ends = length(last, begins, self.zone)
            if ends is None:
                raise _unread(f"for {last}")
            return begins, ends
        inclusive = how == "to"
        if first in _NOW:
            return self.now, self._end(last, self.wall, None, inclusive=inclusive)
        if last in _OPEN:
            return self._at(self._begin(first).begin), None
        begin = self._begin_before(first, last)
        ends = self._end(last, begin.begin, begin, inclusive=inclusive)
        return self._at(begin.begin), ends

    def _begin(self, text: str) -> _Stretch:
        found = self._stretch(text, self.today, begins=True)
        if found is None:
            raise _unread(text)
        return found

    def _begin_before(self, first: str, last: str) -> _Stretch:
        """The begin of a pair, whose year, or month and year, the end may have to tell."""
        written, end = self._calendar(first), self._calendar(last)
        if (bare := _BARE_DAY.fullmatch(first)) and end is not None:
            until = end.first(self.today)
            number = int(bare[1])
            begins = until.replace(day=1) if number <= until.day else (until.replace(day=1) - DAY)
            return _whole(_in_month(begins, number))
        if written is None or written.year is not None:
            return self._begin(first)
        if end is not None and end.year is not None:
            return _whole(written.last(end.first(self.today)))
        ahead, behind = written.first(self.today), written.last(self.today)
        if behind < ahead and self.today - behind < ahead - self.today:
            began = _whole(behind)
            ends = self._end(last, began.begin, began, inclusive=True)
            if ends is not None and ends > self.now:
                return began
        return _whole(ahead)

    def _end(self, text: str, after: datetime, begin: _Stretch | None, *, inclusive: bool) -> datetime | None:
        """The end of a pair (UTC), which begins at this time on the wall."""
        if text in _OPEN:
            return None
        words, at = split_time(text)
        if not words and at is not None:
            return self._end_at(at, after, begin)
        if bare := _BARE_DAY.fullmatch(text):
            found: _Stretch | None = _whole(_in_month(after.date(), int(bare[1])))
        else:
            found = self._stretch(text, after.date(), inclusive=inclusive)
        if found is None:
            raise _unread(text)
        return self._at(found.end if inclusive or found.closes else found.begin)

    def _end_at(self, at: time, after: datetime, begin: _Stretch | None) -> datetime:
        """A time of day as the end: on the day of the begin, past midnight if it is earlier."""
        if begin is None:
            return next_time(at, self.now, self.zone)
        day = after.date() if at > after.time() or not begin.point else after.date() + DAY
        return self._at(datetime.combine(day, at))

    def _stretch(
        self, text: str, earliest: date, *, begins: bool = False, inclusive: bool = True
    ) -> _Stretch | None:
        """What a phrase means; days without a year and weekdays are the first on or after `earliest`."""
        words, at = split_time(text)
        if at is not None:
            day = self._day(words, earliest, begins=begins, inclusive=inclusive) if words else None
            if words and day is None:
                return None
            when = datetime.combine(day, at) if day else self._next(at)
            return _Stretch(when, when, point=True)
        words = _THE.sub("", text)
        if unit := _SHORT_ENDS.get(text):
            return self._closing(unit, ahead=0)
        if match := _END_OF.match(text):
            return self._closing(text[match.end() :], ahead=1 if match["next"] else 0)
        head, _, part = words.rpartition(" ")
        if part in _PARTS:
            day = self._day(head, earliest, begins=begins, inclusive=inclusive) if head else self.today
            return _hours(day, *_PARTS[part]) if day else None
        return self._unit(words) or self._day_of(words, earliest, begins=begins, inclusive=inclusive)

    def _closing(self, unit: str, *, ahead: int) -> _Stretch | None:
        """The end of this or the next day, week or month, or of whatever else is named."""
        found = (
            _whole(self.today + ahead * DAY)
            if unit == "day"
            else self._unit(f"next {unit}" if ahead else unit) or self._day_of(unit, self.today, begins=False)
        )
        return found and _Stretch(found.begin, found.end, closes=True)

    def _unit(self, text: str) -> _Stretch | None:
        """A week, a weekend or a month, this one or the next, or one by its name or number."""
        monday = self.today - timedelta(days=self.today.weekday())
        first = self.today.replace(day=1)
        following = _next_month(first)
        known = {
            "day": (self.today, self.today + DAY),
            "week": (monday, monday + 7 * DAY),
            "next week": (monday + 7 * DAY, monday + 14 * DAY),
            "weekend": (monday + 5 * DAY, monday + 7 * DAY),
            "next weekend": (monday + 12 * DAY, monday + 14 * DAY),
            "month": (first, following),
            "next month": (following, _next_month(following)),
        }
        if text in known:
            return _days(*known[text])
        if match := _ISO_WEEK.fullmatch(text):
            return self._numbered_week(match[1], int(match[2]))
        number = month(text) if weekday(text) is None else None
        if number is None:
            return None
        begin = date(self.today.year + (number < self.today.month), number, 1)
        return _days(begin, _next_month(begin))

    def _numbered_week(self, year: str | None, week: int) -> _Stretch | None:
        for candidate in [int(year)] if year else [self.today.year, self.today.year + 1]:
            try:
                begin = date.fromisocalendar(candidate, week, 1)
            except ValueError:
                continue
            if year or begin + 6 * DAY >= self.today:
                return _days(begin, begin + 7 * DAY)
        return None

    def _day_of(self, text: str, earliest: date, *, begins: bool, inclusive: bool = True) -> _Stretch | None:
        day = self._day(text, earliest, begins=begins, inclusive=inclusive)
        return _whole(day) if day else None

    def _day(self, text: str, earliest: date, *, begins: bool, inclusive: bool) -> date | None:
        words = _THE.sub("", text)
        number = weekday(words.removeprefix("next "))
        if number is not None:
            today_too = self.sense.weekday_is_today if begins else inclusive
            return next_weekday(number, earliest if today_too else earliest + DAY)
        written = self._calendar(words)
        return written.first(earliest) if written else relative_day(words, self.today)

    def _calendar(self, text: str) -> CalendarDay | None:
        return calendar_day(_THE.sub("", text), self.sense.order)

    def _next(self, at: time) -> datetime:
        return next_time(at, self.now, self.zone).astimezone(self.zone).replace(tzinfo=None)

    def _at(self, wall: datetime) -> datetime:
        return instant(wall, self.zone, self.now)


def _whole(day: date) -> _Stretch:
    return _days(day, day + DAY)


def _days(first: date, past: date) -> _Stretch:
    return _Stretch(datetime.combine(first, time()), datetime.combine(past, time()))


def _hours(day: date, first: int, past: int) -> _Stretch:
    midnight = datetime.combine(day, time())
    return _Stretch(midnight + timedelta(hours=first), midnight + timedelta(hours=past))


def _next_month(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)


def _in_month(about: date, day: int) -> date:
    try:
        return about.replace(day=day)
    except ValueError:
        raise NoMoment(f"There is no day {day} in {about:%B %Y}. Write {EXAMPLES}.") from None


def _refusal(text: str, what: str) -> NoMoment:
    return NoMoment(f"“{shortened(text)}” {what}: {EXAMPLES}.")


def _unread(text: str) -> NoMoment:
    return NoMoment(f"I cannot read “{shortened(text)}” as a time away. Write {EXAMPLES}.")
