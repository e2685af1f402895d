"""Each role's five commonest tasks, in a browser, in two clicks each: what is chosen and typed not counted.

All work in one workspace, each on leads of their own. A click is a press of a button, or a choice of a menu.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from bot.handoffs.dispute import Contest, contest
from bot.handoffs.reject import Reject, reject
from tests.browser.running import RunningBot, bot_running
from tests.browser.screens import Screen

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LEADS = ("Ann", "Bea", "Cem", "Dan", "Eve", "Fay")
MOST = 2


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBot]:
    """The bot on a Monday morning with six leads: Eve is rejected, Fay's rejection is contested."""
    folder: Path = tmp_path_factory.mktemp("office")
    database = f"sqlite:///{folder / 'office.db'}"
    async with bot_running(chromium, database, folder / "agreement.toml") as office:
        for name in LEADS:
            company = f"{name} Works"
            mail = f"{name.lower()}@{name.lower()}works.example"
            await office.lead_comes_in(
                email=mail, first_name=name, company=company, campaign="q4-webinar", external_id=name
            )
        desk = office.baton.desk
        for handoff_id in (5, 6):
            await desk.do(reject, Reject(handoff_id, "bad_contact", note="Bounces"), "U0REP1")
        await desk.do(contest, Contest(6, "The number is right"), "U0MARA")
        yield office


@dataclass
class Task:
    """Somebody at their window, and how often they clicked for the task at hand."""

    screen: Screen
    clicks: int = 0

    async def click(self, button: Locator) -> None:
        self.clicks += 1
        await button.click()

    async def done(self, what: str, most: int = MOST) -> None:
        assert self.clicks <= most, f"{what} took {self.clicks} clicks"
        self.clicks = 0

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.screen.page).get_by_role("button", name=name)

    @property
    def home(self) -> Locator:
        return self.screen.page.locator(".home")


async def test_a_rep(office: RunningBot) -> None:
    rep = Task(await office.look("U0REP1", "C0SALES"))
    card = rep.screen.message("Ann Doe")
    await rep.click(rep.button("Accept", card))
    await expect(card).to_contain_text("Accepted by Riley Ross")
    await rep.done("accept", 1)

    await rep.click(rep.button("Log contact", card))
    await rep.screen.modal("Log contact").get_by_label("Call", exact=True).check()
    await rep.click(rep.button("Save", rep.screen.modal("Log contact")))
    await expect(card).to_contain_text("First contact")
    await rep.done("log contact")

    await rep.click(rep.button("Set outcome", card))
    modal = rep.screen.modal("Set outcome")
    await modal.get_by_label("What is the outcome?").select_option("sql")
    await rep.click(rep.button("Save", modal))
    await expect(card).to_contain_text("SQL")
    await rep.done("set outcome")

    rejected = rep.screen.message("Bea Doe")
    await rep.click(rep.button("Reject", rejected))
    modal = rep.screen.modal("Reject")
    await modal.get_by_label("Why are you rejecting it?").select_option("bad_contact")
    await rep.click(rep.button("Reject", modal))
    await expect(rejected).to_contain_text("Rejected by Riley Ross")
    await rep.done("reject")

    await rep.screen.types("/lead status doe ann")
    await expect(rep.screen.message("Only you can see this")).to_contain_text("Ann Works")
    await rep.done("find a lead", 0)


async def test_a_marketer(office: RunningBot) -> None:
    mara = Task(await office.look("U0MARA", "C0MKTG"))
    await mara.screen.types("/lead status eve works")
    await expect(mara.screen.message("Only you can see this")).to_contain_text("Bad or missing contact data")
    await mara.done("ask where a lead stands", 0)

    await mara.click(mara.screen.page.locator("#side nav").get_by_role("link", name="Home"))
    await expect(mara.home).to_contain_text("Rejections to answer")
    await expect(mara.home).to_contain_text("q4-webinar")
    await mara.done("see what is owed, and how campaigns do", 1)

    await mara.click(mara.button("Answer", mara.home).first)
    modal = mara.screen.modal("Answer a rejection")
    await modal.get_by_label("Contest it").check()
    await modal.get_by_label("Why should it be overturned?").fill("The number is right")
    await mara.click(mara.button("Answer", modal))
    await expect(modal).to_be_hidden()
    await mara.done("answer a rejection")

    await mara.screen.goes_to("marketing")
    await mara.screen.types("/lead add gil@gilworks.example, Gil Doe, CTO at Gil Works")
    modal = mara.screen.modal("Add a lead")
    await mara.click(mara.button("Add", modal))
    await expect(mara.screen.page.get_by_role("dialog")).to_contain_text("Gil Doe")
    await mara.screen.page.keyboard.press("Escape")
    await mara.done("add a lead", 1)

    await mara.screen.types("/lead history #5")
    await expect(mara.screen.message("Only you can see this")).to_contain_text("Rejected")
    await mara.done("read what became of one", 0)


