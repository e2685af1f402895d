"""A copy of a whole SQLite database in an empty PostgreSQL one: every table, its running clocks too.

Each table is copied in one transaction and compared there, as Baton reads it, by the number of its rows and a
checksum over them. A copy that was broken off is marked: no Baton works with it, and the next try goes on
with what is not the same yet. Nobody writes into the source meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Table, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from storage import installation
from storage.database import Database
from storage.database.away import as_away, name_of
from storage.migrations import LOCK, UNFINISHED, VERSIONS, heads, migrate, revisions

_AT_ONCE = 1000  # rows that are held in memory
_NO_ID = "0" * 16  # of a database that no Baton has run on yet


class CopyFailed(Exception):
    """Nothing was copied, or not all; the text says why and what to do, without secrets."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What a table holds: so many rows, and a checksum of them in whatever order."""

    rows: int = 0
    check: int = 0

    def of(self, row: Sequence[Any]) -> Sum:
        """With one row more."""
        same = [each.astimezone(UTC).isoformat() if isinstance(each, datetime) else each for each in row]
        digest = blake2b(repr(same).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return Sum(self.rows + 1, (self.check + int.from_bytes(digest)) % 2**64)


def copy_all(source: Database, target: Database, say: Callable[[str], None]) -> Sum:
    """Copy everything, and tell of each table. Gives what both hold now. Blocks.

    Raises CopyFailed where the target is not empty, and DatabaseAway.
    """
    try:
        with source.engine.begin() as there:  # a writer's transaction, so that there is no other
            begin(target, installation.own_id(there) or _NO_ID)
            copied = [_same(there, target, table, say) for table in SQLModel.metadata.sorted_tables]
            with target.engine.begin() as here:
                _finish(here)
    except DBAPIError as error:
        raise as_away(error, target.url, writing=True) or error from error
    return Sum(sum(each.rows for each in copied), sum(each.check for each in copied) % 2**64)


def begin(target: Database, own: str) -> None:
    """Make the tables and mark the target as the unfinished copy of this installation.

    Raises CopyFailed if it is anything but empty, or that copy already.
    """
    mark = UNFINISHED + own
    with target.engine.begin() as tx:
        found = revisions(tx)
        taken = set(inspect(tx).get_table_names()) & set(SQLModel.metadata.tables)
    if not found:
        if taken:
            raise CopyFailed(_refused(target, f"has tables called {', '.join(sorted(taken))} already"))
        migrate(target)
    with target.engine.begin() as tx:
        tx.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        found = revisions(tx)
        if found == {mark} | heads((VERSIONS,)):
            return
        if found != heads((VERSIONS,)):
            raise CopyFailed(_refused(target, _of_another_kind(found)))
        filled = [
            table.name
            for table in SQLModel.metadata.sorted_tables
            if tx.execute(select(table).limit(1)).first() is not None
        ]
        if filled:
            raise CopyFailed(_refused(target, f"holds rows already ({', '.join(filled[:3])})"))
        tx.execute(text("INSERT INTO alembic_version (version_num) VALUES (:mark)"), {"mark": mark})


def _of_another_kind(found: set[str]) -> str:
    if any(each.startswith(UNFINISHED) for each in found):
        return "holds an unfinished copy of another database, or of another version of Baton"
    return f"has the tables of another version of Baton (revision {', '.join(sorted(found))})"


def _refused(target: Database, why: str) -> str:
    return f"{name_of(target.url)} {why}, and was left as it is; create an empty database to copy to."


def _same(there: Connection, target: Database, table: Table, say: Callable[[str], None]) -> Sum:
    """Make one table the same in the target, unless it is."""
    with target.engine.begin() as here:
        held = _sum(_rows(here, table))
        if held.rows and held == _sum(_rows(there, table)):
            say(f"{table.name}: {_counted(held)} already there, and identical.")
            return held
        if held.rows:  # left by a try before, and changed since; so is what refers to it, which comes later
            here.execute(text(f'TRUNCATE "{table.name}" CASCADE'))
        sent = _send(there, here, table)
        held = _sum(_rows(here, table))
        if held != sent:
            raise CopyFailed(
                f"The copy of {table.name} differs: {_counted(held)} of {_counted(sent)}, or other values. "
                "It was dropped again. Report it, and stay on SQLite until then."
            )
    if sent.rows:
        say(f"{table.name}: {_counted(sent)} copied, and identical.")
    return sent


def _send(there: Connection, here: Connection, table: Table) -> Sum:
    """Write a table's rows with COPY: one statement, so that rows may refer to later ones."""
    from psycopg import Error

    prepare = [column.type.dialect_impl(here.dialect).bind_processor(here.dialect) for column in table.c]
    columns = ", ".join(f'"{column.name}"' for column in table.c)
    driver: Any = here.connection.driver_connection
    sent = Sum()
    try:
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in _rows(there, table):
                copy.write_row(
                    [value if make is None else make(value) for make, value in zip(prepare, row, strict=True)]
                )
                sent = sent.of(row)
    except Error as error:
        away = as_away(error, here.engine.url, writing=True)
        raise away or CopyFailed(f"{table.name} cannot be copied: {_line(error)}.") from error
    return sent


def _rows(tx: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """The rows as Baton reads them, a few at a time."""
    return iter(tx.execute(select(table), execution_options={"yield_per": _AT_ONCE}))


def _sum(rows: Iterable[Sequence[Any]]) -> Sum:
    found = Sum()
    for row in rows:
        found = found.of(row)
    return found


def _finish(tx: Connection) -> None:
    """Count on from where the source was, know the tables for planning, and take off the mark."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.primary_key.columns:
            if column.autoincrement is True:
                counter = f"pg_get_serial_sequence('\"{table.name}\"', '{column.name}')"
                last = f'max("{column.name}")'
                tx.execute(
                    text(
                        f"SELECT setval({counter}, coalesce({last}, 1), {last} IS NOT NULL)"
                        f' FROM "{table.name}"'
                    )
                )
    tx.execute(text("DELETE FROM alembic_version WHERE version_num LIKE :mark"), {"mark": f"{UNFINISHED}%"})
    tx.execute(text("ANALYZE"))


def _counted(held: Sum) -> str:
    return f"{held.rows:,} row{'' if held.rows == 1 else 's'}"


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no reason was given"])[0].rstrip(".")
