"""The bot at work behind the page: the whole bot in a sandbox of its own, or the demo as people start it."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from pydantic import SecretStr

from app import Baton, running
from bot import handoffs
from bot.agreement import default_agreement
from bot.clock import Clock
from bot.leadform import read_lead
from bot.sandbox import Sandbox
from bot.sandbox.page.page_api import LeadDoor
from bot.settings import Settings
from tests.browser.screens import Look, Stage, staged

MONDAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
"""10:00 in New York and 16:00 in Berlin: everybody in the sample agreement is at work."""
TOKEN = "form-token-of-16-characters"
JANE = {"first_name": "Jane", "last_name": "Doe", "title": "CTO", "company": "ACME", "employees": 450}
ROOT = Path(__file__).parents[2]


@dataclass
class RunningBot:
    """The bot, the page, and those who look at it."""

    stage: Stage
    baton: Baton

    @property
    def look(self) -> Look:
        return self.stage.look

    async def lead_comes_in(self, **fields: Any) -> None:
        """Somebody who asked for a demo, unless told otherwise, as another system sends it."""
        now = self.stage.sandbox.clock.now()
        asked = {"type": "demo_request", "at": now.isoformat()}
        form = read_lead({"email": "jane@acme.example", **JANE, "activities": [asked], **fields}, now=now)
        await self.baton.desk.do(handoffs.take_in, form, "crm")

    async def jump(self) -> str:
        """Move to the next due moment, as the demo's button does."""
        moment = await self.baton.engine.next_due_moment()
        if moment is None:
            return "Nothing is due."
        await self.baton.engine.advance(moment)
        return f"It is {moment:%H:%M} UTC."


@asynccontextmanager
async def bot_running(
    browser: Browser, database_url: str, agreement_file: Path | None = None
) -> AsyncIterator[RunningBot]:
    """The whole bot in a whole sandbox, on a Monday morning. The file is written, so that it can change."""
    agreement = default_agreement()
    if agreement_file is not None:
        agreement_file.write_text(agreement.text, "utf-8")
    clock = Clock(start=MONDAY, speed=0, idle_speed=10)  # a wire in no need of waiting, and nothing falls due
    async with staged(browser, Sandbox(clock=clock)) as stage:
        slack = stage.sandbox
        settings = Settings(
            slack_bot_token=SecretStr(slack.bot_token),
            slack_app_token=SecretStr(slack.app_token),
            slack_api_url=slack.api_url,
            database_url=SecretStr(database_url),
            intake_tokens={SecretStr(TOKEN): "form"},
            port=0,
            **({"agreement": agreement_file} if agreement_file else {}),
        )
        async with running(settings, agreement, slack.clock) as baton:
            running_bot = RunningBot(stage, baton)
            stage.page.leads, stage.page.jump = LeadDoor(f"{baton.url}/leads", TOKEN), running_bot.jump
            yield running_bot


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo in a process of its own. `asked_at`: when it was started, as `time.monotonic` counts."""

    url: str
    asked_at: float
    process_id: int


@asynccontextmanager
async def demo_running(*options: str) -> AsyncIterator[Demo]:
    """`python app.py demo` on a free port, until it is told to stop. It must stop cleanly."""
    asked_at = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "app.py", "demo", "--no-open", "--port", "0", *options),
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
    )
    assert process.stdout
    assert process.stderr
    try:
        said = (await process.stdout.readline()).decode()
        assert "http://" in said, said + (await process.stderr.read()).decode()
        address = said.partition("http://")[2].partition("/")[0]
        yield Demo(f"http://{address}", asked_at, process.pid)
    finally:
        process.terminate()
        _, complaints = await process.communicate()
    assert (process.returncode, complaints.decode()) == (0, "")
