"""The sandbox as a real Bolt app meets it, over both transports."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_bolt.app.async_app import AsyncApp

from bot.sandbox import Message, Sandbox
from tests.sandbox.tinybot import TRANSPORTS, card_blocks


@pytest.fixture(params=TRANSPORTS)
async def bot(request: pytest.FixtureRequest, slack: Sandbox) -> AsyncIterator[AsyncApp]:
    async with TRANSPORTS[request.param](slack) as app:
        yield app


@pytest.fixture
async def card(slack: Sandbox, bot: AsyncApp) -> Message:
    await bot.client.chat_postMessage(channel="C0SALES", text="Jane Doe", blocks=card_blocks("Jane Doe"))
    return next(iter(slack.workspace.messages["C0SALES"].values()))


async def test_a_click_reaches_the_bot_and_its_update_is_seen(slack: Sandbox, card: Message) -> None:
    deed = await slack.people.click("U0REP1", card, "Accept")
    assert deed.ok
    assert card.text == "Accepted by riley"
    assert card.edited_ts


async def test_the_second_click_is_answered_to_that_person_alone(slack: Sandbox, card: Message) -> None:
    await slack.people.click("U0REP1", card, "Accept")
    await slack.people.click("U0REP2", card, "accept")
    assert slack.workspace.shown("C0SALES", "U0REP2")[-1]["text"] == "Sorry, robin: someone was first."
    assert len(slack.workspace.shown("C0SALES", "U0REP1")) == 1


async def test_an_overflow_menu_sends_what_was_chosen(slack: Sandbox, card: Message) -> None:
    await slack.people.click("U0REP1", card, "more", value="Snooze")
    assert slack.workspace.shown("C0SALES", "U0REP1")[-1]["text"] == "You chose snooze"


async def test_a_modal_is_filled_in_refused_mended_and_closed(slack: Sandbox, card: Message) -> None:
    await slack.people.click("U0REP1", card, "Reject")
    modal = slack.people.modal("U0REP1")
    assert (await slack.people.submit(modal)).errors == {"reason": "Please complete this required field."}
    await slack.people.fill(modal, "Reason", "Too small")
    await slack.people.fill(modal, "note", "much more than twenty characters")
    assert "at most 20" in (await slack.people.submit(modal)).errors["note"]
    await slack.people.fill(modal, "note", "no")
    assert (await slack.people.submit(modal)).errors == {"note": "Say more than no"}
    await slack.people.fill(modal, "note", "Three people")
    assert (await slack.people.submit(modal)).ok
    assert slack.workspace.modals["U0REP1"] == []
    assert slack.workspace.shown("C0MKTG", "U0MARA")[-1]["text"] == "Rejected by <@U0REP1>: too_small"


async def test_the_bot_hears_of_a_closed_modal(slack: Sandbox, card: Message) -> None:
    await slack.people.click("U0REP1", card, "Reject")
    await slack.people.close(slack.people.modal("U0REP1"))
    assert slack.workspace.shown("C0MKTG", "U0MARA")[-1]["text"] == "Never mind"


async def test_the_answer_to_a_command_is_seen_by_the_asker_alone(slack: Sandbox, bot: AsyncApp) -> None:
    deed = await slack.people.command("U0MARA", "/lead", "status acme", channel="C0MKTG")
    assert deed.answer is not None
    assert deed.answer.text == "You asked for: status acme"
    assert slack.workspace.shown("C0MKTG", "U0REP1") == []


async def test_home_is_published_when_it_is_opened(slack: Sandbox, bot: AsyncApp) -> None:
    await slack.people.open_home("U0MGR")
    assert slack.workspace.homes["U0MGR"].blocks[0]["text"]["text"] == "Welcome"


async def test_every_exchange_is_in_the_traffic_log(slack: Sandbox, card: Message) -> None:
    await slack.people.click("U0REP1", card, "Accept")
    names = [entry.name for entry in slack.traffic.entries if entry.direction == "in"]
    assert [name for name in names if name.startswith("chat.")] == ["chat.postMessage", "chat.update"]
    assert [entry.name for entry in slack.traffic.entries if entry.direction == "out"] == ["block_actions"]
    assert slack.traffic.refused() == []
