"""What the page draws, and how it is used with the keyboard and by those who listen to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.views.blocks import button
from tests.browser.gallery import HOSTILE, furnish, lead_card, modal, section
from tests.browser.measures import fill, show_all
from tests.browser.screens import PHONE, Stage, staged
from tests.sandbox.tinybot import card_blocks, over_socket_mode

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONG = 401
"""Messages in a channel of which only some are drawn at first."""


@pytest_asyncio.fixture(loop_scope="session")
async def gallery(chromium: Browser) -> AsyncIterator[Stage]:
    async with staged(chromium, Sandbox(clock=Clock(), rate_limits=False, subscriptions=())) as stage:
        await furnish(stage.sandbox)
        yield stage


async def test_every_block_and_element_is_drawn(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES")
    place = screen.page.locator("#messages")
    await expect(place.get_by_role("img", name="Handed off and accepted")).to_have_count(1)
    await expect(
        place.get_by_role("img", name=re.compile("Why leads were rejected.*Too small 9, 53%"))
    ).to_be_attached()
    await expect(place.locator(".unknown")).to_have_count(0)
    await expect(place.locator("svg .stroke-1")).to_have_count(2)
    await expect(place.get_by_role("link", name="#marketing")).to_be_attached()
    await expect(place.locator("strong", has_text="bold").first).to_be_attached()
    await expect(place.locator("pre", has_text="return x < 1")).to_be_attached()
    await expect(place.get_by_role("cell", name="31")).to_be_attached()
    await expect(place.get_by_role("button", name="2 replies")).to_be_visible()
    await expect(place.get_by_text("Only you can see this")).to_be_visible()
    await screen.keeps("every-block")


async def test_hostile_text_is_shown_as_text(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES")
    message = screen.message("onerror")
    await expect(message).to_contain_text(
        "<img src=x onerror=alert(1)> <script>alert(2)</script> *not _closed x"
    )
    assert await message.locator("img, script, a").count() == 0
    assert "javascript:alert" in HOSTILE


async def test_a_modal_holds_the_keyboard_and_says_what_is_missing(gallery: Stage) -> None:
    gallery.sandbox.workspace.open_modal("U0REP1", modal())
    screen = await gallery.look("U0REP1", "C0SALES")
    dialog = screen.page.get_by_role("dialog", name="Reject Jane Doe")
    await expect(dialog.get_by_label("Reason")).to_be_focused()
    for _ in range(14):
        await screen.page.keyboard.press("Tab")
        assert await screen.page.evaluate("!document.activeElement.closest('#place, #side, #top')")
    await dialog.get_by_label("Note").fill("Their number is dead")
    await dialog.get_by_role("button", name="Reject").click()
    await expect(dialog.get_by_role("alert").first).to_have_text("Please complete this required field.")
    await expect(dialog.get_by_label("Reason")).to_be_focused()
    await expect(dialog.get_by_label("Note")).to_have_value("Their number is dead")
    await screen.keeps("modal")
    await screen.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_what_the_bot_changes_in_an_open_modal_leaves_the_rest_as_typed(gallery: Stage) -> None:
    view = gallery.sandbox.workspace.open_modal("U0REP1", modal())
    screen = await gallery.look("U0REP1", "C0SALES")
    dialog = screen.page.locator("#modal")
    await dialog.get_by_label("Note").fill("half a sen")
    payload = modal()
    payload["blocks"].insert(1, section("Which team should get it?"))
    gallery.sandbox.workspace.replace_view(view, payload)
    await expect(dialog).to_contain_text("Which team should get it?")
    await expect(dialog.get_by_label("Note")).to_be_focused()
    await screen.page.keyboard.type("tence")
    await expect(dialog.get_by_label("Note")).to_have_value("half a sentence")


async def test_a_pushed_modal_lies_on_top_and_gives_back_what_was_below(gallery: Stage) -> None:
    workspace = gallery.sandbox.workspace
    workspace.open_modal("U0REP1", modal())
    screen = await gallery.look("U0REP1", "C0SALES")
    dialog = screen.page.locator("#modal")
    await dialog.get_by_label("Note").fill("kept")
    workspace.open_modal("U0REP1", modal() | {"title": {"type": "plain_text", "text": "On top"}}, push=True)
    await expect(dialog.get_by_role("heading", name="On top")).to_be_visible()
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(dialog.get_by_role("heading", name="Reject Jane Doe")).to_be_visible()
    await expect(dialog.get_by_label("Note")).to_have_value("kept")


async def test_several_people_are_picked_with_the_keyboard(gallery: Stage) -> None:
    gallery.sandbox.workspace.open_modal("U0REP1", modal())
    screen = await gallery.look("U0REP1", "C0SALES")
    field = screen.page.locator("#modal").get_by_label("Who should know")
    await field.fill("mor")
    await expect(screen.page.locator(".picker-list").get_by_role("option")).to_have_text(
        ["Chris Moreau", "Morgan Reyes"]
    )
    await field.press("ArrowDown")
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(screen.page.get_by_role("button", name="Remove Morgan Reyes")).to_be_visible()


async def test_a_dangerous_button_asks_first(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES")
    await screen.page.get_by_role("button", name="Delete", exact=True).first.click()
    question = screen.page.get_by_role("alertdialog", name="Delete it?")
    await expect(question).to_contain_text("Nobody can bring it back.")
    await question.get_by_role("button", name="Keep").click()
    await expect(question).to_be_hidden()


async def test_each_person_sees_their_own_side(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES")
    await expect(screen.message("accepted it first")).to_be_visible()
    await screen.becomes("Mara Marsh")
    await expect(screen.message("New P1 lead")).to_have_count(0)
    await expect(screen.page.locator("#messages")).not_to_contain_text("accepted it first")
    await expect(screen.page.locator("#you-are")).to_contain_text("Marketing")
    await screen.page.reload()
    await expect(screen.page.locator("#you-are")).to_contain_text("Mara Marsh")


async def test_what_was_not_read_is_marked_until_it_is(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES")
    post = gallery.sandbox.workspace.post
    post("C0MKTG", "U0MARA", text="The webinar is over")
    post("C0MKTG", "U0MARA", text="<@U0REP1> please look")
    link = screen.page.locator("#side").get_by_role("link", name=re.compile("marketing"))
    await expect(link).to_contain_text("2 unread, one names you")
    await link.click()
    await expect(screen.page.locator(".new-line")).to_be_visible()
    await screen.goes_to("sales")
    await expect(link).not_to_contain_text("unread")


async def test_the_page_folds_on_a_phone_and_turns_dark(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES", size=PHONE)
    await screen.page.emulate_media(color_scheme="dark")
    await expect(screen.page.locator("html")).to_have_attribute("data-theme", "dark")
    assert await screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await screen.page.get_by_role("button", name="Places and people").click()
    await screen.goes_to("Home")
    await expect(screen.page.get_by_role("heading", name="Your leads")).to_be_visible()
    await screen.keeps("phone-dark")
    await screen.page.get_by_role("button", name="Light colours").click()
    await expect(screen.page.locator("html")).to_have_attribute("data-theme", "light")


async def test_a_long_channel_is_shown_whole_and_in_order_and_follows_what_comes(stage: Stage) -> None:
    fill(stage.sandbox, "C0SALES", LONG)
    screen = await stage.look("U0REP1", "C0SALES", size=(900, 600))
    await expect(screen.page.locator("#messages")).to_contain_text(f"Message {LONG - 1}")
    await show_all(screen, LONG)
    ordered = await screen.page.locator("#messages .message").evaluate_all(
        "rows => rows.map((row) => row.dataset.ts)"
    )
    assert ordered == sorted(ordered)
    await screen.page.evaluate("document.querySelector('#messages').scrollTop = 1e9")
    stage.sandbox.workspace.post("C0SALES", "U0MGR", text="The very last")
    await expect(screen.message("The very last")).to_be_in_viewport()


async def test_a_click_shows_its_effect(stage: Stage) -> None:
    workspace = stage.sandbox.workspace
    async with over_socket_mode(stage.sandbox):
        screen = await stage.look("U0REP1", "C0SALES")
        workspace.post("C0SALES", workspace.bot_user, text="x", blocks=card_blocks("Lead 1"))
        await screen.message("Lead 1").get_by_role("button", name="Accept").click()
        await expect(screen.message("Accepted by")).to_be_visible()


_UNTIL_THE_STORE_HAS = """async (words) => {
  const { state } = await import("./store.js");
  const known = () => JSON.stringify([...state.messages.get("C0SALES").values()]);
  while (!known().includes(words)) await new Promise(setTimeout);
}"""


async def test_a_click_is_heard_although_its_message_changes_under_the_mouse(stage: Stage) -> None:
    workspace = stage.sandbox.workspace
    async with over_socket_mode(stage.sandbox):
        screen = await stage.look("U0REP1", "C0SALES")
        card = workspace.post("C0SALES", workspace.bot_user, text="x", blocks=card_blocks("Lead 1"))
        await screen.message("Lead 1").get_by_role("button", name="Accept").hover()
        await screen.page.mouse.down()
        workspace.update(card, blocks=card_blocks("Lead 1, again"))
        await screen.page.evaluate(_UNTIL_THE_STORE_HAS, "again")
        await screen.page.mouse.up()
        await expect(screen.message("Accepted by")).to_be_visible()


async def test_the_tour_has_five_steps_and_comes_once(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES", tour=True)
    tour = screen.page.locator(".tour")
    for step in range(1, 6):
        await expect(tour).to_contain_text(f"{step} of 5")
        await tour.get_by_role("button", name=re.compile("Next|Start")).click()
    await expect(tour).to_be_hidden()
    await screen.page.clock.install()
    await screen.page.reload()
    await expect(screen.page.locator("body")).to_have_attribute("data-ready", "true")
    await screen.page.clock.fast_forward(5_000)  # it would begin by itself a little later
    await expect(tour).to_be_hidden()


async def test_messages_are_read_and_written_with_the_keyboard_alone(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES")
    box = screen.page.get_by_role("combobox", name=re.compile("Write to #sales"))
    await box.focus()
    await screen.page.keyboard.type("/le")
    options = screen.page.locator(".completions").get_by_role("option")
    await expect(options).to_contain_text(["/lead"])
    await screen.page.keyboard.press("Tab")
    await expect(options.first).to_contain_text("/lead status <who>")
    await screen.page.keyboard.press("Tab")
    await expect(box).to_have_value("/lead status ")
    await box.fill("Hello & <b>good</b> morning")
    await screen.page.keyboard.press("Enter")
    await expect(screen.message("Hello & <b>good</b> morning")).to_be_visible()
    await box.fill("/nonsense")
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#toast")).to_contain_text("/nonsense is not a command here. Try /lead")


UNNAMED = """() => {
  const named = (element) => element.getAttribute("aria-label") || element.textContent.trim() ||
    element.title || element.labels?.length || element.getAttribute("aria-labelledby");
  const kinds = "button, a[href], input, select, textarea, [role=group], [role=region]";
  const controls = document.querySelectorAll(kinds);
  return [...controls].filter((control) => !named(control)).map((control) => control.outerHTML);
}"""
TWINS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}"""


