"""Writes the Homes anew that somebody looks at, when what they show has changed."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.context import Context
from bot.handoffs.home import WATCHED_FOR, write_home
from bot.logs import trace
from storage import people
from storage.database import Database
from storage.people import LastEvent

LOOK_EVERY = timedelta(seconds=3)
"""How often Home is written anew at most, however much happens."""


class HomeWatch:
    """Writes the Homes anew that somebody looks at, when something that they show has changed."""

    def __init__(self, database: Database, clock: Clock, book: AgreementBook) -> None:
        self._database, self._clock, self._book = database, clock, book
        self._told: dict[str, tuple[int, str]] = {}  # by person: the newest event then, a hash of the page

    async def look(self) -> None:
        """Look once. Raises DatabaseAway."""
        now = self._clock.now()
        stale = await self._database.read(self._stale, now)
        for user in stale:
            context = Context(now, self._clock.wire(), self._book, user, trace())
            await self._database.write(write_home, context, user)

    def _stale(self, tx: Connection, now: datetime) -> list[str]:
        newest = people.last_event(tx)
        watching = people.watching_home(tx, now - WATCHED_FOR)
        self._told = {user: told for user, told in self._told.items() if user in watching}
        if newest is None:
            return []
        return [user for user, opened in watching.items() if self._has_changed(tx, user, newest, opened, now)]

    def _has_changed(
        self, tx: Connection, user: str, newest: LastEvent, opened: datetime, now: datetime
    ) -> bool:
        """Whether what the page shows has changed since it was written last, or opened."""
        event, digest = self._told.get(user, (0, ""))
        if event == newest.id or (not event and newest.at <= opened):
            return False
        from bot.lookups.home import home_page  # nobody looks yet when the bot starts

        page = json.dumps(home_page(tx, self._book, user, now).blocks, sort_keys=True)
        fresh = hashlib.sha256(page.encode()).hexdigest()
        self._told[user] = (newest.id, fresh)
        return fresh != digest
