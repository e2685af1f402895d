"""Marketing at the page: it asks where leads stand, adds one, contests a rejection, and the manager rules."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.running import RunningBot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ARGUMENT = "They came with three colleagues, and asked about seats"


async def test_a_marketer_asks_where_a_lead_stands_and_is_answered_alone(running_bot: RunningBot) -> None:
    mara, riley = await running_bot.look("U0MARA", "C0MKTG"), await running_bot.look("U0REP1", "C0MKTG")
    await running_bot.lead_comes_in()
    await mara.types("/lead status jane@acme.example")
    answer = mara.message("Only you can see this")
    await expect(answer).to_contain_text("Jane Doe")
    await mara.keeps("status")
    await expect(riley.page.locator("#messages")).not_to_contain_text("Jane Doe")


async def test_the_manager_overturns_a_rejection_that_marketing_contests(running_bot: RunningBot) -> None:
    riley, mara = await running_bot.look("U0REP1", "C0SALES"), await running_bot.look("U0MARA", "C0MKTG")
    await running_bot.lead_comes_in(campaign="q4-webinar")
    await riley.message("Jane Doe").get_by_role("button", name="Reject").click()
    modal = riley.modal("Reject")
    await modal.get_by_label("Why are you rejecting it?").select_option("low_intent")
    await modal.get_by_role("button", name="Reject").click()
    await expect(modal).to_be_hidden()

    await mara.types("/lead status ACME")
    status = mara.message("Only you can see this")
    await expect(status).to_contain_text("Intent too low")
    await status.get_by_role("button", name="Answer").click()
    modal = mara.modal("Answer a rejection")
    await modal.get_by_label("Contest it").check()
    await modal.get_by_label("Why should it be overturned?").fill(ARGUMENT)
    await mara.keeps("dispute")
    await modal.get_by_role("button", name="Answer").click()
    await expect(modal).to_be_hidden()
    await expect(mara.message("was rejected")).to_contain_text("the manager decides")

    morgan = await running_bot.look("U0MGR")
    await morgan.goes_to("Baton")
    question = morgan.message("A rejection is contested")
    await expect(question).to_contain_text(ARGUMENT)
    await morgan.keeps("dispute-to-rule")
    await question.get_by_role("button", name="Overturn").click()
    await morgan.page.get_by_role("alertdialog").get_by_role("button", name="Overturn").click()
    await expect(morgan.message("overturned the rejection")).to_be_visible()
    await expect(mara.message("was rejected")).to_contain_text("overturned")
    await expect(riley.message("The rejection was overturned")).to_contain_text("Jane Doe")


async def test_a_marketer_adds_a_lead_and_sales_has_it(running_bot: RunningBot) -> None:
    mara, riley = await running_bot.look("U0MARA", "C0MKTG"), await running_bot.look("U0REP1", "C0SALES")
    await mara.types("/lead add")
    modal = mara.modal("Add a lead")
    await modal.get_by_label("E-mail").fill("no address")
    await modal.get_by_label("Company").fill("Nimbus Labs")
    await modal.get_by_label("What should happen to it?").select_option(label="Hand it off to sales now")
    await modal.get_by_role("button", name="Add").click()
    await expect(modal.get_by_role("alert")).to_contain_text("mail")
    await modal.get_by_label("E-mail").fill("ines@nimbus.example")
    await mara.keeps("add")
    await modal.get_by_role("button", name="Add").click()
    await expect(mara.page.get_by_role("dialog")).to_contain_text("It was handed off to team Growth")
    await riley.goes_to("growth")
    await expect(riley.message("Nimbus Labs")).to_be_visible()