async def test_everything_that_can_be_used_has_a_name(gallery: Stage) -> None:
    gallery.sandbox.workspace.open_modal("U0REP1", modal())
    screen = await gallery.look("U0REP1", "C0SALES")
    await expect(screen.page.locator("#modal")).to_be_visible()
    assert await screen.page.evaluate(UNNAMED) == []
    assert await screen.page.evaluate(TWINS) == []


async def test_the_keyboard_stays_where_it_was_when_a_message_changes(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES")
    workspace = gallery.sandbox.workspace
    card = list(workspace.messages["C0SALES"].values())[-4]
    reject = screen.message("Jane Doe").get_by_role("button", name="Reject")
    await reject.focus()
    workspace.update(card, blocks=[section("Jane Doe, again"), *lead_card(1795442700)[1:]])
    await expect(screen.message("Jane Doe, again")).to_be_visible()
    await expect(reject).to_be_focused()
    workspace.update(card, blocks=[section("Jane Doe is taken")])
    await expect(screen.message("Jane Doe is taken")).to_be_focused()


async def test_the_keyboard_goes_to_the_next_row_of_home_when_its_own_goes(gallery: Stage) -> None:
    """A row that was dealt with leaves Home; who works by keyboard goes on with the next."""

    def home_of(*names: str) -> dict[str, Any]:
        def accept(name: str) -> dict[str, Any]:
            return button("Accept", "accept", name, reads_as=f"Accept {name}")

        rows = [section(name) | {"accessory": accept(name)} for name in names]
        return {"type": "home", "blocks": rows}

    workspace = gallery.sandbox.workspace
    workspace.publish_home("U0REP1", home_of("Ann", "Bea", "Cem"))
    screen = await gallery.look("U0REP1", "C0SALES")
    await screen.goes_to("Home")
    accept = screen.page.locator(".home").get_by_role("button")
    await accept.nth(1).focus()
    for left, held in ((("Ann", "Cem"), "Cem"), (("Ann",), "Ann")):  # the next one, else the one before
        workspace.publish_home("U0REP1", home_of(*left))
        await expect(accept).to_have_count(len(left))
        await expect(screen.page.get_by_role("button", name=f"Accept {held}")).to_be_focused()
    workspace.publish_home("U0REP1", home_of())
    await expect(screen.page.get_by_role("region", name="Home of the app")).to_be_focused()


async def test_the_campaigns_of_a_report_fit_into_its_thread(gallery: Stage) -> None:
    heads = ["Campaign", "Handed off", "Lead quality", "Accepted", "Rejection rate", "Pipeline", "Revenue"]
    money = ["$64,000 (3 deals)", "$29,500 (2 deals)", "$900\u00a0/ $1,286\u00a0/ $1,636", "64%"]
    rows = [
        [*heads, "Cost per MQL / SAL / SQL", "ROI"],
        ["search-ads", "8", "5 of 8", "4 of 8", "3 of 7", *money],
    ]
    table = {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": text} for text in row] for row in rows],
        "column_settings": [{"align": "right", "is_wrapped": True}] * len(rows[0]),
    }
    workspace = gallery.sandbox.workspace
    report = workspace.post("C0LEADS", workspace.bot_user, text="The report")
    workspace.post("C0LEADS", workspace.bot_user, text="Campaigns", blocks=[table], thread_ts=report.ts)
    screen = await gallery.look("U0MGR", "C0LEADS")
    await screen.message("The report").get_by_role("button", name="1 reply").click()
    shown = screen.page.locator("#panel .table-scroll")
    await expect(shown).to_contain_text("ROI")
    assert await shown.evaluate("box => box.scrollWidth <= box.clientWidth"), (
        "all of it, and no need to scroll"
    )


async def test_a_link_to_a_message_finds_it_however_old_it_is(gallery: Stage) -> None:
    workspace = gallery.sandbox.workspace
    old = workspace.post("C0MKTG", "U0MARA", text="The old one")
    for number in range(450):
        workspace.post("C0MKTG", "U0MARA", text=f"Later {number}")
    link = f"{gallery.sandbox.url}/archives/C0MKTG/p{old.ts.replace('.', '')}"
    workspace.post("C0SALES", workspace.bot_user, text=f"See <{link}|this>")
    screen = await gallery.look("U0REP1", "C0SALES")
    await screen.page.get_by_role("link", name="this", exact=True).click()
    await expect(screen.message("The old one")).to_be_in_viewport()
    await expect(screen.message("The old one")).to_be_focused()


async def test_new_messages_are_spoken(gallery: Stage) -> None:
    screen = await gallery.look("U0REP1", "C0SALES")
    gallery.sandbox.workspace.post("C0SALES", "U0MGR", text="Anybody there?")
    spoken = screen.page.locator("#announcer[aria-live=polite]")
    await expect(spoken).to_contain_text("Morgan Reyes: Anybody there?")
