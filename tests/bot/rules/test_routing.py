from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.agreement import Agreement, Rep, Team
from bot.agreement.loader import load_agreement
from bot.rules.rotation import RotationState
from bot.rules.routing import Candidate, Choice, choose, team_for

AGREEMENT = load_agreement(Path(__file__).parents[1] / "data" / "sample_agreement.toml").agreement
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
ANN, BOB, CAT = "U0ANN", "U0BOB", "U0CAT"
TEAM = AGREEMENT.teams[0].model_copy(
    update={
        "name": "Growth",
        "reps": (
            Rep(user=ANN, capacity=20, timezone="Europe/Berlin"),
            Rep(user=BOB, capacity=20, timezone="America/New_York"),
            Rep(user=CAT),
        ),
    }
)


def with_teams(*teams: Team) -> Agreement:
    return AGREEMENT.model_copy(update={"teams": teams})


def on_shift(user: str, open_leads: int = 7) -> Candidate:
    return Candidate(user, open_leads, opens_at=NOW, on_shift=True)


def off_shift(user: str, hours: int) -> Candidate:
    return Candidate(user, 7, opens_at=NOW + timedelta(hours=hours), on_shift=False)


def chosen(*candidates: Candidate, company: str | None = None) -> Choice:
    return choose(AGREEMENT, TEAM, candidates, RotationState(), company=company)


# Teams

SMALL = TEAM.model_copy(update={"name": "Small", "match": {"employees": "<200", "country": "in US, CA"}})
LARGE = TEAM.model_copy(update={"name": "Large", "match": {"employees": ">=200"}})
REST = TEAM.model_copy(update={"name": "Rest", "match": {}})


@pytest.mark.parametrize(
    ("lead", "teams", "name"),
    [
        ({"employees": 500}, (SMALL, LARGE, REST), "Large"),
        ({"employees": 20, "country": "us"}, (SMALL, LARGE, REST), "Small"),
        ({"employees": 20, "country": "FR"}, (SMALL, LARGE, REST), "Rest"),
        ({}, (SMALL, LARGE, REST), "Rest"),
        ({"employees": 500}, (REST, LARGE), "Rest"),  # the first that matches, not the best
        ({"employees": 20, "country": "FR"}, (SMALL, LARGE), None),
        ({}, (SMALL, LARGE), None),
    ],
)
def test_the_first_team_that_matches_takes_the_lead(
    lead: dict[str, object], teams: tuple[Team, ...], name: str | None
) -> None:
    team = team_for(with_teams(*teams), lead)
    assert (team.name if team else None) == name


# Reps


def test_the_reason_names_the_shift_and_how_full_the_hands_are() -> None:
    assert chosen(on_shift(ANN)).why == "Rotation: Berlin shift, 7 of 20 open"
    assert chosen(on_shift(BOB, 0)).why == "Rotation: New York shift, 0 of 20 open"
    assert chosen(on_shift(CAT, 41)).why == "Rotation: New York shift, 41 open"


def test_turns_go_round_among_those_on_shift() -> None:
    state, users = RotationState(), []
    for _ in range(4):
        choice = choose(AGREEMENT, TEAM, [on_shift(ANN), on_shift(BOB), off_shift(CAT, 1)], state)
        assert choice.among == ((ANN, 1), (BOB, 1))
        state = choice.state
        users.append(choice.user)
    assert users == [ANN, BOB, ANN, BOB]


def test_with_nobody_on_shift_it_goes_to_the_shift_that_opens_first() -> None:
    choice = chosen(off_shift(ANN, 9), off_shift(BOB, 3), off_shift(CAT, 5))
    assert choice.user == BOB
    assert choice.why == "Rotation: New York shift opens first, 7 of 20 open"


def test_those_whose_shift_opens_at_the_same_moment_take_turns() -> None:
    candidates = [off_shift(ANN, 9), off_shift(BOB, 3), off_shift(CAT, 3)]
    first = choose(AGREEMENT, TEAM, candidates, RotationState())
    second = choose(AGREEMENT, TEAM, candidates, first.state)
    assert {first.user, second.user} == {BOB, CAT}


BARS = [
    (replace(on_shift(ANN), away=True), "away"),
    (replace(on_shift(ANN), left=True), "left the workspace"),
    (replace(on_shift(ANN), held_before=True), "had it before"),
    (on_shift(ANN, 20), "at capacity"),
    (on_shift(ANN, 21), "at capacity"),
    (replace(on_shift(ANN, 20), left=True, away=True), "left the workspace"),
]


@pytest.mark.parametrize(("barred", "words"), BARS)
def test_who_is_out_of_the_running(barred: Candidate, words: str) -> None:
    assert chosen(barred, off_shift(BOB, 40)).user == BOB
    alone = chosen(barred)
    assert alone.user is None
    assert alone.why == f"Nobody can take it: 1 {words}"
    owner = chosen(replace(barred, is_company_owner=True), on_shift(BOB))
    assert (owner.user, owner.why) == (BOB, "Rotation: New York shift, 7 of 20 open")


def test_nobody_eligible_says_what_keeps_each_of_them_and_moves_no_turn() -> None:
    choice = chosen(replace(on_shift(ANN), away=True), on_shift(BOB, 20), replace(on_shift(CAT), away=True))
    assert choice == Choice(None, "Nobody can take it: 2 away, 1 at capacity", RotationState())
    assert chosen().why == "Nobody can take it: the team is empty"


def test_somebody_who_is_not_in_the_team_is_never_chosen() -> None:
    assert chosen(on_shift("U0STRANGER")).user is None
    assert chosen(on_shift("U0STRANGER"), off_shift(CAT, 90)).user == CAT


def test_the_owner_of_the_company_has_it_whatever_the_turn_and_the_hour() -> None:
    candidates = [on_shift(ANN), on_shift(BOB), replace(off_shift(CAT, 12), is_company_owner=True)]
    choice = chosen(*candidates, company="ACME")
    assert choice == Choice(CAT, "Already owns ACME", RotationState())
    assert chosen(*candidates).why == "Already owns a lead at this company"


def test_a_rep_without_capacity_is_never_full() -> None:
    assert chosen(on_shift(CAT, 100_000)).user == CAT
