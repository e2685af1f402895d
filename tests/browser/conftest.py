"""The page in a real browser: Chromium as the system has it, and what it shows kept as pictures.

Everything runs on one event loop, the session's, because a browser belongs to the loop that started it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, async_playwright, expect

from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.sandbox import page_api as sandbox_page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
DESKTOP, PHONE = (1280, 800), (390, 844)
ARTEFACTS = Path(__file__).parents[2] / "test-artefacts"
SEEN_BEFORE = "localStorage.setItem('baton-tour', 'seen')"

expect.set_options(timeout=5_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none on the PATH."""
    if any(map(shutil.which, BROWSERS)):
        return
    skip = pytest.mark.skip(
        reason="No Chromium on the PATH; install Debian's package `chromium` to run this."
    )
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)


@dataclass
class Screen:
    """One person's browser window."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """The latest message in the middle that says this."""
        return self.page.locator("#place .message").filter(has_text=text).last

    async def goes_to(self, name: str) -> None:
        """Follow a link of the left side."""
        await self.page.locator("#side nav").get_by_role("link", name=name).click()

    async def types(self, text: str) -> None:
        """Write into the message box and send it."""
        box = self.page.locator("#place .composer textarea")
        await box.fill(text)
        await box.press("Enter")

    async def becomes(self, name: str) -> None:
        """Be somebody else."""
        await self.page.locator("#you-are").click()
        await self.page.get_by_role("menuitemradio", name=name).click()
        await expect(self.page.locator("#you-are")).to_contain_text(name)

    async def keeps(self, name: str) -> None:
        """Keep a picture of the page."""
        ARTEFACTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"{name}.png", animations="disabled")


Look = Callable[..., Awaitable[Screen]]


@dataclass
class Stage:
    """A sandbox with its page, and people who look at it."""

    sandbox: Sandbox
    page: sandbox_page.Page
    look: Look


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def staged(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Stage]:
    """Serve the page of a sandbox that has not started, and let people look at it.

    Fails at the end if a page reported an error, or asked anybody but the sandbox for anything.
    """
    page = sandbox_page.Page(sandbox)
    sandbox.add_routes(page.routes())
    async with AsyncExitStack() as ending:
        await ending.enter_async_context(sandbox)
        screens: list[Screen] = []

        async def look(
            user: str, place: str = "", *, size: tuple[int, int] = DESKTOP, tour: bool = False
        ) -> Screen:
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]}, locale="en-GB"
            )
            ending.push_async_callback(context.close)
            context.set_default_timeout(5_000)
            window = await context.new_page()
            screen = Screen(window)
            screens.append(screen)
            watch(screen, sandbox.url)
            if not tour:
                await context.add_init_script(SEEN_BEFORE)
            await window.goto(f"{sandbox.url}/?as={user}#{place}")
            await expect(window.locator("body")).to_have_attribute("data-ready", "true")
            return screen

        yield Stage(sandbox, page, look)
        assert [trouble for screen in screens for trouble in screen.troubles] == []


def watch(screen: Screen, origin: str) -> None:
    """Note what the page complains of, and whom else it asks."""

    def asked(request: Request) -> None:
        if not request.url.startswith((origin, "data:")):
            screen.troubles.append(f"asked {request.url}")

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            screen.troubles.append(message.text)

    screen.page.on("pageerror", lambda error: screen.troubles.append(str(error)))
    screen.page.on("request", asked)
    screen.page.on("console", said)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(chromium: Browser) -> AsyncIterator[Stage]:
    """A workspace without a bot."""
    async with staged(chromium, Sandbox(clock=Clock(), rate_limits=False, retry_delays=())) as stage:
        yield stage
