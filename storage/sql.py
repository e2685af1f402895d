"""What the queries share: the form of a row, and the words that differ between SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

Record: TypeAlias = Row[*tuple[Any, ...]]  # one row as it was read: immutable, its columns as attributes
Upsert = sqlite.Insert | postgresql.Insert


def upsert(tx: Connection, table: Table) -> Upsert:
    """An INSERT that can say what to do on a conflict, in the dialect of this connection."""
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)
