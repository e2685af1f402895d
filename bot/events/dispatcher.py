"""Who tells other tools: a worker for each destination, so that none waits for another, nor Slack for any."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.agreement import Agreement
from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.events.reaching import Secrets, subscriptions
from bot.events.rounds import LOOK_EVERY, Booked, Mark, Round, Teller, turn
from bot.events.signing import BadSecret
from bot.events.sinks import Message, Sink, Subscription
from storage import destinations
from storage.database import Database, DatabaseAway
from storage.models import Dispatch
from storage.outbox.posts import TOPIC

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Others = Callable[[Agreement], Sequence[Subscription]]
"""Who hears of events besides the webhooks and destinations of an agreement."""


class Dispatcher:
    """Tells every destination of the agreement in force what happens, until it is stopped."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
        secrets: Secrets,
        others: Others = lambda _: (),
    ) -> None:
        self._database, self._clock, self._book, self._log = database, clock, book, log
        self._secrets, self._others = secrets, others
        self._process = uuid.uuid4().hex
        self._workers: dict[Subscription, asyncio.Task[None]] = {}
        self._woken: set[asyncio.Event] = set()
        self._stopping = False

    async def run(self) -> None:
        """Begin with a worker for each, and follow the agreement as it changes."""
        self._database.on_commit(TOPIC, self._wake)  # nearly every event has something to show in Slack
        if self._database.dialect == "sqlite":  # one process: a lease that is left is a dead one's
            with contextlib.suppress(DatabaseAway):
                await self._database.write(destinations.free)
        while not self._stopping:
            agreement = self._book.current
            told = subscriptions(agreement, self._secrets, self._clock)
            wanted = {*told, *self._others(agreement)}
            for hook in wanted - self._workers.keys():
                self._workers[hook] = asyncio.create_task(self._tell(hook), name=f"destination {hook.name}")
            for gone in self._workers.keys() - wanted:
                self._workers.pop(gone).cancel()
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def stop(self, within: timedelta) -> None:
        """Begin no further call, and let those under way finish within this much real time.

        Then another process may tell the same destinations at once.
        """
        self._stopping = True
        self._wake()
        if self._workers:
            _, late = await asyncio.wait(self._workers.values(), timeout=within.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with contextlib.suppress(DatabaseAway):  # then the leases end by themselves
            await self._database.write(destinations.free, self._process)

    async def _tell(self, hook: Subscription) -> None:
        """Tell one destination until the end. A fault of ours, or a lost database, is waited out."""
        try:
            sink = hook.reach()
        except BadSecret as error:
            self._log.error("%s is not told: %s", hook.name, error)
            return
        teller = Teller(hook, self._process, random.random, hook.newest_alone)
        woken = asyncio.Event()
        self._woken.add(woken)
        state = _State()
        try:
            while not self._stopping:
                woken.clear()
                wait = await self._attempt(teller, sink, state)
                if wait and not self._stopping:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(woken.wait(), self._clock.real_seconds(wait))
        finally:
            self._woken.discard(woken)
            await sink.close()

    async def _attempt(self, teller: Teller, sink: Sink, state: _State) -> timedelta:
        """A round, and how long to rest after it."""
        try:
            wait = await self._round(teller, sink, state)
            state.waits_for = ""
            return wait
        except DatabaseAway as away:
            if state.waits_for != str(away):  # said once, however long it lasts
                state.waits_for = str(away)
                self._log.warning("%s waits for the database: %s", teller.hook.name, away)
        except Exception:  # a fault of ours must not silence a destination for good; the log tells of it
            self._log.exception("%s stumbled", teller.hook.name)
        return LOOK_EVERY

    async def _round(self, teller: Teller, sink: Sink, state: _State) -> timedelta:
        """Book, collect, send. Looks first whether there is anything to do: looking costs no writer."""
        now, name = self._clock.wire(), teller.hook.name
        if not state.begun:
            await self._database.write(destinations.begin, name)
            state.begun = True
        if now < state.rest_until and await self._database.read(destinations.last_event) == state.seen:
            return LOOK_EVERY
        seen = await self._database.read(destinations.last_event)
        done: Round = await self._database.write(turn, teller, now, state.mark, state.booked)
        state.booked, state.mark = (), done.mark
        if not done.rows:
            state.rest_until, state.seen = now + done.wait, seen
            return min(done.wait, LOOK_EVERY)
        batch = await self._batch(teller, done.rows)
        answers = await sink.send(batch)
        state.booked = tuple(zip(done.rows, answers, strict=True))
        if self._stopping:
            await self._database.write(turn, teller, self._clock.wire(), None, state.booked)
        return timedelta(0)

    async def _batch(self, teller: Teller, rows: Sequence[Dispatch]) -> Sequence[Message]:
        if teller.newest_alone:  # it reads for itself how things stand
            return [Message(f"evt_{row.event_id}", "", row.lead_id, b"") for row in rows]
        from bot.events.payload import messages  # with all that is told of a lead; most starts tell nobody

        return await self._database.read(messages, rows)

    def _wake(self) -> None:
        for woken in self._woken:
            woken.set()


@dataclass(slots=True)
class _State:
    """What a worker carries from one round to the next; all of it may be lost.

    Until `rest_until` there is nothing to do as long as the history ends at `seen`.
    """

    booked: Sequence[Booked] = ()
    mark: Mark | None = None
    begun: bool = False
    seen: int = -1
    rest_until: datetime = _LONG_AGO
    waits_for: str = ""  # why the database is away, once the log says so
