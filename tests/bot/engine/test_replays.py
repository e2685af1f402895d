"""What is proposed is replayed beside the bot, and its cards say what came of it, or why nothing did."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.engine.replays import COMMAND, CUT_OFF, TOO_LONG, Replays
from bot.handoffs.proposals import decline, note_replay
from bot.handoffs.proposing import Propose, propose
from bot.views.ids import ProposalContext
from storage import proposals
from storage.database.sql import known
from storage.models import Proposal
from tests.bot.ledger import MANAGER, Ledger

CMO = "U0CMO"
SAYS = (sys.executable, "-c", f"import sys; sys.stdin.read(); print({json.dumps(['one', 'two'])!r})")
SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")
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
    ("command", "patience", "said"), [(IS_KILLED, 60, CUT_OFF), (SLEEPS, 0.05, TOO_LONG)]
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
