from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import gcd

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.rotation import RotationState, expected_turns, give_back, pick

Roster = list[tuple[str, int]]


def roster_of(weights: list[int]) -> Roster:
    return [(f"U{n}", weight) for n, weight in enumerate(weights)]


def turns(roster: Roster, count: int) -> str:
    """The first turns of a fresh rotation, as the last characters of the ids."""
    state, given = RotationState(), []
    for _ in range(count):
        user, state = pick(state, roster, [user for user, _ in roster])
        given.append(user[-1])
    return "".join(given)


weights_of_a_team = st.integers(1, 30).flatmap(lambda n: st.lists(st.integers(1, 20), min_size=n, max_size=n))


def deviation(weights: dict[str, int], given: Counter[str]) -> Fraction:
    """The furthest that anybody is from the share due, in turns."""
    number, total = given.total(), sum(weights.values())
    return max(abs(Fraction(weight * number, total) - given[user]) for user, weight in weights.items())


@pytest.mark.parametrize(
    ("weights", "order"),
    [
        ([1], "0000"),
        ([7], "0000"),
        ([1, 1, 1], "012012"),
        ([5, 5], "0101"),
        ([2, 1], "010010"),
        ([1, 2], "101101"),
        ([3, 1], "00100010"),
    ],
)
def test_turns_go_round_and_are_spread_by_weight(weights: list[int], order: str) -> None:
    assert turns(roster_of(weights), len(order)) == order


def test_a_team_in_which_nobody_is_eligible_gives_no_turn() -> None:
    with pytest.raises(ValueError, match="nobody is eligible"):
        pick(RotationState(), roster_of([1, 2]), ["somebody else"])


