"""One run from its plan to its findings: sets up, plays, waits until all is quiet, and looks."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp

from bot.agreement import default_agreement
from bot.clock import Clock
from bot.sandbox import Sandbox
from storage.database import Database
from tests.chaos.bots import Bot
from tests.chaos.destination import SECRET, Destination, listening
from tests.chaos.driver import FORM_SECRET, TOKEN, Run, play
from tests.chaos.invariants import Finding, held_against
from tests.chaos.looking import left_behind, quiet, unready
from tests.chaos.plan import Shape, planned
from tests.chaos.world import World
from tests.databases import PostgresServer, migrated
from tests.scenarios.conftest import MONDAY

PATIENCE = 60.0
"""Real seconds for what is left in the end, beside as many as the run took."""
LADDER = 'accept = [ { at = 0.6, do = "nudge" }, { at = 1.0, do = "notify_manager" } ]\n'
TOOLS = """
[http]
public_url = "https://baton.example.com"
[[intake]]
name = "form"
secret_env = "FORM_KEY"
[[webhooks]]
name = "hook"
url = "HOOK"
secret_env = "TOLD_KEY"
events = ["lead.*"]
allow_private = true
"""
HOT, TOUCH = timedelta(seconds=25), timedelta(seconds=30)
"""What a hot lead's clocks take, in Baton's time."""


async def findings(seed: int, shape: Shape, folder: Path, template: Path | None = None) -> list[Finding]:
    """Play the run of this seed, and hold what it left against every invariant."""
    with _database(shape, folder, template) as (url, server):
        clocks = Clocks(shape)
        async with _playing(shape, folder, url, server, clocks) as run:
            await play(run, planned(seed, shape))
            for bot in run.bots:
                bot.start()
            database = Database.open(url)
            try:
                waiting = await quiet(run, database, PATIENCE + shape.seconds)
                not_ready = await unready(run.bots, run.http, PATIENCE)
                for bot in run.bots:
                    bot.end()
                tracebacks = [trace for bot in run.bots for trace in broken(bot.log())]
                left = await database.read(left_behind, run, not_ready, waiting, tracebacks)
            finally:
                database.close()
        return held_against(World(run.kept, left))


def broken(log: str) -> list[str]:
    """What broke down unforeseen: each traceback's last line."""
    found = []
    for part in log.split("Traceback (most recent call last):")[1:]:
        lines = part.splitlines()
        last = next((line for line in lines if line and not line.startswith(" ")), lines[-1])
        found.append(f"traceback: {last}")
    return found


class Clocks:
    """The time of a run, which all its parts go by."""

    def __init__(self, shape: Shape) -> None:
        self.then, self.real, self.speed = MONDAY, time.time(), shape.speed

    def clock(self) -> Clock:
        """The clock of whoever is in this process."""
        passed = timedelta(seconds=(time.time() - self.real) * self.speed)
        return Clock(start=self.then + passed, speed=self.speed)


def agreement(hook: str) -> str:
    """The built-in one in wall time, with quick clocks for hot leads, a source of leads and a destination."""
    text = default_agreement().text
    for old, new in (
        ('clock = "business"', 'clock = "wall"'),
        ('accept      = "5m"', f'accept      = "{HOT.seconds}s"'),
        ('first_touch = "15m"', f'first_touch = "{TOUCH.seconds}s"'),
        ('quiet = "3m"', 'quiet = "5s"'),
        ('repeat = "1d"', 'repeat = "0s"'),
        (', timezone = "Europe/Berlin", holidays = "DE"', ""),  # at work for as long as the longest run
        (', timezone = "America/Los_Angeles"', ""),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    before, _, after = text.partition("accept = [\n")
    ladder = after.partition("]\nfirst_touch")[2]
    text = f"{before}{LADDER}first_touch{ladder}"
    return text + TOOLS.replace("HOOK", hook)


@asynccontextmanager
async def _playing(
    shape: Shape, folder: Path, url: str, server: PostgresServer | None, clocks: Clocks
) -> AsyncIterator[Run]:
    timeout = aiohttp.ClientTimeout(total=20)
    async with (
        Sandbox(clock=clocks.clock()) as slack,
        listening() as hook,
        aiohttp.ClientSession(timeout=timeout) as http,
    ):
        bots = _bots(shape, folder, url, slack, hook, clocks)
        try:
            for bot in bots:
                bot.start()
            await slack.sockets.wait_connected(len(bots), timeout=60)
            yield Run(
                shape, slack, bots, hook, http, folder, server, url.partition("@/")[2].partition("?")[0]
            )
        finally:
            with ExitStack() as ending:
                for bot in bots:
                    ending.callback(bot.end)


def _bots(
    shape: Shape, folder: Path, url: str, slack: Sandbox, hook: Destination, clocks: Clocks
) -> list[Bot]:
    (folder / "agreement.toml").write_text(agreement(hook.url), "utf-8")
    environment = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": url,
        "INTAKE_TOKEN": TOKEN,
        "FORM_KEY": FORM_SECRET,
        "TOLD_KEY": SECRET,
    }
    return [
        Bot(environment, folder, number, clocks.then, clocks.real, clocks.speed)
        for number in range(shape.replicas)
    ]


@contextmanager
def _database(
    shape: Shape, folder: Path, template: Path | None
) -> Iterator[tuple[str, PostgresServer | None]]:
    """A fresh database: a file, or one on a server of its own, which may be stopped."""
    if shape.database == "sqlite":
        file = folder / "baton.db"
        if template is not None:
            shutil.copy(template, file)
        yield migrated(f"sqlite:///{file}"), None
        return
    server = PostgresServer()
    try:
        yield migrated(server.url(server.create())), server
    finally:
        server.remove()
