"""The formulas by example, and what they say where there is too little to say anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics import FIGURES, Facts, Forecast, Quotient, Rate, Sum, Unit, pro_rata, value_of, velocity
from bot.metrics.goals import mqls_needed

MET = (("met", 45), ("missed", 5))
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
    **{f"{kind}.{what}": n for kind in ("accept", "first_touch", "outcome", "answer") for what, n in MET},
    **dict(MET),
    "disputes.overturned": 6,
    "disputes.upheld": 9,
    "nags": 40,
    "nags.acted": 10,
}
SHARES = {
    "acceptance": (0.7, 100),
    "acceptance_decided": (70 / 90, 90),
    "rejection": (20 / 90, 90),
    "touch": (60 / 70, 70),
    "sal_to_sql": (30 / 70, 70),
    "sql_to_opportunity": (0.4, 30),
    "opportunity_to_won": (0.25, 12),
    "quality": (0.95, 100),
    "complete": (0.75, 100),
    "accept_met": (0.9, 50),
    "first_touch_met": (0.9, 50),
    "outcome_met": (0.9, 50),
    "answer_met": (0.9, 50),
    "sla_met": (0.9, 50),
    "overturned": (0.4, 15),
    "reminders_acted": (0.25, 40),
}


@pytest.mark.parametrize("figure", SHARES)
def test_each_rate_divides_what_it_says(figure: str) -> None:
    found = value_of(figure, Facts(COUNTS))
    assert isinstance(found, Rate)
    assert found.share == pytest.approx(SHARES[figure][0])
    assert found.n == SHARES[figure][1]


def test_every_rate_of_the_table_has_an_example_here() -> None:
    rates = {key for key, figure in FIGURES.items() if figure.unit is Unit.SHARE and figure.of.leads}
    assert rates == set(SHARES)


def test_every_figure_has_a_title_a_formula_and_a_place() -> None:
    for figure in FIGURES.values():
        assert figure.title
        assert figure.says
        assert figure.shown


@pytest.mark.parametrize(("part", "n", "share"), [(0, 0, None), (9, 9, None), (10, 10, 1.0), (0, 10, 0.0)])
def test_below_ten_there_is_no_rate(part: int, n: int, share: float | None) -> None:
    assert Rate("x", part, n).share == share


def costs(spend: int | None, counts: dict[str, int], *revenue: Sum, old: bool = True) -> dict[str, Quotient]:
    facts = Facts(counts, sums={"revenue": revenue}, spend=spend, currency="USD", could_have_closed=old)
    found = {key: value_of(key, facts) for key in ("cost_per_mql", "cost_per_sal", "cost_per_sql", "roi")}
    return {key: value for key, value in found.items() if isinstance(value, Quotient)}


def test_costs_are_the_spend_divided_by_each_stage() -> None:
    counts = {"handed_off": 40, "accepted": 30, "sql": 0}
    found = costs(1_200_000, counts, Sum("revenue.USD", "USD", 1, 3_000_000))
    assert [each.value for each in found.values()] == [30_000, 40_000, None, pytest.approx(1.5)]
    assert [each.unit for each in found.values()] == ["USD", "USD", "USD", "share"]
    assert [each.why_not for each in found.values()] == [None, None, "none yet", None]


@pytest.mark.parametrize(
    ("spend", "revenue", "why"),
    [
        (None, {}, "no spend agreed"),
        (0, {}, "the spend is 0"),
        (100, {"USD": 1, "EUR": 5}, "revenue is also in EUR, the spend in USD"),
        (100, {None: 5}, "revenue is also in no currency, the spend in USD"),
    ],
)
def test_without_a_spend_or_in_two_currencies_there_is_no_roi_but_a_reason(
    spend: int | None, revenue: dict[str | None, int], why: str
) -> None:
    sums = [Sum("x", currency, 1, amount) for currency, amount in revenue.items()]
    roi = costs(spend, {"handed_off": 1, "accepted": 1, "sql": 1}, *sums)["roi"]
    assert (roi.value, roi.why_not) == (None, why)


def test_a_campaign_that_won_nothing_has_lost_its_spend_once_a_deal_could_have_closed() -> None:
    counts = {"handed_off": 1, "accepted": 0, "sql": 0}
    assert costs(100, counts)["roi"].value == -1.0
    young = costs(100, counts, old=False)["roi"]
    assert (young.value, young.why_not) == (None, "too early: no deal could have closed yet")


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
