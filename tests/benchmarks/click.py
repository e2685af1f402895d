"""How fast a click is answered: `python -m tests.benchmarks.click`.

Accepting a lead, durable on SQLite, against a listener that does nothing, in the same bot and the same run:
signed HTTP, one person and 16 at once, in turns; and on PostgreSQL, for which nothing is promised. The bot
runs in a process of its own, with its sender at work against the local Slack; the people and that Slack are
here.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import SecretStr
from slack_bolt.context.ack.async_ack import AsyncAck
from sqlalchemy import Connection, String, func, select, update

from app import running
from bot import handoffs
from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.context import Context
from bot.leadform import read_lead
from bot.sandbox import Sandbox
from bot.settings import Settings
from bot.views.ids import SEAL
from storage.database import Database
from storage.migrations import migrate
from storage.models import DeliveryState, HandoffState, deliveries
from storage.models import handoffs as handoff_rows
from tests.benchmarks.table import Row, table
from tests.databases import PostgresServer

AT_ONCE = (1, 16)
CLICKS_A_TURN = 160
TURNS = 8
WARM_UP = 2
NOTHING = "does_nothing"
REP = "U0REP1"


def rows(_quick: bool = False) -> list[Row]:
    """The median and the slowest hundredth of each, beside the listener that does nothing."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(_measured(f"sqlite:///{Path(folder, 'click.db')}", promised=True))
    server = PostgresServer()
    try:
        return found + asyncio.run(_measured(server.url(server.create()), promised=False))
    finally:
        server.remove()


async def _measured(url: str, *, promised: bool) -> list[Row]:
    clock, dialect = Clock(), url.partition(":")[0].partition("+")[0]
    waiting = leads_that_wait(url, clock, CLICKS_A_TURN * (TURNS + WARM_UP) * len(AT_ONCE))
    async with Sandbox(clock=clock) as slack, served(slack, url) as address:
        times = await _take_turns(address, slack.signing_secret, iter(waiting))
    _require_all_accepted(url, len(waiting))
    parts = (("p50", _p50, 4), ("p99", _p99, 12))
    return [
        Row(
            f"accept, {at_once} at once, {dialect}, {name}",
            *_both(of, times, at_once),
            most=most if promised else None,
            of_yardstick=True,
        )
        for at_once in AT_ONCE
        for name, of, most in parts
    ]


def _require_all_accepted(url: str, count: int) -> None:
    """A click that is refused is answered too, and faster."""
    database = Database.open(url)
    counted = select(func.count()).where(handoff_rows.c.state == HandoffState.ACCEPTED)
    accepted = database.read_now(lambda tx: tx.execute(counted).scalar_one())
    database.close()
    assert accepted == count, f"{accepted} of {count} clicks accepted a lead"


def _both(
    of: Callable[[Sequence[float]], float], times: Mapping[tuple[str, int], Sequence[float]], at_once: int
) -> tuple[float, str, float]:
    return of(times["lead_accept", at_once]) * 1000, "ms", of(times[NOTHING, at_once]) * 1000


def _p50(times: Sequence[float]) -> float:
    return statistics.median(times)


def _p99(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


def leads_that_wait(url: str, clock: Clock, count: int) -> list[str]:
    """Values of the buttons on cards that stand in Slack, ready to be clicked."""
    database = Database.open(url)
    migrate(database)
    book = database.write_now(open_book, default_agreement(), clock.now())
    ctx = Context(clock.now(), clock.wire(), book, "benchmark", "benchmark")
    found = []
    for number in range(count):
        told = {"email": f"jane{number}@company{number}.example", "qualified": True, "employees": 500}
        taken = database.write_now(handoffs.take_in, ctx, read_lead(told, now=ctx.now))
        assert taken.handoff_id is not None
        found.append(taken.handoff_id)
    database.write_now(_show_all, ctx)
    tokens = select(handoff_rows.c.id, handoff_rows.c.token).where(handoff_rows.c.id.in_(found))
    values = database.read_now(lambda tx: [f"{row.id}{SEAL}{row.token}" for row in tx.execute(tokens)])
    database.close()
    return values


def _show_all(tx: Connection, ctx: Context) -> None:
    shown = {"state": DeliveryState.SENT, "channel": "C0SALES", "sent_at": ctx.wire}
    tx.execute(update(deliveries).values(**shown, ts=deliveries.c.id.cast(String) + ".000001"))


@asynccontextmanager
async def served(slack: Sandbox, url: str, module: str = "tests.benchmarks.click", *more: str) -> Any:
    """A bot in a process of its own, by the `serve` of a benchmark; gives its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, "serve"),
        *(slack.api_url, slack.bot_token, slack.signing_secret, url, *more),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def _serve(api_url: str, token: str, secret: str, url: str) -> None:
    logging.disable(logging.CRITICAL)
    settings = Settings(
        slack_bot_token=SecretStr(token),
        slack_signing_secret=SecretStr(secret),
        slack_api_url=api_url,
        database_url=SecretStr(url),
        port=0,
    )

    async def nothing(ack: AsyncAck) -> None:
        await ack()

    async with running(settings, default_agreement(), Clock()) as baton:
        baton.slack_app.action(NOTHING)(nothing)
        print(baton.url, flush=True)
        await asyncio.Event().wait()


async def _take_turns(
    address: str, secret: str, waiting: Iterator[str]
) -> dict[tuple[str, int], list[float]]:
    """How long each click took, by what it does and how many people click at once."""
    times = defaultdict[tuple[str, int], list[float]](list)
    for turn in range(TURNS + WARM_UP):
        for at_once in AT_ONCE:
            mine = list(islice(waiting, CLICKS_A_TURN))
            for action in (NOTHING, "lead_accept"):
                took = await click_all(address, secret, action, mine, at_once)
                if turn >= WARM_UP:
                    times[action, at_once] += took
                await asyncio.sleep(0.3)
    return times


async def click_all(
    address: str, secret: str, action: str, values: Sequence[str], at_once: int
) -> list[float]:
    """How long each of these clicks took, by so many people at once."""
    shares = [values[n::at_once] for n in range(at_once)]
    each = await asyncio.gather(*(_clicker(address, secret, action, share) for share in shares))
    return [took for times in each for took in times]


async def _clicker(address: str, secret: str, action: str, values: Sequence[str]) -> list[float]:
    """One person on one kept-alive connection, written by hand so that it costs next to nothing."""
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    times = []
    for value in values:
        request = _request(secret, action, value)
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-le")
            ),
            0,
        )
        body = await reader.readexactly(length)
        times.append(time.perf_counter() - began)
        assert head.startswith(b"HTTP/1.1 200"), head
        assert not body, body
    writer.close()
    return times


def _request(secret: str, action: str, value: str) -> bytes:
    payload = {
        "type": "block_actions",
        "team": {"id": "T0BATON", "domain": "baton"},
        "user": {"id": REP, "team_id": "T0BATON"},
        "api_app_id": "A0BATON",
        "trigger_id": f"{value}.1",
        "response_url": "http://127.0.0.1:9/none",
        "container": {"type": "message", "message_ts": "1.0", "channel_id": "C0SALES"},
        "channel": {"id": "C0SALES", "name": "sales"},
        "actions": [
            {
                "type": "button",
                "action_id": action,
                "block_id": "b",
                "value": value,
                "action_ts": "1",
            }
        ],
    }
    body = "payload=" + quote(json.dumps(payload))
    stamp = str(int(time.time()))
    signed = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    head = (
        "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={signed}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(_serve(*sys.argv[2:]))
    else:
        print(table(rows()))
