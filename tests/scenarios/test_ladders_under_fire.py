"""Replicas that are killed at any moment, with a Slack that refuses, drops and forgets to answer.

Whatever happens, each step of each ladder is taken once, and each message stands in Slack once.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import Connection, func, select

from bot.agreement import default_agreement, loaded
from bot.agreement.book import open_book
from bot.context import Context
from bot.handoffs import take_in
from bot.leadform import read_lead
from bot.sandbox import FaultKind, Sandbox
from storage.database import Database
from storage.models import DeliveryState, clocks, deliveries, events, nags
from storage.outbox import posts
from tests.killing import forks, kills
from tests.scenarios.conftest import MONDAY
from tests.scenarios.replica import Orders, work

KILLS = kills(12)
REPLICAS = [2, 4] if "BATON_KILLS" in os.environ else [3]
LEADS = 8
SPEED = 10.0
EVERY = 0.2  # real seconds from one kill to the next, on average
FINISH_WITHIN = 45.0  # real seconds after the last kill
FAULTS = (
    FaultKind.DROPPED,
    FaultKind.DROPPED_AFTER,
    FaultKind.SERVER_ERROR_AFTER,
    FaultKind.INTERNAL_ERROR_AFTER,
    FaultKind.RATE_LIMITED,
    FaultKind.SLOW,
)
LADDER_OF_ONE_LEAD = {
    ("nudge", 1): 2,  # the owner, and after the lead was passed on the next one
    ("breach", 2): 2,
    ("assigned", 3): 1,
    ("choose", 3): 1,  # nobody is left who has not had it
}
EVENTS_OF_ONE_LEAD = {"clock.nudged": 2, "clock.breached": 2, "lead.reassigned": 1}


def agreement() -> str:
    """Half a minute to accept, two reps who are both at work, and a last rung that does not repeat."""
    text = default_agreement().text.replace('accept      = "5m"', 'accept      = "30s"')
    text = text.replace('capacity = 30, timezone = "America/Los_Angeles"', "capacity = 30")
    return text.replace('repeat = "1d"', 'repeat = "0s"')


class Replicas:
    """So many processes, one of which is killed and replaced whenever somebody says so."""

    def __init__(self, count: int, orders: Orders) -> None:
        self._context = forks()
        self._orders = orders
        self._processes = [self._start() for _ in range(count)]

    def kill_one(self, chance: random.Random) -> None:
        n = chance.randrange(len(self._processes))
        self._kill(self._processes[n])
        self._processes[n] = self._start()

    def end(self) -> None:
        for process in self._processes:
            self._kill(process)

    def _start(self) -> BaseProcess:
        process = self._context.Process(target=work, args=(self._orders,), daemon=True)
        process.start()
        return process

    def _kill(self, process: BaseProcess) -> None:
        process.kill()
        process.join(10)


@pytest.mark.slow
@pytest.mark.parametrize("count", REPLICAS)
async def test_every_step_is_taken_once_whatever_is_killed(count: int, postgres_url: str) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # shown if it fails
    chance = random.Random(seed)
    database = Database.open(postgres_url)
    async with Sandbox(rate_limits=False) as slack:
        orders = Orders(postgres_url, slack.api_url, slack.bot_token, agreement(), MONDAY, time.time(), SPEED)
        await database.write(leads_come_in, orders)
        replicas = Replicas(count, replace(orders, then=orders.clock().now(), real=time.time()))
        try:
            for n in range(KILLS):
                await asyncio.sleep(chance.uniform(0, 2 * EVERY))
                replicas.kill_one(chance)
                if n % 2:
                    slack.fault("chat.postMessage", chance.choice(FAULTS), times=2, seconds=0.2)
            await finished(database)
        finally:
            replicas.end()
        await database.read(each_step_once)
        shown = Counter(
            message.metadata["event_payload"]["delivery"]
            for messages in slack.workspace.messages.values()
            for message in messages.values()
            if message.metadata
        )
    sent = await database.read(sent_posts)
    database.close()
    assert set(shown.values()) == {1}, "a message stands in Slack twice"
    assert set(shown) == sent


def leads_come_in(tx: Connection, orders: Orders) -> None:
    now = orders.clock().now()
    ctx = Context(now, now, open_book(tx, loaded(orders.agreement), now), "crm", "leads")
    for n in range(LEADS):
        asked = [{"type": "demo_request", "at": now.isoformat()}]
        told = {"email": f"l{n}@firm{n}.example", "company": f"Firm {n}", "activities": asked}
        take_in(tx, ctx, read_lead(told, now=now))


async def finished(database: Database) -> None:
    """Wait until no clock has a step ahead and nothing is on its way to Slack."""
    try:
        async with asyncio.timeout(FINISH_WITHIN):
            while await database.read(still_to_do):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not finished: {await database.read(still_to_do)}") from None


def still_to_do(tx: Connection) -> dict[str, int | datetime]:
    ahead = select(func.count()).where(clocks.c.next_at.is_not(None))
    steps = tx.execute(ahead).scalar_one()
    return {**posts.backlog(tx), **({"steps": steps} if steps else {})}


def each_step_once(tx: Connection) -> None:
    lines = Counter(
        (row.handoff_id, row.what, row.step)
        for row in tx.execute(select(nags.c.handoff_id, nags.c.what, nags.c.step))
    )
    told = Counter(
        (row.handoff_id, row.kind)
        for row in tx.execute(select(events.c.handoff_id, events.c.kind))
        if row.kind in EVENTS_OF_ONE_LEAD
    )
    leads = range(1, LEADS + 1)
    assert lines == {(n, *step): times for n in leads for step, times in LADDER_OF_ONE_LEAD.items()}
    assert told == {(n, kind): times for n in leads for kind, times in EVENTS_OF_ONE_LEAD.items()}


def sent_posts(tx: Connection) -> set[int]:
    statement = select(deliveries.c.id).where(
        deliveries.c.op == "post", deliveries.c.state == DeliveryState.SENT
    )
    return set(tx.execute(statement).scalars())
