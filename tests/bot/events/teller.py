"""The dispatcher of one replica, as a process that a test can kill."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.agreement import default_agreement, loaded
from bot.agreement.book import open_book
from bot.agreement.loader import LoadedAgreement
from bot.clock import Clock
from bot.events import Dispatcher, retries
from storage.database import Database
from tests.bot.events.blocking import TELLER
from tests.bot.events.receiver import SECRET


@dataclass(frozen=True, slots=True)
class Since:
    """A fast clock that several processes go by: it was `then` at `real`, in seconds since 1970."""

    then: datetime
    real: float
    speed: float

    def clock(self) -> Clock:
        """That clock."""
        passed = timedelta(seconds=(time.time() - self.real) * self.speed)
        return Clock(start=self.then + passed, speed=self.speed)


def agreed(urls: Iterable[tuple[str, str]]) -> LoadedAgreement:
    """The default agreement with these webhooks, by name and address."""
    tables = "".join(
        f'\n[[webhooks]]\nname = "{name}"\nurl = "{url}"\nsecret_env = "SECRET"\n' for name, url in urls
    )
    return loaded(default_agreement().text + tables)


def dispatcher(database: Database, agreement: LoadedAgreement, clock: Clock) -> Dispatcher:
    """A dispatcher that knows the secret."""
    book = database.write_now(open_book, agreement, clock.now())
    return Dispatcher(database, clock, book, logging.getLogger("teller"), {"SECRET": SECRET}.get)


def work(database_url: str, urls: tuple[tuple[str, str], ...], since: Since | None = None) -> None:
    """Tell everybody until killed; what does not arrive is tried again soon."""
    retries.FIRST = timedelta(seconds=0.5)
    os.environ["PGAPPNAME"] = TELLER
    database, clock = Database.open(database_url), since.clock() if since else Clock()
    asyncio.run(dispatcher(database, agreed(urls), clock).run())
