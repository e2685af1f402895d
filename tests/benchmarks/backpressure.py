"""A burst of leads at a Slack that takes one message a second: `python -m tests.benchmarks.backpressure`.

Cold leads for one channel come all at once, to `app.py run` on SQLite. Behind them hot leads come one by one,
in real time: how long until each stands in Slack. Then the queue is emptied by a quicker clock, which is a
start of its own, and what was posted is held against what was sent.
"""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bot.agreement import default_agreement
from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.sandbox.scenario.actors import view_reads
from storage.database import Database
from tests.benchmarks.table import Row, table
from tests.chaos.bots import Bot
from tests.databases import migrated
from tests.scenarios.conftest import MONDAY
from tests.scenarios.test_sigkill import cards_to_come, leads_shown, reminders_of, stored

CHANNEL, TOKEN = "C0SALES", "a-token-of-the-test"
COLD, HOT, IN_BATCH, QUICKLY = 10_000, 40, 500, 10.0
QUEUE = re.compile(r"Queue to Slack\W+empty in about (\d+) min")


@dataclass
class Burst:
    """What was seen. Seconds are real ones, `held` is resident memory in MB at one moment after another."""

    cold: int
    hot: list[float] = field(default_factory=list)
    held: dict[str, float] = field(default_factory=dict)
    drain_metric: float = 0.0
    drain_home: str = ""
    lost: int = 0
    doubled: int = 0
    posts: int = 0
    cards_alone: int = 0


def rows(quick: bool = False) -> list[Row]:
    """How long a hot lead takes behind the burst, what is held, and how the cold ones were bundled."""
    with tempfile.TemporaryDirectory() as folder:
        cold, hot = (COLD // 10, HOT // 4) if quick else (COLD, HOT)
        seen = asyncio.run(burst(cold, hot, Path(folder)))
    behind, held = f"behind {cold:,} cold ones", seen.held
    return [
        Row(f"hot lead {behind}, median", statistics.median(seen.hot), "s", most=1),
        Row(f"hot lead {behind}, slowest of {hot}", max(seen.hot), "s", most=2),
        Row("leads lost", seen.lost, "", most=0),
        Row("leads shown twice", seen.doubled, "", most=0),
        Row(f"messages for {cold:,} cold leads", seen.posts, "", cold, most=0.12, of_yardstick=True),
        Row("shown as time until the queue is empty", seen.drain_metric, "s"),
        Row(f"resident after the burst of {cold:,}", held["burst"], "MB", held["start"], 1.5, True),
        Row("resident with half of it posted", held["half"], "MB", held["begun again"], 1.5, True),
        Row("resident with all of it posted", held["end"], "MB", held["begun again"], 1.5, True),
    ]


async def burst(cold: int, hot: int, folder: Path, quickly: float = QUICKLY) -> Burst:
    """Let so many cold and hot leads come, and see to it that all are shown."""
    (folder / "agreement.toml").write_text(default_agreement().text, "utf-8")
    url, seen = migrated(f"sqlite:///{folder}/baton.db"), Burst(cold)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        Sandbox(clock=Clock(start=MONDAY)) as slack,
        aiohttp.ClientSession(headers=bearer, timeout=aiohttp.ClientTimeout(total=60)) as http,
    ):
        bot = _bot(slack, url, folder, 1, 1.0)
        try:
            await _is_up(bot, slack)
            seen.held["start"] = _resident(bot)
            for first in range(0, cold, IN_BATCH):
                await _sent(
                    http, bot, "/leads/batch", [_lead(first + n) for n in range(IN_BATCH)][: cold - first]
                )
            seen.held["burst"] = _resident(bot)
            seen.drain_metric = await _drain_metric(http, bot)
            seen.drain_home = await _drain_on_home(slack)
            for n in range(hot):
                seen.hot.append(await _hot_one(http, bot, slack, cold + n))
        finally:
            bot.end()
        await _empty_it(seen, slack, url, folder, quickly)
    return seen


