"""What telling other tools costs: `python -m tests.benchmarks.events`.

A tool that was down while very much happened: what the bot holds meanwhile, and how fast it catches up.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import Connection

from bot.clock import Clock
from bot.events.standing import resume
from storage import destinations, history
from storage.database import Database
from storage.models import EventKind
from storage.stamp import Stamp
from tests.benchmarks.click import leads_that_wait
from tests.benchmarks.table import Row, table
from tests.bot.events.teller import work

QUEUED = 20_000
NAME = "tool"


def rows(quick: bool = False) -> list[Row]:
    """Memory while it waits, and what catching up costs."""
    logging.disable(logging.CRITICAL)
    return asyncio.run(_catching_up(QUEUED // 10 if quick else QUEUED))


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


@asynccontextmanager
async def _tool(status: int) -> AsyncIterator[Tool]:
    tool = Tool(status)
    server = await asyncio.start_server(tool.serve, "127.0.0.1", 0)
    tool.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield tool
    finally:
        server.close()


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
            process = multiprocessing.get_context("spawn").Process(
                target=work, args=(url, ((NAME, tool.url),)), daemon=True
            )
            process.start()
            try:
                return await _caught_up(database, tool, psutil.Process(process.pid), count)
            finally:
                process.kill()
                process.join()
                database.close()


async def _caught_up(database: Database, tool: Tool, teller: psutil.Process, count: int) -> list[Row]:
    def megabytes() -> float:
        return float(teller.memory_info().rss) / 2**20

    def processor() -> float:
        spent = teller.cpu_times()
        return float(spent.user + spent.system)

    def is_collected() -> bool:
        (row,) = database.read_now(destinations.all_known)
        return row.cursor == database.read_now(destinations.last_event)

    async def recorded(some: int) -> None:
        for _ in range(0, some, 500):
            await asyncio.to_thread(database.write_now, _record, Clock(), 500)
        await _until(is_collected)

    await recorded(500)
    before = megabytes()
    await recorded(count - 500)
    queued = megabytes()
    tool.status = 204
    await asyncio.to_thread(database.write_now, resume, NAME)
    await _until(lambda: tool.taken > 0)
    began, first, spent = time.perf_counter(), tool.taken, processor()
    await _until(lambda: not database.read_now(_left, NAME))
    caught_up = tool.taken - first
    took, spent = time.perf_counter() - began, processor() - spent
    return [
        Row(
            f"bot, {count:,} events wait for a tool that is down",
            queued,
            "MB",
            before,
            1.1,
            of_yardstick=True,
        ),
        Row(f"bot, after it has caught up with {count:,}", megabytes(), "MB", before, 1.2, of_yardstick=True),
        Row("an event, catching up, in processor time: 500 a second", spent / caught_up * 1000, "ms", most=2),
        Row("an event, catching up, by the clock", took / caught_up * 1000, "ms"),
    ]


if __name__ == "__main__":
    print(table(rows("--quick" in sys.argv)))
