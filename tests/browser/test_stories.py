"""Reps at work, as they see and use it in a browser: the whole bot, the whole sandbox, real clicks."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Locator, expect

from tests.browser.running import TOKEN, RunningBot
from tests.browser.screens import Screen

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_rep_accepts_a_lead_and_everybody_sees_it_at_once(running_bot: RunningBot) -> None:
    riley, mara = await running_bot.look("U0REP1", "C0SALES"), await running_bot.look("U0MARA", "C0SALES")
    await running_bot.lead_comes_in()
    card = riley.message("Jane Doe")
    await expect(card).to_contain_text("Asked for a demo")
    await riley.keeps("card")
    await card.get_by_role("button", name="Accept").click()
    await expect(riley.message("Accepted by Riley Ross")).to_be_visible()
    await expect(mara.message("Accepted by Riley Ross")).to_be_visible()
    await expect(riley.message("Accepted by").get_by_role("button", name="Accept")).to_have_count(0)
    await riley.page.get_by_role("button", name="1 reply").click()
    await expect(riley.page.locator("#panel")).to_contain_text("Accepted by Riley Ross")
    await riley.keeps("card-accepted")


async def test_a_rep_rejects_a_lead_and_says_why(running_bot: RunningBot) -> None:
    riley = await running_bot.look("U0REP1", "C0SALES")
    await running_bot.lead_comes_in()
    await riley.message("Jane Doe").get_by_role("button", name="Reject").click()
    modal = riley.page.get_by_role("dialog", name="Reject")
    await expect(modal).to_contain_text("Jane Doe")
    await modal.get_by_label("Why are you rejecting it?").select_option("bad_contact")
    await expect(modal).to_contain_text("Marketing is asked to fix it.")
    await modal.get_by_label("Note").fill("Mail bounces, <b>no</b> phone")
    await riley.keeps("reject")
    await modal.get_by_role("button", name="Reject").click()
    await expect(modal).to_be_hidden()
    await expect(riley.message("Jane Doe")).to_contain_text("Rejected by Riley Ross")
    mara = await running_bot.look("U0MARA", "C0MKTG")
    await expect(mara.message("Jane Doe")).to_contain_text("Mail bounces, <b>no</b> phone")


async def test_of_two_reps_who_click_at_once_one_is_told_who_was_faster(running_bot: RunningBot) -> None:
    riley, robin = await running_bot.look("U0REP1", "C0SALES"), await running_bot.look("U0REP2", "C0SALES")
    await running_bot.lead_comes_in()
    buttons = [screen.message("Jane Doe").get_by_role("button", name="Accept") for screen in (riley, robin)]
    for button in buttons:
        await expect(button).to_be_visible()
    await asyncio.gather(*(button.evaluate("button => button.click()") for button in buttons))
    await expect(riley.message(re.compile("Accepted by"))).to_be_visible()
    winner = await riley.page.locator("#place .message", has_text="Accepted by").inner_text()
    loser = robin if "Accepted by Riley Ross" in winner else riley
    answer = loser.message("accepted it first")
    await expect(answer).to_contain_text("Only you can see this")
    await loser.keeps("race-lost")
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)


async def test_a_lead_from_the_form_becomes_a_card(running_bot: RunningBot) -> None:
    riley = await running_bot.look("U0REP1", "C0SALES")
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
    await expect(form.get_by_role("status")).to_contain_text("handed off to sales")
    await form.get_by_label("E-mail").fill("no address")
    await form.get_by_role("button", name="Send the lead").click()
    await expect(form.get_by_role("status")).to_contain_text("email")
    await riley.page.keyboard.press("Escape")
    await expect(riley.message("Kestrel & Sons <Bank>")).to_be_visible()


async def test_what_the_bot_is_refused_stands_in_the_traffic_with_its_reason(running_bot: RunningBot) -> None:
    ada = await running_bot.look("U0ADMIN", "C0SALES")
    client = running_bot.baton.desk.client
    with pytest.raises(Exception, match="invalid_blocks"):
        await client.chat_postMessage(channel="C0SALES", text="x", blocks=[{"type": "sparkle"}])
    await ada.page.get_by_role("button", name="Traffic, 1 refused").click()
    refused = ada.page.locator("#panel .refused")
    await expect(refused).to_contain_text("chat.postMessage")
    await expect(refused).to_contain_text("invalid_blocks")
    await expect(refused).to_contain_text("/blocks/0/type")
    await ada.keeps("traffic")


async def accepted(running_bot: RunningBot) -> tuple[Screen, Locator]:
    """Riley has Jane; gives Riley's window, and the card in it."""
    riley = await running_bot.look("U0REP1", "C0SALES")
    await running_bot.lead_comes_in()
    card = riley.message("Jane Doe")
    await card.get_by_role("button", name="Accept").click()
    await expect(card).to_contain_text("Accepted by Riley Ross")
    return riley, card


async def test_a_rep_takes_a_click_back_from_the_menu(running_bot: RunningBot) -> None:
    riley, card = await accepted(running_bot)
    await card.get_by_role("button", name="1 reply").click()
    await riley.chooses("Undo", card)
    await expect(card).to_contain_text("Please accept by")
    await expect(card.get_by_role("button", name="Accept")).to_be_visible()
    await expect(riley.page.locator("#panel")).to_contain_text("undone by Riley Ross")


async def test_a_rep_puts_a_lead_off_and_says_why(running_bot: RunningBot) -> None:
    riley, card = await accepted(running_bot)
    await riley.chooses("Snooze", card)
    modal = riley.modal("Snooze")
    await expect(modal).to_contain_text("Jane Doe, ACME")
    await modal.get_by_label("How long?").select_option(label="1 hour")
    await modal.get_by_label("In your words").fill("They are in a meeting until noon")
    await riley.keeps("snooze")
    await modal.get_by_role("button", name="Save").click()
    await expect(modal).to_be_hidden()
    await expect(card).to_contain_text("Snoozed until today 11:")


async def test_a_rep_works_a_lead_from_the_first_call_to_the_deal(running_bot: RunningBot) -> None:
    riley, card = await accepted(running_bot)
    await card.get_by_role("button", name="Log contact").click()
    modal = riley.modal("Log contact")
    await modal.get_by_label("Meeting", exact=True).check()
    await modal.get_by_label("Note").fill("They like it")
    await modal.get_by_role("button", name="Save", exact=True).click()
    await expect(card).to_contain_text("First contact today 10:")

    await card.get_by_role("button", name="Set outcome").click()
    modal = riley.modal("Set outcome")
    await modal.get_by_label("What is the outcome?").select_option("opportunity")
    await modal.get_by_label("Amount").fill("a lot")
    await modal.get_by_role("button", name="Save").click()
    await expect(modal.get_by_role("alert")).to_contain_text("is not an amount")
    await expect(modal.get_by_label("Amount")).to_be_focused()
    await modal.get_by_label("Amount").fill("12,500")
    await riley.keeps("outcome")
    await modal.get_by_role("button", name="Save").click()
    await expect(modal).to_be_hidden()
    await expect(card).to_contain_text("Opportunity, $12,500")
