"""A changed agreement is read while Baton runs: on SIGHUP, or as `app.py reload` asks every running Baton.

It is checked first; a faulty one is refused in words, and the one in force stays.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from pathlib import Path

from bot.agreement import AgreementError, load_agreement
from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.context import BATON, Context
from bot.handoffs.agreement import change_agreement
from bot.logs import begin_trace
from bot.views.strays import other_agreements
from storage import heartbeats, replicas
from storage.database import Database, DatabaseAway

ASKED, DONE = "reload", "reloaded"
"""The heartbeats by which the terminal asks for it, and a running Baton answers."""
LOOK_EVERY = timedelta(seconds=2)
_log = logging.getLogger("baton.agreement")


class Reloading:
    """Reads the agreement's file again, when asked to."""

    def __init__(self, database: Database, clock: Clock, book: AgreementBook, path: Path) -> None:
        self._database, self._clock, self._book, self._path = database, clock, book, path
        self._one_at_a_time = asyncio.Lock()
        self._asked: datetime | None = None
        self._begun = False
        self.trouble: str | None = None

    async def reload(self) -> bool:
        """Read the file and go by it. False if it is faulty: then nothing changes, and the log says why."""
        async with self._one_at_a_time:
            try:
                loaded = await asyncio.to_thread(load_agreement, self._path)
            except AgreementError as error:
                self.trouble = f"The changed file was refused, and {self._book.called} stays: {error}"
                _log.error("the agreement was not changed: %s", error)
                return False
            self.trouble = None
            now = self._clock.now()
            ctx = Context(now, self._clock.wire(), self._book, BATON, begin_trace())
            changed = await self._database.write(change_agreement, ctx, loaded)
            if changed is None:
                _log.info("the agreement is unchanged: %s", self._book.called)
                return True
            self._book.go_by(changed.book)
            _log.info("the agreement has changed: %s is in force", self._book.called)
            return True

    async def look(self) -> None:
        """Whether the terminal asked for it since the last look. What was asked before the start is done."""
        asked = await self._database.read(heartbeats.last, ASKED)
        news, self._asked = asked != self._asked, asked
        if not self._begun:
            self._begun = True
        elif news and asked is not None and await self.reload():
            await self._database.write(heartbeats.beat, DONE, asked)

    async def health(self) -> tuple[bool, str]:
        """Whether the file was sound when it was last read, and what is in force here and elsewhere."""
        if self.trouble:
            return False, self.trouble
        try:
            others = await self._database.read(replicas.of_another_agreement, self._book.text_hash)
        except DatabaseAway:
            others = ()
        in_force = f"Version {self._book.called} is in force."
        return not others, f"{in_force} {other_agreements(others)}" if others else in_force
