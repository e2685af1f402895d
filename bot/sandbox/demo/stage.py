"""What both demos stand on: a sandbox, a database in a temporary folder, and the bot run between them.

The bot comes in as the function that runs it, because the sandbox is below the wiring and does not know it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.agreement import LoadedAgreement
from bot.agreement.book import AgreementBook
from bot.agreement.model import Agreement
from bot.clock import Clock
from bot.rules.worktime import hours_for
from bot.sandbox.slack.server import Sandbox
from bot.settings import Settings
from storage.database import Database

INTAKE_TOKEN = "demo-intake-token"
MORNING = time(10)


class Desk(Protocol):
    """The part of the bot's desk that the demo looks over."""

    @property
    def database(self) -> Database: ...

    @property
    def book(self) -> AgreementBook: ...


class Engine(Protocol):
    """The part of the bot's engine that moves the clock."""

    async def advance(self, to: datetime) -> None: ...

    async def next_due_moment(self) -> datetime | None: ...


class Bot(Protocol):
    """A bot that is up, as far as the demo is concerned."""

    @property
    def desk(self) -> Desk: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def url(self) -> str: ...


Running = Callable[[Settings, LoadedAgreement, Clock], AbstractAsyncContextManager[Bot]]
"""Runs the whole bot for as long as its context lasts."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A running bot in a sandbox, and the clock that both live by."""

    sandbox: Sandbox
    bot: Bot
    clock: Clock
    agreement: Agreement


@asynccontextmanager
async def staged(
    running: Running, sandbox: Sandbox, agreement: LoadedAgreement, folder: Path
) -> AsyncIterator[Stage]:
    """Run the bot over Socket Mode in a sandbox that is up, on the database in `folder`.

    The agreement is a file there too, so that an admin can change it from Slack.
    """
    file = folder / "agreement.toml"
    file.write_text(agreement.text, "utf-8")
    settings = Settings(
        slack_bot_token=SecretStr(sandbox.bot_token),
        slack_app_token=SecretStr(sandbox.app_token),
        slack_api_url=sandbox.api_url,
        database_url=SecretStr(database_in(folder)),
        agreement=file,
        intake_tokens={SecretStr(INTAKE_TOKEN): "website"},
        port=0,
    )
    async with running(settings, agreement, sandbox.clock) as bot:
        yield Stage(sandbox, bot, sandbox.clock, agreement.agreement)


def database_in(folder: Path) -> str:
    """The address of the demo's database."""
    return f"sqlite:///{folder / 'demo.db'}"


def latest_morning(agreement: Agreement, now: datetime) -> datetime:
    """Ten in the morning, in the agreement's time zone, of today or of the last working day before."""
    hours, zone = hours_for(agreement, None), ZoneInfo(agreement.timezone)
    day = now.astimezone(zone).date()
    while not hours.is_open(morning := datetime.combine(day, MORNING, zone)):
        day -= timedelta(days=1)
    return morning.astimezone(now.tzinfo)


def quiet_logs(level: int = logging.WARNING) -> None:
    """Let the terminal to the demo: of what the bot logs only what is worse than usual is said."""
    logging.getLogger().setLevel(level)
