"""Senders to test: real use cases fill the outbox, real senders carry it to a strict local Slack.

Time runs fast: a second of the wire is some hundredths of a real one. Nothing sleeps longer than it must.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, insert, select

from bot.agreement import LoadedAgreement, default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.context import Context
from bot.delivery import Sender
from bot.handoffs import Accept, Decided, Reject, Taken, accept, reject, take_in
from bot.leadform import read_lead
from bot.sandbox import Message, Sandbox
from bot.sandbox.scenario.sentences import reads
from bot.slack.pace import PACE
from storage import clocks as clock_queries
from storage.database import Database
from storage.database.sql import Query
from storage.models import ClockKind, Delivery, deliveries, handoffs, leads
from storage.outbox import posts
from storage.outbox.gates import Pace

MONDAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
"""10:00 in New York: everybody in the built-in agreement is at work."""
PATIENCE = 30.0
"""Real seconds to wait for what must come; only a failing test waits so long."""
BIG, SMALL = "C0SALES", "C0GROWTH"
UNLIMITED = {name: Pace() for name in PACE}
_TOLD: dict[str, dict[str, Any]] = {
    "P1": {"activities": ["demo_request"]},
    "P2": {"title": "CTO", "activities": ["webinar", "download"], "qualified": True},
    "P3": {"title": "Clerk", "qualified": True},
}


@dataclass(slots=True)
class Sending:
    """An outbox, a Slack, and the senders between them."""

    database: Database
    slack: Sandbox
    client: AsyncWebClient
    clock: Clock
    book: AgreementBook
    log: logging.Logger
    senders: dict[Sender, asyncio.Task[None]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    # ---- what use cases do

    def context(self, actor: str = "crm") -> Context:
        return Context(self.clock.now(), self.clock.wire(), self.book, actor, f"trace{next(self._numbers)}")

    async def lead(self, name: str, priority: str = "P3", *, employees: int = 450, **told: Any) -> Taken:
        """A lead comes in and is handed off; one with fewer than 200 colleagues goes to the other team."""
        fields = {"email": f"{name.lower()}@{name.lower()}.example", "first_name": name, "company": name}
        fields |= {"employees": str(employees), **_TOLD[priority], **told}
        activities = [{"type": kind, "at": self.clock.now()} for kind in fields.pop("activities", ())]
        form = read_lead({**fields, "activities": activities}, now=self.clock.now())
        taken = await self.database.write(take_in, self.context(), form)
        assert taken.priority == priority
        return taken

    async def accept(self, taken: Taken, by: str = "U0REP1") -> Decided:
        assert taken.handoff_id is not None
        return await self.database.write(accept, self.context(by), Accept(taken.handoff_id))

    async def reject(self, taken: Taken, reason: str = "bad_contact", by: str = "U0REP1") -> Decided:
        assert taken.handoff_id is not None
        command = Reject(taken.handoff_id, reason, note="No such number")
        return await self.database.write(reject, self.context(by), command)

    async def refresh(self, taken: Taken, *, rank: int = posts.Rank.CLICK) -> None:
        """Wish for a lead's card to be shown anew."""

        def pending_update(tx: Connection) -> None:
            card = posts.require(tx, card_of(tx, taken).id)
            posts.rewrite(tx, self.context().stamp, card, rank=rank)

        await self.database.write(pending_update)

    # ---- senders

    def start(
        self,
        pace: Mapping[str, Pace] = PACE,
        client: AsyncWebClient | None = None,
        off: timedelta | None = None,
    ) -> Sender:
        parts = (self.database, client or self.client, self.clock, self.book, self.log)
        sender = Sender(*parts, pace=pace, slack_off=lambda: off)
        self.senders[sender] = asyncio.create_task(sender.run())
        return sender

    async def stop(self) -> None:
        for sender, task in self.senders.items():
            await sender.stop(timedelta(seconds=5))
            task.cancel()
        await asyncio.gather(*self.senders.values(), return_exceptions=True)
        self.senders.clear()

    async def kill(self) -> None:
        """End every sender as SIGKILL would: what is under way is torn off, and nothing is written down."""
        for sender, task in self.senders.items():
            looking = [sender._looking] if sender._looking else []
            for running in (task, *sender._under_way.values(), *looking):
                running.cancel()
        await asyncio.sleep(0)
        await asyncio.gather(*self.senders.values(), return_exceptions=True)
        self.senders.clear()

    # ---- what can be seen

    async def rows(self, **columns: Any) -> list[Delivery]:
        """The deliveries with these values, oldest first."""

        def look(tx: Connection) -> list[Delivery]:
            statement = select(deliveries).order_by(deliveries.c.id)
            for name, value in columns.items():
                statement = statement.where(deliveries.c[name] == value)
            return list(Query(Delivery, statement).all(tx))

        return await self.database.read(look)

    async def accept_clock(self, taken: Taken) -> tuple[datetime, datetime, datetime | None]:
        """Since when the lead's clock to accept runs, when it falls due, and when it is looked at next."""

        def look(tx: Connection) -> tuple[datetime, datetime, datetime | None]:
            clock = clock_queries.running_of_kind(tx, taken.handoff_id or 0, ClockKind.ACCEPT)
            assert clock is not None
            return clock.started_at, clock.due_at, clock.next_at

        return await self.database.read(look)

    async def pass_time(self, **amount: float) -> None:
        """Let time go by at once."""
        self.clock.jump(timedelta(**amount))
        await asyncio.sleep(0)

    async def quiet(self) -> None:
        """Wait until nothing is left to be done."""
        await until(self._is_empty, "an empty outbox")

    async def _is_empty(self) -> bool:
        return not set(await self.database.read(posts.backlog)) & {"pending", "claimed", "unknown"}

    def shown(self, channel: str, *, threads: bool = False) -> list[Message]:
        """What stands in a channel, oldest first, or with `threads` what stands in its threads."""
        there = self.slack.workspace.messages.get(channel, {}).values()
        return [one for one in there if not one.deleted and one.in_thread == threads]

    def names(self, channel: str) -> list[str]:
        """The first line of each message in a channel."""
        return [reads(message).splitlines()[0] for message in self.shown(channel)]

    async def message(self, channel: str, containing: str, *, threads: bool = False) -> Message:
        """Wait until a message stands in a channel."""

        async def look() -> Message | None:
            return next((m for m in self.shown(channel, threads=threads) if containing in reads(m)), None)

        found: Message = await until(look, f"{containing!r} in {channel}")
        return found

    def calls(self, method: str) -> int:
        """How often a method was called."""
        return len(self.slack.traffic.calls(method))


