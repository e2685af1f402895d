"""Takes the README's pictures anew, from the demo with its past: `python -m tests.browser.pictures`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.browser.running import demo_running
from tests.browser.screens import PHONE, Look, Screen, chromium_running, windows

FOLDER = Path(__file__).with_name("pictures")
WIDE = (1000, 735)
LARGEST = 120_000
"""Bytes of a picture, so that the repository stays small."""


async def card(look: Look) -> Screen:
    """A lead that waits, as a rep sees it."""
    riley = await look("U0REP1", "C0SALES", size=(940, 600))
    waiting = riley.page.locator("#messages .message", has=riley.page.get_by_role("button", name="Accept"))
    await _top_of(waiting.last)
    return riley


async def reject(look: Look) -> Screen:
    """What a rep is asked who turns a lead down."""
    riley = await card(look)
    await riley.page.locator("#messages").get_by_role("button", name="Reject").last.click()
    modal = riley.modal("Reject")
    await modal.get_by_label("Why are you rejecting it?").select_option("bad_contact")
    await expect(modal).to_contain_text("Marketing is asked")
    await modal.get_by_label("Note").fill("The number is dead, and mail to them bounces")
    return riley


async def home(look: Look) -> Screen:
    """A manager's Home."""
    morgan = await look("U0MGR", "C0LEADS", size=WIDE)
    await morgan.goes_to("Home")
    await expect(morgan.page.locator(".home")).to_contain_text("Your teams")
    return morgan


async def digest(look: Look) -> Screen:
    """The weekly report: what both sides owed, and the first chart. The left side folds away."""
    morgan = await look("U0MGR", "C0LEADS", size=(720, 960))
    await _top_of(morgan.message("What sales owed"))
    return morgan


async def ladder(look: Look) -> Screen:
    """What a manager is told of a lead that nobody took in time."""
    morgan = await look("U0MGR", "C0SALES", size=WIDE)
    await morgan.goes_to("Baton")
    late = morgan.message("nobody has accepted it yet")
    while not await late.count():
        await morgan.page.get_by_role("button", name="Next due").click()
        await morgan.page.wait_for_timeout(500)
    await expect(late).to_be_visible()
    await expect(morgan.page.locator("#toast")).to_be_hidden()
    return morgan


async def phone(look: Look) -> Screen:
    """A card on a phone, in the dark."""
    riley = await look("U0REP1", "C0SALES", size=PHONE)
    await riley.page.emulate_media(color_scheme="dark")
    await _top_of(riley.page.locator("#messages .message").last)
    return riley


async def _top_of(message: Locator) -> None:
    await message.evaluate("row => row.scrollIntoView({ block: 'start' })")


PICTURES = (card, phone, home, digest, reject, ladder)
"""In this order: one leaves a modal open, and the last one lets time pass."""


@asynccontextmanager
async def _demo() -> AsyncIterator[Look]:
    async with demo_running() as demo, chromium_running() as browser, windows(browser, demo.url) as look:
        yield look


async def main() -> None:
    """Take them all, and say how large they are."""
    FOLDER.mkdir(exist_ok=True)
    async with _demo() as look:
        for take in PICTURES:
            screen = await take(look)
            await screen.page.wait_for_timeout(400)
            path = FOLDER / f"{take.__name__}.png"
            size = len(await screen.page.screenshot(path=path, animations="disabled"))
            await screen.page.context.close()
            print(f"{path.name}: {size / 1000:.0f} kB", "— too large" if size > LARGEST else "")


if __name__ == "__main__":
    asyncio.run(main())
