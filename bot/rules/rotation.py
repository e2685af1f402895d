"""Whose turn it is: weighted turns that never stray a whole turn from the share due.

Pure arithmetic on weights and counts. Who may take a turn at all is decided in `bot.rules.routing`.

A rep of weight w among weights that sum to W is due w/W of each turn. Their j-th turn then has a window: from
turn floor((j-1)W/w)+1, before which it would put them a turn ahead, to turn ceil(jW/w), after which they
would be a turn behind. A schedule that keeps every window always exists (Baruah, Cohen, Plaxton and Varvel,
"Proportionate progress", Algorithmica 15, 1996). A turn is given only to somebody after whom it still exists,
and among these to whoever is furthest behind, counting what earlier rosters owe them.

A turn that is given back is as if it had never been: the next one goes to the same rep in its place, beside
the schedule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from fractions import Fraction
from math import gcd

from bot.rules.value import value

_TURN = 1000  # what is carried over from one roster to the next is counted in thousandths of a turn


@value
class Standing:
    """Where one rep stands. `weight` and `turns` are of the roster that is eligible now, 0 when they are not
    in it; `owed` is what earlier rosters left them short of, in thousandths of a turn, negative if ahead;
    `back` is how many turns were given back and not made up for yet."""

    weight: int = 0
    turns: int = 0
    owed: int = 0
    back: int = 0


@value
class RotationState:
    """Where every rep of a team stands, by user. The empty state is a team that has had no turn."""

    standings: Mapping[str, Standing] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Sequence[int]]) -> RotationState:
        """Read what `to_json` wrote."""
        return cls({user: Standing(*numbers) for user, numbers in data.items()})

    def to_json(self) -> dict[str, list[int]]:
        """The state as `{user: [weight, turns, owed]}`, with `back` as a fourth where there is any; small
        whole numbers all."""
        return {
            user: [s.weight, s.turns, s.owed, *([s.back] if s.back else [])]
            for user, s in self.standings.items()
        }


def pick(
    state: RotationState, roster: Sequence[tuple[str, int]], eligible: Collection[str]
) -> tuple[str, RotationState]:
    """Give the next turn. `roster`: everyone in the team and their weight, in order; weights are above zero.

    After it each eligible rep is less than one turn from the share due since the eligible roster last changed
    (somebody joined, left or changed weight). What a roster leaves open when it changes is made up for in the
    ones after it, so that a roster that keeps changing is fair in the long run too.
    Raises ValueError when nobody of the roster is eligible.
    """
    weights = {user: weight for user, weight in roster if user in eligible}
    if not weights:
        raise ValueError("nobody is eligible for a turn")
    standings = _with_roster(state, [user for user, _ in roster], weights)
    in_place = max(weights, key=lambda user: standings[user].back)
    if (back := standings[in_place].back) > 0:
        standings[in_place] = replace(standings[in_place], back=back - 1)
        return in_place, RotationState(standings)
    turns = {user: standings[user].turns for user in weights}
    user = _next(weights, turns, {user: standings[user].owed for user in weights})
    turns[user] += 1
    if sum(turns.values()) == _cycle(weights):  # everyone has had exactly their share: count anew
        turns = dict.fromkeys(turns, 0)
    for each, count in turns.items():
        standings[each] = replace(standings[each], weight=weights[each], turns=count)
    return user, RotationState(standings)


def give_back(state: RotationState, user: str) -> RotationState:
    """The state after a turn of this rep's turned out to be none: they are to have another in its place.

    Whoever is not in the team any more is forgotten with the next turn.
    """
    standing = state.standings.get(user, Standing())
    return RotationState({**state.standings, user: replace(standing, back=standing.back + 1)})


def take_back(state: RotationState, user: str) -> RotationState:
    """The state after a turn that was given back counts after all.

    If the rep had another in its place already, they are a turn ahead, which the next roster evens out.
    """
    standing = state.standings.get(user, Standing())
    back = replace(standing, back=standing.back - 1) if standing.back else None
    return RotationState({**state.standings, user: back or replace(standing, owed=standing.owed - _TURN)})


def expected_turns(rosters: Iterable[Mapping[str, int]]) -> dict[str, Fraction]:
    """How many turns each rep was due. `rosters`: for each turn given, the eligible reps and their weights.

    Beside the turns they had, this is how fair the rotation was, absences and full hands allowed for.
    """
    due: dict[str, Fraction] = {}
    for weights in rosters:
        total = sum(weights.values())
        for user, weight in weights.items():
            due[user] = due.get(user, Fraction(0)) + Fraction(weight, total)
    return due


def _with_roster(
    state: RotationState, team: Sequence[str], weights: Mapping[str, int]
) -> dict[str, Standing]:
    """Everyone's standing once this roster is the eligible one; those who left the team are forgotten."""
    before = {user: s.weight for user, s in state.standings.items() if s.weight}
    if before == weights:
        return {user: state.standings.get(user, Standing()) for user in team}
    given, total = sum(s.turns for s in state.standings.values()), sum(before.values())

    def closed(user: str) -> Standing:
        old = state.standings.get(user, Standing())
        short = round(Fraction(_TURN * (old.weight * given - old.turns * total), total)) if total else 0
        return Standing(weights.get(user, 0), 0, old.owed + short, old.back)

    return {user: closed(user) for user in team}


def _next(weights: Mapping[str, int], turns: Mapping[str, int], owed: Mapping[str, int]) -> str:
    """Who gets the turn, of those who may without pushing somebody out of their window later."""
    total, number = sum(weights.values()), sum(turns.values()) + 1
    latest = _first_tight(weights, turns)

    def deadline(user: str) -> int:
        return -(-(turns[user] + 1) * total // weights[user])

    def behind(user: str) -> int:
        return (weights[user] * number - turns[user] * total) * _TURN + owed[user] * total

    safe = [
        user for user in weights if turns[user] * total < weights[user] * number and deadline(user) <= latest
    ]
    return min(safe, key=lambda user: (-behind(user), deadline(user)))


def _first_tight(weights: Mapping[str, int], turns: Mapping[str, int]) -> int:
    """The first turn by which as many turns are owed as there are left to give.

    Whoever has the coming turn must be one of those whose next is owed by then. The end of the cycle is
    always tight, because by then everyone has exactly their share.
    """
    total, given, cycle = sum(weights.values()), sum(turns.values()), _cycle(weights)
    falling_due = [0] * (cycle + 1)
    for user, weight in weights.items():
        for turn in range(turns[user] + 1, weight * cycle // total + 1):
            falling_due[-(-turn * total // weight)] += 1
    owed = 0
    for number in range(given + 1, cycle):
        owed += falling_due[number]
        if owed == number - given:
            return number
    return cycle


def _cycle(weights: Mapping[str, int]) -> int:
    """After how many turns everyone can have had exactly their share."""
    return sum(weights.values()) // gcd(*weights.values())
