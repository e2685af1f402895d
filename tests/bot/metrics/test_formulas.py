"""The formulas by example, and what they say where there is too little to say anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics import FORMULAS, Forecast, Rate, economics, pro_rata, rate, velocity
from bot.metrics.goals import mqls_needed

COUNTS = {
    "handed_off": 100,
    "accepted": 70,
    "rejected": 20,
    "touched": 60,
    "sql": 30,
    "opportunity": 12,
    "won": 3,
    "rejected_for_quality": 5,
    "incomplete": 25,
    "met": 45,
    "missed": 5,
}


@pytest.mark.parametrize(
    ("name", "share", "n"),
    [
        ("acceptance", 0.7, 100),
        ("acceptance_decided", 70 / 90, 90),
        ("rejection", 20 / 90, 90),
        ("touch", 60 / 70, 70),
        ("sal_to_sql", 30 / 70, 70),
        ("sql_to_opportunity", 0.4, 30),
        ("opportunity_to_won", 0.25, 12),
        ("quality", 0.95, 100),
        ("complete", 0.75, 100),
        ("attainment", 0.9, 50),
    ],
)
def test_each_formula_divides_what_it_says(name: str, share: float, n: int) -> None:
    found = rate(name, COUNTS)
    assert found.share == pytest.approx(share)
    assert found.n == n


def test_every_formula_has_an_example_here() -> None:
    assert {
        name for name, formula in FORMULAS.items() if set(formula.whole) | {formula.part} <= set(COUNTS)
    } == set(FORMULAS)


@pytest.mark.parametrize(("part", "n", "share"), [(0, 0, None), (9, 9, None), (10, 10, 1.0), (0, 10, 0.0)])
def test_below_ten_there_is_no_rate(part: int, n: int, share: float | None) -> None:
    assert Rate("x", part, n).share == share


def test_costs_are_the_spend_divided_by_each_stage() -> None:
    counts = {"handed_off": 40, "accepted": 30, "sql": 0}
    found = economics(1_200_000, "USD", counts, {"USD": 3_000_000})
    assert (found.per_mql, found.per_sal, found.per_sql) == (30_000, 40_000, None)
    assert found.roi == pytest.approx(1.5)
    assert found.why_not is None


@pytest.mark.parametrize(
    ("spend", "revenue", "why"),
    [
        (None, {}, "no spend is agreed"),
        (0, {}, "the spend is 0"),
        (100, {"USD": 1, "EUR": 5}, "revenue is also in EUR, the spend in USD"),
        (100, {None: 5}, "revenue is also in no currency, the spend in USD"),
    ],
)
def test_without_a_spend_or_in_two_currencies_there_is_no_roi_but_a_reason(
    spend: int | None, revenue: dict[str | None, int], why: str
) -> None:
    found = economics(spend, "USD", {"handed_off": 1, "accepted": 1, "sql": 1}, revenue)
    assert (found.roi, found.why_not) == (None, why)


def test_a_campaign_that_won_nothing_yet_has_lost_its_spend() -> None:
    assert economics(100, "USD", {"handed_off": 1, "accepted": 0, "sql": 0}, {}).roi == -1.0


def test_velocity_is_opportunities_times_win_rate_times_amount_over_days() -> None:
    # 20 deals of 1,000.00 on average, half of those that closed are won, in 40 days.
    assert velocity(20, 2_000_000, 6, 6, 12, 40 * 86_400) == pytest.approx(20 * 0.5 * 100_000 / 40)


@pytest.mark.parametrize(("deals", "won", "lost", "timed"), [(0, 10, 10, 10), (5, 5, 4, 10), (5, 10, 10, 9)])
def test_velocity_is_not_told_from_too_little(deals: int, won: int, lost: int, timed: int) -> None:
    assert velocity(deals, 100, won, lost, timed, 86_400) is None


BEGAN = datetime(2026, 10, 1, tzinfo=UTC)
ENDED = datetime(2027, 1, 1, tzinfo=UTC)


@given(st.integers(0, 10**6), st.integers(0, 92), st.integers(0, 92))
def test_the_parts_of_a_quarter_add_up_to_its_goal(goal: int, a: int, b: int) -> None:
    first, second = (BEGAN + timedelta(days=day) for day in sorted((a, b)))
    stretches = [(BEGAN, first), (first, second), (second, ENDED)]
    assert sum(pro_rata(goal, each, [(BEGAN, ENDED)]) for each in stretches) == pytest.approx(goal)


def test_a_stretch_outside_the_quarters_has_no_part_of_their_goal() -> None:
    assert pro_rata(120, (ENDED, ENDED + timedelta(days=7)), [(BEGAN, ENDED)]) == 0


def test_the_forecast_goes_on_at_the_recent_pace() -> None:
    forecast = Forecast("MQLs", goal=120, so_far=40, recent=28, recent_days=28, days_left=30)
    assert (forecast.expected, forecast.short) == (70, 50)
    assert Forecast("MQLs", 60, 40, 28, 28, 30).short == 0


@pytest.mark.parametrize(
    ("short", "won_by", "mqls", "needed"),
    [(1000, 500, 10, 20), (1001, 500, 10, 21), (0, 500, 10, 0), (1000, 0, 10, None), (1000, 500, 0, None)],
)
def test_what_is_missing_is_told_in_mqls_of_a_kind(
    short: float, won_by: float, mqls: int, needed: int | None
) -> None:
    assert mqls_needed(short, won_by, mqls) == needed
