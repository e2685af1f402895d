"""What telling other tools costs: `python -m tests.benchmarks.events`.

A click on a bot that has a thousand events a second to tell, beside the same click in the same bot without
them, in turns: once to a tool that takes them, once to one that is down, so that they only queue. Then a
tool that was down while very much happened: what the bot holds meanwhile, and how fast it catches up.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from pydantic import SecretStr
from slack_bolt.context.ack.async_ack import AsyncAck
from sqlalchemy import Connection

from app import running
from bot.clock import Clock
from bot.events.standing import resume
from bot.sandbox import Sandbox
from bot.settings import Settings
from storage import destinations, history
from storage.database import Database
from storage.models import EventKind
from storage.stamp import Stamp
from tests.benchmarks.click import click_all, leads_that_wait
from tests.benchmarks.table import Row, table
from tests.bot.events.receiver import SECRET
from tests.bot.events.teller import agreed, work

A_SECOND, EACH = 1000, 0.1
CLICKS_A_TURN, TURNS, WARM_UP = 160, 6, 1
QUEUED = 20_000
FLOW: Final = "events_flow"
NAME = "tool"
BY_TURNS = ("quiet", "down", "well")


def rows(quick: bool = False) -> list[Row]:
    """The median of a click, then memory and rate of catching up."""
    logging.disable(logging.CRITICAL)
    clicks = asyncio.run(_clicks())
    print(table(clicks))
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


@asynccontextmanager
async def _tool(status: int) -> AsyncIterator[Tool]:
    tool = Tool(status)
    server = await asyncio.start_server(tool.serve, "127.0.0.1", 0)
    tool.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield tool
    finally:
        server.close()


async def _clicks() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'events.db')}"
        waiting = leads_that_wait(url, Clock(), CLICKS_A_TURN * 3 * (TURNS + WARM_UP))
        async with Sandbox(clock=Clock()) as slack, _tool(204) as tool:
            arguments = (slack.api_url, slack.bot_token, slack.signing_secret, url, tool.url)
            async with _served(*arguments) as address:
                times = await _take_turns(tool, url, address, slack.signing_secret, waiting)
    quiet = statistics.median(times["quiet"]) * 1000
    return [
        *(
            Row(what, statistics.median(times[name]) * 1000, "ms", quiet, 1.5, of_yardstick=True)
            for name, what in (
                ("down", "click, p50, while events queue for a tool that is down"),
                ("well", "click, p50, while events are told"),
            )
        ),
        *(
            Row(what, statistics.median(times[name]), "a second")
            for name, what in (
                ("happened", f"events meanwhile ({A_SECOND:,} are wanted)"),
                ("arrived", "of which were told at once"),
            )
        ),
    ]


async def _take_turns(
    tool: Tool, url: str, address: str, secret: str, waiting: Sequence[int]
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in (*BY_TURNS, "happened", "arrived")}
    database = Database.open(url)
    left = list(waiting)
    for turn in range(TURNS + WARM_UP):
        for name in BY_TURNS:
            tool.status = 500 if name == "down" else 204
            mine, left = left[:CLICKS_A_TURN], left[CLICKS_A_TURN:]
            if name != "quiet":
                await click_all(address, secret, FLOW, [1])
                await asyncio.sleep(0.5)
            before = database.read_now(destinations.last_event), tool.taken, time.perf_counter()
            times[name] += await click_all(address, secret, "lead_accept", mine)
            seconds = time.perf_counter() - before[2]
            happened = database.read_now(destinations.last_event) - before[0] - len(mine)
            if name != "quiet":
                times["happened"].append(happened / seconds)
                await click_all(address, secret, FLOW, [0])
            if name == "well":
                times["arrived"].append((tool.taken - before[1]) / seconds)
            if turn < WARM_UP:
                times[name].clear()
            await asyncio.sleep(0.5)
            tool.status = 204
            await asyncio.to_thread(database.write_now, resume, NAME)
            await _until(lambda: not database.read_now(_left, NAME))
    database.close()
    return times


def _left(tx: Connection, name: str) -> int:
    """How much a tool has not got."""
    (row,) = [each for each in destinations.all_known(tx) if each.name == name]
    backlog = destinations.backlogs(tx).get(name, destinations.Backlog())
    return destinations.last_event(tx) - row.cursor + backlog.pending


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(300):
        while not await asyncio.to_thread(holds):
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _served(*arguments: str) -> AsyncIterator[str]:
    command = [sys.executable, "-m", "tests.benchmarks.events", "serve", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def _serve(api_url: str, token: str, secret: str, url: str, tool: str) -> None:
    logging.disable(logging.CRITICAL)
    settings = Settings(
        slack_bot_token=SecretStr(token),
        slack_signing_secret=SecretStr(secret),
        slack_api_url=api_url,
        database_url=SecretStr(url),
        port=0,
        variables={"SECRET": SecretStr(SECRET)},
    )
    clock, flows = Clock(), asyncio.Event()

    async def flow(ack: AsyncAck, action: dict[str, str]) -> None:
        (flows.set if action["value"] == "1" else flows.clear)()
        await ack()

    async with running(settings, agreed([(NAME, tool)]), clock) as baton:
        baton.slack_app.action(FLOW)(flow)
        print(baton.url, flush=True)
        await _happen(baton.desk.database, clock, flows)


async def _happen(database: Database, clock: Clock, flows: asyncio.Event) -> None:
    """So many events a second, while they flow."""
    while await flows.wait():
        began = time.perf_counter()
        await database.write(_record, clock, int(A_SECOND * EACH))
        await asyncio.sleep(max(0.0, EACH - (time.perf_counter() - began)))


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
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(_serve(*sys.argv[2:]))
    else:
        print(table(rows("--quick" in sys.argv)))
