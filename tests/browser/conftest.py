"""The page in a real browser: Chromium as the system has it, and what it shows kept as pictures.

Everything runs on one event loop, the session's, because a browser belongs to the loop that started it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.clock import Clock
from bot.sandbox import Sandbox
from tests.browser.running import Demo, RunningBot, bot_running, demo_running
from tests.browser.screens import Look, Stage, browser_found, chromium_running, staged, windows


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none on the PATH."""
    if browser_found():
        return
    skip = pytest.mark.skip(
        reason="No Chromium on the PATH; install Debian's `chromium-headless-shell` to run this."
    )
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with chromium_running() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def stage(chromium: Browser) -> AsyncIterator[Stage]:
    """A workspace without a bot."""
    async with staged(chromium, Sandbox(clock=Clock(), rate_limits=False, retry_delays=())) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def running_bot(chromium: Browser, sqlite_url: str) -> AsyncIterator[RunningBot]:
    """The whole bot at work, with nothing done yet. To start it is quicker than to tidy up after a story."""
    async with bot_running(chromium, sqlite_url) as running_bot:
        yield running_bot


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo() -> AsyncIterator[Demo]:
    """The demo with its past, one for all stories of a module."""
    async with demo_running() as demo:
        yield demo


@pytest_asyncio.fixture(loop_scope="session")
async def look(chromium: Browser, demo: Demo) -> AsyncIterator[Look]:
    """Opens windows on the demo."""
    async with windows(chromium, demo.url) as look:
        yield look
