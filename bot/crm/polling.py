"""Asking the CRM what changed there: each kind of change from where it was left, by one process at a time.

A page takes effect before its end is noted: what is broken off is read again, and does nothing twice.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from bot.agreement.book import AgreementBook
from bot.agreement.vocabulary import CrmSays
from bot.clock import Clock
from bot.context import CRM, Context
from bot.crm.accounts import require_same_account
from bot.crm.arriving import Tellers, contacts_arrive, records_arrive
from bot.crm.calling import require_onward
from bot.crm.connection import Connection, Connections
from bot.crm.port import Crm, CrmTrouble, Feed, Page
from bot.crm.wording import Wording
from bot.events.signing import BadSecret
from bot.logs import begin_trace
from storage import crm as storage
from storage.database import Database
from storage.models import CrmFeed
from storage.models.upkeep import CrmFeedValues

LEASE = timedelta(seconds=60)
SKEW = timedelta(minutes=5)
"""From so long before the first look on it is asked, by its own clock: a change may come to be seen late."""
AT_ONCE = 20
"""Changes that one transaction takes in, so that no click waits."""

_SINCE = "since "
"""Before a moment by this machine's clock: where a kind of change begins that was never asked for."""

_FREE: CrmFeedValues = {"worker": None, "lease_until": None}


class Poller:
    """Asks the CRM of the agreement in force, each kind of change as often as the agreement says."""

    def __init__(
        self,
        connections: Connections,
        database: Database,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
    ) -> None:
        self.connections, self._database = connections, database
        self._clock, self._book, self._log = clock, book, log
        self._process = uuid.uuid4().hex

    async def look(self, *, at_once: bool = False) -> int:
        """Ask for whatever it is time for, or for all; gives how many changes took effect."""
        table = self._book.current.crm
        if table is None:
            return 0
        try:
            connection = self.connections.to(table)
        except BadSecret:  # which whoever tells it says
            return 0
        count = 0
        for feed in connection.crm.feeds:
            count += await self._ask(connection, feed, at_once=at_once)
        return count

    async def _ask(self, connection: Connection, feed: Feed, *, at_once: bool) -> int:
        name, now = f"{connection.table.account} {feed.value}", self._clock.wire()
        row = await self._database.read(storage.feed, name)
        if row is None:
            await self._database.write(storage.begin, name, f"{_SINCE}{self._clock.real().isoformat()}")
        elif not at_once and _is_early(row, now, connection.table.poll.wall()):
            return 0
        count, more, seen, began = 0, True, set[str](), self._clock.real()
        while more:
            until = self._clock.wire() + LEASE
            taken = await self._database.write(storage.take, name, self._process, self._clock.wire(), until)
            if taken is None:
                return count
            try:
                await require_same_account(connection, self._database, now)
                position = await self._position(connection, taken.position)
                require_onward(connection.crm.title, position, seen)
                page = await self._page(connection, feed, position)
                if len(seen) == 1 and (earlier := self._earlier(connection.crm, position, taken.read_at)):
                    page = await self._page(connection, feed, earlier)
                count += await self._take(connection, page)
            except CrmTrouble as trouble:
                self._log.warning("the CRM cannot be asked for its %s: %s", feed.value, trouble.why)
                later = now + (trouble.wait or timedelta(0))
                failed: CrmFeedValues = {"trouble": trouble.why, "polled_at": later}
                await self._database.write(storage.move, name, failed | _FREE)
                return count
            values: CrmFeedValues = {"position": page.position, "trouble": None, "polled_at": now}
            values["read_at"] = began
            more = page.more
            await self._database.write(storage.move, name, values if more else values | _FREE)
        return count

    async def _position(self, connection: Connection, kept: str) -> str:
        """Where to go on; at first from this process's moment on, also where the CRM's clock is behind."""
        if not kept.startswith(_SINCE):
            return kept
        since, theirs = datetime.fromisoformat(kept.removeprefix(_SINCE)), await connection.crm.time()
        now = self._clock.real()
        behind = max(now - (theirs or now), timedelta(0))
        return connection.crm.start(since - behind - SKEW)

    def _earlier(self, crm: Crm, position: str, read_at: datetime | None) -> str | None:
        """Where to ask again, if the CRM's clock was set back since it was read: what changed there since may
        bear an earlier moment than what was read before."""
        if read_at is None or crm.told_at is None:
            return None
        then = crm.told_at - (self._clock.real() - read_at)
        return crm.start(then - SKEW) if crm.since(position) > then else None

    async def _page(self, connection: Connection, feed: Feed, position: str) -> Page:
        fields = (await connection.directory.known()).of_these(connection.mapping.fields)
        return await connection.crm.changes_since(feed, position, fields)

    async def _take(self, connection: Connection, page: Page) -> int:
        """Let a page take effect."""
        if not page.records and not page.contacts:
            return 0
        owner_field = connection.mapping.fields.get(CrmSays.OWNER, "")
        known = await connection.directory.known(each.fields.get(owner_field) for each in page.records)
        words = Wording.of(connection.crm.title, connection.mapping, known)
        tellers = Tellers(connection.table.ids_of, connection.table.account, connection.mapping, known, words)
        count = 0
        for start in range(0, len(page.records), AT_ONCE):
            some = page.records[start : start + AT_ONCE]
            count += await self._database.write(records_arrive, self._context(), tellers, some)
        for start in range(0, len(page.contacts), AT_ONCE):
            contacts = page.contacts[start : start + AT_ONCE]
            count += await self._database.write(contacts_arrive, self._context(), tellers, contacts)
        return count

    def _context(self) -> Context:
        return Context(self._clock.now(), self._clock.wire(), self._book, CRM, begin_trace())


def _is_early(row: CrmFeed, now: datetime, every: timedelta) -> bool:
    return row.polled_at is not None and row.polled_at + every > now