async def until(look: Callable[[], Any], wanted: str, patience: float = PATIENCE) -> Any:
    """Ask, now and again, until the answer is true."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while True:
        found = look()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert loop.time() < end, f"waited {patience:g} s for {wanted}"
        await asyncio.sleep(0.01)


def card_of(tx: Connection, taken: Taken) -> Delivery:
    """The delivery that is a lead's card."""
    card = select(handoffs.c.card_id).where(handoffs.c.id == taken.handoff_id)
    return posts.require(tx, tx.execute(card).scalar_one())


def pile_up(tx: Connection, book: AgreementBook, now: datetime, number: int, channel: str = BIG) -> None:
    """Many P3 cards that wait for a channel, written as quickly as can be."""
    ids = range(1_000_001, 1_000_001 + number)  # far from those that the database gives
    told = {"created_at": now, "updated_at": now, "stage": "mql", "extra": {}, "why": []}
    tx.execute(insert(leads), [{"id": n, "first_name": f"Piled{n}", **told} for n in ids])
    given: dict[str, Any] = {
        "agreement_id": book.current_id,
        "state": "waiting",
        "team": "Enterprise",
        "priority": "P3",
    }
    given |= {"grade": "D3", "why": [], "handed_at": now}
    tx.execute(insert(handoffs), [{"id": n, "lead_id": n, "card_id": n, **given} for n in ids])
    waiting: dict[str, Any] = {
        "kind": "card",
        "op": "post",
        "state": "pending",
        "lane": f"post:{channel}",
        "body": {},
    }
    waiting |= {"rank": int(posts.Rank.THIRD), "place": channel, "trace": "-"}
    waiting |= {"created_at": now, "due_at": now}
    tx.execute(insert(deliveries), [{"id": n, "handoff_id": n, "lead_id": n, **waiting} for n in ids])


@asynccontextmanager
async def sending_from(
    database: Database,
    *,
    speed: float = 60.0,
    agreement: LoadedAgreement | None = None,
    timeout: float = 10.0,
    **sandbox: Any,
) -> AsyncIterator[Sending]:
    """Senders on a Monday morning. `timeout`: real seconds for one call."""
    clock = Clock(start=MONDAY, speed=speed)
    async with (
        Sandbox(clock=clock, **sandbox) as slack,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout)) as session,
    ):
        client = AsyncWebClient(
            token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
        )
        client.proxy = None
        book = await database.write(open_book, agreement or default_agreement(), clock.now())
        sending = Sending(database, slack, client, clock, book, logging.getLogger("baton.test"))
        try:
            yield sending
        finally:
            await sending.stop()