async def test_a_sales_manager(office: RunningBot) -> None:
    morgan = Task(await office.look("U0MGR", "C0SALES"))
    await morgan.click(morgan.screen.page.locator("#side nav").get_by_role("link", name="Home"))
    await expect(morgan.home).to_contain_text("Your teams")
    await expect(morgan.home).to_contain_text("Fay Doe")
    await morgan.done("see the team, and what waits for a decision", 1)

    waiting = await morgan.button("Uphold", morgan.home).count()
    await morgan.click(morgan.button("Uphold", morgan.home).first)
    await expect(morgan.button("Uphold", morgan.home)).to_have_count(waiting - 1)
    await morgan.done("decide on a contested rejection", 1)

    await morgan.click(morgan.button("Set away", morgan.home).first)
    modal = morgan.screen.modal("Set away")
    await modal.get_by_label("Who").select_option(index=1)
    await modal.get_by_role("textbox").first.fill("until tomorrow")
    await morgan.click(morgan.button("Set away", modal))
    await expect(morgan.screen.page.get_by_role("dialog")).to_contain_text("away")
    await morgan.screen.page.keyboard.press("Escape")
    await morgan.done("set a rep away")

    await morgan.screen.goes_to("sales")
    card = morgan.screen.message("Cem Doe")
    await morgan.screen.chooses("Reassign", card)
    modal = morgan.screen.modal("Reassign")
    await modal.get_by_label("Who should take it?").select_option(index=2)
    await morgan.click(morgan.button("Reassign", modal))
    await expect(modal).to_be_hidden()
    morgan.clicks += 1  # the menu
    await morgan.done("reassign a lead")

    await morgan.screen.types("/alignment week")
    await expect(morgan.screen.message("Only you can see this")).to_contain_text("What sales owed")
    await morgan.done("read how the week goes", 0)


async def test_a_marketing_manager(office: RunningBot) -> None:
    chris = Task(await office.look("U0CMO", "C0MKTG"))
    await chris.screen.types("/alignment month")
    answer = chris.screen.message("Only you can see this")
    await expect(answer).to_contain_text("What marketing owed")
    await chris.done("read the report", 0)

    await chris.click(chris.button("Share with this channel", answer))
    await expect(chris.screen.message("What marketing owed").last).to_be_visible()
    await chris.done("share it", 1)

    await chris.click(chris.screen.page.locator("#side nav").get_by_role("link", name="Home"))
    await expect(chris.home).to_contain_text("search-ads")
    await chris.done("see every campaign", 1)

    await chris.screen.goes_to("marketing")
    await chris.screen.types("/lead why cem works")
    await expect(chris.screen.message("Only you can see this")).to_contain_text("Cem Doe")
    await chris.done("ask why somebody has a lead", 0)

    await chris.screen.types("/lead queue")
    await expect(chris.screen.message("Only you can see this")).to_contain_text("Dan Doe")
    await chris.done("see what nobody has accepted", 0)


async def test_an_admin(office: RunningBot) -> None:
    ada = Task(await office.look("U0ADMIN", "C0SALES"))
    await ada.click(ada.screen.page.locator("#side nav").get_by_role("link", name="Home"))
    await expect(ada.home).to_contain_text("Nothing is parked")
    await ada.done("see whether all is well", 1)

    book = office.baton.desk.book
    for fields, what in (
        ({"Rep": "U0MARA"}, "add a rep"),
        ({"Rep": "U0REP2"}, "move a rep"),
        ({"Rep": "U0REP3", "Most open leads": "7"}, "set a rep's capacity"),
        ({"Channel": "C0SALES"}, "set a channel"),
    ):
        await ada.click(ada.button("Edit team Growth", ada.home))
        modal = ada.screen.modal("Edit team")
        for label, value in fields.items():
            field = modal.get_by_label(re.compile(f"^{label}"))
            await (field.fill(value) if label.startswith("Most") else field.select_option(value))
        await ada.click(ada.button("Save", modal))
        saved = ada.screen.page.get_by_role("dialog")
        await expect(saved).to_contain_text("Saved. Version 2026-Q4+")
        await expect(ada.button("Done", saved)).to_be_focused()
        await ada.screen.keeps(what.replace(" ", "-"))
        await ada.screen.page.keyboard.press("Escape")
        await ada.done(what)
    growth = book.current.team("Growth")
    assert growth is not None
    assert growth.channel == "C0SALES"
    assert {rep.user for rep in growth.reps} == {"U0REP2", "U0REP3", "U0REP4", "U0MARA"}
    assert [rep.capacity for rep in growth.reps if rep.user == "U0REP3"] == [7]
