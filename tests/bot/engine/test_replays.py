"""What is proposed is replayed beside the bot, and its cards say what came of it, or why nothing did."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.agreement import loaded
from bot.clock import Clock
from bot.context import BATON
from bot.engine.replays import COMMAND, CUT_OFF, TOO_LONG, Replays
from bot.handoffs.proposals import agree, decline, note_replay, show_anew, went_live
from bot.handoffs.proposing import Propose, propose
from bot.views.ids import ProposalContext
from bot.views.proposal import REPLAYING
from storage import proposals
from storage.database.sql import known
from storage.models import Proposal, agreement_versions
from tests.bot.ledger import MANAGER, Ledger
from tests.bot.ticking import TickingLedger

CMO = "U0CMO"
SAYS = (sys.executable, "-c", f"import sys; sys.stdin.read(); print({json.dumps(['one', 'two'])!r})")
SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")
SAYS_NO_LINES = (sys.executable, "-c", "print('[]')")
SAYS_NOTHING = (sys.executable, "-c", "")
IS_NOT_THERE = ("/no/such/program",)
IS_KILLED = (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")


def proposed(ledger: Ledger, key: str = "sla.P1.accept", value: str = "10m") -> None:
    shown = ProposalContext(agreement_id=ledger.book.current_id)
    ledger.does(CMO, propose, Propose(shown, f"value:{key}", value, team="0"))


def now(ledger: Ledger, number: int = 1) -> Proposal:
    return known(ledger.database.read_now(proposals.get, number))


def replays(
    ledger: Ledger, command: tuple[str, ...] = SAYS, patience: timedelta = timedelta(minutes=1)
) -> Replays:
    return Replays(ledger.database, Clock(start=ledger.now, speed=0), ledger.book, command, patience)


async def test_a_history_that_is_too_short_is_said_by_the_process_itself(ledger: Ledger) -> None:
    proposed(ledger)
    await replays(ledger, COMMAND).look()
    assert str(now(ledger).replayed).startswith("Too little history for a replay: 0 handoffs")


async def test_each_of_two_that_are_proposed_at_once_is_replayed(ledger: Ledger) -> None:
    proposed(ledger)
    proposed(ledger, "sla.P2.accept", "20m")
    await replays(ledger).look()
    assert [now(ledger, number).replayed for number in (1, 2)] == ["one\ntwo"] * 2


@pytest.mark.parametrize(
    ("command", "patience", "said"),
    [
        (IS_KILLED, 60, CUT_OFF),
        (IS_NOT_THERE, 60, CUT_OFF),
        (SAYS_NO_LINES, 60, CUT_OFF),
        (SAYS_NOTHING, 60, CUT_OFF),
        (SLEEPS, 0.05, TOO_LONG),
    ],
)
async def test_a_replay_that_fails_is_said(
    ledger: Ledger, command: tuple[str, ...], patience: float, said: str
) -> None:
    proposed(ledger)
    await replays(ledger, command, timedelta(seconds=patience)).look()
    assert now(ledger).replayed == said


async def test_one_that_the_end_of_the_bot_cut_off_begins_again(ledger: Ledger) -> None:
    proposed(ledger)
    looking = asyncio.create_task(replays(ledger, SLEEPS).look())
    await asyncio.sleep(0.1)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert now(ledger).replayed is None
    await replays(ledger).look()
    assert now(ledger).replayed == "one\ntwo"


def test_a_proposal_that_was_withdrawn_meanwhile_stays_as_it_is_shown(ledger: Ledger) -> None:
    proposed(ledger)
    ledger.does(MANAGER, decline, 1)
    before = ledger.database.read_now(lambda tx: tx.exec_driver_sql("select count(*) from delivery").scalar())
    ledger.does(MANAGER, note_replay, (1, "late"))
    after = ledger.database.read_now(lambda tx: tx.exec_driver_sql("select count(*) from delivery").scalar())
    assert (after, now(ledger).replayed) == (before, "late")


def test_what_was_said_first_stands(ledger: Ledger) -> None:
    proposed(ledger)
    for said in ("first", "second"):
        ledger.does(MANAGER, note_replay, (1, said))
    assert now(ledger).replayed == "first"


def card(ticking: TickingLedger, number: int) -> str:
    """Who proposed it reads this."""
    place = now(ticking, number).cards[CMO]
    (row,) = [row for row in ticking.messages("proposal") if row.id == place]
    return ticking.reads(row)


async def test_a_counter_proposal_is_replayed_anew_and_the_card_of_the_first_waits_no_more(
    ticking: TickingLedger,
) -> None:
    proposed(ticking)
    ticking.delivers()
    assert REPLAYING in card(ticking, 1)
    shown = ProposalContext(agreement_id=ticking.book.current_id, counters=1)
    ticking.does(MANAGER, propose, Propose(shown, "value:sla.P1.accept", "8m", team="0"))
    await replays(ticking).look()
    ticking.delivers()
    assert [now(ticking, number).replayed for number in (1, 2)] == [None, "one\ntwo"]
    assert REPLAYING not in card(ticking, 1)
    assert "🔎 one" in card(ticking, 2)


async def test_what_waits_under_another_version_is_shown_anew_and_replayed_as_it_reads_now(
    ticking: TickingLedger,
) -> None:
    proposed(ticking)
    ticking.delivers()
    changed = ticking.agreement.text.replace('accept      = "5m"', 'accept      = "6m"', 1)
    ticking.agrees(loaded(changed))
    await replays(ticking).look()
    assert now(ticking).replayed is None
    ticking.does(BATON, show_anew, 1)
    await replays(ticking).look()
    ticking.delivers()
    assert REPLAYING not in card(ticking, 1)
    assert (now(ticking, 2).follows, now(ticking, 2).replayed) == (1, "one\ntwo")
    assert "🔎 one" in card(ticking, 2)


async def test_one_that_goes_live_before_its_replay_waits_for_none(ticking: TickingLedger) -> None:
    proposed(ticking)
    ticking.delivers()
    ticking.does(MANAGER, agree, 1)
    ticking.does(MANAGER, went_live, 1)
    await replays(ticking).look()
    ticking.delivers()
    assert now(ticking).replayed is None
    assert REPLAYING not in card(ticking, 1)


async def test_where_the_database_lost_the_text_in_force_the_one_that_baton_goes_by_is_replayed(
    ticking: TickingLedger,
) -> None:
    proposed(ticking)
    ticking.delivers()
    ticking.database.write_now(lambda tx: tx.execute(update(agreement_versions).values(text="this was lost")))
    await replays(ticking).look()
    ticking.delivers()
    assert "🔎 one" in card(ticking, 1)
    assert REPLAYING not in card(ticking, 1)
