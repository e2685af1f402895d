"""A lead in a pool in which nobody can take it: who decides hears at once, and the team as that ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.handoffs.accept import Accept, accept
from bot.handoffs.away import ComeBack, GoAway, come_back, go_away
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.undo import Undo, undo
from bot.ladder.ownerless import next_able
from bot.ladder.vacancies import look_for_nobody
from bot.lookups.board import boards_of
from storage.database import Database
from storage.models import Delivery, Outcome
from tests.bot.ledger import ADMIN, MANAGER, MONDAY
from tests.bot.teams import ANNE, BERLIN, BERT, NEW_YORK, rep, with_team
from tests.bot.ticking import MINUTE, TickingLedger

SECOND = timedelta(seconds=1)
POOL = with_team(rep(ANNE, NEW_YORK, "capacity = 1"), rep(BERT, BERLIN), assign="pool")


@pytest.fixture
def ticking(database: Database) -> TickingLedger:
    return TickingLedger(database, agreement=POOL)


def comes(ticking: TickingLedger, number: int = 0) -> int:
    told = {"external_id": f"v-{number}", "email": f"p{number}@firm{number}.example"}
    return ticking.card_comes(**told, company=f"Firm {number}")


def card_of(ticking: TickingLedger, lead: int) -> str:
    return ticking.reads(next(row for row in ticking.messages("card") if row.handoff_id == lead))


def to(ticking: TickingLedger, place: str) -> list[Delivery]:
    return [row for row in ticking.messages("nag") if row.place == place]


def test_the_manager_is_asked_at_once_and_the_card_says_until_when(ticking: TickingLedger) -> None:
    ticking.does(ANNE, go_away, GoAway("until thursday"))
    ticking.does(BERT, go_away, GoAway("until friday"))
    lead = comes(ticking)
    [asked] = to(ticking, MANAGER)
    assert asked.due_at == ticking.now
    assert "Nobody can take it: 2 away. *Please choose who takes it.*" in ticking.reads(asked)
    card = card_of(ticking, lead)
    assert "Nobody can take it: 2 away* until <!date^1795096800^" in card  # Thursday, nine in New York
    assert "to choose. Anybody in team Growth may still accept it" in card
    assert "<@" not in card
    assert "the first to accept gets it" not in card


def test_of_a_team_that_takes_turns_the_card_says_so_too(database: Database) -> None:
    ticking = TickingLedger(database, agreement=with_team(rep(ANNE, NEW_YORK)))
    ticking.goes_away(ANNE)
    card = card_of(ticking, comes(ticking))
    assert "Nobody can take it: 1 away*. I asked" in card


def test_a_manager_who_is_away_is_followed_by_the_admins(ticking: TickingLedger) -> None:
    for user in (ANNE, BERT, MANAGER):
        ticking.goes_away(user, timedelta(days=2))
    comes(ticking)
    assert (len(to(ticking, ADMIN)), len(to(ticking, MANAGER))) == (1, 0)


def test_while_nobody_is_there_a_breach_is_nobody_s_fault(ticking: TickingLedger) -> None:
    for user in (ANNE, BERT):
        ticking.goes_away(user)
    lead = comes(ticking)
    ticking.now = ticking.clock(lead, "accept").due_at
    ticking.ticks()
    assert ticking.clock(lead, "accept").cause == "no_eligible_rep"


def test_the_last_who_goes_away_leaves_what_waits_to_whoever_decides(ticking: TickingLedger) -> None:
    lead = comes(ticking)
    ticking.does(ANNE, go_away, GoAway("2h"))
    assert to(ticking, MANAGER) == []
    ticking.does(BERT, go_away, GoAway("3h"))
    assert len(to(ticking, MANAGER)) == 1
    ticking.does("baton", look_for_nobody)
    assert len(to(ticking, MANAGER)) == 1
    assert ticking.handoff(lead).owner_why == "Nobody can take it: 2 away"


def test_who_is_back_is_called_within_a_tick_with_a_fresh_clock(ticking: TickingLedger) -> None:
    ticking.goes_away(BERT)
    ticking.does(ANNE, go_away, GoAway("2h"))
    lead = comes(ticking)
    ticking.ticks(MINUTE)
    ticking.delivers()
    ticking.does(ANNE, come_back, ComeBack())
    ticking.ticks(SECOND)
    [called] = to(ticking, "C0GROWTH")
    assert called.thread_id == ticking.handoff(lead).card_id
    assert f"<@{ANNE}>" in ticking.reads(called)
    assert "the first to accept gets it" in card_of(ticking, lead)
    fresh = ticking.running(lead)["accept"]
    assert (fresh.started_at, fresh.due_at, fresh.present) == (
        *(ticking.now, ticking.now + 5 * MINUTE),
        [ANNE],
    )
    [asked] = [row for row in ticking.messages("nag", "update") if row.place == MANAGER]
    assert "open to the team again" in ticking.reads(asked)
    ticking.ticks(SECOND)
    assert len(to(ticking, "C0GROWTH")) == 1


def test_room_in_full_hands_ends_it_too(ticking: TickingLedger) -> None:
    first = comes(ticking)
    ticking.does(ANNE, accept, Accept(first))
    ticking.goes_away(BERT)
    lead = comes(ticking, 1)
    assert ticking.handoff(lead).owner_why == "Nobody can take it: 1 at capacity, 1 away"
    ticking.does(
        ANNE,
        set_outcome,
        SetOutcome(first, Outcome.DISQUALIFIED, Entered(reason="no_budget", note="None this year")),
    )
    ticking.ticks(SECOND)
    assert ticking.handoff(lead).owner_why is None
    assert f"<@{ANNE}>" in ticking.reads(to(ticking, "C0GROWTH")[-1])


def test_what_was_accepted_and_undone_is_nobodys_again(ticking: TickingLedger) -> None:
    for user in (ANNE, BERT):
        ticking.goes_away(user)
    lead = comes(ticking)
    ticking.does(ANNE, accept, Accept(lead))
    ticking.does(ANNE, undo, Undo(lead))
    assert ticking.handoff(lead).owner_why == "Nobody can take it: 2 away"


def test_a_jump_stops_at_the_moment_at_which_somebody_is_back(ticking: TickingLedger) -> None:
    ticking.goes_away(BERT)
    ticking.goes_away(ANNE, timedelta(hours=2))
    comes(ticking)
    back = ticking.database.read_now(next_able, ticking.book, ticking.now)
    assert back == MONDAY + timedelta(hours=2)


def test_the_managers_home_lists_what_nobody_of_a_pool_can_take(ticking: TickingLedger) -> None:
    comes(ticking)
    for user in (ANNE, BERT):
        ticking.goes_away(user)
    lead = comes(ticking, 1)
    ticking.does("baton", look_for_nobody)
    teams = ticking.book.current.teams
    [board] = ticking.database.read_now(boards_of, ticking.book, teams, ticking.now, MANAGER)
    assert board.ownerless_total == 2
    assert lead in {row.handoff_id for row in board.ownerless}
    assert {row.note for row in board.ownerless} == {"Nobody can take it: 2 away"}
