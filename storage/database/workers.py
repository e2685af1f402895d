"""Threads that run transactions: how jobs are queued, committed and answered.

Knows nothing of the tables. What an error means stands in away.py; who may call stands in database.py.
"""

from __future__ import annotations

import queue
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage.database.away import DatabaseAway, as_away, is_damage
from storage.database.identity import OpenedFile

TOPICS = "baton.topics"
"""Where a connection's `info` keeps what the running transaction announced."""
WAITED = "baton.waited"
"""Where it keeps for how many seconds the running transaction had been waited for as it began."""
LAST = "baton.last"
"""Where it keeps what is still to be done before the running transaction ends."""

_BATCH_JOBS = 16
_BATCH_SECONDS = 0.005
_RETRIES = 6
# serialization_failure, deadlock_detected, and unique_violation: the next try finds what the other one wrote
_RETRIABLE = frozenset({"40001", "40P01", "23505"})


@dataclass(slots=True)
class Job:
    """A function of a connection to be run in a transaction, and who gets its answer.

    `given_up`: nobody waits for it any more, so that it is not begun. `since`: when it was queued.
    """

    context: Context
    call: Callable[[Connection], Any]
    settle: Callable[[Any, BaseException | None], None]
    given_up: bool = False
    since: float = field(default_factory=time.monotonic)

    def run(self, tx: Connection) -> Any:
        """Run it in the context of its caller, so that log lines keep their correlation id."""
        tx.info.pop(LAST, None)
        try:
            result = self.context.run(self.call, tx)
            finish(tx)
            return result
        except StopIteration as error:  # a future cannot carry it, and its caller would wait for ever
            raise RuntimeError("the function of a transaction ran off the end of an iterator") from error


def finish(tx: Connection) -> None:
    """Do now what was left for the end of the transaction."""
    for work, noted in tx.info.pop(LAST, {}).items():
        work(tx, noted)


class Runner(Protocol):
    """Runs jobs, one thread's worth of it."""

    def run(self, first: Job, more: Iterator[Job], /) -> None:
        """Run and settle `first`, and as many of `more`, which are queued already, as it sees fit."""

    def close(self) -> None:
        """Give back what the thread holds."""


class Workers:
    """A few threads that share one queue of jobs. They start with the first job."""

    def __init__(self, name: str, count: int, runner: Callable[[], Runner]) -> None:
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._runner = runner
        self._lock = threading.Lock()
        self._started = self._closed = False
        self._threads = [
            threading.Thread(target=self._loop, name=f"{name}-{n}", daemon=True) for n in range(count)
        ]

    def submit(self, job: Job) -> None:
        """Queue a job. Raises `DatabaseAway` after `close`."""
        with self._lock:
            if self._closed:
                raise DatabaseAway("The database has been closed because Baton is stopping; try again later.")
            if not self._started:
                for thread in self._threads:
                    thread.start()
                self._started = True
            self._queue.put(job)

    def close(self) -> None:
        """Finish what is queued, then end the threads."""
        with self._lock:
            running = self._started and not self._closed
            self._closed = True
        if running:
            for _ in self._threads:
                self._queue.put(None)
            for thread in self._threads:
                thread.join()

    def _loop(self) -> None:
        runner = self._runner()
        while (job := self._queue.get()) is not None:
            if not job.given_up:
                runner.run(job, self._queued())
        runner.close()

    def _queued(self) -> Iterator[Job]:
        while True:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return
            if job is None:
                self._queue.put(None)  # the end is near, but not yet
                return
            yield job


