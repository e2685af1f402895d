"""On PostgreSQL reminders are locked in one order: messages, whom they reminded, lanes. None breaks off."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.delivery.shown import card_shown
from storage.database import Database
from storage.models import Delivery, DeliveryState
from storage.outbox import nags, posts, receipts
from tests.bot.ticking import MINUTE, TickingLedger
from tests.storage.test_lane_order import wait_until_done_or_blocked

_LOG = logging.getLogger("tests")


@pytest.fixture
def ticking(postgres_url: str) -> Iterator[TickingLedger]:
    database = Database.open(postgres_url)
    yield TickingLedger(database)
    database.close()


def two_reminders(ledger: TickingLedger) -> tuple[Delivery, Delivery]:
    """Two of one lead in one place: one that Slack shows, and one that is on its way there."""
    ledger.card_comes()
    for _ in range(60):
        ledger.ticks(4 * MINUTE)
        places: dict[str, list[Delivery]] = defaultdict(list)
        for row in ledger.messages("nag"):
            places[row.place].append(row)
        for found in places.values():
            if len(found) > 1 and found[-1].state == DeliveryState.PENDING:
                return found[-2], found[-1]
        ledger.delivers()
    raise AssertionError("nobody was reminded twice")


def test_a_reminder_that_comes_and_one_that_is_written_anew_wait_for_each_other(
    ticking: TickingLedger,
) -> None:
    old, new = two_reminders(ticking)
    now, tries, begun = ticking.now, list[str](), threading.Event()

    def writes(tx: Connection) -> None:
        """As the ticker does: the message that says more now, then that its place is reminded."""
        tries.append("writes")
        posts.these(tx, [old.id])
        begun.set()
        wait_until_done_or_blocked(ticking.database, comes)
        nags.pinged(tx, {old.place: now})

    def arrives(tx: Connection) -> None:
        tries.append("arrives")
        begun.wait(10)
        receipts.sent(tx, new, channel=new.place, ts="9.0", now=now)
        card_shown(tx, ticking.book, _LOG, new, now, now + timedelta(seconds=1))

    with ThreadPoolExecutor(2) as both:
        comes = both.submit(ticking.database.write_now, arrives)
        both.submit(ticking.database.write_now, writes).result(20)
        comes.result(20)
    assert sorted(tries) == ["arrives", "writes"]  # a third try is that of the victim of a deadlock
