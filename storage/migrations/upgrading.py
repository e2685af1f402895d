"""Runs Alembic: the half of the migrations that is needed only when there is something to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.database.away import DatabaseAway, as_away, name_of
from storage.database.sqlite import PATIENCE
from storage.migrations import LOCK, UNFINISHED, VERSIONS
from storage.models import leads

HERE = Path(__file__).parent

_PATIENCE_SECONDS = 300  # how long a starter waits for another one's migration


class DatabaseTooNew(DatabaseAway):
    """The database was migrated by a newer Baton than this one."""


def is_current(database: Database, versions: Sequence[Path] = (VERSIONS,)) -> bool:
    """Whether the database has the tables of this code; False where the next start would bring it to them.

    Raises `DatabaseAway` where no start could: half a copy, another program's tables, a newer Baton's.
    """
    return database.read_now(_is_current, ScriptDirectory.from_config(configuration(versions)))


def upgrade(database: Database, versions: Sequence[Path]) -> None:
    """Bring the database to the newest revision found in `versions`, in one transaction, under a lock.

    Starters that come at the same time wait for the first and find nothing left to do. Blocks, so it runs
    before there is an event loop. Raises `DatabaseAway`, and `DatabaseTooNew`.
    """
    if is_current(database, versions):
        return
    config = configuration(versions)
    script = ScriptDirectory.from_config(config)
    try:
        with _locked(database.engine) as connection:
            if not _is_current(connection, script):  # looked at again: another starter may have been first
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    except (DBAPIError, sqlite3.Error) as error:
        raise as_away(error, database.url, writing=True) or error from error


def _is_current(tx: Connection, script: ScriptDirectory) -> bool:
    heads = MigrationContext.configure(tx).get_current_heads()
    if any(head.startswith(UNFINISHED) for head in heads):
        raise DatabaseAway(
            f"{name_of(tx.engine.url)} holds a copy that was broken off; run copy again, and it goes on."
        )
    try:
        script.get_revisions(heads)
    except CommandError:
        raise DatabaseTooNew(
            f"{name_of(tx.engine.url)} was written by a newer Baton (revision {', '.join(heads)}); "
            "install that version, or restore an older copy of the database."
        ) from None
    if not heads and (taken := sorted(set(inspect(tx).get_table_names()) & leads.metadata.tables.keys())):
        raise DatabaseAway(
            f"{name_of(tx.engine.url)} belongs to another program: it has tables of Baton's names "
            f"({', '.join(taken[:3])}) that are not Baton's. Name an empty database in DATABASE_URL."
        )
    return set(heads) == set(script.get_heads())


@contextmanager
def _locked(engine: Engine) -> Iterator[Connection]:
    """A connection inside the one transaction of the whole upgrade, which nobody else migrates beside."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            with _patient(connection), _without_foreign_keys(connection), connection.begin():
                yield connection
                _check_foreign_keys(connection)
        else:
            with connection.begin():
                connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE_SECONDS}s'"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
                yield connection


@contextmanager
def _patient(connection: Connection) -> Iterator[None]:
    connection.info[PATIENCE] = _PATIENCE_SECONDS
    try:
        yield
    finally:
        del connection.info[PATIENCE]


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite rebuilds a table to alter it; with foreign keys on, dropping the old one deletes its child rows.

    The switch does nothing inside a transaction, so it goes straight to the driver, which opens none.
    """
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise DatabaseAway(
            f"{name_of(connection.engine.url)} has {len(broken)} rows that refer to rows which do not exist "
            f"(in {tables}), so it was left as it was; fix these rows, or restore a copy of the database."
        )


def configuration(versions: Sequence[Path]) -> Config:
    """Alembic's configuration, which needs no file."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(v).replace("%", "%%") for v in versions))
    return config
