"""Several tools at once: one well, one slow, one down; and a process that is killed again and again."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from aiohttp import web

from bot.clock import Clock
from bot.events import Dispatcher
from bot.events.retries import OPEN_AFTER
from bot.events.standing import standings
from bot.handoffs.accept import Accept, accept
from storage import destinations
from storage.database import Database
from storage.destinations import Backlog
from tests.bot.events.blocking import Blocked, watched
from tests.bot.events.receiver import Receiver, receiving, well
from tests.bot.events.teller import Since, agreed, dispatcher, work
from tests.bot.ledger import RILEY, Ledger
from tests.killing import forks, kills

KILLS = kills(3)
LONG = 50
SLACK_WAITS = 3.0
"""Seconds for which Slack waits for the answer to a click."""
EACH = ["lead.created", "lead.handed_off", "lead.accepted"]


@pytest.fixture
async def receivers() -> AsyncIterator[list[Receiver]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(receiving()) for _ in range(3)]


async def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for it, with an end for what never comes."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


def has_all(receiver: Receiver, leads: list[int]) -> bool:
    return all((lead, name) in receiver.known for lead in leads for name in EACH)


def lead_comes(ledger: Ledger, number: int) -> int:
    """A lead that is handed off and accepted; gives its number."""
    handoff = ledger.handoff_comes(external_id=f"hs-{number}", email=f"p{number}@acme.example")
    ledger.does(RILEY, accept, Accept(handoff))
    return ledger.handoff(handoff).lead_id


async def stopped(telling: asyncio.Task[None], teller: Dispatcher) -> None:

    await teller.stop(timedelta(seconds=5))
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


async def test_one_that_is_slow_and_one_that_is_down_delay_no_other(
    database: Database, receivers: list[Receiver]
) -> None:
    well, slow, down = receivers
    slow.may_answer.clear()
    down.answer = lambda _: web.Response(status=500)
    agreement = agreed(zip(("well", "slow", "down"), (each.url for each in receivers), strict=True))
    ledger = Ledger(database, now=datetime.now(UTC))
    teller = dispatcher(database, agreement, Clock())
    telling = asyncio.create_task(teller.run())
    await until(lambda: len(database.read_now(destinations.all_known)) == 3)
    leads = [await asyncio.to_thread(lead_comes, ledger, n) for n in range(OPEN_AFTER + 1)]
    await until(lambda: has_all(well, leads))
    assert slow.taken == down.taken == []
    slow.may_answer.set()
    await until(lambda: has_all(slow, leads))
    hooks = agreement.agreement.webhooks
    await until(
        lambda: database.read_now(destinations.backlogs).get("down", Backlog()).pending == 3 * len(leads)
    )
    standing = {each.name: each for each in await asyncio.to_thread(database.read_now, standings, hooks)}
    assert standing["down"].words == "failing, tried each minute: answered 500"
    assert all(well.of_lead(lead) == EACH for lead in leads)
    assert sorted(each["sequence"] for each in well.taken) == list(range(1, 3 * len(leads) + 1))
    await stopped(telling, teller)


async def test_who_is_stopped_leaves_the_destinations_to_others_at_once(
    database: Database, receivers: list[Receiver]
) -> None:
    tool, *_ = receivers
    agreement = agreed([("tool", tool.url)])
    teller = dispatcher(database, agreement, Clock())
    telling = asyncio.create_task(teller.run())
    await until(lambda: any(each.worker for each in database.read_now(destinations.all_known)))
    await stopped(telling, teller)
    assert [each.worker for each in database.read_now(destinations.all_known)] == [None]


def has_been_called(tool: Receiver, *, times: int) -> bool:
    return len(tool.arrived) >= times


async def test_one_that_is_down_for_a_day_is_tried_now_and_then_and_gets_everything_in_order(
    database: Database, receivers: list[Receiver]
) -> None:
    """Nothing is parked meanwhile, and nobody calls it more than once a minute."""
    tool, clock, looks = receivers[0], Clock(), 8
    tool.answer, tool.verifies = lambda _: web.Response(status=503), False
    ledger = Ledger(database, now=datetime.now(UTC))
    database.write_now(destinations.begin, "tool")
    teller = dispatcher(database, agreed([("tool", tool.url)]), clock)
    telling = asyncio.create_task(teller.run())
    leads: list[int] = []
    for look in range(looks):
        clock.jump(timedelta(days=1) / looks)
        leads.append(await asyncio.to_thread(lead_comes, ledger, len(leads)))
        await until(partial(has_been_called, tool, times=look + 1))
    assert tool.taken == []
    assert len(tool.arrived) < 3 * looks
    tool.answer = well
    while not tool.taken:  # the answer before may be booked behind a jump
        clock.jump(timedelta(minutes=2))
        await asyncio.sleep(0.1)
    await until(lambda: has_all(tool, leads))
    assert all(tool.of_lead(lead) == EACH for lead in leads)
    await stopped(telling, teller)


def require_everything_in_order(receiver: Receiver, leads: list[int]) -> None:
    """Each event once or more, those of a lead in order, and every number without holes for one event."""
    for lead in leads:
        first = dict.fromkeys(receiver.of_lead(lead))
        assert list(first) == EACH
    numbers: dict[int, set[str]] = defaultdict(set)
    for each in receiver.taken:
        numbers[each["sequence"]].add(each["id"])
    assert sorted(numbers) == list(range(1, len(EACH) * len(leads) + 1))
    assert all(len(ids) == 1 for ids in numbers.values())


@dataclass
class Tellers:
    """The processes that tell: one, or two at once, each begun again when it was killed."""

    database: Database
    urls: tuple[tuple[str, str], ...]
    since: Since | None = None
    running: list[BaseProcess] = field(default_factory=list)

    def begin(self) -> None:
        url = self.database.url.render_as_string(hide_password=False)
        process = forks().Process(target=work, args=(url, self.urls, self.since), daemon=True)
        process.start()
        self.running.append(process)

    def kill(self, number: int) -> None:
        process = self.running.pop(number)
        process.kill()
        process.join()
        if not self.running and self.database.dialect == "postgresql":  # another replica waits for the lease
            self.database.write_now(destinations.free)

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.join()


@pytest.mark.slow
async def test_killed_again_and_again_it_tells_everybody_everything_in_order(
    own_database: Database, receivers: list[Receiver]
) -> None:
    """SIGKILL at random while leads flow: at least once, and of each lead in order.

    With `BATON_KILLS=50` a thousand leads, and on PostgreSQL two processes that tell. No click waits for
    them: PostgreSQL says so of its locks, on SQLite a clock does.
    """
    chance, is_long = random.Random(7), KILLS >= LONG
    shaky, slow = receivers[1], receivers[2]
    tried: set[str] = set()

    def stumble(body: dict[str, Any]) -> web.StreamResponse:
        """One in four fails, the first time."""
        again = body["id"] in tried
        tried.add(body["id"])
        return web.Response(status=500 if not again and chance.random() < 0.25 else 200)

    shaky.answer, slow.seconds = stumble, 0.2
    urls = tuple((f"tool-{n}", each.url) for n, each in enumerate(receivers))
    for name, _ in urls:
        own_database.write_now(destinations.begin, name)
    ledger = Ledger(own_database, now=datetime.now(UTC))
    tellers = Tellers(own_database, urls)
    if is_long and own_database.dialect == "postgresql":  # whoever is killed leaves a lease of ten seconds
        tellers.since = Since(ledger.now, time.time(), speed=6)
        for receiver in receivers:
            receiver.verifies = False
        tellers.begin()
    tellers.begin()
    leads: list[int] = []
    waits: list[float] = []
    with watched(own_database) if is_long else nullcontext(Blocked()) as blocked:
        try:
            for kill in range(1, KILLS + 1):
                ends = time.monotonic() + chance.uniform(0.2, 1.0)
                while time.monotonic() < ends or (is_long and len(leads) < 20 * kill):
                    began = time.monotonic()
                    leads.append(await asyncio.to_thread(lead_comes, ledger, len(leads)))
                    waits.append(time.monotonic() - began)
                    await asyncio.sleep(0.05)
                tellers.kill(chance.randrange(len(tellers.running)))
                tellers.begin()
            patience = 60 if not is_long else 600
            await until(lambda: all(has_all(each, leads) for each in receivers), patience)
        finally:
            tellers.end()
    for receiver in receivers:
        require_everything_in_order(receiver, leads)
    if is_long:
        assert len(leads) >= 20 * LONG
        print(f"{len(leads)} leads, the slowest click {max(waits):.2f} s, for a lock {blocked.longest:.2f} s")
        waited = blocked.longest if blocked.looks else max(waits)
        assert waited < SLACK_WAITS, f"a click waited {waited:.1f} s"
