"""On PostgreSQL everybody locks lanes in one order: who needs the same ones waits, and none is broken off."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Connection

from storage.database import Database
from storage.outbox import bounds, claims, heads, lanes
from storage.outbox.lanes import WORKSPACE
from tests.storage.outbox import LEASE, NOW, PACE, Outbox

FIRST, LATER = "post:C1", "post:C2"
AHEAD = NOW + timedelta(days=1)

Act = Callable[[Connection], object]


def wake_both(tx: Connection) -> None:
    heads.changed(tx, [FIRST, LATER])


def wake_and_claim(tx: Connection) -> None:
    heads.changed(tx, [FIRST])
    claims.claim(tx, now=NOW, limit=1, lease=LEASE, pace=PACE)


def park(lane: str) -> Act:
    return lambda tx: lanes.park(tx, lane, now=NOW, try_at=NOW, error="is_archived")


def throttle(tx: Connection) -> None:
    lanes.throttle(tx, LATER, until=AHEAD)


CROSSINGS: dict[str, tuple[list[Act], Act, Act]] = {
    "throttle": ([], throttle, wake_both),
    "park": ([], park(LATER), wake_both),
    "unpark": ([park(LATER)], lambda tx: lanes.unpark(tx, [LATER], now=NOW), wake_both),
    "try parked": ([park(LATER)], lambda tx: lanes.try_parked(tx, now=NOW), wake_both),
    "bound": ([throttle], lambda tx: bounds.bound(tx, wire=NOW, now=NOW), wake_both),
    "claim beside a refused token": ([], park(WORKSPACE), wake_and_claim),
}
"""What was before; what locks a late lane, and then wakes an early one; what goes from early to late."""


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    database = Database.open(postgres_url)
    yield database
    database.close()


@pytest.mark.parametrize(("before", "one", "other"), CROSSINGS.values(), ids=CROSSINGS.keys())
def test_two_that_cross_wait_for_each_other_and_both_go_through(
    postgres_database: Database, before: list[Act], one: Act, other: Act
) -> None:
    outbox, tries, begun = Outbox(postgres_database), [], threading.Event()
    outbox.do(wake_both)
    for act in before:
        outbox.do(act)

    def late_lane_first(tx: Connection) -> None:
        tries.append("one")
        one(tx)
        begun.set()
        wait_until_done_or_blocked(postgres_database, crossing)
        heads.changed(tx, [FIRST])

    def early_lane_first(tx: Connection) -> None:
        tries.append("other")
        begun.wait(10)
        other(tx)

    with ThreadPoolExecutor(2) as both:
        crossing = both.submit(outbox.do, early_lane_first)
        both.submit(outbox.do, late_lane_first).result(20)
        crossing.result(20)
    assert sorted(tries) == ["one", "other"]  # a third try is that of the victim of a deadlock


def wait_until_done_or_blocked(database: Database, crossing: Future[None]) -> None:
    dsn = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    blocked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(dsn, autocommit=True) as looking:
        end = time.monotonic() + 10
        while not crossing.done() and looking.execute(blocked).fetchone() is None and time.monotonic() < end:
            time.sleep(0.01)
