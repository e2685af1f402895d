from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.agreement import Agreement, Duration, Rep, Team
from bot.agreement.loader import load_agreement
from bot.agreement.owners import CompanyOwner, Routing
from bot.rules.candidates import Need
from bot.rules.rotation import RotationState
from bot.rules.routing import Candidate, Choice, choose, reassign, team_for

AGREEMENT = load_agreement(Path(__file__).parents[1] / "data" / "sample_agreement.toml").agreement
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
ANN, BOB, CAT = "U0ANN", "U0BOB", "U0CAT"
TEAM = AGREEMENT.teams[0].model_copy(
    update={
        "name": "Growth",
        "reps": (
            Rep(user=ANN, capacity=20, per_day=5, per_week=9, timezone="Europe/Berlin"),
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
    (replace(on_shift(ANN), leaves_at=NOW + timedelta(days=2)), "winding down for an absence"),
    (replace(on_shift(ANN), given_today=5), "reached their limit for today"),
    (replace(on_shift(ANN), given_this_week=9), "reached their limit for this week"),
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


# The owner of the company


def owner(candidate: Candidate, days: int | None = None) -> Candidate:
    deed = None if days is None else NOW - timedelta(days=days)
    return replace(candidate, is_company_owner=True, company_deed_at=deed)


def test_the_owner_of_the_company_has_it_whatever_the_turn() -> None:
    choice = chosen(on_shift(ANN), owner(on_shift(CAT)), on_shift(BOB), company="ACME")
    assert choice == Choice(CAT, "Already owns ACME", RotationState())
    assert chosen(on_shift(ANN), owner(on_shift(CAT))).why == "Already owns a lead at this company"


def test_an_owner_who_is_asleep_does_not_have_it_while_a_colleague_is_at_work() -> None:
    choice = chosen(on_shift(ANN), owner(off_shift(CAT, 12)), on_shift(BOB), company="ACME")
    assert (choice.user, choice.instead_of) == (ANN, CAT)
    assert choice.why == "Rotation: Berlin shift, 7 of 20 open"


def owned_by(rule: CompanyOwner | None) -> Agreement:
    return AGREEMENT.model_copy(update={"routing": Routing(company_owner=rule)})


WAIT = CompanyOwner(within=Duration(180, "d"), when_away="wait")


@pytest.mark.parametrize(
    ("rule", "who", "priority", "user", "instead_of"),
    [
        (CompanyOwner(), owner(on_shift(CAT), 180), "P2", CAT, None),
        (CompanyOwner(), owner(on_shift(CAT), 181), "P2", ANN, None),  # a stranger by now
        (None, owner(on_shift(CAT), 1), "P2", ANN, None),
        (CompanyOwner(), owner(off_shift(CAT, 9), 1), "P2", ANN, CAT),
        (WAIT, owner(off_shift(CAT, 9), 1), "P2", CAT, None),
        (WAIT, owner(off_shift(CAT, 9), 1), "P1", ANN, CAT),  # P1 never waits
        (WAIT, owner(replace(on_shift(CAT), away=True), 1), "P2", CAT, None),
        (WAIT, owner(replace(on_shift(CAT), leaves_at=NOW), 1), "P2", CAT, None),
        (WAIT, owner(replace(on_shift(CAT), left=True), 1), "P2", ANN, None),
        (WAIT, owner(replace(on_shift(CAT), held_before=True), 1), "P2", ANN, None),
        (CompanyOwner(), owner(replace(on_shift(CAT), away=True), 1), "P2", ANN, CAT),
        (CompanyOwner(), owner(replace(on_shift(CAT), open_leads=9), 1), "P2", ANN, CAT),
        (WAIT, owner(replace(on_shift(CAT), open_leads=9), 1), "P2", ANN, CAT),  # full hands are no absence
    ],
)
def test_how_far_owning_a_company_goes(
    rule: CompanyOwner | None, who: Candidate, priority: str, user: str, instead_of: str | None
) -> None:
    team = TEAM.model_copy(update={"reps": (*TEAM.reps[:2], Rep(user=CAT, capacity=9))})
    need = Need(NOW, priority, timedelta(minutes=5), urgent=priority == "P1")
    who = replace(who, open_leads=who.open_leads if who.open_leads == 9 else 0)
    choice = choose(owned_by(rule), team, [on_shift(ANN), who], RotationState(), need=need)
    assert (choice.user, choice.instead_of) == (user, instead_of)


# The soonest due


def at_work(user: str, ends: float, due: float) -> Candidate:
    """Whose shift ends, and whose clock falls due, so many minutes from now."""
    return replace(
        on_shift(user),
        shift_ends=NOW + timedelta(minutes=ends),
        due_at=NOW + timedelta(minutes=due),
    )


def asleep(user: str, opens: float, due: float) -> Candidate:
    return replace(
        off_shift(user, 0), opens_at=NOW + timedelta(minutes=opens), due_at=NOW + timedelta(minutes=due)
    )


P1 = Need(NOW, "P1", timedelta(minutes=5), urgent=True)
P3 = Need(NOW, "P3", timedelta(hours=4), urgent=False)
HOUR = 60


@pytest.mark.parametrize(
    ("need", "candidates", "running"),
    [
        # two minutes before the shift ends
        (P1, [at_work(ANN, 2, 20 * HOUR), at_work(BOB, 300, 5)], {BOB}),
        (P1, [at_work(ANN, 5, 5), at_work(BOB, 300, 5)], {ANN, BOB}),
        # at work before asleep, however soon they start
        (P1, [asleep(ANN, 1, 6), at_work(BOB, 300, 5)], {BOB}),
        (P1, [asleep(ANN, 1, 6), at_work(BOB, 300, 250)], {BOB}),
        # nobody who could keep it at work: who could soonest
        (P1, [at_work(ANN, 2, 20 * HOUR), asleep(BOB, 30, 35)], {BOB}),
        (P1, [at_work(ANN, 2, 20 * HOUR), asleep(BOB, 30, 35), asleep(CAT, 35, 40)], {BOB, CAT}),
        (P1, [asleep(BOB, 30, 35), asleep(CAT, 36, 41)], {BOB}),
        # others: within one clock's length of the soonest
        (P3, [at_work(ANN, 300, 240), asleep(BOB, 200, 440), asleep(CAT, 260, 500)], {ANN, BOB}),
        (P3, [at_work(ANN, 2, 20 * HOUR), asleep(BOB, 60, 300)], {BOB}),
        (P3, [at_work(ANN, 2, 20 * HOUR)], {ANN}),
    ],
)
def test_who_could_keep_the_promise_is_in_the_running(
    need: Need, candidates: list[Candidate], running: set[str]
) -> None:
    choice = choose(AGREEMENT, TEAM, candidates, RotationState(), need=need)
    assert {user for user, _ in choice.among} == running
    assert choice.user in running


def test_of_those_who_start_soon_the_card_says_so() -> None:
    state = choose(
        AGREEMENT, TEAM, [at_work(ANN, 300, 240), asleep(BOB, 200, 440)], RotationState(), need=P3
    ).state
    choice = choose(AGREEMENT, TEAM, [at_work(ANN, 300, 240), asleep(BOB, 200, 440)], state, need=P3)
    assert choice.why == "Rotation: New York shift opens soon, 7 of 20 open"


# Reassigned by the ladder


@pytest.mark.parametrize(
    ("candidates", "users"),
    [
        # somebody at work who still will be when it falls due, then somebody at work, then who starts first
        ([at_work(ANN, 9, 9), at_work(BOB, 300, 5), at_work(CAT, 2, 20 * HOUR)], {BOB}),
        ([asleep(ANN, 9, 14), asleep(BOB, 5, 10), at_work(CAT, 2, 20 * HOUR)], {CAT}),
        ([asleep(ANN, 9, 14), asleep(BOB, 5, 10), asleep(CAT, 60, 65)], {BOB}),
        ([asleep(ANN, 5, 10), asleep(BOB, 5, 10)], {BOB}),
        # never to who starts later than the holder could act
        ([at_work(ANN, 9, 9), asleep(BOB, 5, 10)], set()),
        ([asleep(ANN, 4, 9), asleep(BOB, 5, 10)], set()),
        ([at_work(ANN, 2, 20 * HOUR), asleep(BOB, 5, 10)], set()),
        ([at_work(ANN, 9, 9), replace(at_work(BOB, 300, 5), away=True)], set()),
        ([at_work(ANN, 9, 9), replace(at_work(BOB, 300, 5), held_before=True)], set()),
        # a holder who has gone could not act at all
        ([replace(at_work(ANN, 9, 9), left=True), asleep(BOB, 5, 10)], {BOB}),
        ([replace(asleep(ANN, 900, 905), away=True), asleep(BOB, 5, 10)], {BOB}),
        ([asleep(BOB, 5, 10)], {BOB}),
        ([], set()),
    ],
)
def test_a_late_lead_goes_to_who_can_act_sooner_or_stays(
    candidates: list[Candidate], users: set[str]
) -> None:
    choice = reassign(AGREEMENT, TEAM, candidates, RotationState(), holder=ANN, need=P1)
    assert {user for user, _ in choice.among} == users
    assert (choice.user in users) if users else choice.user is None


def test_a_late_lead_that_nobody_held_goes_to_whoever_could_act_soonest() -> None:
    choice = reassign(AGREEMENT, TEAM, [asleep(BOB, 30, 35)], RotationState(), holder=None, need=P1)
    assert choice.user == BOB


def test_in_a_team_of_one_a_late_lead_stays() -> None:
    choice = reassign(AGREEMENT, TEAM, [at_work(ANN, 9, 9)], RotationState(), holder=ANN, need=P1)
    assert choice.why == "Stays where it is: nobody else is in the team"


def test_a_lead_that_stays_says_why_and_takes_no_turn() -> None:
    choice = reassign(
        AGREEMENT, TEAM, [at_work(ANN, 9, 9), asleep(BOB, 5, 10)], RotationState(), holder=ANN, need=P1
    )
    assert choice == Choice(None, "Stays where it is: nobody else could act sooner", RotationState())


def test_a_rep_without_capacity_is_never_full() -> None:
    assert chosen(on_shift(CAT, 100_000)).user == CAT
