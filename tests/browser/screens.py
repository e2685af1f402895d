"""Chromium as the system has it, and people's windows in it. What they complain of fails the test."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, async_playwright, expect

from bot.sandbox import Sandbox
from bot.sandbox.page import page_api as sandbox_page

BROWSERS = (
    "chromium-headless-shell",  # opens a window with a fifth of the work of the others
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
DESKTOP, PHONE = (1280, 800), (390, 844)
ARTEFACTS = Path(__file__).parents[2] / ".test-artefacts"
SEEN_BEFORE = "localStorage.setItem('baton-tour', 'seen')"

expect.set_options(timeout=30_000)


@dataclass
class Screen:
    """One person's browser window."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """The latest message in the middle that says this."""
        return self.page.locator("#place .message").filter(has_text=text).last

    def modal(self, title: str) -> Locator:
        """The modal with this title."""
        return self.page.get_by_role("dialog", name=title)

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

    async def chooses(self, label: str, message: Locator) -> None:
        """Choose something from a message's menu."""
        await message.get_by_role("button", name="More actions").click()
        await self.page.get_by_role("menuitem", name=label, exact=True).click()

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


def browser_found() -> str | None:
    """The browser on the PATH."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@asynccontextmanager
async def chromium_running() -> AsyncIterator[Browser]:
    """The system's browser, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_found(), args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def windows(browser: Browser, url: str) -> AsyncIterator[Look]:
    """Let people look at the page there; their windows close at the end.

    Fails then if a page reported an error, or asked anybody but the sandbox for anything.
    """
    async with AsyncExitStack() as ending:
        screens: list[Screen] = []

        async def look(
            user: str,
            place: str = "",
            *,
            size: tuple[int, int] = DESKTOP,
            tour: bool = False,
            sharp: float = 1,
        ) -> Screen:
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]}, locale="en-GB", device_scale_factor=sharp
            )
            ending.push_async_callback(context.close)
            context.set_default_timeout(30_000)
            window = await context.new_page()
            screen = Screen(window)
            screens.append(screen)
            _watch(screen, url)
            if not tour:
                await context.add_init_script(SEEN_BEFORE)
            await window.goto(f"{url}/?as={user}#{place}")
            await expect(window.locator("body")).to_have_attribute("data-ready", "true")
            return screen

        yield look
        assert [trouble for screen in screens for trouble in screen.troubles] == []


@asynccontextmanager
async def staged(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Stage]:
    """Serve the page of a sandbox that has not started, and let people look at it."""
    page = sandbox_page.Page(sandbox)
    sandbox.add_routes(page.routes())
    async with sandbox, windows(browser, sandbox.url) as look:
        yield Stage(sandbox, page, look)


def _watch(screen: Screen, origin: str) -> None:
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
