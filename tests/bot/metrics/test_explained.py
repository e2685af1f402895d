"""What the points explain beside what the fields could: known truths are found again, noise is not."""

from __future__ import annotations

from random import Random

import pytest

from bot.metrics.explained import FEWEST_OF_EACH, Decided, Explained, explained

SEEDS = range(8)


def company(seed: int, n: int, *, by_points: float, by_visits: float) -> Explained | None:
    """Leads whose acceptance follows one rule of 30 points, and how often they visited, by these weights."""
    draw = Random(seed)
    leads = []
    for _ in range(n):
        meets, visits = draw.random() < 0.5, float(draw.randrange(12))
        chance = 0.35 + by_points * (meets - 0.5) + by_visits * (visits / 11 - 0.5)
        fields = {
            "visits": visits,
            "country": draw.choice(("DE", "US", "FR")),
            "employees": draw.random() * 900,
        }
        leads.append(Decided(draw.random() < chance, 30.0 * meets, frozenset({0} if meets else ()), fields))
    return explained(1, leads)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_field_that_no_rule_has_is_named(seed: int) -> None:
    found = company(seed, 600, by_points=0.2, by_visits=0.6)
    assert found is not None
    assert found.surely
    assert found.fields > found.points + 0.05
    assert found.missed == ("visits",)


def test_where_the_points_say_it_all_the_fields_add_nothing() -> None:
    found = [company(seed, 400, by_points=0.5, by_visits=0.0) for seed in SEEDS]
    assert sum(each is None or each.surely for each in found) <= 1
    assert sum(bool(each and each.missed) for each in found) <= 1


def test_two_equal_scores_count_half_and_all_above_is_perfect() -> None:
    good, bad = Decided(True, 30, frozenset(), {}), Decided(False, 30, frozenset(), {})
    alike = explained(0, [good, bad] * FEWEST_OF_EACH)
    assert alike is not None
    assert (alike.points, alike.surely, alike.missed) == (0.5, False, ())
    apart = explained(0, [good, Decided(False, 10, frozenset(), {})] * FEWEST_OF_EACH)
    assert apart is not None
    assert apart.points == 1.0


def test_with_too_few_of_either_kind_nothing_is_said() -> None:
    good, bad = Decided(True, 30, frozenset(), {}), Decided(False, 30, frozenset(), {})
    few = FEWEST_OF_EACH - 1
    assert explained(0, []) is None
    assert explained(0, [good] * 500) is None
    assert explained(0, [good] * 500 + [bad] * few) is None
    assert explained(0, [bad] * 500 + [good] * few) is None


def test_what_is_known_of_few_and_what_is_alike_for_all_is_no_field() -> None:
    draw = Random(1)
    leads = [
        Decided(draw.random() < 0.5, 0.0, frozenset(), {"country": "DE", **({"vip": 1.0} if n < 5 else {})})
        for n in range(200)
    ]
    found = explained(0, leads)
    assert found is not None
    assert found.missed == ()
