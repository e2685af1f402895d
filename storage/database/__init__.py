"""Transactions: `write(f, …)` and `read(f, …)` run a plain function on a worker thread.

SQLite has one writer thread, so that nobody ever meets a locked database, and readers beside it; PostgreSQL
has a pool. The queries themselves live in the other files of this folder.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import IntegrityError

from storage.database.address import address_of, file_of
from storage.database.away import (
    BadDatabaseUrl,
    DatabaseAway,
    DatabaseFull,
    DatabaseLocked,
    is_lost,
    refers_to_nothing,
    takes_no_writes,
)
from storage.database.documents import read_json
from storage.database.identity import OpenedFile
from storage.database.pulse import PATIENCE, Pulse
from storage.database.sqlite import LOCK_SECONDS, READING, WRITING, patiently
from storage.database.workers import LAST, TOPICS, Job, KeptRunner, PooledRunner, Workers, finish

__all__ = [
    "BadDatabaseUrl",
    "Database",
    "DatabaseAway",
    "announce",
    "at_end",
    "file_of",
    "finish",
    "take_room",
]

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)

_SQLITE_READERS = 3
_ROOM = 262_144  # bytes
_POSTGRES_WRITERS = 8
_POSTGRES_READERS = 4
_POSTGRES_NETWORK = {  # a server that vanished without a word is noticed in seconds, not after minutes
    "connect_timeout": LOCK_SECONDS,  # seconds
    "keepalives_idle": 10,  # seconds
    "keepalives_interval": 3,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}


def announce(tx: Connection, topic: str) -> None:
    """Say inside a transaction that something of this topic changes; listeners hear of it on commit."""
    tx.info.setdefault(TOPICS, set()).add(topic)


def at_end(tx: Connection, work: Callable[[Connection, T], None], fresh: Callable[[], T]) -> T:
    """Have `work` done once before the transaction commits. Gives what it will get, `fresh` at first, to add
    to it."""
    left: dict[Callable[[Connection, T], None], T] = tx.info.setdefault(LAST, {})
    if work not in left:
        left[work] = fresh()
    return left[work]


class Database:
    """One database, SQLite or PostgreSQL, and the threads that talk to it.

    A function given to `write` or `read` takes a `Connection`, runs in one transaction of its own, and must
    bear being run again from the start (PostgreSQL may break off one of two that collide). It must neither
    commit nor roll back, and must return plain values. An error that it raises undoes the transaction and
    reaches the caller; `DatabaseAway` takes the place of errors that mean the database cannot be used.
    """

    def __init__(self, url: URL, writing: Engine, reading: Engine) -> None:
        self.url = url
        self.dialect = url.get_backend_name()
        self.engine = writing  # for migrations, which have a transaction of their own
        self._reading = reading
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._locked = (float("-inf"), "")
        self._full = False
        self.mend: Callable[[Connection], bool] = lambda _tx: False  # whether it put a row back that was gone
        self._file = OpenedFile(Path(url.database or "")) if (sqlite := self.dialect == "sqlite") else None
        self._pulse = None if sqlite else Pulse(url)
        runner = partial(KeptRunner, file=self._file) if sqlite else PooledRunner
        self._writers = Workers(
            "write",
            1 if sqlite else _POSTGRES_WRITERS,
            lambda: runner(writing, writing=True, committed=self._committed),
        )
        self._readers = Workers(
            "read",
            _SQLITE_READERS if sqlite else _POSTGRES_READERS,
            lambda: runner(reading, writing=False, committed=self._committed),
        )

    @classmethod
    def open(cls, url: str) -> Database:
        """Make ready without touching the database. Raises `BadDatabaseUrl` for what Baton cannot use."""
        parsed = address_of(url)
        return cls(parsed, *(_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgres(parsed)))

    async def write(self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `f(tx, …)` in one transaction; when this returns, it is committed and on the disk.

        Where it refers to a row that is gone, and `mend` can put that back, it runs once more.
        """
        call = partial(_call, f, args, kwargs)
        try:
            return await _answer(self._writers, call, self._pulse)
        except DatabaseLocked as locked:
            self._locked = time.monotonic(), str(locked)
            raise
        except DatabaseFull:
            self._full = True
            raise
        except IntegrityError as error:
            if not (refers_to_nothing(error) and await _answer(self._writers, self.mend, self._pulse)):
                raise
        return await _answer(self._writers, call, self._pulse)

    async def read(self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `f(tx, …)` in one read-only transaction that sees one state and waits for no writer."""
        return await _answer(self._readers, partial(_call, f, args, kwargs), self._pulse)

    def write_now(self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for commands without an event loop: blocks until it is committed."""
        return _wait(self._writers, partial(_call, f, args, kwargs))

    def read_now(self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for commands without an event loop: blocks until it has the answer."""
        return _wait(self._readers, partial(_call, f, args, kwargs))

    def locked_within(self, seconds: float) -> str | None:
        """What kept a change from being made, if another program's lock did within so many seconds."""
        at, says = self._locked
        return says if time.monotonic() - at < seconds else None

    def require_sound(self) -> None:
        """Raise `DatabaseAway` if the file is another than was opened, or damaged, or its disk is full."""
        if self._file is not None:
            self._file.require_sound()

    async def require_room(self) -> None:
        """Where PostgreSQL found no room for a write, try whether it has some now. Raises `DatabaseAway`."""
        if self._full:
            await self.write(take_room)
            self._full = False

    async def sweep(self) -> None:
        """Look through the whole of a SQLite file for damage, now and then. Raises `DatabaseAway`."""
        if self._file is not None:
            await asyncio.to_thread(self._file.sweep)

    def exists(self) -> bool:
        """Whether there is a database with Baton's tables; makes none. Raises `DatabaseAway`."""
        if self.dialect == "sqlite" and not Path(self.url.database or "").is_file():
            return False
        return self.read_now(_has_tables)

    def on_commit(self, topic: str, callback: Callable[[], None]) -> None:
        """Call back after each commit in which `announce(tx, topic)` was said.

        Registered under a running event loop, the callback runs on that loop; else on the worker thread.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._listeners.setdefault(topic, []).append(callback)
        else:
            self._listeners.setdefault(topic, []).append(partial(_on_loop, loop, callback))

    def forget_pages(self) -> None:
        """On SQLite, empty the log of pages beside the file, which still has what was just overwritten.

        Whoever reads or writes at the moment keeps it from that; then the log is overwritten in its time.
        """
        if self.dialect == "sqlite":
            with closing(sqlite3.connect(self.url.database or "", timeout=LOCK_SECONDS)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def forget_statements(self) -> None:
        """Keep no statement ready: some hold the values that they were first run with."""
        self.engine.clear_compiled_cache()
        self._reading.clear_compiled_cache()

    def close(self) -> None:
        """Finish what is queued, then give back threads and connections."""
        if self._file is not None:
            self._file.end_sweep()
        self._writers.close()
        self._readers.close()
        if self._pulse is not None:
            self._pulse.close()
        self._reading.dispose()
        self.engine.dispose()
        if self._file is not None:
            self._file.close()

    def _committed(self, topics: set[str]) -> None:
        for topic in topics:
            for callback in self._listeners.get(topic, ()):
                try:
                    callback()
                except Exception:  # what is committed is committed, and the thread has more to do
                    _log.exception("a listener of %s failed", topic)


def take_room(tx: Connection) -> None:
    """Have PostgreSQL make a table larger, and give that back: a full disk still takes what is small."""
    if tx.execute(text("SELECT has_database_privilege(current_database(), 'TEMPORARY')")).scalar_one():
        tx.execute(text("CREATE TEMPORARY TABLE baton_room (taken bytea) ON COMMIT DROP"))
        tx.execute(text("INSERT INTO baton_room VALUES (:bytes)"), {"bytes": os.urandom(_ROOM)})


def _has_tables(tx: Connection) -> bool:
    return tx.dialect.has_table(tx, "alembic_version")


def _call(f: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], tx: Connection) -> T:
    return f(tx, *args, **kwargs)


def _on_loop(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *args: Any) -> None:
    with suppress(RuntimeError):  # the loop has been closed: nobody is left to hear it
        loop.call_soon_threadsafe(callback, *args)


async def _answer(workers: Workers, call: Callable[[Connection], T], pulse: Pulse | None) -> T:
    if pulse is not None:
        pulse.begin()
        pulse.require()
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        _on_loop(loop, _settle, future, result, error)

    job = Job(copy_context(), call, settle)
    workers.submit(job)
    if pulse is None:
        return await future
    late = loop.call_later(PATIENCE, _watch, pulse, job, future)
    try:
        return await future
    finally:
        late.cancel()


_watches: set[asyncio.Task[None]] = set()


def _watch(pulse: Pulse, job: Job, future: asyncio.Future[Any]) -> None:
    """Somebody has waited for long: let them not wait for a server that does not answer."""

    def give_up(away: DatabaseAway) -> None:
        job.given_up = True
        future.set_exception(away)

    watch = asyncio.get_running_loop().create_task(pulse.watch(future.done, give_up))
    _watches.add(watch)
    watch.add_done_callback(_watches.discard)


def _wait(workers: Workers, call: Callable[[Connection], T]) -> T:
    future: concurrent.futures.Future[T] = concurrent.futures.Future()
    workers.submit(Job(copy_context(), call, partial(_settle, future)))
    return future.result()


def _settle(
    future: asyncio.Future[T] | concurrent.futures.Future[T], result: T, error: BaseException | None
) -> None:
    if future.done():  # the caller was cancelled while the transaction ran
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def _sqlite(url: URL) -> tuple[Engine, Engine]:
    """The writing and the reading engine. SQLAlchemy keeps out of the transactions: BEGIN is our own."""
    options: dict[str, Any] = {"hide_parameters": True, "json_deserializer": read_json}
    own: dict[str, Any] = {"isolation_level": None}
    writing = create_engine(url.set(drivername=WRITING), connect_args={**own, "timeout": 0}, **options)
    reading = create_engine(
        url.set(drivername=READING), connect_args={**own, "timeout": LOCK_SECONDS}, **options
    )
    event.listen(writing, "connect", _prepare_writer)
    event.listen(reading, "connect", _prepare_reader)
    return writing, reading


def _prepare_writer(connection: sqlite3.Connection, _record: object) -> None:
    patiently(connection, "PRAGMA journal_mode=WAL", LOCK_SECONDS)
    connection.execute("PRAGMA synchronous=FULL")  # what was answered survives a power cut
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what was erased is not left in the file's free space


def _prepare_reader(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")


def _postgres(url: URL) -> tuple[Engine, Engine]:
    """The writing and the reading engine; they share a pool that is as large as there are threads."""
    size = _POSTGRES_WRITERS + _POSTGRES_READERS
    writing = postgres_engine(url, pool_size=size, max_overflow=2, pool_timeout=LOCK_SECONDS)
    return writing, writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def postgres_engine(url: URL, **pool: Any) -> Engine:
    """An engine whose connections notice a server that is gone; `pool` says how they are kept.

    Raises BadDatabaseUrl where the driver is missing.
    """
    try:
        from storage.database.postgres import QUIET  # with it comes its dialect, 2 MB

        engine = create_engine(
            url.set(drivername=QUIET),
            pool_pre_ping=True,
            connect_args={name: value for name, value in _POSTGRES_NETWORK.items() if name not in url.query},
            hide_parameters=True,  # errors are logged, and parameters are people's names and addresses
            **pool,
        )
    except ImportError:
        raise BadDatabaseUrl(
            "DATABASE_URL names a PostgreSQL database, but its driver is missing; install baton[postgres]."
        ) from None
    event.listen(engine, "connect", _prepare_postgres)
    event.listen(engine, "checkin", _by_the_servers_default)
    event.listen(engine, "handle_error", _give_up_what_is_lost)
    return engine


def _by_the_servers_default(connection: Any, _record: object) -> None:
    """After a reader SQLAlchemy would have transactions begin READ WRITE, whatever the server has set."""
    if connection is not None and not connection.closed:
        connection.read_only = None


def _give_up_what_is_lost(context: ExceptionContext) -> None:
    """Let nobody roll back on a connection that broke, or be given it; or one that takes no writes.

    A session keeps the server's default of its first moment, which may be another by now.
    """
    if is_lost(context.original_exception) or takes_no_writes(context.original_exception):
        context.is_disconnect = True


def _prepare_postgres(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        # in UTC, so that no moment that is read has to be turned into it
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'; SET timezone = 'UTC'")
    connection.commit()
