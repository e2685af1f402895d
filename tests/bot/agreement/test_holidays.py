"""Days off as the agreement writes them, laid over a year and over a week of work."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.agreement.holidays import DaysOff, HalfDay, Yearly, entry, exempt
from bot.rules.worktime import Windows, WorkCalendar

OFFICE: dict[int, Windows] = dict.fromkeys(range(5), ((540, 1020),))
MORNING: Windows = ((540, 720),)


def off(*written: object, less: tuple[object, ...] = ()) -> DaysOff:
    return DaysOff(tuple(entry(each) for each in written), tuple(exempt(each) for each in less))


def days(found: DaysOff, year: int, month: int) -> list[int]:
    return sorted(day.day for day in found.in_year(year) if day.month == month)


IN_DECEMBER_2026 = [
    (off("US"), [25]),
    (off("DE"), [25, 26]),
    (off("US", "DE"), [25, 26]),
    (off("DE-BY", "2026-12-31"), [25, 26, 31]),
    (off("2026-12-24..2027-01-01"), [24, 25, 26, 27, 28, 29, 30, 31]),
    (off("2026-11-24..2026-12-02"), [1, 2]),
    (off("12-24"), [24]),
    (off("12-30..01-02"), [30, 31]),
    (off("US", less=("Christmas Day",)), []),
    (off("US", less=("christmas day",)), []),
    (off("DE", less=("Zweiter Weihnachtstag",)), [25]),
    (off("DE", less=("Second Day of Christmas",)), [25]),
    (off("US", "DE", less=("Christmas Day",)), [26]),
    (off("DE", less=("2026-12-25..2026-12-26",)), []),
    (off("12-24", "12-31", less=("2026-12-31",)), [24]),
    (off("12-24", "12-31", less=("12-31",)), [24]),
    (off("US", less=("Columbus Day",)), [25]),
    (off(), []),
]


@pytest.mark.parametrize(("found", "expected"), IN_DECEMBER_2026)
def test_which_days_of_a_month_are_off(found: DaysOff, expected: list[int]) -> None:
    assert days(found, 2026, 12) == expected


def test_an_exception_by_name_takes_back_the_day_in_lieu_too() -> None:
    assert days(off("US"), 2027, 7) == [4, 5]  # the 4th is a Sunday, kept on Monday
    assert days(off("US", less=("Independence Day",)), 2027, 7) == []


def test_an_exception_of_one_year_leaves_the_others() -> None:
    found = off("US", less=("2026-11-11",))
    assert (days(found, 2026, 11), days(found, 2027, 11)) == ([26], [11, 25])


def test_a_yearly_range_goes_on_into_the_next_year() -> None:
    assert [f"{day:%m-%d}" for day in sorted(off("12-30..01-02").in_year(2027))] == [
        *("01-01", "01-02", "12-30", "12-31"),
    ]


def test_the_29th_of_february_is_off_in_leap_years_only() -> None:
    assert (days(off("02-29"), 2027, 2), days(off("02-29"), 2028, 2)) == ([], [29])


def calendar(found: DaysOff, week: dict[int, Windows] | None = None) -> WorkCalendar:
    return WorkCalendar.weekly(week or OFFICE, "UTC", found)


def hours(found: DaysOff, day: date, week: dict[int, Windows] | None = None) -> float:
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    return calendar(found, week).between(midnight, midnight + timedelta(days=1)) / timedelta(hours=1)


HALF = {"day": "12-24", "open": "09:00-12:00"}


def test_on_a_half_day_its_own_windows_are_worked_as_far_as_work_is_done_then() -> None:
    thursday = date(2026, 12, 24)
    assert hours(off(HALF), thursday) == 3
    assert hours(off({"day": "2026-12-24", "open": ["09:00-12:00", "13:00-14:00"]}), thursday) == 4
    assert hours(off(HALF), thursday, {3: ((600, 1080),)}) == 2
    assert hours(off(HALF), thursday, {3: ((780, 1080),)}) == 0


def test_a_half_day_on_a_weekend_is_no_working_day() -> None:
    assert hours(off({"day": "12-26", "open": "09:00-12:00"}), date(2026, 12, 26)) == 0


def test_a_half_day_counts_for_more_than_a_holiday_and_an_exception_for_more_than_both() -> None:
    friday = date(2026, 12, 25)
    half = {"day": "2026-12-25", "open": "09:00-12:00"}
    assert hours(off("US", half), friday) == hours(off(half, "US"), friday) == 3
    assert hours(off("US", half, less=("Christmas Day",)), friday) == 3
    assert hours(off("US", half, less=("12-25",)), friday) == 8


def test_a_night_shift_of_a_half_day_ends_where_both_end() -> None:
    nights: dict[int, Windows] = {3: ((1320, 1800),)}
    found = off({"day": "12-24", "open": "22:00-02:00"})
    midnight = datetime(2026, 12, 24, tzinfo=UTC)
    assert calendar(found, nights).between(midnight, midnight + timedelta(days=2)) == timedelta(hours=4)


@pytest.mark.parametrize(
    ("found", "last"),
    [
        (off("2025-12-25", "2025-12-24..2026-01-01"), date(2026, 1, 1)),
        (off({"day": "2025-12-24", "open": "09:00-12:00"}), date(2025, 12, 24)),
        (off("2025-12-25", "12-24"), None),
        (off("2025-12-25", "US"), None),
        (off("2025-12-25", HALF), None),
        (off(), None),
    ],
)
def test_a_list_of_dates_ends_and_what_comes_each_year_does_not(found: DaysOff, last: date | None) -> None:
    assert found.past_since() == last


dates = st.dates(date(2026, 1, 1), date(2027, 12, 31))
month_days = dates.map(lambda day: (day.month, day.day))
windows = st.tuples(st.integers(0, 1400), st.integers(1, 900)).map(lambda each: (each[0], sum(each)))
half_days = st.builds(HalfDay, st.builds(Yearly, month_days, month_days), st.tuples(windows))
weeks = st.dictionaries(st.integers(0, 6), st.tuples(windows), min_size=1)


@settings(max_examples=80, deadline=None)
@given(weeks, st.lists(half_days, max_size=3).map(tuple), st.lists(dates, min_size=2, max_size=2))
def test_half_days_only_ever_take_work_away_and_it_can_be_reckoned_back_and_forth(
    week: dict[int, Windows], halves: tuple[HalfDay, ...], between: list[date]
) -> None:
    a, b = (datetime.combine(day, datetime.min.time(), UTC) for day in sorted(between))
    with_halves, without = calendar(DaysOff(halves), week), calendar(DaysOff(), week)
    worked = with_halves.between(a, b)
    assert timedelta(0) <= worked <= without.between(a, b)
    if worked:
        assert with_halves.between(a, with_halves.after(a, worked)) == worked
