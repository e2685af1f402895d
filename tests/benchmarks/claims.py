"""How long a claim takes with much piled up: `python -m tests.benchmarks.claims`, on both databases.

Ten thousand posts wait for one channel, alone or beside two hundred other channels, and as many were sent.
That a claim goes through no more of them than it must is a test; this is what it comes to on the clock.
"""

from __future__ import annotations

import statistics
import tempfile
import time

from sqlalchemy import Connection, delete

from storage.database import Database
from storage.models import deliveries
from storage.models import lanes as lane_table
from storage.outbox import claims, receipts
from tests.databases import PostgresServer, migrated
from tests.storage.outbox import LEASE, NOW, PACE, SECOND
from tests.storage.test_claims import pile

TURNS = 12
WITHIN = 20  # milliseconds


def main() -> None:
    """Print a line for each database and number of channels."""
    with tempfile.TemporaryDirectory() as folder:
        _measure(migrated(f"sqlite:///{folder}/baton.db"))
    server = PostgresServer()
    try:
        _measure(migrated(server.url(server.create())))
    finally:
        server.remove()


def _measure(url: str) -> None:
    database = Database.open(url)
    for channels in (1, 200):
        took = database.write_now(_claims, channels)
        middle = statistics.median(took) * 1000
        print(f"{database.dialect:<11}{channels:>4} channels: {middle:5.1f} ms   at most {WITHIN} ms")
    database.close()


def _claims(tx: Connection, channels: int) -> list[float]:
    tx.execute(delete(deliveries))
    tx.execute(delete(lane_table))
    pile(tx, channels, 10_000)
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("ANALYZE delivery")
    took = []
    for n in range(TURNS):
        before = time.perf_counter()
        claims.claim(tx, now=NOW + n * SECOND, limit=16, lease=LEASE, pace=PACE)
        took.append(time.perf_counter() - before)
        receipts.expire_leases(tx, now=NOW + n * SECOND, visible_after=SECOND)
    return took


if __name__ == "__main__":
    main()
