"""The demo with its past, in a process of its own, as somebody sees it who has just started it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.screens import Look

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_first_card_is_there_to_be_accepted(look: Look) -> None:
    riley = await look("U0REP1", "C0SALES")
    accept = riley.page.locator("#messages").get_by_role("button", name="Accept").last
    await expect(accept).to_be_in_viewport()
    await expect(riley.page.get_by_role("button", name=re.compile("refused"))).to_have_count(0)


async def test_a_manager_reads_on_home_what_waits_and_how_the_turns_went(look: Look) -> None:
    morgan = await look("U0MGR")
    await morgan.goes_to("Home")
    home = morgan.page.locator(".home")
    for heading in ("Your teams", "Decisions waiting", "Lead rotation", "What we agreed"):
        await expect(home).to_contain_text(heading)
    await expect(home).to_contain_text(re.compile(r"@Riley Ross \d+ of 20 open"))
    await morgan.keeps("home-manager")


async def test_a_manager_rules_on_a_contested_rejection_from_home(look: Look) -> None:
    morgan = await look("U0MGR")
    await morgan.goes_to("Home")
    home, uphold = morgan.page.locator(".home"), morgan.page.get_by_role("button", name="Uphold")
    await expect(uphold.first).to_be_visible()
    await expect(home).to_contain_text(re.compile(r"@Mara Marsh contested it|@Chris Moreau contested it"))
    await expect(home).to_contain_text(re.compile(r"@(Sasha Park|Toni Vale) rejected it: "))
    waiting = await uphold.count()
    await uphold.first.click()
    await expect(uphold).to_have_count(waiting - 1)


async def test_a_manager_reads_the_weekly_digest_and_its_charts(look: Look) -> None:
    morgan = await look("U0MGR", "C0LEADS")
    digest = morgan.message("What sales owed")
    await expect(digest.get_by_role("img", name=re.compile("From MQL to won.*MQL"))).to_be_visible()
    await expect(digest.locator("svg[role=img]", has=morgan.page.locator("rect"))).not_to_have_count(0)
    await digest.get_by_role("button", name=re.compile("replies")).click()
    await expect(morgan.page.locator("#panel")).to_contain_text("Why leads were rejected")
    await morgan.keeps("digest")


async def test_a_manager_asks_how_the_month_goes(look: Look) -> None:
    morgan = await look("U0MGR", "C0LEADS")
    await morgan.types("/alignment month")
    answer = morgan.message("Only you can see this")
    await expect(answer).to_contain_text("What marketing owed")
    await expect(answer.locator("figure")).not_to_have_count(0)
    await morgan.keeps("alignment-month")


async def test_an_admin_edits_a_team_and_the_terminal_stays_quiet(look: Look) -> None:
    """The demo has no `.env` to read tokens from again; what it complains of fails the tests at its end."""
    ada = await look("U0ADMIN")
    await ada.goes_to("Home")
    await ada.page.get_by_role("button", name="Edit team Growth").click()
    modal = ada.modal("Edit team")
    await modal.get_by_label(re.compile("^Rep")).select_option("U0REP3")
    await modal.get_by_label(re.compile("^Most")).fill("25")
    await modal.get_by_role("button", name="Save").click()
    await expect(ada.page.get_by_role("dialog")).to_contain_text("Saved. Version")
    await ada.page.keyboard.press("Escape")


async def test_the_clock_jumps_to_what_is_due_and_says_when_that_is(look: Look) -> None:
    riley = await look("U0REP1", "C0SALES")
    await riley.page.get_by_role("button", name="Next due").click()
    await expect(riley.page.locator("#toast")).to_contain_text(re.compile(r"day \d\d:\d\d: "))


async def test_a_mention_in_the_thread_of_a_card_is_answered_about_its_lead(look: Look) -> None:
    riley = await look("U0REP1", "C0SALES")
    card = riley.message(re.compile("Please accept by.*the first to accept gets it", re.DOTALL))
    name = await card.get_by_role("link").first.inner_text()
    await card.hover()
    await card.get_by_role("button", name="Reply in thread").click()
    box = riley.page.locator("#panel .composer textarea")
    await box.fill("@Baton status")
    await box.press("Enter")
    answer = riley.page.locator("#panel .message").filter(has_text="Only you can see this")
    await expect(answer).to_contain_text(name)
    await expect(answer).not_to_contain_text("Your leads, most urgent first")
    await riley.keeps("thread-mention")