def test_the_state_is_small_whole_numbers_and_survives_storage() -> None:
    roster = roster_of([20, 7, 1])
    state = RotationState()
    for n in range(300):
        eligible = [user for user, _ in roster][: 2 + n // 10 % 2]
        user, state = pick(RotationState.from_json(json.loads(json.dumps(state.to_json()))), roster, eligible)
        assert user in eligible
        assert all(abs(number) <= 5000 for numbers in state.to_json().values() for number in numbers)
    assert RotationState.from_json(state.to_json()) == state


def test_a_turn_given_back_is_made_up_for_at_once_and_the_others_lose_nothing() -> None:
    roster = roster_of([1, 1, 1])
    everybody = [user for user, _ in roster]
    first, state = pick(RotationState(), roster, everybody)
    state = give_back(state, first)
    given_ = [first]
    for _ in range(6):
        user, state = pick(state, roster, everybody)
        given_.append(user)
    assert given_ == ["U0", "U0", "U1", "U2", "U0", "U1", "U2"]


def test_a_turn_given_back_waits_for_somebody_who_is_not_able_and_goes_with_whoever_leaves() -> None:
    roster = roster_of([1, 1, 1])
    state = give_back(give_back(RotationState(), "U0"), "U9")
    user, state = pick(state, roster, ["U1", "U2"])
    assert user == "U1"
    assert state.to_json()["U0"] == [0, 0, 0, 1]
    assert "U9" not in state.to_json()
    user, state = pick(RotationState.from_json(state.to_json()), roster, ["U0", "U1", "U2"])
    assert user == "U0"
    assert all(len(numbers) == 3 for numbers in state.to_json().values())


@given(weights_of_a_team, st.data())
@settings(max_examples=60, deadline=None)
def test_turns_that_count_are_as_fair_as_if_none_had_been_given_back(
    numbers: list[int], data: st.DataObject
) -> None:
    roster = roster_of(numbers)
    weights, state = dict(roster), RotationState()
    counted, returned = Counter[str](), Counter[str]()
    for _ in range(data.draw(st.integers(1, 60))):
        user, state = pick(state, roster, weights)
        if returned[user]:
            assert returned[user] == max(returned.values())
            returned[user] -= 1
        else:
            assert not returned.total()
            counted[user] += 1
            assert deviation(weights, counted) < 1
        if data.draw(st.integers(0, 3)) == 0:
            had = data.draw(st.sampled_from(sorted(counted)))
            state, returned = give_back(state, had), returned + Counter([had])


def test_those_who_leave_the_team_are_forgotten() -> None:
    _, state = pick(RotationState(), roster_of([1, 1, 1]), ["U0", "U1", "U2"])
    _, state = pick(state, roster_of([1, 1]), ["U0", "U1"])
    assert set(state.to_json()) == {"U0", "U1"}


@given(weights_of_a_team)
@settings(max_examples=30, deadline=None)
def test_nobody_is_ever_a_whole_turn_from_the_share_due(numbers: list[int]) -> None:
    roster = roster_of(numbers)
    weights, state, given_ = dict(roster), RotationState(), Counter[str]()
    cycle = sum(numbers) // gcd(*numbers)
    for _ in range(cycle + min(cycle, 20)):
        user, state = pick(state, roster, weights)
        given_[user] += 1
        assert deviation(weights, given_) < 1


@given(weights_of_a_team, st.data())
@settings(max_examples=60, deadline=None)
def test_nor_when_people_join_and_leave_and_weights_change(numbers: list[int], data: st.DataObject) -> None:
    roster, state = roster_of(numbers), RotationState()
    users = st.lists(st.sampled_from([user for user, _ in roster]), min_size=1, unique=True)
    for _ in range(data.draw(st.integers(1, 6))):
        if data.draw(st.booleans()):
            roster = [(user, data.draw(st.integers(1, 20))) for user, _ in roster]
        eligible = data.draw(users)
        weights = {user: weight for user, weight in roster if user in eligible}
        since_change = Counter[str]()
        changed = {user: s.weight for user, s in state.standings.items() if s.weight} != weights
        for _ in range(data.draw(st.integers(1, 40)) if changed else 0):
            user, state = pick(state, roster, eligible)
            since_change[user] += 1
            assert deviation(weights, since_change) < 1


@given(
    st.lists(st.integers(1, 20), min_size=2, max_size=8),
    st.lists(st.tuples(st.integers(1, 255), st.integers(1, 3)), min_size=20, max_size=60),
)
@settings(max_examples=60, deadline=None)
def test_a_roster_that_keeps_changing_is_fair_in_the_long_run(
    numbers: list[int], spells: list[tuple[int, int]]
) -> None:
    roster, state, given_ = roster_of(numbers), RotationState(), Counter[str]()
    history = []
    for bits, length in spells:
        eligible = {user: w for n, (user, w) in enumerate(roster) if bits >> n & 1} or dict(roster)
        for _ in range(length):
            user, state = pick(state, roster, eligible)
            given_[user] += 1
            history.append(eligible)
    due = expected_turns(history)
    assert sum(due.values()) == len(history)
    assert all(abs(due.get(user, Fraction(0)) - given_[user]) < 2 for user, _ in roster)


def test_a_light_rep_is_not_starved_by_a_roster_that_changes_at_every_turn() -> None:
    roster = [("heavy", 20), ("one", 1), ("other", 1)]
    state, given_ = RotationState(), Counter[str]()
    for n in range(420):
        user, state = pick(state, roster, ["heavy", "one" if n % 2 else "other"])
        given_[user] += 1
    assert given_["heavy"] in (399, 400, 401)
    assert given_["one"] in (9, 10, 11)


def test_what_was_expected_counts_only_the_turns_one_was_there_for() -> None:
    assert expected_turns([{"a": 1, "b": 1}, {"a": 1, "b": 1}, {"b": 3}, {"a": 1, "b": 2}]) == {
        "a": Fraction(4, 3),
        "b": Fraction(8, 3),
    }
    assert expected_turns([]) == {}


def test_equal_weights_never_meet_the_same_rep_twice_in_a_row() -> None:
    order = turns(roster_of([4] * 9), 90)
    assert all(a != b for a, b in pairwise(order))
