"""Each rule's worth: known truths are found again, harmful rules named, and selection bends nothing."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.lifts import Group, Rule, Worth, lifts
from tests.bot.metrics.companies import groups, rules, useful

COMPANIES = int(os.environ.get("BATON_COMPANIES", "8"))
GOOD, BAD = Rule("good", "Senior title", 30), Rule("bad", "Student", 40)


def decided(met: set[int], accepted: int, rejected: int, more: int = 0) -> Group:
    return Group(frozenset(met), accepted + rejected + more, accepted, rejected)


def test_one_rule_alone_has_the_quotient_of_its_rates() -> None:
    (found,) = lifts([GOOD], [decided({0}, 800, 200), decided(set(), 400, 600)])
    assert found.lift == pytest.approx(2.0, abs=0.02)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 2 < found.high
    assert (found.verdict, found.n) == (Worth.USEFUL, 1000)


def test_a_rule_against_its_points_is_harmful_and_comes_first() -> None:
    found = lifts(
        [GOOD, BAD],
        [decided({0}, 80, 20), decided(set(), 40, 60), decided({1}, 10, 90), decided({0, 1}, 40, 60)],
    )
    assert [(each.rule.id, each.verdict) for each in found] == [
        ("bad", Worth.HARMFUL),
        ("good", Worth.USEFUL),
    ]
    assert found[0].lift is not None
    assert found[0].lift < 1


def test_minus_points_are_useful_where_sales_accepts_less() -> None:
    (found,) = lifts([replace(BAD, points=-40)], [decided({0}, 100, 900), decided(set(), 400, 600)])
    assert found.verdict is Worth.USEFUL


@pytest.mark.parametrize(
    "found",
    [
        [],
        [decided({0}, 9, 0), decided(set(), 400, 600)],
        [decided({0}, 100, 100)],
        [decided(set(), 100, 100, more=50)],
        [decided({0}, 0, 0, more=100), decided(set(), 0, 0, more=100)],
    ],
)
def test_with_too_few_on_either_side_nothing_is_said(found: list[Group]) -> None:
    (each,) = lifts([GOOD], found)
    assert (each.lift, each.low, each.high, each.verdict) == (None, None, None, Worth.WEAK)


def test_all_accepted_or_one_class_alone_is_no_crash() -> None:
    first, second = lifts([GOOD, BAD], [decided({0}, 500, 0), decided({1}, 500, 0), decided(set(), 500, 0)])
    assert {first.verdict, second.verdict} == {Worth.WEAK}


@given(
    st.lists(
        st.builds(
            Group,
            st.frozensets(st.integers(0, 3)),
            st.integers(300, 600),
            st.integers(0, 150),
            st.integers(0, 150),
        ),
        max_size=20,
    )
)
def test_the_lift_lies_within_its_interval(drawn: list[Group]) -> None:
    for each in lifts([Rule(str(n), str(n), 10) for n in range(4)], drawn):
        if each.lift is not None and each.low is not None and each.high is not None:
            assert 0 < each.low <= each.lift <= each.high


def test_a_planted_harmful_rule_is_named_within_a_quarter_of_400_leads() -> None:
    named = wrong = 0
    for seed in range(3 * COMPANIES):
        company = useful(seed)
        company = replace(company, worth=[company.worth[0], -1.5, *company.worth[2:]], base=0.3)
        found = lifts(rules(company), groups(company.leads(400)))
        harmful = {each.rule.id for each in found if each.verdict is Worth.HARMFUL}
        named += "r1" in harmful
        wrong += len(harmful - {"r1"} - {f"r{n}" for n, worth in enumerate(company.worth) if worth < 0})
    said = f"named in {named} of {3 * COMPANIES} quarters; {wrong} of {15 * COMPANIES} others named too"
    print(said)
    assert named >= 0.8 * 3 * COMPANIES, said
    assert wrong <= 0.05 * 5 * 3 * COMPANIES, said
