"""Killed at any moment while leads flow in: none is lost, none is shown twice, none is missing in the end.

The bot is `app.py run`, a process of its own (on PostgreSQL two of them at once), over real Socket Mode. Its
clock runs fast, so that the pace of a channel and the lease of who was killed are waited for in less time.
Whoever sends the leads sends each again until it is answered for, as a CRM does.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from sqlalchemy import Connection, and_, func, select

import app
from bot.agreement import default_agreement
from bot.sandbox import FaultKind, Sandbox
from bot.sandbox.slack.context import Context
from bot.sandbox.slack.model import JsonDict
from bot.views.ids import Action
from storage.database import Database
from storage.models import deliveries, handoffs, lead_aliases
from tests.killing import kills
from tests.scenarios.conftest import MONDAY

KILLS = kills(4)
AT_WORST = (
    1 if KILLS < 10 else 2
)  # how many of them come when Slack has taken a card and nobody has heard of it
SLOW_SLACK = 0.15  # seconds for each post, so that many a kill comes while one is under way
PATIENCE = 150  # seconds for what is left in the end
SPEED = 5.0  # a replica's lease and the look for a lost post take 40 s of this clock
TOKEN = "a-token-of-the-test"

TEAMS = """
[[teams]]
name = "East"
channel = "C0LEADS"
manager = "U0MGR"
assign = "pool"
match = { region = "east" }
reps = [{ user = "U0REP1" }]

[[teams]]
name = "West"
channel = "C0MKTG"
manager = "U0MGR"
assign = "rotate"
match = { region = "west" }
reps = [{ user = "U0REP2" }, { user = "U0REP3" }]

