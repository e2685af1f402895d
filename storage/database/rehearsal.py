"""A database to try things in: it begins as the real one is, and nothing of what is written stays.

The real one is only read, and nobody waits: a copy of the file on SQLite, on PostgreSQL tables that only one
session sees. Both take as much room as the database does, while it lasts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import StaticPool, Table, event
from sqlmodel import SQLModel

from storage.database import Database, DatabaseAway, postgres_engine


@contextmanager
def rehearsal(database: Database) -> Iterator[Database]:
    """A database that is as `database` is now and is gone at the end. It serves one caller at a time.

    Raises DatabaseAway where there is no room for it.
    """
    make = _copied_file if database.dialect == "sqlite" else _own_tables
    with make(database) as copy:
        try:
            yield copy
        finally:
            copy.close()


@contextmanager
def _copied_file(database: Database) -> Iterator[Database]:
    real_one = f"{Path(database.url.database or '').as_uri()}?mode=ro"
    with TemporaryDirectory(prefix="baton-") as folder:
        path = Path(folder, "rehearsal.db")
        try:
            with closing(sqlite3.connect(real_one, uri=True)) as real, closing(sqlite3.connect(path)) as copy:
                real.backup(copy)
        except sqlite3.Error as error:
            says = f"The database cannot be copied to {folder} ({error}); make room there."
            raise DatabaseAway(says) from error
        yield Database.open(f"sqlite:///{path}")


@contextmanager
def _own_tables(database: Database) -> Iterator[Database]:
    engine = postgres_engine(database.url, poolclass=StaticPool)
    event.listen(engine, "first_connect", partial(_hide_the_real_ones, SQLModel.metadata.sorted_tables))
    yield Database(database.url, engine, engine)


def _hide_the_real_ones(tables: list[Table], connection: Any, _record: object) -> None:
    """Give a session tables of its own, by the names of the real ones and with what stands in them.

    They have counters of their own too, so that no number is used up.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
        for table in tables:
            name = f'"{table.name}"'
            cursor.execute(f"CREATE TEMP TABLE {name} (LIKE {name} INCLUDING DEFAULTS INCLUDING INDEXES)")
            cursor.execute(f'INSERT INTO pg_temp.{name} SELECT * FROM "{schema}".{name}')
            for column in table.primary_key.columns:
                if column.autoincrement is True:
                    _count_apart(cursor, name, column.name)
    connection.commit()


def _count_apart(cursor: Any, table: str, column: str) -> None:
    counter = f'"{table[1:-1]}_{column}_tried"'
    cursor.execute(f"CREATE TEMP SEQUENCE {counter}")
    cursor.execute(
        f"SELECT setval('pg_temp.{counter}', COALESCE(MAX({column}), 0) + 1, false) FROM pg_temp.{table}"
    )
    cursor.execute(
        f"ALTER TABLE pg_temp.{table} ALTER COLUMN {column} SET DEFAULT nextval('pg_temp.{counter}')"
    )
