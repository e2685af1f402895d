"""One replica of the bot's back room, an engine and a sender, as a process that a test can kill.

Its clock runs fast, and all replicas agree on it: each is told which moment it was when they began.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from bot.agreement import loaded
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.delivery import Sender, carrier
from bot.engine.scheduler import Engine
from bot.engine.ticker import Ticker
from bot.slack.link import web_client
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Orders:
    """What a replica is told: where its database and its Slack are, and that it was `then` at `real`."""

    database_url: str
    slack_url: str
    token: str
    agreement: str
    then: datetime
    real: float  # seconds since 1970
    speed: float

    def clock(self) -> Clock:
        """The clock that all replicas go by."""
        passed = timedelta(seconds=(time.time() - self.real) * self.speed)
        return Clock(start=self.then + passed, speed=self.speed)


def work(orders: Orders) -> None:
    """Work until killed."""
    logging.disable(logging.CRITICAL)
    keep_pace(orders.speed)
    asyncio.run(_work(orders))


def keep_pace(speed: float) -> None:
    """Let a call end within its lease, which passes as fast as the clock: both are real time to a carrier."""
    carrier.HTTP_TIMEOUT /= speed
    carrier.LEASE /= speed


async def _work(orders: Orders) -> None:
    log, clock = logging.getLogger("replica"), orders.clock()
    database = Database.open(orders.database_url)
    book = await database.write(open_book, loaded(orders.agreement), clock.now())
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        client = web_client(orders.token, orders.slack_url, session)
        Engine(Ticker(database, clock, book, log), [], log).start()
        await Sender(database, client, clock, book, log).run()
