"""Carries out erasures beside everything else: what people asked for, and each night what is old enough.

The truth is in rows: what was broken off goes on at the next look, in whatever process.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.context import BATON, Context
from bot.logs import trace
from bot.lookups.erasure import is_over
from bot.memory import forget_all
from storage import erasures, heartbeats
from storage.database import Database
from storage.erasures import ERASED

LOOK_EVERY = timedelta(seconds=10)
NIGHT = 2
"""The hour, in the agreement's time zone, from which what is old enough is erased."""
MOST_A_NIGHT = 2000
"""Leads that one night erases at most: their messages in Slack are rewritten one by one."""
RETENTION = "retention"
"""The beat of the night's round, which one process of all makes."""


class Eraser:
    """Erases whoever is to be erased. Several may share a database: doing a step twice is doing it once."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
        clock_is_right: Callable[[], bool] = lambda: True,
    ) -> None:
        """While `clock_is_right` says that it is not, nothing is erased for its age."""
        self._database, self._clock, self._book, self._log = database, clock, book, log
        self._clock_is_right = clock_is_right
        self._stopping = False
        self._forgot: datetime | None = None

    async def look(self) -> None:
        """Look once for what is to be erased, and erase it. Raises DatabaseAway."""
        try:
            await asyncio.to_thread(self.look_now)
        except asyncio.CancelledError:
            self._stopping = True
            raise

    def look_now(self) -> None:
        """The same, blocking."""
        self._at_night()
        self._let_go()
        for erasure in self._database.read_now(erasures.agreed):
            if self._stopping:
                return
            from bot.handoffs import forget  # a start does without it

            forget.carry_out(self._database, self._context, erasure)
        self._forget()

    def _forget(self) -> None:
        """Keep nothing in memory of whoever was erased since the last look, by this process or another."""
        erased = self._database.read_now(heartbeats.last, ERASED)
        if erased is not None and erased != self._forgot:
            forget_all()
            self._database.forget_statements()
        self._forgot = erased

    def _let_go(self) -> None:
        """End the requests to which nobody said yes in time."""
        now = self._clock.now()
        if any(is_over(each.asked_at, now) for each in self._database.read_now(erasures.asked)):
            from bot.handoffs.erasure import end_expired

            self._database.write_now(end_expired, self._context())

    def _at_night(self) -> None:
        """Once a night, ask for the erasure of all that is older than the agreement keeps it."""
        keep = self._book.current.retention.leads
        now = self._clock.now()
        if keep is None or not self._clock_is_right() or not self._is_due(now):
            return
        from bot.handoffs import forget

        before, erased = now - keep.wall(), 0
        for lead_id in self._database.read_now(erasures.at_rest_since, before, limit=MOST_A_NIGHT):
            if self._stopping:
                return
            erased += self._database.write_now(forget.ask_for_age, self._context(), lead_id, before)
            time.sleep(forget.GAP)
        self._database.write_now(heartbeats.beat, RETENTION, now)
        self._log.info("retention: %d leads at rest for over %s are erased", erased, keep)

    def _is_due(self, now: datetime) -> bool:
        local = now.astimezone(ZoneInfo(self._book.current.timezone))
        begins = local.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
        if local < begins:
            begins -= timedelta(days=1)
        last = self._database.read_now(heartbeats.last, RETENTION)
        return last is None or last < begins

    def _context(self) -> Context:
        return Context(self._clock.now(), self._clock.wire(), self._book, BATON, trace())
