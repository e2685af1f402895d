"""The sender: takes what may go from the outbox and has it carried to Slack, until it is stopped.

Which rows may go is decided in storage/outbox/claims.py; one row's way is carrier.py, what an answer means is
verdicts.py, what follows from it outcomes.py, and what to do without an answer doubts.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.delivery.carrier import LEASE, Carrier
from bot.delivery.doubts import LEASE as DOUBTS_LEASE
from bot.delivery.doubts import Doubts
from bot.delivery.outcomes import VISIBLE_AFTER, Attempt
from bot.instruments import Instruments
from bot.slack.pace import PACE
from storage import installation
from storage.database import Database, DatabaseAway
from storage.outbox import claims, heads, lanes, posts, receipts
from storage.outbox.claims import Claims
from storage.outbox.gates import Pace
from storage.outbox.receipts import Doubt

AT_ONCE = 16  # calls under way to Slack
LOOK_EVERY = timedelta(seconds=1)  # other processes write into the same outbox
REST_SECONDS = 0.02  # of real time between two looks, so that a burst of clicks is one look and not many
STUCK_AFTER = timedelta(seconds=15)  # of not looking at the outbox


class Sender:
    """Carries the outbox to Slack until it is stopped. One for each process; several may share a database."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
        *,
        pace: Mapping[str, Pace] = PACE,
        instruments: Instruments | None = None,
        slack_off: Callable[[], timedelta | None] = lambda: None,
    ) -> None:
        self._database, self._clock, self._log, self._pace = database, clock, log, pace
        self._instruments = instruments or Instruments()
        self._carrier = Carrier(database, client, clock, book, log, self._instruments)
        self._doubts = Doubts(database, client, clock, book, log, slack_off)
        self._wake = asyncio.Event()
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._stopping = False
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._looked_at = self._tidied_at = clock.wire()
        self._trouble: str | None = None

    async def run(self) -> None:
        """Send until stopped. Neither a lost database nor a fault of ours ends it."""
        self._database.on_commit(posts.TOPIC, self._wake.set)
        self._at_rest.clear()
        try:
            begun = False
            while not self._stopping:
                self._wake.clear()
                try:
                    if not begun:
                        await self._database.write(_begin, self._clock.wire(), self._is_alone())
                        begun = True
                    wait = await self._look()
                    self._well()
                except DatabaseAway as away:
                    wait = self._in_trouble(f"The sender waits for the database: {away}")
                except Exception as error:  # a fault of ours must not end the sending; /readyz tells of it
                    begun = True  # what an earlier run left is not worth standing still for
                    self._log.exception("the sender stumbled")
                    name = type(error).__name__
                    wait = self._in_trouble(f"The sender keeps failing ({name}); see the log.")
                await self._rest(wait)
        finally:
            self._at_rest.set()

    async def stop(self, within: timedelta) -> None:
        """Take nothing new, and let the calls under way finish within this much real time."""
        self._stopping = True
        self._wake.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within.total_seconds()):
                await self._at_rest.wait()
                looking = [self._looking] if self._looking else []
                await asyncio.gather(
                    *(asyncio.shield(task) for task in (*self._under_way.values(), *looking))
                )

    def health(self) -> tuple[bool, str]:
        """Whether it works, and a sentence that says so."""
        if self._trouble:
            return False, self._trouble
        seconds = self._clock.real_seconds(self._clock.wire() - self._looked_at)
        if seconds > STUCK_AFTER.total_seconds():
            return False, f"The sender has not looked at the outbox for {seconds:.0f} s."
        return True, f"The sender is at work, {len(self._under_way)} calls under way."

    async def _rest(self, wait: timedelta) -> None:
        self._looked_at = self._clock.wire()
        self._instruments.sender_looked(self._clock.now())
        if self._stopping:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._clock.real_seconds(wait))
        await asyncio.sleep(REST_SECONDS)

    async def _look(self) -> timedelta:
        """Start what may go now. Gives how long nothing else will."""
        now = self._clock.wire()
        tidy = abs(now - self._tidied_at) >= LOOK_EVERY
        looked = self._looking is None or self._looking.done()
        claimed, doubts = await self._database.write(
            _take,
            now=now,
            limit=AT_ONCE - len(self._under_way),
            pace=self._pace,
            mine=tuple(self._under_way) if tidy else None,
            look=tidy and looked,
        )
        if tidy:
            self._tidied_at = now
        if doubts:
            self._looking = asyncio.create_task(self._doubts.clear(doubts))
            self._looking.add_done_callback(lambda _: self._wake.set())
        for row in claimed.rows:
            task = asyncio.create_task(self._carrier.deliver(Attempt(row, claimed.probes)))
            self._under_way[row.id] = task
            task.add_done_callback(partial(self._done, row.id))
        return self._until_next(claimed)

    def _until_next(self, claimed: Claims) -> timedelta:
        if claimed.next_at is None:
            return LOOK_EVERY
        wait = claimed.next_at - self._clock.wire()
        if wait <= timedelta(0):  # if nothing went, somebody else has a hand on what may go
            wait = timedelta(0) if claimed.rows or claimed.more else LOOK_EVERY / 4
        return min(wait, LOOK_EVERY)

    def _done(self, row_id: int, task: asyncio.Task[None]) -> None:
        if self._under_way.get(row_id) is task:  # else what it had put back was taken up anew meanwhile
            del self._under_way[row_id]
        self._wake.set()

    def _is_alone(self) -> bool:
        """Whether no other process can be at work on this outbox: SQLite is for one running bot."""
        return self._database.dialect == "sqlite"

    def _well(self) -> None:
        if self._trouble:
            self._log.info("the sender is at work again")
        self._trouble = None

    def _in_trouble(self, says: str) -> timedelta:
        if says != self._trouble:
            self._log.warning(says)
        self._trouble = says
        return LOOK_EVERY


def _begin(tx: Connection, now: datetime, alone: bool) -> None:
    """Take up what an earlier run left, and try again what was refused: it may have been mended meanwhile."""
    installation.make_id(tx)
    heads.gather(tx)
    receipts.unpark_messages(tx, now=now)
    lanes.try_parked(tx, now=now)
    if alone:
        receipts.expire_leases(tx, now=now, visible_after=VISIBLE_AFTER, all_=True)


def _take(
    tx: Connection,
    *,
    now: datetime,
    limit: int,
    pace: Mapping[str, Pace],
    mine: Collection[int] | None,
    look: bool,
) -> tuple[Claims, Sequence[Doubt]]:
    """What may go now, and what is to be looked for.

    With `mine`, the rows this process is at work on, what others left is taken back first.
    """
    if mine is not None:
        receipts.expire_leases(tx, now=now, visible_after=VISIBLE_AFTER, but=mine)
    doubts = receipts.take_doubts(tx, now=now, lease=DOUBTS_LEASE) if look else ()
    claimed = claims.claim(tx, now=now, limit=limit, lease=LEASE, pace=pace) if limit > 0 else Claims()
    return claimed, doubts