async def _hot_one(http: aiohttp.ClientSession, bot: Bot, slack: Sandbox, number: int) -> float:
    """Seconds from the call to the card, at whatever moment of the channel's second it comes."""
    await asyncio.sleep(1.5 + random.Random(number).random())
    lead = _lead(number, activities=[{"type": "demo_request"}])
    began = time.perf_counter()
    sent = asyncio.create_task(_sent(http, bot, "/leads", lead))
    while not any(lead["company"] in message.text for message in _latest(slack)):
        await asyncio.sleep(0.005)
    took = time.perf_counter() - began
    await sent
    return took


async def _empty_it(seen: Burst, slack: Sandbox, url: str, folder: Path, quickly: float) -> None:
    """Let the queue run empty by a quicker clock, and count what stands in Slack."""
    slack.clock.set_speed(quickly)
    bot, database = _bot(slack, url, folder, 2, quickly), Database.open(url)
    try:
        await _is_up(bot, slack)
        seen.held["begun again"] = _resident(bot)
        waiting = await database.read(cards_to_come)
        while (left := await database.read(cards_to_come)) > 0:
            if left > waiting / 2:
                seen.held["half"] = _resident(bot)
            await asyncio.sleep(0.2)
        seen.held["end"] = _resident(bot)
        _, handed_off = await database.read(stored)
        shown = leads_shown(slack, await database.read(reminders_of))
    finally:
        bot.end()
        database.close()
    seen.lost = len(handed_off - shown.keys())
    seen.doubled = sum(times > 1 for times in shown.values())
    kinds = Counter(
        bool(message.metadata["event_payload"]["lead"]) for message in _posts(slack) if message.metadata
    )
    seen.posts, seen.cards_alone = kinds.total() - len(seen.hot), kinds[True] - len(seen.hot)


def _posts(slack: Sandbox) -> list[Any]:
    return [
        message for message in slack.workspace.messages.get(CHANNEL, {}).values() if not message.in_thread
    ]


def _latest(slack: Sandbox) -> list[Any]:
    return list(slack.workspace.messages.get(CHANNEL, {}).values())[-8:]


def _lead(number: int, **more: Any) -> dict[str, Any]:
    person = {
        "external_id": f"c-{number}",
        "email": f"jane@firm{number}.example",
        "company": f"Firm {number:06d}",
    }
    return {**person, "first_name": "Jane", "employees": 400, "qualified": True, **more}


async def _sent(http: aiohttp.ClientSession, bot: Bot, path: str, body: Any) -> None:
    async with http.post(bot.url + path, json=body) as answer:
        assert answer.status in (201, 207), await answer.text()


async def _drain_metric(http: aiohttp.ClientSession, bot: Bot) -> float:
    async with http.get(f"{bot.url}/metrics") as answer:
        found = re.search(r"^baton_outbox_drain_seconds (\S+)", await answer.text(), re.MULTILINE)
    assert found is not None
    return float(found[1])


async def _drain_on_home(slack: Sandbox) -> str:
    """What the admins' Home says of the queue."""
    await slack.people.open_home("U0ADMIN")
    for _ in range(200):
        home = slack.workspace.homes.get("U0ADMIN")
        if home is not None and (found := QUEUE.search(view_reads(home))):
            return found[0]
        await asyncio.sleep(0.05)
    return ""


def _bot(slack: Sandbox, url: str, folder: Path, number: int, speed: float) -> Bot:
    environment = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": url,
        "INTAKE_TOKEN": TOKEN,
    }
    bot = Bot(environment, folder, number, slack.clock.now(), time.time(), speed, waits=1)
    bot.start()
    return bot


async def _is_up(bot: Bot, slack: Sandbox) -> None:
    await slack.sockets.wait_connected(1, timeout=60)
    await asyncio.sleep(timedelta(seconds=1.5).total_seconds())  # the rest is loaded after half a second


def _resident(bot: Bot) -> float:
    return psutil.Process(bot.pid).memory_info().rss / 1e6


if __name__ == "__main__":
    print(table(rows()))
