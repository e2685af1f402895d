"""A database in memory that runs use cases on the caller's thread, for long simulations."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, StaticPool, create_engine, make_url

from storage.database import Database

P = ParamSpec("P")
T = TypeVar("T")


class InMemory(Database):
    """A copy in memory of a migrated SQLite database: no thread, no disk."""

    def __init__(self, sqlite_url: str) -> None:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})
        super().__init__(make_url(sqlite_url), engine, engine)
        self._tx = engine.connect()
        memory = self._tx.connection.driver_connection
        assert isinstance(memory, sqlite3.Connection)
        with closing(sqlite3.connect(make_url(sqlite_url).database or "")) as file:
            file.backup(memory)

    def write_now(self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._tx.exec_driver_sql("BEGIN")
        try:
            done = f(self._tx, *args, **kwargs)
        except BaseException:
            self._tx.exec_driver_sql("ROLLBACK")
            raise
        self._tx.exec_driver_sql("COMMIT")
        return done

    read_now = write_now
