"""A manager's board: who is at work and who will be, who is full or away, what nobody has, how turns fell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.agreement import default_agreement, loaded
from bot.handoffs.away import GoAway, go_away
from bot.handoffs.reassign import Reassign, reassign
from bot.lookups.home import home_of, home_page
from bot.views.board import SET_FOR_REP, Board
from bot.views.ids import Action
from storage.database import Database
from tests.bot.handoffs.test_away import comes
from tests.bot.ledger import MANAGER, MONDAY, SASHA, TONI, Ledger
from tests.bot.views.reading import texts


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def growth(ledger: Ledger) -> Board:
    home = ledger.database.read_now(home_of, ledger.book, MANAGER, ledger.now)
    return next(board for board in home.boards if board.team == "Growth")


def reads(ledger: Ledger) -> str:
    page = ledger.database.read_now(home_page, ledger.book, MANAGER, ledger.now)
    return "\n".join(texts(page.blocks))


def test_it_says_who_is_at_work_now_and_who_will_be_and_when(ledger: Ledger) -> None:
    workers = {worker.user: worker for worker in growth(ledger).workers}
    nine_in_los_angeles = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
    assert (workers[SASHA].opens_at, workers[TONI].opens_at) == (None, nine_in_los_angeles)
    said = reads(ledger)
    assert f"🟢 at work: <@{SASHA}> 0 of 30 open" in said
    assert "⚪ from <!date^" in said


def test_it_says_until_when_somebody_is_away_with_a_button_and_what_is_ahead(ledger: Ledger) -> None:
    ledger.does(SASHA, go_away, GoAway("until wednesday"))
    ledger.does(TONI, go_away, GoAway("20 Dec to 3 Jan"))
    said = reads(ledger)
    for part in (f"<@{SASHA}> is away until <!date^", "away from <!date^"):
        assert part in said
    page = ledger.database.read_now(home_page, ledger.book, MANAGER, ledger.now)
    buttons = {
        (each["action_id"], each.get("value"))
        for block in page.blocks
        for each in (block.get("elements") or [block.get("accessory") or {}])
        if each.get("type") == "button"
    }
    assert {(Action.BACK, SASHA), (Action.AWAY, SET_FOR_REP)} <= buttons


def test_it_lists_what_nobody_has_and_why(database: Database) -> None:
    text = default_agreement().text.replace("capacity = 30", "capacity = 1")
    ledger = Ledger(database, MONDAY + timedelta(hours=3), loaded(text))
    for number in (1, 2, 3):
        comes(ledger, number)
    board = growth(ledger)
    assert [(row.handoff_id, row.note) for row in board.ownerless] == [
        (3, "Nobody can take it: 2 at capacity")
    ]
    assert {worker.bar for worker in board.workers} == {"at capacity"}
    said = reads(ledger)
    assert "*Without an owner*: 1 lead" in said
    assert "Nobody can take it: 2 at capacity" in said


def test_a_turn_that_was_given_back_is_named(ledger: Ledger) -> None:
    lead = comes(ledger, 1)
    first = ledger.handoff(lead).owner
    ledger.does(MANAGER, reassign, Reassign(lead, TONI if first == SASHA else SASHA))
    home = ledger.database.read_now(home_of, ledger.book, MANAGER, ledger.now)
    assert [(share.user, share.back) for share in home.shares if share.back] == [(first, 1)]
    assert "1 returned, so next in line" in reads(ledger)
