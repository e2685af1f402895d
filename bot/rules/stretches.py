"""Stretches of time as numbers: the hours worked in a year, and when a clock on a wall shows what.

What worktime.py reckons with; nothing here knows who works when.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Windows = tuple[tuple[int, int], ...]
"""Working windows of one weekday: (start, end) in minutes from local midnight; over 1440 is tomorrow."""
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
DAY_SECONDS = 86_400
SPILL_DAYS = 3
"""A window that starts this many days outside a year cannot reach into it."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros_of(at: datetime) -> int:
    """The microseconds since 1970 at an aware moment."""
    return (at - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> datetime:
    """The moment so many microseconds after 1970 began, in UTC."""
    return _EPOCH + micros * _MICROSECOND


@dataclass(frozen=True, slots=True)
class Year:
    """The stretches of work in one year of UTC, in microseconds since 1970, and the running sum of them.

    `opens` and `closes` are the same as moments: most questions are answered within one stretch, and then
    without any reckoning.
    """

    starts: array[int]
    ends: array[int]
    done: array[int]  # done[i]: worked before stretch i; one longer than the others
    total: int
    opens: Sequence[datetime]
    closes: Sequence[datetime]

    @classmethod
    def of(cls, stretches: Iterable[tuple[int, int]]) -> Year:
        """From stretches in order, none of which touch."""
        starts, ends, done, total = array("q"), array("q"), array("q", [0]), 0
        for start, end in stretches:
            starts.append(start)
            ends.append(end)
            total += end - start
            done.append(total)
        return cls(starts, ends, done, total, [*map(moment_of, starts)], [*map(moment_of, ends)])

    def worked(self, at: int) -> int:
        """Work done in this year before `at`."""
        i = bisect_right(self.starts, at) - 1
        return 0 if i < 0 else self.done[i] + min(at, self.ends[i]) - self.starts[i]

    def when(self, work: int) -> int:
        """The first moment by which `work` is done; 0 < work ≤ total."""
        i = bisect_left(self.done, work) - 1
        return self.starts[i] + work - self.done[i]


@lru_cache(maxsize=256)
def offsets_about(zone: ZoneInfo, year: int) -> tuple[tuple[int, int, int], ...]:
    """The zone's offsets about one year: (from, to, offset), in seconds, from and to in UTC.

    It looks at each day's start and narrows a difference down to its second: no zone has changed its clocks
    and changed them back within a day.
    """
    first = (date(year, 1, 1).toordinal() - EPOCH_ORDINAL - SPILL_DAYS - 2) * DAY_SECONDS
    last = (date(year + 1, 1, 1).toordinal() - EPOCH_ORDINAL + SPILL_DAYS + 4) * DAY_SECONDS
    found, begin, offset = [], first, _offset(zone, first)
    for day in range(first + DAY_SECONDS, last + 1, DAY_SECONDS):
        while (now := _offset(zone, day)) != offset:
            low, high = max(begin, day - DAY_SECONDS), day
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            found.append((begin, high, offset))
            begin, offset = high, now if high == day else _offset(zone, high)
    return (*found, (begin, last, offset))


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return 0 if offset is None else offset.days * DAY_SECONDS + offset.seconds


def first_instant(offsets: tuple[tuple[int, int, int], ...], wall: int) -> int:
    """The first instant (UTC) at which the clock on the wall shows `wall` or later, both in seconds.

    So a time that spring skips is the moment of the change, and of one that autumn repeats it is the first.
    """
    for begin, end, offset in offsets:
        if wall < end + offset:
            return max(begin, wall - offset)
    return wall - offsets[-1][2]


def common(some: Windows, others: Windows) -> Windows:
    """What both have of a day."""
    both = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return tuple(sorted((start, end) for start, end in both if start < end))


def merged(shifts: Iterable[tuple[int, int]], first: int, past: int) -> Iterator[tuple[int, int]]:
    """Sorted shifts, cut to [first, past); those that touch or overlap are joined, empty ones left out.

    All in the same unit."""
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
