"""How long clicks wait for locks, as PostgreSQL tells it, and not for a machine that is busy otherwise."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from storage.database import Database

TELLER = "teller"
"""The name under which processes that tell sign in: they may wait for each other."""
_LOOK_EVERY = 0.05
_LONGEST = (
    "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)::float"
    " FROM pg_stat_activity"
    f" WHERE datname = current_database() AND application_name <> '{TELLER}'"
    " AND cardinality(pg_blocking_pids(pid)) > 0"
)


@dataclass
class Blocked:
    """The longest wait for a lock so far, in seconds, and how often that was looked at."""

    longest: float = 0.0
    looks: int = 0


@contextmanager
def watched(database: Database) -> Iterator[Blocked]:
    """Watch who waits for locks; on SQLite, where one writes at a time, nothing is seen."""
    found, ends = Blocked(), threading.Event()
    if database.dialect != "postgresql":
        yield found
        return
    plain = database.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def look() -> None:
        with psycopg.connect(plain, autocommit=True) as connection:
            while not ends.wait(_LOOK_EVERY):
                row = connection.execute(_LONGEST).fetchone()
                found.longest, found.looks = max(found.longest, row[0] if row else 0.0), found.looks + 1

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        ends.set()
        thread.join()
