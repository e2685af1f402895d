"""What telling other tools costs: `python -m tests.benchmarks.events`.

What a click costs while a thousand events a second are queued for another tool, beside the same bot at rest;
and a tool that was down while very much happened: what the bot holds meanwhile, and how fast it catches up.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.queues import Queue
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import psutil
from pydantic import SecretStr
from sqlalchemy import Connection

from app import running
from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.settings import Settings
from storage import destinations, history
from storage.database import Database
from storage.models import EventKind
from storage.stamp import Stamp
from tests.benchmarks.click import CLICKS_A_TURN, click_all, leads_that_wait, served
from tests.benchmarks.table import Row, table
from tests.bot.events.receiver import SECRET
from tests.bot.events.teller import agreed, dispatcher

QUEUED, DAY = 24_000, 24
"""Events of a day, and its hours."""
NAME = "tool"


A_SECOND = 1000
"""Events that are queued while people click."""
EACH = 0.05
"""Seconds between the transactions in which these come."""
TURNS, WARM_UP = 6, 2
PEOPLE = 16  # who click at once


def rows(quick: bool = False) -> list[Row]:
    """What it costs a click, memory while a tool is down, and what catching up costs."""
    logging.disable(logging.CRITICAL)
    clicks = asyncio.run(_clicks_meanwhile())
    return [*clicks, *asyncio.run(_catching_up(QUEUED // 10 if quick else QUEUED))]


@dataclass
class Tool:
    """Another tool, as cheap as can be: answers each call with the same status."""

    status: int = 204
    url: str = ""
    taken: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer whatever comes over one connection."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
                self.taken += self.status < 300
                writer.write(b"HTTP/1.1 %d -\r\ncontent-length: 0\r\n\r\n" % self.status)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@contextmanager
def _tool_beside() -> Iterator[tuple[str, Synchronized[int]]]:
    """A tool that is well, in a process of its own: its address, and how much it has taken."""
    context = multiprocessing.get_context("spawn")
    told, taken = context.Queue(), context.Value("i", 0)
    process = context.Process(target=_be_told, args=(told, taken), daemon=True)
    process.start()
    try:
        yield told.get(timeout=60), taken
    finally:
        process.kill()
        process.join()


def _be_told(told: Queue[str], taken: Synchronized[int]) -> None:
    async def take() -> None:
        async with _tool(204) as tool:
            told.put(tool.url)
            while True:
                await asyncio.sleep(0.05)
                taken.value = tool.taken

    asyncio.run(take())


@asynccontextmanager
async def _tool(status: int) -> AsyncIterator[Tool]:
    tool = Tool(status)
    server = await asyncio.start_server(tool.serve, "127.0.0.1", 0)
    tool.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield tool
    finally:
        server.close()


@dataclass
class Flow:
    """Events that come while people click: how many have come, in how many seconds."""

    came: int = 0
    seconds: float = 0.0

    @property
    def a_second(self) -> float:
        return self.came / self.seconds


async def _clicks_meanwhile() -> list[Row]:
    clock, flow = Clock(), Flow()
    with tempfile.TemporaryDirectory() as folder:
        url, flows = f"sqlite:///{Path(folder, 'events.db')}", Path(folder, "flows")
        waiting = iter(leads_that_wait(url, clock, 2 * CLICKS_A_TURN * (TURNS + WARM_UP)))
        database = Database.open(url)
        database.write_now(destinations.begin, NAME)
        with _tool_beside() as (tool, taken):
            async with Sandbox(clock=clock) as slack, _served(slack, url, tool, flows) as bot:
                times: dict[str, list[float]] = {"at rest": [], "meanwhile": []}
                for turn in range(TURNS + WARM_UP):
                    for name in times:
                        await _until(lambda: not database.read_now(_left, NAME))
                        values = [next(waiting) for _ in range(CLICKS_A_TURN)]
                        clicking = click_all(bot, slack.signing_secret, "lead_accept", values, PEOPLE)
                        if name == "meanwhile":
                            took = await _while_it_flows(flows, database, flow, clicking)
                        else:
                            took = await clicking
                        times[name] += took if turn >= WARM_UP else []
                await _until(lambda: not database.read_now(_left, NAME))
            sent = database.read_now(destinations.require, NAME).sequence
            await _until(lambda: taken.value >= sent)
        database.close()
    assert flow.a_second > 0.9 * A_SECOND, f"only {flow.a_second:.0f} events came a second"
    both = statistics.median(times["meanwhile"]) * 1000, "ms", statistics.median(times["at rest"]) * 1000
    return [
        Row(f"accept, p50, while {A_SECOND:,} events a second are queued", *both, 1.5, of_yardstick=True),
        Row("events queued meanwhile, all of which arrived, a second", flow.a_second, ""),
    ]


async def _while_it_flows(
    flows: Path, database: Database, flow: Flow, clicking: Coroutine[None, None, list[float]]
) -> list[float]:
    """What each click took; and note how many events came meanwhile."""
    flows.touch()
    await asyncio.sleep(0.5)
    before, began = database.read_now(destinations.last_event), time.perf_counter()
    took = await clicking
    flow.seconds += time.perf_counter() - began
    flow.came += database.read_now(destinations.last_event) - before
    flows.unlink()
    return took


def _served(slack: Sandbox, url: str, tool: str, flows: Path) -> AbstractAsyncContextManager[str]:
    return served(slack, url, "tests.benchmarks.events", tool, str(flows))


async def _serve(api_url: str, token: str, secret: str, url: str, tool: str, flows: str) -> None:
    """The whole bot, with a tool that hears of everything. Events flow while there is a file `flows`."""
    logging.disable(logging.CRITICAL)
    settings = Settings(
        slack_bot_token=SecretStr(token),
        slack_signing_secret=SecretStr(secret),
        slack_api_url=api_url,
        database_url=SecretStr(url),
        port=0,
        variables={"SECRET": SecretStr(SECRET)},
    )
    async with running(settings, agreed([(NAME, tool)]), Clock()) as baton:
        print(baton.url, flush=True)
        last = time.monotonic()
        while True:
            await asyncio.sleep(EACH)
            now = time.monotonic()
            if Path(flows).exists():
                many = min(int((now - last) * A_SECOND), A_SECOND)
                await baton.desk.database.write(_record, baton.desk.clock, many)
            last = now


def _left(tx: Connection, name: str) -> int:
    """How much a tool has not got."""
    (row,) = [each for each in destinations.all_known(tx) if each.name == name]
    backlog = destinations.backlogs(tx).get(name, destinations.Backlog())
    return destinations.last_event(tx) - row.cursor + backlog.pending


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(300):
        while not await asyncio.to_thread(holds):
            await asyncio.sleep(0.05)


def _record(tx: Connection, clock: Clock, count: int) -> None:
    stamp = Stamp(clock.now(), clock.wire(), "benchmark", "benchmark")
    lines = [history.new_line(stamp, EventKind.RAISED, lead_id=n % 500 + 1) for n in range(count)]
    history.record_all(tx, lines)


async def _catching_up(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'events.db')}"
        leads_that_wait(url, Clock(), 500)
        database = Database.open(url)
        database.write_now(destinations.begin, NAME)
        async with _tool(503) as tool:
            context = multiprocessing.get_context("spawn")
            jumps = context.Queue()
            process = context.Process(target=_tell, args=(url, tool.url, jumps), daemon=True)
            process.start()
            try:
                return await _Day(database, tool, psutil.Process(process.pid), jumps).rows(count)
            finally:
                process.kill()
                process.join()
                database.close()


def _tell(database_url: str, tool_url: str, jumps: Queue[timedelta]) -> None:
    """Tell the tool until killed, by a clock that somebody else puts on."""
    clock = Clock()

    def put_on() -> None:
        while True:
            clock.jump(jumps.get())

    threading.Thread(target=put_on, daemon=True).start()
    asyncio.run(dispatcher(Database.open(database_url), agreed([(NAME, tool_url)]), clock).run())


@dataclass(frozen=True)
class _Day:
    """A day for which a tool is down, and what comes after."""

    database: Database
    tool: Tool
    teller: psutil.Process
    jumps: Queue[timedelta]

    async def rows(self, count: int) -> list[Row]:
        await self._hour(500)
        before = self._megabytes()
        for _ in range(DAY):
            await self._hour(count // DAY)
        queued = self._megabytes()
        assert self.tool.taken == 0
        self.tool.status = 204
        self.jumps.put(timedelta(minutes=5))  # a tool that is down is tried each minute
        await _until(lambda: self.tool.taken > 0)
        began, first, spent = time.perf_counter(), self.tool.taken, self._processor()
        await _until(lambda: not self.database.read_now(_left, NAME))
        caught_up = self.tool.taken - first
        took, spent = time.perf_counter() - began, self._processor() - spent
        assert self.tool.taken >= count, f"{self.tool.taken} of {count} arrived"
        waiting = f"bot, {count:,} events of a day wait for a tool that is down"
        after = f"bot, after it has caught up with {count:,}"
        return [
            Row(waiting, queued, "MB", before, 1.1, of_yardstick=True),
            Row(after, self._megabytes(), "MB", before, 1.2, of_yardstick=True),
            Row(
                "an event, catching up, in processor time: 500 a second",
                spent / caught_up * 1000,
                "ms",
                most=2,
            ),
            Row("events caught up with, a second by the clock", caught_up / took, ""),
        ]

    async def _hour(self, some: int) -> None:
        """Let so many events come, and an hour pass."""
        for _ in range(0, some, 500):
            await asyncio.to_thread(self.database.write_now, _record, Clock(), min(some, 500))
        await _until(self._is_collected)
        self.jumps.put(timedelta(hours=1))

    def _is_collected(self) -> bool:
        cursor = self.database.read_now(destinations.require, NAME).cursor
        return cursor == self.database.read_now(destinations.last_event)

    def _megabytes(self) -> float:
        return float(self.teller.memory_info().rss) / 2**20

    def _processor(self) -> float:
        spent = self.teller.cpu_times()
        return float(spent.user + spent.system)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(_serve(*sys.argv[2:]))
        sys.exit()
    print(table(rows("--quick" in sys.argv)))
