"""What the queries share: the form of a row, and the words that differ between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import ColumnClause, Connection, Executable, Row, Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite

Record: TypeAlias = Row[*tuple[Any, ...]]  # one row as it was read: immutable, its columns as attributes
Upsert = sqlite.Insert | postgresql.Insert
INSERTS: dict[str, Callable[[Table], Upsert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def written(word: StrEnum) -> ColumnClause[str]:
    """A word as it is, not as a parameter: so a partial index on it is seen to fit."""
    return literal_column(f"'{word.value}'")


def upsert(tx: Connection, table: Table) -> Upsert:
    """An INSERT that can say what to do on a conflict, in the dialect of this connection."""
    return INSERTS[tx.dialect.name](table)


@cache
def upsert_once(dialect: str, table: Table, *key: str) -> Executable:
    """An INSERT that does nothing where the key exists. Built once: building costs more than running it."""
    return INSERTS[dialect](table).on_conflict_do_nothing(index_elements=list(key))
