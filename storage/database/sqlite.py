"""SQLite as SQLAlchemy talks to it: a file of our own, and transactions that begin as what they are.

The driver begins none. A listener to SQLAlchemy's `begin` could do it as well, but with one on an engine each
statement looks for listeners of its own.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import PoolProxiedConnection
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection

from storage.database.files import make_alone
from storage.database.workers import TOPICS, WAITED

LOCK_SECONDS = 4
"""So long a transaction waits for another program's lock; Slack gives up after 3, a tool hears within 5."""
LEAST_PATIENCE = 0.5
"""And so long a transaction that has waited for others before it."""
PATIENCE = "baton.patience"
"""Where a connection's `info` says that it waits longer, in seconds."""
WRITING, READING = "sqlite+writing", "sqlite+reading"
"""What stands before the colon of an engine's URL."""


class Reading(SQLiteDialect_pysqlite):
    """Transactions that read what was there when they began."""

    supports_statement_cache = True

    def connect(self, *cargs: Any, **cparams: Any) -> DBAPIConnection:
        """Connect; whoever does so first makes the file, for nobody else to read."""
        make_alone(Path(cargs[0]))
        return super().connect(*cargs, **cparams)

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin."""
        _driver(dbapi_connection).execute("BEGIN")


class Writing(Reading):
    """Transactions that hold the one lock of writers from their beginning."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin, waiting for another program's lock. Raises OperationalError if that takes too long."""
        info = dbapi_connection.info
        info.pop(TOPICS, None)
        rest = max(LOCK_SECONDS - info.pop(WAITED, 0.0), LEAST_PATIENCE)
        patiently(_driver(dbapi_connection), "BEGIN IMMEDIATE", info.get(PATIENCE, rest))


for _name, _class in ((WRITING, Writing), (READING, Reading)):
    registry.register(_name.replace("+", "."), __name__, _class.__name__)


def patiently(connection: sqlite3.Connection, statement: str, seconds: float) -> None:
    """Execute, waiting for another program's lock.

    SQLite's own wait sleeps up to 100 ms at a time and so misses the short gaps that a long import leaves.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.002)


def _driver(connection: PoolProxiedConnection) -> sqlite3.Connection:
    driver = connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
