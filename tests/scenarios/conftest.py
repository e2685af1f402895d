"""The whole bot against a whole Slack, as stories are told: over either transport, on either database.

A story that takes `story` is played twice, over Socket Mode on SQLite and over HTTP on PostgreSQL: no code
knows of both. `quick_story` is Socket Mode on SQLite alone, for what neither of them can change.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app import Baton, running
from bot import handoffs
from bot.agreement import LoadedAgreement, default_agreement
from bot.clock import Clock
from bot.handoffs import Taken
from bot.leadform import read_lead
from bot.sandbox.scenario.sentences import Scenario
from bot.settings import Settings
from storage.outbox import posts

MONDAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
"""10:00 in New York and 16:00 in Berlin: everybody in the sample agreement is at work."""


@dataclass(frozen=True, slots=True)
class Story:
    """A running bot, the Slack that it runs in, and their clock."""

    slack: Scenario
    baton: Baton
    clock: Clock
    settings: Settings

    async def lead_comes_in(self, **fields: Any) -> Taken:
        """Somebody who asked for a demo, unless told otherwise, as another system sends it a moment later."""
        self.clock.jump(A_MOMENT)
        asked = {"type": "demo_request", "at": self.clock.now().isoformat()}
        told = {"email": "jane@acme.example", **NOBODY_SPECIAL, "activities": [asked], **fields}
        form = read_lead(told, now=self.clock.now())
        return await self.baton.desk.do(handoffs.take_in, form, "crm")

    async def stays_quiet(self) -> None:
        """Let all that is to be said be said, and fail if anybody sees what is not expected or ignored."""
        await self.baton.engine.advance(self.clock.now())
        await self.all_is_delivered()
        self.slack.nothing_unexpected()

    async def all_is_delivered(self) -> None:
        """Wait until everything that Slack was to show is there and noted as such."""
        async with asyncio.timeout(self.slack.patience):
            while not UNDER_WAY.isdisjoint(await self.baton.desk.database.read(posts.backlog)):
                await asyncio.sleep(0.01)


A_MOMENT = timedelta(milliseconds=1)
UNDER_WAY = {"pending", "claimed", "unknown"}
NOBODY_SPECIAL: dict[str, Any] = {
    "first_name": "Jane",
    "last_name": "Doe",
    "title": "CTO",
    "company": "ACME",
    "employees": 450,
}


def settings_for(slack: Scenario, transport: str, database_url: str, **others: Any) -> Settings:
    """The environment of a bot that lives in this Slack."""
    reached = (
        {"slack_app_token": SecretStr(slack.app_token)}
        if transport == "socket"
        else {"slack_signing_secret": SecretStr(slack.signing_secret)}
    )
    return Settings(
        slack_bot_token=SecretStr(slack.bot_token),
        slack_api_url=slack.api_url,
        database_url=SecretStr(database_url),
        port=0,
        **reached,
        **others,
    )


@asynccontextmanager
async def told(
    transport: str,
    database_url: str,
    agreement: LoadedAgreement,
    clock: Clock,
    *,
    prepare: Callable[[Scenario], None] = lambda _slack: None,
    agreement_path: Path = Path("agreement.toml"),
    **others: Any,
) -> AsyncIterator[Story]:
    """Play a story: the bot is up and connected, and ends before its Slack does.

    `prepare` changes the workspace before the bot comes up.
    """
    async with Scenario(clock=clock) as slack:
        prepare(slack)
        settings = settings_for(slack, transport, database_url, agreement=agreement_path, **others)
        async with at_work(slack, transport, settings, agreement, clock) as story:
            yield story


@asynccontextmanager
async def at_work(
    slack: Scenario, transport: str, settings: Settings, agreement: LoadedAgreement, clock: Clock
) -> AsyncIterator[Story]:
    """The bot is up and connected in a Slack that was there before."""
    async with running(settings, agreement, clock) as baton:
        if transport == "http":
            await slack.connect_http(f"{baton.url}/slack/events")
        yield Story(slack, baton, clock, settings)


QUICK = 10.0
"""Seconds that pass on the wire for each real one. The bot keeps its pace by them, and Slack counts them."""


def quick_clock(after: timedelta = timedelta(0)) -> Clock:
    """A clock that stands still so long after Monday morning, with a wire that goes on, and quickly."""
    return Clock(start=MONDAY + after, speed=0, idle_speed=QUICK)


@pytest.fixture
def clock() -> Clock:
    """Monday morning, until a story moves it: nothing falls due only because the machine is slow."""
    return quick_clock()


@pytest.fixture(autouse=True)
def _looks_are_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the bot looks for every few seconds, it looks for every few hundredths: no story waits for it."""
    monkeypatch.setattr("handlers.jobs.HOME_EVERY", timedelta(seconds=0.1))
    monkeypatch.setattr("handlers.jobs.LINKS_EVERY", timedelta(seconds=0.2))
    monkeypatch.setattr("handlers.jobs.FILES_EVERY", timedelta(seconds=0.2))
    monkeypatch.setattr("handlers.jobs.LOOK_EVERY", timedelta(seconds=0.1))


@pytest.fixture
def agreement() -> LoadedAgreement:
    """The built-in agreement; a test file may put another in its place."""
    return default_agreement()


@pytest.fixture(params=[("socket", "sqlite"), ("http", "postgresql")], ids="-".join)
def wiring(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A transport and a kind of database."""
    pair: tuple[str, str] = request.param
    return pair


@pytest.fixture
def transport(wiring: tuple[str, str]) -> str:
    return wiring[0]


@pytest.fixture
def database_kind(wiring: tuple[str, str]) -> str:
    return wiring[1]


@pytest.fixture
async def story(
    transport: str, database_url: str, agreement: LoadedAgreement, clock: Clock
) -> AsyncIterator[Story]:
    async with told(transport, database_url, agreement, clock) as story:
        yield story


@pytest.fixture
async def quick_story(sqlite_url: str, agreement: LoadedAgreement, clock: Clock) -> AsyncIterator[Story]:
    async with told("socket", sqlite_url, agreement, clock) as story:
        yield story
