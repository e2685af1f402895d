from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agreement import Duration
from bot.rules.absence import absence_at, joined, next_absence, winds_down
from bot.rules.spans import Span
from bot.rules.worktime import WorkCalendar

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
OFFICE = WorkCalendar.weekly(dict.fromkeys(range(5), ((540, 1020),)), "UTC")


def at(day: float, hour: float = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def away(begins: float, ends: float | None) -> Span:
    return Span(at(begins), None if ends is None else at(ends))


@pytest.mark.parametrize(
    ("absences", "found"),
    [
        ([], None),
        ([away(1, 3)], away(1, 3)),
        ([away(2, 3)], away(2, 3)),  # it begins now
        ([away(1, 2)], None),  # it ends now
        ([away(3, 4)], None),
        ([away(1, None)], away(1, None)),
        ([away(1, 3), away(2, 5)], away(1, 5)),
        ([away(1, 5), away(2, 3)], away(1, 5)),
        ([away(3, 5), away(1, 3)], away(1, 5)),
        ([away(1, 3), away(2, None)], away(1, None)),
        ([away(1, 3), away(4, 5)], away(1, 3)),
        ([away(1, 3), away(5, 4)], away(1, 3)),
        ([away(3, 1)], None),
    ],
)
def test_absences_that_overlap_or_touch_are_one(absences: list[Span], found: Span | None) -> None:
    assert absence_at(absences, at(2)) == found


def test_the_next_absence_is_the_first_that_has_not_begun() -> None:
    absences = [away(9, 10), away(4, 6), away(5, 8), away(1, 3)]
    assert next_absence(absences, at(2)) == away(4, 8)
    assert next_absence(absences, at(9)) is None


TWO_DAYS = Duration(2, "d")


@pytest.mark.parametrize(
    ("now", "absence", "winding"),
    [
        (at(2, 9), away(4, 11), True),  # Wednesday morning: two working days to Friday
        (at(2, 8), away(4, 11), True),
        (at(1, 16), away(4, 11), False),
        (at(2, 9), away(4, 9), False),  # not over five days
        (at(2, 9), away(4, None), True),
        (at(4, 9), away(7, 14), True),  # over a weekend
        (at(3, 9), away(7, 14), True),
        (at(2, 16), away(7, 14), False),
        (at(5, 9), away(4, 11), False),  # it has begun
    ],
)
def test_so_long_before_a_long_absence_no_new_leads(now: datetime, absence: Span, winding: bool) -> None:
    assert winds_down([absence], now, TWO_DAYS, OFFICE) == (absence if winding else None)
    assert winds_down([absence], now, None, OFFICE) is None


spans = st.builds(away, st.integers(0, 30), st.integers(0, 30) | st.none())


@given(st.lists(spans, max_size=8), st.integers(0, 30))
def test_somebody_is_away_where_any_of_their_absences_says_so(absences: list[Span], day: int) -> None:
    now = at(day)
    says = [each for each in absences if each.begins <= now and (each.ends is None or now < each.ends)]
    assert (absence_at(absences, now) is not None) is bool(says)
    whole = list(joined(absences))
    assert all(a.ends is not None and a.ends < b.begins for a, b in pairwise(whole))
