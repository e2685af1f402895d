"""A late lead goes to somebody at work, or stays where it is: never to who starts later than its holder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest

from bot.agreement import LoadedAgreement
from bot.handoffs.accept import Accept, accept
from bot.handoffs.away import ComeBack, GoAway, come_back, go_away
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.snooze import Snooze, snooze
from bot.ladder.stayed import next_opening
from bot.rules.verdicts import KeptChoice
from storage.database import Database
from storage.database.sql import known
from storage.models import Outcome
from tests.bot.ledger import MANAGER, MONDAY
from tests.bot.teams import ANNE, BERLIN, BERT, CLEO, LOS_ANGELES, NEW_YORK, rep, with_team
from tests.bot.ticking import MINUTE, TickingLedger

HOUR = timedelta(hours=1)
_NUMBERS = count(1)


def comes(ticking: TickingLedger) -> int:
    n = next(_NUMBERS)
    told = {"external_id": f"r-{n}", "email": f"p{n}@firm{n}.example", "company": f"Firm {n}", "employees": 9}
    return ticking.card_comes(**told, last_name=f"Lee{n}")


def at(database: Database, agreement: LoadedAgreement, now: datetime) -> TickingLedger:
    return TickingLedger(database, agreement=agreement, now=now)


def test_somebody_at_work_has_it_next(database: Database) -> None:
    team = with_team(rep(ANNE, NEW_YORK), rep(BERT, BERLIN), rep(CLEO, NEW_YORK))
    ticking = at(database, team, MONDAY + 5 * HOUR)  # Berlin sleeps
    handoff_id = comes(ticking)
    first = known(ticking.handoff(handoff_id).owner)
    ticking.ticks(8 * MINUTE)
    row = ticking.handoff(handoff_id)
    assert {first, row.owner} == {ANNE, CLEO}
    kept = KeptChoice.from_json(known(row.choice))
    words = {each.user: each.words for each in kept.each}
    assert words[first] == "had it before"
    assert words[BERT].startswith("starts {2026-11-17T08:00")


def test_a_lead_that_is_taken_from_somebody_counts_no_longer_for_their_day_in_the_same_tick(
    database: Database,
) -> None:
    capped = (rep(ANNE, NEW_YORK, "per_day = 1"), rep(BERT, NEW_YORK, "capacity = 1"))
    ticking = at(database, with_team(*capped), MONDAY)
    first, second = comes(ticking), comes(ticking)
    assert [ticking.handoff(each).owner for each in (first, second)] == [ANNE, BERT]
    ticking.agrees(with_team(*capped, rep(CLEO, NEW_YORK, "capacity = 1")))
    ticking.ticks(8 * MINUTE)
    assert [ticking.handoff(each).owner for each in (first, second)] == [CLEO, ANNE]


def test_it_stays_where_it_is_rather_than_go_to_who_starts_later(database: Database) -> None:
    ticking = at(database, with_team(rep(ANNE, NEW_YORK), rep(CLEO, LOS_ANGELES)), MONDAY)
    handoff_id = comes(ticking)  # Los Angeles opens in two hours
    ticking.ticks(8 * MINUTE)
    assert (ticking.handoff(handoff_id).owner, ticking.handoff(handoff_id).reassigned) == (ANNE, 0)
    assert (MANAGER, "choose", 3) in ticking.lines()
    assert ticking.running(handoff_id)["accept"].owner == ANNE


def opens(ticking: TickingLedger) -> None:
    """Nine in Los Angeles."""
    ticking.now = MONDAY + 2 * HOUR


def has_room(ticking: TickingLedger) -> None:
    held = [row.handoff_id for row in ticking.messages("card") if row.handoff_id]
    own = next(each for each in held if ticking.handoff(each).owner == CLEO)
    entered = Entered(reason="no_budget", note="None this year")
    ticking.does(CLEO, set_outcome, SetOutcome(own, Outcome.DISQUALIFIED, entered))


def is_back(ticking: TickingLedger) -> None:
    ticking.does(CLEO, come_back, ComeBack())


@pytest.mark.parametrize(
    ("zone", "more", "event"),
    [(LOS_ANGELES, "", opens), (NEW_YORK, "capacity = 1", has_room), (NEW_YORK, "", is_back)],
)
def test_what_stays_goes_on_within_a_tick_once_somebody_else_can_have_it(
    database: Database, zone: str, more: str, event: Callable[[TickingLedger], None]
) -> None:
    ticking = at(database, with_team(rep(ANNE, NEW_YORK), rep(CLEO, zone, more)), MONDAY)
    if event is has_room:
        first, second = comes(ticking), comes(ticking)
        assert {ticking.handoff(each).owner for each in (first, second)} == {ANNE, CLEO}
        for each in (first, second):
            ticking.does(known(ticking.handoff(each).owner), accept, Accept(each))
    if event is is_back:
        ticking.does(CLEO, go_away, GoAway("3h"))
    handoff_id = comes(ticking)
    ticking.ticks(8 * MINUTE)
    for _ in range(3):
        ticking.ticks(MINUTE / 60)
    assert ticking.handoff(handoff_id).owner == ANNE
    told = len(ticking.lines())
    event(ticking)
    ticking.ticks(MINUTE / 60)
    assert (ticking.handoff(handoff_id).owner, ticking.handoff(handoff_id).reassigned) == (CLEO, 1)
    assert (CLEO, "assigned", -1) in ticking.lines()[told:]
    assert ticking.running(handoff_id)["accept"].started_at == ticking.now


def test_a_jump_stops_where_somebody_comes_to_work_who_can_have_what_stays(database: Database) -> None:
    ticking = at(database, with_team(rep(ANNE, NEW_YORK), rep(CLEO, LOS_ANGELES)), MONDAY)
    assert database.read_now(next_opening, ticking.book, ticking.now) is None
    comes(ticking)
    ticking.ticks(8 * MINUTE)
    assert database.read_now(next_opening, ticking.book, ticking.now) == MONDAY + 2 * HOUR


def test_what_is_snoozed_stays_until_that_is_over(database: Database) -> None:
    ticking = at(database, with_team(rep(ANNE, NEW_YORK), rep(CLEO, LOS_ANGELES)), MONDAY)
    handoff_id = comes(ticking)
    ticking.ticks(8 * MINUTE)
    ticking.now = MONDAY + HOUR + 55 * MINUTE
    ticking.does(ANNE, snooze, Snooze(handoff_id, "1h", "On the phone with them"))
    opens(ticking)
    ticking.ticks(MINUTE)
    assert ticking.handoff(handoff_id).owner == ANNE
    ticking.ticks(HOUR)
    assert ticking.handoff(handoff_id).owner == CLEO


def test_who_is_away_holds_nothing_back(database: Database) -> None:
    ticking = at(database, with_team(rep(ANNE, NEW_YORK), rep(CLEO, LOS_ANGELES)), MONDAY)
    handoff_id = comes(ticking)
    ticking.goes_away(ANNE, timedelta(days=3))
    ticking.ticks(8 * MINUTE)
    assert ticking.handoff(handoff_id).owner == CLEO


def test_the_last_rung_comes_again_once_a_working_day_and_nine_times_at_most(database: Database) -> None:
    ticking = at(database, with_team(rep(ANNE, NEW_YORK)), MONDAY)
    handoff_id = comes(ticking)
    ticking.ticks(8 * MINUTE)
    times = []
    for _ in range(30):
        before = len(ticking.lines())
        ticking.delivers()
        ticking.ticks(timedelta(days=1))
        times.append(len(ticking.lines()) - before)
    assert sum(times) == 9
    assert max(times) == 1
    steps = [step for place, what, step in ticking.lines() if (place, what) == (MANAGER, "choose")]
    assert steps == list(range(3, 13))
    assert len([row for row in ticking.messages("nag") if row.place == MANAGER]) == 10
    assert ticking.running(handoff_id)["accept"].next_at is None


def test_nothing_comes_again_where_the_agreement_says_never(database: Database) -> None:
    ticking = at(database, with_team(rep(ANNE, NEW_YORK), repeat='"0s"'), MONDAY)
    comes(ticking)
    ticking.ticks(8 * MINUTE)
    told = ticking.lines()
    ticking.ticks(timedelta(days=9))
    assert ticking.lines() == told


@pytest.mark.parametrize("minutes", [7, 300])
def test_time_to_accept_counts_from_the_handoff_whoever_had_it(database: Database, minutes: int) -> None:
    team = with_team(rep(ANNE, NEW_YORK), rep(CLEO, NEW_YORK))
    ticking = at(database, team, MONDAY)
    handoff_id = comes(ticking)
    ticking.ticks(8 * MINUTE)
    ticking.passes(minutes * MINUTE)
    ticking.does(known(ticking.handoff(handoff_id).owner), accept, Accept(handoff_id))
    met = ticking.clock(handoff_id, "accept")
    assert met.worked == (8 + minutes) * 60
    assert (met.breached_at is None) == (minutes < 5)
