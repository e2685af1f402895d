"""The bot at work, as people see and use it in a browser: the whole bot, the whole sandbox, real clicks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from app import Baton, running
from bot import handoffs
from bot.agreement import default_agreement
from bot.clock import Clock
from bot.leadform import read_lead
from bot.sandbox import Sandbox
from bot.sandbox.page_api import LeadDoor
from bot.settings import Settings
from tests.browser.conftest import Look, Stage, staged

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MONDAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
"""10:00 in New York and 16:00 in Berlin: everybody in the sample agreement is at work."""
TOKEN = "form-token-of-16-characters"
JANE = {"first_name": "Jane", "last_name": "Doe", "title": "CTO", "company": "ACME", "employees": 450}


@dataclass
class Office:
    """The bot, the page, and those who look at it."""

    stage: Stage
    baton: Baton

    @property
    def look(self) -> Look:
        return self.stage.look

    async def lead_comes_in(self, **fields: Any) -> None:
        now = self.stage.sandbox.clock.now()
        asked = {"type": "demo_request", "at": now.isoformat()}
        form = read_lead({"email": "jane@acme.example", **JANE, "activities": [asked], **fields}, now=now)
        await self.baton.desk.do(handoffs.take_in, form, "crm")


@pytest_asyncio.fixture(loop_scope="session")
async def office(chromium: Browser, sqlite_url: str) -> AsyncIterator[Office]:
    async with staged(chromium, Sandbox(clock=Clock(start=MONDAY))) as stage:
        slack = stage.sandbox
        settings = Settings(
            slack_bot_token=SecretStr(slack.bot_token),
            slack_app_token=SecretStr(slack.app_token),
            slack_api_url=slack.api_url,
            database_url=SecretStr(sqlite_url),
            intake_tokens={SecretStr(TOKEN): "form"},
            port=0,
        )
        async with running(settings, default_agreement(), slack.clock) as baton:
            stage.page.leads = LeadDoor(f"{baton.url}/leads", TOKEN)
            yield Office(stage, baton)


async def test_a_rep_accepts_a_lead_and_everybody_sees_it_at_once(office: Office) -> None:
    riley, mara = await office.look("U0REP1", "C0SALES"), await office.look("U0MARA", "C0SALES")
    await office.lead_comes_in()
    card = riley.message("Jane Doe")
    await expect(card).to_contain_text("Asked for a demo")
    await riley.keeps("card")
    await card.get_by_role("button", name="Accept").click()
    await expect(riley.message("Accepted by @Riley Ross")).to_be_visible()
    await expect(mara.message("Accepted by @Riley Ross")).to_be_visible()
    await expect(riley.message("Accepted by").get_by_role("button", name="Accept")).to_have_count(0)
    await riley.page.get_by_role("button", name="1 reply").click()
    await expect(riley.page.locator("#panel")).to_contain_text("Accepted by @Riley Ross")
    await riley.keeps("card-accepted")


async def test_a_rep_rejects_a_lead_and_says_why(office: Office) -> None:
    riley = await office.look("U0REP1", "C0SALES")
    await office.lead_comes_in()
    await riley.message("Jane Doe").get_by_role("button", name="Reject").click()
    modal = riley.page.get_by_role("dialog", name="Reject")
    await expect(modal).to_contain_text("Jane Doe")
    await modal.get_by_label("Why is it not for you?").select_option("bad_contact")
    await expect(modal).to_contain_text("Marketing is asked to put it right.")
    await modal.get_by_label("Note").fill("Mail bounces, <b>no</b> phone")
    await riley.keeps("reject")
    await modal.get_by_role("button", name="Reject").click()
    await expect(modal).to_be_hidden()
    await expect(riley.message("Mail bounces, <b>no</b> phone")).to_contain_text("Rejected by @Riley Ross")
    mara = await office.look("U0MARA", "C0MKTG")
    await expect(mara.message("Jane Doe")).to_contain_text("Mail bounces, <b>no</b> phone")


async def test_of_two_reps_who_click_at_once_one_is_told_who_was_faster(office: Office) -> None:
    riley, robin = await office.look("U0REP1", "C0SALES"), await office.look("U0REP2", "C0SALES")
    await office.lead_comes_in()
    buttons = [screen.message("Jane Doe").get_by_role("button", name="Accept") for screen in (riley, robin)]
    for button in buttons:
        await expect(button).to_be_visible()
    await asyncio.gather(*(button.evaluate("button => button.click()") for button in buttons))
    await expect(riley.message(re.compile("Accepted by"))).to_be_visible()
    winner = await riley.page.locator("#place .message", has_text="Accepted by").inner_text()
    loser = robin if "Accepted by @Riley Ross" in winner else riley
    answer = loser.message("was faster")
    await expect(answer).to_contain_text("Only you can see this")
    await loser.keeps("race-lost")
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)


async def test_a_marketer_asks_where_a_lead_stands_and_is_answered_alone(office: Office) -> None:
    mara, riley = await office.look("U0MARA", "C0MKTG"), await office.look("U0REP1", "C0MKTG")
    await office.lead_comes_in()
    await mara.types("/lead status jane@acme.example")
    answer = mara.message("Only you can see this")
    await expect(answer).to_contain_text("Jane Doe")
    await mara.keeps("status")
    await expect(riley.page.locator("#messages")).not_to_contain_text("Jane Doe")


async def test_a_lead_from_the_form_becomes_a_card(office: Office) -> None:
    riley = await office.look("U0REP1", "C0SALES")
    await riley.page.get_by_role("button", name="Send a lead").click()
    form = riley.page.get_by_role("dialog", name="Send a lead")
    for label, value in {
        "First name": "Omar",
        "Company": "Kestrel & Sons <Bank>",
        "Employees": "900",
    }.items():
        await form.get_by_label(label).fill(value)
    await form.get_by_label("E-mail").fill("omar@kestrel.example")
    await form.get_by_label("What they did").select_option("demo_request")
    await expect(form.locator(".curl")).to_contain_text(f"Authorization: Bearer {TOKEN}")
    await riley.keeps("send-a-lead")
    await form.get_by_role("button", name="Send the lead").click()
    await expect(form.get_by_role("status")).to_contain_text("on its way to sales")
    await form.get_by_label("E-mail").fill("no address")
    await form.get_by_role("button", name="Send the lead").click()
    await expect(form.get_by_role("status")).to_contain_text("email")
    await riley.page.keyboard.press("Escape")
    await expect(riley.message("Kestrel & Sons <Bank>")).to_be_visible()


async def test_what_the_bot_is_refused_stands_in_the_traffic_with_its_reason(office: Office) -> None:
    ada = await office.look("U0ADMIN", "C0SALES")
    client = office.baton.desk.client
    with pytest.raises(Exception, match="invalid_blocks"):
        await client.chat_postMessage(channel="C0SALES", text="x", blocks=[{"type": "sparkle"}])
    await ada.page.get_by_role("button", name="Traffic, 1 refused").click()
    refused = ada.page.locator("#panel .refused")
    await expect(refused).to_contain_text("chat.postMessage")
    await expect(refused).to_contain_text("invalid_blocks")
    await expect(refused).to_contain_text("/blocks/0/type")
    await ada.keeps("traffic")


async def test_the_clock_is_held_and_hurried_for_everybody(office: Office) -> None:
    riley, robin = await office.look("U0REP1", "C0SALES"), await office.look("U0REP2", "C0SALES")
    await riley.page.get_by_role("button", name="600 times as fast").click()
    await expect(robin.page.locator("#clock")).to_have_attribute("data-speed", "fast")
    assert office.stage.sandbox.clock.speed == 600
    await robin.page.get_by_role("button", name="Pause").click()
    await expect(riley.page.locator("#clock")).to_have_attribute("data-speed", "paused")
    await riley.page.get_by_role("button", name="Go on").click()
    await expect(robin.page.locator("#clock")).to_have_attribute("data-speed", "fast")
