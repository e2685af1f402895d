"""How quick the demo is: `python -m tests.benchmarks.demo`, with a Chromium on the PATH.

From the command to a page with the first card, by the clock and in seconds of a processor; from a click on
Accept to the card that says so, by the whole bot and by one that does nothing else; and the frames while one
scrolls through 2,000 messages, beside those of a short channel.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence

import psutil
from playwright.async_api import Browser, expect

from bot.clock import Clock
from bot.sandbox import Sandbox
from tests.browser.measures import MANY, click_to_effect, fill, frames, show_all, until_it_is_there
from tests.browser.running import demo_running
from tests.browser.screens import chromium_running, staged, windows
from tests.sandbox.tinybot import card_blocks, over_socket_mode

TURNS = 3
CARD_WITHIN = 3.0  # seconds
EFFECT_WITHIN = 200  # milliseconds
FRAME_WITHIN = 50  # milliseconds, or three times what a short channel takes
SHOWN_WITHIN = 400  # milliseconds
FEW = 41


async def main() -> None:
    """Print a line for each."""
    async with chromium_running() as browser:
        starts, clicks = [], []
        for _ in range(TURNS):
            started, clicked = await _demo(browser)
            starts.append(started)
            clicks += clicked
        took, worked = (statistics.median(start[part] for start in starts) for part in (0, 1))
        print(f"first card   {took:6.2f} s   of work {worked:.2f} s   at most {CARD_WITHIN:.2f} s")
        middle, worst = statistics.median(clicks), max(clicks)
        print(f"click        {middle:6.0f} ms  worst {worst:.0f} ms   at most {EFFECT_WITHIN} ms")
        clicks = await _page_alone(browser)
        print(f"page alone   {statistics.median(clicks):6.0f} ms  worst {max(clicks):.0f} ms")
        await _long_channel(browser)


async def _demo(browser: Browser) -> tuple[tuple[float, float], list[float]]:
    """Seconds by the clock and of work until the first card, and the milliseconds of some clicks."""
    async with demo_running() as demo, windows(browser, demo.url) as look:
        riley = await look("U0REP1", "C0SALES")
        cards = riley.page.locator("#messages .message", has=riley.page.get_by_role("button", name="Accept"))
        await expect(cards.last).to_be_visible()
        took, worked = time.monotonic() - demo.asked_at, psutil.Process(demo.process_id).cpu_times()
        stamps = await cards.evaluate_all("rows => rows.map((row) => row.dataset.ts)")
        clicks = [await click_to_effect(riley, ts, "Accept", "Accepted by") for ts in stamps]
        return (took, worked.user + worked.system), clicks


async def _page_alone(browser: Browser) -> list[float]:
    """The milliseconds of some clicks with a bot that only says who accepted."""
    sandbox = Sandbox(clock=Clock(), rate_limits=False, retry_delays=())
    async with staged(browser, sandbox) as stage, over_socket_mode(sandbox):
        workspace, clicks = sandbox.workspace, []
        screen = await stage.look("U0REP1", "C0SALES")
        for number in range(5):
            blocks = card_blocks(f"Lead {number}")
            card = workspace.post("C0SALES", workspace.bot_user, text="x", blocks=blocks)
            await expect(screen.message(f"Lead {number}")).to_be_visible()
            clicks.append(await click_to_effect(screen, card.ts, "Accept", "Accepted by"))
    return clicks


async def _long_channel(browser: Browser) -> None:
    async with staged(browser, Sandbox(clock=Clock(), rate_limits=False)) as stage:
        fill(stage.sandbox, "C0GROWTH", FEW)
        fill(stage.sandbox, "C0SALES", MANY)
        short = await stage.look("U0REP1", "C0GROWTH")
        _say(f"{FEW} messages", await frames(short))
        await short.page.context.close()
        long = await stage.look("U0REP1", "C0SALES")
        await show_all(long, MANY)
        _say("2,000", [gap for share in (0.3, 0.6, 0.9) for gap in await frames(long, share)])
        await long.page.evaluate("document.querySelector('#messages').scrollTop = 1e9")
        stage.sandbox.workspace.post("C0SALES", "U0MGR", text="The very last")
        shown = await until_it_is_there(long, "The very last")
        print(f"one more     {shown:6.0f} ms  at most {SHOWN_WITHIN} ms; a frame at most {FRAME_WITHIN} ms")


def _say(what: str, gaps: Sequence[float]) -> None:
    late = statistics.quantiles(gaps, n=20)[-1]
    print(f"{what:<12} {statistics.median(gaps):6.1f} ms  a frame, 95% within {late:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main())