class KeptRunner:
    """Runs jobs on one long-lived connection: SQLite, where opening costs more than a statement.

    Jobs that wait while another runs are committed together, each in its own savepoint: a job that fails
    undoes only itself, and nobody gets an answer before the commit has reached the disk.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        writing: bool,
        committed: Callable[[set[str]], None],
        file: OpenedFile | None = None,
    ) -> None:
        self._engine, self._writing, self._committed = engine, writing, committed
        self._connection: Connection | None = None
        self._file = file

    def run(self, first: Job, more: Iterator[Job], /) -> None:
        """See `Runner`."""
        second = next(more, None) if self._writing else None
        if second is None:
            self._alone(first)
        else:
            self._together(first, _limited(first, second, more))

    def close(self) -> None:
        """Close the connection; the next job opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _alone(self, job: Job) -> None:
        try:
            tx = self._open(job)
            with tx.begin():
                result = job.run(tx)
        except BaseException as error:  # the caller's, on whose behalf this thread works
            job.settle(None, self._judge(error))
        else:
            self._note()
            self._announce(tx)
            job.settle(result, None)

    def _together(self, first: Job, jobs: Iterator[Job]) -> None:
        done: list[tuple[Job, Any, BaseException | None]] = []
        try:
            tx = self._open(first)
            with tx.begin():
                for job in jobs:
                    done.append((job, None, None))  # so that it is settled whatever comes
                    done[-1] = (job, *_in_savepoint(tx, job))
        except BaseException as error:  # the callers', each of whom waits for an answer
            lost = self._judge(error)
            for job, _, own in done:
                job.settle(None, self._judge(own) if own else lost)
            for job in jobs:
                job.settle(None, lost)
        else:
            self._note()
            self._announce(tx)
            for job, result, own in done:
                job.settle(result, own and self._judge(own))

    def _note(self) -> None:
        if self._file is not None:
            self._file.note()

    def _open(self, job: Job) -> Connection:
        if self._file is not None:
            self._file.require_same(_driver(self._connection) if self._connection is not None else None)
            if self._writing:
                self._file.require_writable()
        if self._connection is None:
            self._connection = self._engine.connect()
        self._connection.info[WAITED] = time.monotonic() - job.since
        return self._connection

    def _judge(self, error: BaseException) -> BaseException:
        away = as_away(error, self._engine.url, writing=self._writing)
        if away is None:
            return error
        if self._file is not None and is_damage(error):
            self._file.note_damage(str(away))
        self.close()
        away.__cause__ = error
        return away

    def _announce(self, tx: Connection) -> None:
        if topics := tx.info.pop(TOPICS, None):
            self._committed(topics)


def _limited(first: Job, second: Job, more: Iterator[Job]) -> Iterator[Job]:
    """The jobs of one commit: not so many, and not for so long, that the first of them waits."""
    yield first
    end = time.monotonic() + _BATCH_SECONDS
    yield second
    for _ in range(_BATCH_JOBS - 2):
        if time.monotonic() > end or (job := next(more, None)) is None:
            return
        yield job


def _in_savepoint(tx: Connection, job: Job) -> tuple[Any, BaseException | None]:
    sqlite = _driver(tx)
    sqlite.execute("SAVEPOINT job")  # straight to the driver: a third of what begin_nested() costs
    try:
        result = job.run(tx)
    except Exception as error:  # undoes this job and no other
        if not sqlite.in_transaction:
            raise  # a full disk or an I/O error: SQLite has undone the whole transaction
        sqlite.execute("ROLLBACK TO job")
        return None, error
    sqlite.execute("RELEASE job")
    return result, None


def _driver(tx: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, tx.connection.driver_connection)


class PooledRunner:
    """Runs each job on a connection of the engine's pool: PostgreSQL.

    A transaction that PostgreSQL breaks off because of another (deadlock, serialization) is run again.
    """

    def __init__(self, engine: Engine, *, writing: bool, committed: Callable[[set[str]], None]) -> None:
        self._engine, self._writing, self._committed = engine, writing, committed

    def run(self, first: Job, _more: Iterator[Job], /) -> None:
        """See `Runner`. Leaves what is queued to the other threads."""
        for attempt in range(_RETRIES):
            try:
                with self._engine.begin() as tx:
                    tx.info.pop(TOPICS, None)
                    result = first.run(tx)
                    topics = tx.info.pop(TOPICS, None)
            except BaseException as error:  # the caller's, as above
                if _worth_another_try(error) and attempt + 1 < _RETRIES:
                    time.sleep(random.uniform(0, 0.01 * 2**attempt))
                    continue
                first.settle(None, self._judge(error))
            else:
                if topics:
                    self._committed(topics)
                first.settle(result, None)
            return

    def close(self) -> None:
        """Nothing to give back: the engine keeps the connections."""

    def _judge(self, error: BaseException) -> BaseException:
        away = as_away(error, self._engine.url, writing=self._writing)
        if away is not None:
            away.__cause__ = error
        return away or error


def _worth_another_try(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _RETRIABLE
