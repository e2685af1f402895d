"""The ticker: everything at once at the start, then each at its pace, whatever one of them does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.engine.scheduler import Engine, Job
from bot.engine.ticker import ENGINE, Ticker
from storage import heartbeats
from storage.database import Database
from storage.database.away import DatabaseAway
from storage.models import replicas

OFTEN = timedelta(seconds=0.02)
LOG = logging.getLogger("test.engine")


async def stopped(database: Database, *jobs: Job) -> Engine:
    clock = Clock()
    book = await database.write(open_book, default_agreement(), clock.now())
    return Engine(Ticker(database, clock, book, LOG), jobs, LOG)


@asynccontextmanager
async def turning(database: Database, *jobs: Job) -> AsyncIterator[Engine]:
    engine = await stopped(database, *jobs)
    engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not happened():
            await asyncio.sleep(0.01)


async def test_it_leaves_a_heartbeat_and_says_that_it_turns(database: Database) -> None:
    engine = await stopped(database)
    assert engine.health() == (False, "The engine has not run yet.")
    async with turning(database) as engine:
        await until(lambda: engine.health()[0])
        assert await database.read(heartbeats.last, ENGINE) is not None
    assert engine.health() == (True, "The engine is running.")
    assert await database.read(lambda tx: tx.execute(select(replicas)).all()) == []  # it has left


async def test_a_job_runs_at_once_and_then_again_and_again(database: Database) -> None:
    ran: list[None] = []

    async def work() -> None:
        ran.append(None)

    async with turning(database, Job("work", OFTEN, work)):
        await until(lambda: len(ran) >= 3)


@pytest.mark.parametrize("error", [DatabaseAway("gone"), ValueError("a fault of ours")])
async def test_a_job_that_fails_has_its_next_turn(
    database: Database, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[None] = []

    async def work() -> None:
        ran.append(None)
        raise error

    async with turning(database, Job("work", OFTEN, work)) as engine:
        await until(lambda: len(ran) >= 2 and engine.health()[0])
    assert "work" in caplog.text


async def test_a_database_that_stays_away_is_told_of_once_and_again_once_it_was_back(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    came = iter(["gone", "gone", "refused", "refused", None, "refused"])
    ran: list[None] = []

    async def work() -> None:
        ran.append(None)
        if why := next(came, None):
            raise DatabaseAway(why)

    async with turning(database, Job("work", OFTEN, work)):
        await until(lambda: len(ran) >= 7)
    told = [line.getMessage() for line in caplog.records if line.levelno == logging.WARNING]
    assert told == [f"work waits for the database: {why}" for why in ("gone", "refused", "refused")]


async def test_a_slow_job_never_runs_twice_at_once(database: Database) -> None:
    began, turns, done = 0, 0, asyncio.Event()

    async def slow() -> None:
        nonlocal began
        began += 1
        await done.wait()

    async def quick() -> None:
        nonlocal turns
        turns += 1

    async with turning(database, Job("slow", OFTEN, slow), Job("quick", OFTEN, quick)):
        await until(lambda: turns >= 5)
        assert began == 1
        done.set()
        await until(lambda: began >= 2)


async def test_stopping_breaks_off_what_runs(database: Database) -> None:
    begun, broken_off = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            broken_off.set()
            raise

    async with turning(database, Job("work", OFTEN, work)):
        await begun.wait()
    assert broken_off.is_set()
