"""PostgreSQL as SQLAlchemy talks to it: a connection is asked whether it stands only where it may not.

A server that ends a connection says so on it. One that says nothing is not asked before each transaction.
"""

from __future__ import annotations

import select
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import DBAPIConnection

QUIET = "postgresql+quiet"
"""What stands before the colon of an engine's URL."""


_ask: Any = PGDialect_psycopg.do_ping


class Quiet(PGDialect_psycopg):
    """Connections of which those that were told something while nobody used them are asked."""

    supports_statement_cache = True

    def do_ping(self, dbapi_connection: DBAPIConnection) -> bool:
        """Whether the connection can be used. Raises the driver's error if it turns out that it cannot."""
        found = select.poll()
        found.register(dbapi_connection.fileno(), select.POLLIN)
        return not found.poll(0) or bool(_ask(self, dbapi_connection))


registry.register(QUIET.replace("+", "."), __name__, Quiet.__name__)
