"""How long a claim takes with much piled up: `python -m tests.benchmarks.claims`, on both databases.

Ten thousand posts wait for one channel, for two hundred, or for one each; as many were sent.
That a claim goes through no more of them than it must is a test; this is what it costs, its transaction
included: processor time, here and in PostgreSQL's server.
"""

from __future__ import annotations

import statistics
import tempfile
from functools import partial

from sqlalchemy import Connection, delete

from storage.database import Database
from storage.models import deliveries
from storage.models import lanes as lane_table
from storage.outbox import claims, receipts
from tests.benchmarks.table import Row, table
from tests.benchmarks.work import work_of
from tests.databases import PostgresServer, migrated
from tests.storage.outbox import LEASE, NOW, PACE, SECOND
from tests.storage.test_claims import pile

TURNS = 24
WITHIN = 5  # milliseconds
PLACES = (1, 200, 10_000)


def rows(_quick: bool = False) -> list[Row]:
    """One for each database and number of channels."""
    with tempfile.TemporaryDirectory() as folder:
        found = _measure(migrated(f"sqlite:///{folder}/baton.db"))
    server = PostgresServer()
    try:
        return found + _measure(migrated(server.url(server.create())))
    finally:
        server.remove()


def _measure(url: str) -> list[Row]:
    database = Database.open(url)
    found = []
    for channels in PLACES:
        what = f"claim, {channels:,} places wait, {database.dialect}"
        found.append(Row(what, statistics.median(_claims(database, channels)) * 1000, "ms", most=WITHIN))
    database.close()
    return found


def _claims(database: Database, channels: int) -> list[float]:
    database.write_now(_fill, channels)
    claim = partial(claims.claim, lease=LEASE, pace=PACE)
    while database.write_now(claim, now=NOW, limit=1).more:
        pass  # the heads of all that woke at once are worked out first
    work, took = work_of(database), []
    for n in range(TURNS):
        before = work()
        database.write_now(claim, now=NOW + n * SECOND, limit=16)
        took.append(work() - before)
        database.write_now(receipts.expire_leases, now=NOW + n * SECOND, visible_after=SECOND)
    return took


def _fill(tx: Connection, channels: int) -> None:
    tx.execute(delete(deliveries))
    tx.execute(delete(lane_table))
    pile(tx, channels, 10_000)
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("ANALYZE delivery")


if __name__ == "__main__":
    print(table(rows()))
