"""Measures in the page itself, in milliseconds: from a click to what it causes, and from frame to frame."""

from __future__ import annotations

from playwright.async_api import expect

from bot.sandbox import Sandbox
from tests.browser.gallery import lead_card
from tests.browser.screens import Screen

MANY = 2_000
"""Messages in a channel that is long."""

_CLICK_TO_EFFECT = """async ([ts, label, effect]) => {
  const row = () => document.querySelector(`#messages [data-ts="${ts}"]`);
  const started = performance.now();
  [...row().querySelectorAll("button")].find((button) => button.textContent === label).click();
  while (!row().textContent.includes(effect)) await new Promise(requestAnimationFrame);
  return performance.now() - started;
}"""
_SCROLL = """async (by) => {
  const box = document.querySelector("#messages");
  const gaps = [];
  let last = performance.now();
  for (let step = 0; step < 60; step += 1) {
    box.scrollTop += step % 20 < 10 ? by : -by;
    await new Promise(requestAnimationFrame);
    gaps.push(performance.now() - last);
    last = performance.now();
  }
  return gaps;
}"""
_SHOW_OLDER = """async (count) => {
  const box = document.querySelector("#messages");
  for (let frame = 0; frame < 3000 && box.querySelectorAll(".message").length < count; frame += 1) {
    box.scrollTop = frame % 2;
    await new Promise(requestAnimationFrame);
  }
}"""


async def click_to_effect(screen: Screen, ts: str, label: str, effect: str) -> float:
    """From a click on a message's button to the first frame in which the message says this."""
    return float(await screen.page.evaluate(_CLICK_TO_EFFECT, [ts, label, effect]))


async def frames(screen: Screen, at: float | None = None) -> list[float]:
    """How long each of sixty frames takes while one scrolls, `at` a share of the channel's length."""
    if at is not None:
        box = screen.page.locator("#messages")
        await box.evaluate("(box, at) => box.scrollTo(0, box.scrollHeight * at)", at)
    return list(await screen.page.evaluate(_SCROLL, -200))


async def until_it_is_there(screen: Screen, text: str) -> float:
    """Until a message that was just posted is to be seen at the end of the channel."""
    started = await screen.page.evaluate("performance.now()")
    await expect(screen.message(text)).to_be_visible()
    return float(await screen.page.evaluate("performance.now()")) - float(started)


def fill(sandbox: Sandbox, channel: str, count: int) -> None:
    """Post messages, every third of them a lead's card."""
    workspace = sandbox.workspace
    at = int(workspace.clock.wire().timestamp())
    for number in range(count):
        blocks = lead_card(at) if number % 3 == 0 else []
        workspace.post(channel, workspace.bot_user, text=f"Message {number}", blocks=blocks)


async def show_all(screen: Screen, count: int) -> None:
    """Scroll up until all messages of the channel are drawn."""
    await screen.page.evaluate(_SHOW_OLDER, count)
    await expect(screen.page.locator("#messages .message")).to_have_count(count)
