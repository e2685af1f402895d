"""What business time costs: `python -m tests.benchmarks.worktime` prints it and asserts nothing.

`first` is a calendar that nobody has used before, which works out each year on the way; `then` is what every
later call costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from time import perf_counter

from bot.rules.rotation import RotationState, pick
from bot.rules.worktime import WorkCalendar
from tests.benchmarks.table import Row, table

START = datetime(2026, 11, 20, 21, tzinfo=UTC)
SPLIT: dict[int, tuple[tuple[int, int], ...]] = dict.fromkeys(range(5), ((540, 750), (810, 1020)))
NIGHTS: dict[int, tuple[tuple[int, int], ...]] = dict.fromkeys(range(7), ((1320, 1800),))
CALENDARS: list[tuple[str, dict[int, tuple[tuple[int, int], ...]], str, str]] = [
    ("split days, US", SPLIT, "America/New_York", "US"),
    ("split days, Bavaria", SPLIT, "Europe/Berlin", "DE-BY"),
    ("nights", NIGHTS, "Australia/Lord_Howe", ""),
]
SPANS = {"4 hours": timedelta(hours=4), "15 days": timedelta(hours=105), "10 years": timedelta(hours=17_500)}


def milliseconds(work: Callable[[], object], times: int = 1) -> float:
    """The median time of so many calls."""
    taken = []
    for _ in range(times):
        begin = perf_counter()
        work()
        taken.append(perf_counter() - begin)
    return median(taken) * 1000


def lines(name: str, calendar: WorkCalendar) -> Iterator[Row]:
    """Three for each span; the calendar must be new."""
    for span, working in SPANS.items():
        first = milliseconds(partial(calendar.after, START, working))
        then = milliseconds(partial(calendar.after, START, working), 1000)
        between = milliseconds(partial(calendar.between, START, calendar.after(START, working)), 1000)
        yield Row(f"{name}, {span} ahead, first", first, "ms")
        yield Row(f"{name}, {span} ahead, then", then, "ms")
        yield Row(f"{name}, {span} back", between, "ms")


def rows(_quick: bool = False) -> list[Row]:
    """Three for each calendar and span, then one for a turn of a rotation."""
    found: list[Row] = []
    for name, week, zone, days_off in CALENDARS:
        found += lines(name, WorkCalendar.weekly(week, zone, days_off))
    roster = [(f"U{n}", n % 20 + 1) for n in range(30)]
    turn = milliseconds(partial(pick, RotationState(), roster, [user for user, _ in roster]), 200)
    return [*found, Row("a turn among 30 reps", turn, "ms")]


if __name__ == "__main__":
    print(table(rows()))
