"""Time passes: leads that nobody takes climb the ladder before one's eyes."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.running import RunningBot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_lead_that_nobody_takes_turns_amber_then_red_until_the_manager_gives_it_on(
    running_bot: RunningBot,
) -> None:
    riley, morgan = await running_bot.look("U0REP1", "C0SALES"), await running_bot.look("U0MGR")
    await morgan.goes_to("Baton")
    await running_bot.lead_comes_in()
    card = riley.message("Jane Doe")
    await expect(card.get_by_role("img", name="blue")).to_be_visible()

    later = riley.page.get_by_role("button", name="Next due")
    await later.click()
    await expect(card.get_by_role("img", name="orange")).to_be_visible()
    await expect(card).to_contain_text("Almost due")
    await riley.keeps("amber")
    await later.click()
    await expect(card.get_by_role("img", name="red")).to_be_visible()
    await expect(card).to_contain_text("Late since today 10:05")
    await riley.keeps("red")

    told = morgan.message("Jane Doe")
    await expect(told).to_contain_text("nobody has accepted it yet")
    await morgan.keeps("manager-told")
    await told.get_by_label("Reassign to…").select_option("U0REP2")
    await expect(told).to_contain_text("reassigned to Robin Brandt")
    await expect(card).to_contain_text("For @Robin Brandt")
    await expect(card).to_contain_text("Please accept by")
    robin = await running_bot.look("U0REP2")
    await robin.goes_to("Baton")
    await expect(robin.message("Jane Doe")).to_contain_text("Reassigned to you by")


async def test_at_600_times_the_pace_half_an_hour_is_over_in_seconds(running_bot: RunningBot) -> None:
    morgan = await running_bot.look("U0MGR")
    await morgan.goes_to("Baton")
    trial = {"type": "trial_signup", "at": "2026-11-16T14:00:00Z"}
    await running_bot.lead_comes_in(activities=[trial])
    await morgan.page.get_by_role("button", name="600 times as fast").click()
    # At this pace a message that says "late" is soon rewritten; what it ends with stays.
    await expect(morgan.message("reassigned to")).to_contain_text("today 10:4", timeout=30_000)
    await morgan.page.get_by_role("button", name="Pause").click()
    await expect(morgan.page.locator("#clock")).to_have_attribute("data-speed", "paused")
    assert running_bot.stage.sandbox.clock.speed == 0


async def test_the_clock_is_held_and_hurried_for_everybody(running_bot: RunningBot) -> None:
    riley, robin = await running_bot.look("U0REP1", "C0SALES"), await running_bot.look("U0REP2", "C0SALES")
    await riley.page.get_by_role("button", name="600 times as fast").click()
    await expect(robin.page.locator("#clock")).to_have_attribute("data-speed", "fast")
    assert running_bot.stage.sandbox.clock.speed == 600
    await robin.page.get_by_role("button", name="Pause").click()
    await expect(riley.page.locator("#clock")).to_have_attribute("data-speed", "paused")
    await riley.page.get_by_role("button", name="Resume").click()
    await expect(robin.page.locator("#clock")).to_have_attribute("data-speed", "fast")