"""
"""Two channels more than the built-in agreement has: a channel takes one message a second."""


_FORKS = """
import os, signal, sys, time
from datetime import datetime, timedelta
import app, bot.clock, bot.setup.checkup, bot.engine.ticker
import handlers.http.server, handlers.slack.bolt, handlers.slack.socket_mode
import psycopg
from tests.scenarios.replica import keep_pace
then, real, speed = datetime.fromisoformat(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
class Quick(bot.clock.Clock):
    def __init__(self):
        passed = timedelta(seconds=(time.time() - real) * speed)
        super().__init__(start=then + passed, speed=speed)
bot.clock.Clock = Quick
keep_pace(speed)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in sys.stdin:
    if child := os.fork():
        print(child, flush=True)
    else:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(0)
        app.cli(["run"])
"""
"""A Python that has loaded the modules, most of a start, and gives off a bot for each line that it reads.

All go by one clock: it was a Monday morning when the first began.
"""


class Bot:
    """`app.py run`, over and over on the same port, each time as a process of its own."""

    def __init__(self, slack: Sandbox, database_url: str, folder: Path, number: int, began: float) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._log = folder / f"bot{number}.log"
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(app.__file__).parent),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "DATABASE_URL": database_url,
            "INTAKE_TOKEN": TOKEN,
            "PORT": str(self.port),
        }
        with self._log.open("ab") as log:
            self._parent = subprocess.Popen(
                [sys.executable, "-c", _FORKS, MONDAY.isoformat(), str(began), str(SPEED)],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._process: psutil.Process | None = None

    def start(self) -> None:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(b"\n")
        self._parent.stdin.flush()
        self._process = psutil.Process(int(self._parent.stdout.readline()))

    async def serves(self, crm: aiohttp.ClientSession) -> None:
        """Wait until it answers at all."""
        assert self._process is not None
        while True:
            assert self._process.is_running(), self.log()
            try:
                async with crm.get(f"http://127.0.0.1:{self.port}/livez"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def end(self) -> None:
        """End it as a person would, and what gave it off."""
        if self._process is not None and self._process.is_running():
            self._process.terminate()
            self._process.wait(15)
        self._parent.communicate()

    def log(self) -> str:
        return self._log.read_text("utf-8")


class Crm:
    """Sends leads, each until it is answered for: one hot one at a time, and colder ones by the dozen."""

    def __init__(self, session: aiohttp.ClientSession, bots: list[Bot]) -> None:
        self._session = session
        self._urls = itertools.cycle([f"http://127.0.0.1:{bot.port}/leads" for bot in bots])
        self._numbers = itertools.count(1)
        self._regions = itertools.cycle(["east", "west", "north", "south"])
        self.answered: set[str] = set()
        self.over = False

    async def send_hot_ones(self) -> None:
        while not self.over:
            lead = self._lead(activities=[{"type": "demo_request"}])
            self._note([await self._told("", lead)])
            await asyncio.sleep(0.3)

    async def send_colder_ones(self) -> None:
        while not self.over:
            region = next(self._regions)
            answers = await self._told("/batch", [self._lead(region=region) for _ in range(13)])
            self._note(answers)
            await asyncio.sleep(1)

    def _lead(self, **more: Any) -> dict[str, Any]:
        number = next(self._numbers)
        person = {"external_id": f"crm-{number}", "email": f"jane@company{number}.example", "qualified": True}
        return {**person, "employees": number * 7 % 400, "region": next(self._regions), **more}

    async def _told(self, path: str, body: Any) -> Any:
        while True:
            try:
                async with self._session.post(next(self._urls) + path, json=body) as answer:
                    if answer.status < 300:
                        return await answer.json()
                    assert answer.status == 503, await answer.text()
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.05)

    def _note(self, answers: list[dict[str, Any]]) -> None:
        self.answered |= {answer["external_id"] for answer in answers}


async def live_and_die(bot: Bot, crm: aiohttp.ClientSession, kills: int, chance: random.Random) -> None:
    """Start, and be killed: mostly at work, now and then on the way up."""
    for number in range(kills):
        bot.start()
        if number % 5:
            await bot.serves(crm)
            await asyncio.sleep(chance.uniform(0, 0.6))
        else:
            await asyncio.sleep(chance.uniform(0, 1.2))
        bot.kill()


async def die_at_worst(bots: list[Bot], slack: Sandbox) -> None:
    """Start, and be killed when Slack shows a card and has not said so: what it shows stands nowhere else."""
    posting, dead = slack.api.methods["chat.postMessage"], asyncio.Event()

    def post(context: Context, args: JsonDict) -> JsonDict:
        answer = posting.run(context, args)
        if Action.ACCEPT in str(args.get("blocks")) and not dead.is_set():
            for bot in bots:
                bot.kill()
            dead.set()
        return answer

    slack.api.methods["chat.postMessage"] = replace(posting, run=post)
    for bot in bots:
        bot.start()
    async with asyncio.timeout(PATIENCE):
        await dead.wait()
    slack.api.methods["chat.postMessage"] = posting


def leads_shown(slack: Sandbox, reminders: set[int]) -> Counter[int]:
    """How often each handoff stands in Slack, as a card or as a row of a list.

    `reminders` are the deliveries of those, which have the same button and are not counted.
    """
    return Counter(
        int(element["value"].partition(".")[0])
        for messages in slack.workspace.messages.values()
        for message in messages.values()
        if not message.deleted
        and (message.metadata or {}).get("event_payload", {}).get("delivery") not in reminders
        for element in _elements(message.blocks)
        if element.get("action_id") == Action.ACCEPT
    )


def _elements(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield from block.get("elements", ())
        if "accessory" in block:
            yield block["accessory"]


def cards_to_come(tx: Connection) -> int:
    """Cards and lists that Slack does not show yet."""
    posts = and_(deliveries.c.op == "post", deliveries.c.kind.in_(["card", "list"]))
    done = deliveries.c.state.in_(["sent", "listed", "dropped"])
    return int(tx.execute(select(func.count()).select_from(deliveries).where(posts, ~done)).scalar_one())


def reminders_of(tx: Connection) -> set[int]:
    """The deliveries that are neither cards nor lists."""
    return set(
        tx.execute(select(deliveries.c.id).where(deliveries.c.kind.not_in(["card", "list"]))).scalars()
    )


def stored(tx: Connection) -> tuple[set[str], set[int]]:
    """The external ids of all leads, and all handoffs."""
    return set(tx.execute(select(lead_aliases.c.external_id)).scalars()), set(
        tx.execute(select(handoffs.c.id)).scalars()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the bots run: the built-in agreement with two teams more, and with hours to accept even a P1."""
    text = default_agreement().text.replace("[[teams]]", f"{TEAMS}[[teams]]", 1)
    text = text.replace('accept      = "5m"', 'accept      = "4h"')
    tmp_path.joinpath("agreement.toml").write_text(text, "utf-8")
    return tmp_path


@pytest.mark.slow
async def test_killed_at_any_moment_it_loses_no_lead_and_shows_each_once(
    own_database: Database, database_kind: str, folder: Path
) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # shown if it fails
    database, url = own_database, own_database.url.render_as_string(hide_password=False)
    replicas = 1 if database_kind == "sqlite" else 2
    timeout = aiohttp.ClientTimeout(total=5)
    async with (
        Sandbox(rate_limits=False) as slack,
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=timeout) as session,
    ):
        slack.fault("chat.postMessage", FaultKind.SLOW, times=None, seconds=SLOW_SLACK)
        began = time.time()
        bots = [Bot(slack, url, folder, number, began) for number in range(replicas)]
        try:
            answered = await leads_flow_while_bots_die(bots, slack, session, seed)
            async with asyncio.timeout(PATIENCE):
                while await database.read(cards_to_come):
                    await asyncio.sleep(0.1)
        finally:
            for bot in bots:
                bot.end()
        kept, handed_off = await database.read(stored)
        assert answered <= kept
        assert len(handed_off) == len(kept)
        assert leads_shown(slack, await database.read(reminders_of)) == Counter(handed_off)
        assert slack.traffic.refused() == []
    assert "Traceback" not in "".join(bot.log() for bot in bots)


async def leads_flow_while_bots_die(
    bots: list[Bot], slack: Sandbox, session: aiohttp.ClientSession, seed: int
) -> set[str]:
    """Gives the external ids of all leads that were answered for."""
    crm = Crm(session, bots)
    sending = [asyncio.create_task(send()) for send in (crm.send_hot_ones, crm.send_colder_ones)]
    for _ in range(AT_WORST):
        await die_at_worst(bots, slack)
    await asyncio.gather(
        *(
            live_and_die(bot, session, KILLS // len(bots) - AT_WORST, random.Random(seed + number))
            for number, bot in enumerate(bots)
        )
    )
    crm.over = True
    for bot in bots:  # what was not answered for is sent again
        bot.start()
    await asyncio.gather(*sending)
    return crm.answered
