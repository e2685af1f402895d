"""The sentence language, by stories about the tiny bot and by the ways in which a scenario fails."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import (
    Scenario,
    anything,
    deletion_of,
    dm_to,
    ephemeral_to,
    post_in,
    reply_to,
    update_of,
)
from bot.sandbox.slack.errors import NotPossible
from tests.sandbox.tinybot import card_blocks, over_socket_mode


@pytest.fixture
async def slack() -> AsyncIterator[Scenario]:
    async with Scenario(rate_limits=False, patience=2.0) as scenario:
        yield scenario


@pytest.fixture
async def bot(slack: Scenario) -> AsyncIterator[AsyncWebClient]:
    async with over_socket_mode(slack) as app:
        yield app.client


async def test_a_race_for_a_lead_reads_like_a_story(slack: Scenario, bot: AsyncWebClient) -> None:
    riley, robin = slack.person("U0REP1"), slack.person("U0REP2")
    await bot.chat_postMessage(channel="C0SALES", text="Jane Doe", blocks=card_blocks("Jane Doe"))
    card = await slack.expects(post_in("C0SALES"), containing="Jane")
    await riley.clicks("Accept").on(card)
    await slack.expects(update_of(card), containing="Accepted by riley")
    await robin.clicks("Accept").on(card)
    await slack.expects(ephemeral_to(robin), containing="someone was first")
    slack.nothing_unexpected()


async def test_a_rejection_with_a_modal(slack: Scenario, bot: AsyncWebClient) -> None:
    riley = slack.person("U0REP1")
    await bot.chat_postMessage(channel="C0SALES", text="Jane Doe", blocks=card_blocks("Jane Doe"))
    card = await slack.expects(post_in("C0SALES"))
    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal("Reject")
    assert (await modal.fill(reason="bad_contact", note="no").submit()).errors == {"note": "Say more than no"}
    await modal.fill(note="The phone is dead").submit()
    await slack.expects(post_in("C0MKTG"), containing=("Rejected by", "bad_contact"))


async def test_commands_and_home(slack: Scenario, bot: AsyncWebClient) -> None:
    mara = slack.person("U0MARA")
    answer = await mara.says("/lead", "status acme")
    assert answer is not None
    assert answer.text == "You asked for: status acme"
    assert (await mara.opens_home(containing="Welcome")).user == "U0MARA"


async def test_the_right_button_is_found_beside_a_name(slack: Scenario, bot: AsyncWebClient) -> None:
    blocks = [*card_blocks("Jane Doe"), *card_blocks("John Roe")]
    await bot.chat_postMessage(channel="C0SALES", text="Two leads", blocks=blocks)
    two = await slack.expects(post_in("C0SALES"))
    riley = slack.person("U0REP1")
    with pytest.raises(NotPossible, match="there are 2 of 'Accept'"):
        await riley.clicks("Accept").on(two)
    await riley.clicks("Accept").on(two, beside="John Roe")
    await slack.expects(update_of(two))


async def test_threads_direct_messages_and_deletions_are_told_apart(
    slack: Scenario, bot: AsyncWebClient
) -> None:
    await bot.chat_postMessage(channel="C0SALES", text="parent")
    parent = await slack.expects(post_in("C0SALES"))
    await bot.chat_postMessage(channel="C0SALES", text="child", thread_ts=parent.ts)
    await bot.chat_postMessage(channel="U0MGR", text="for you")
    await slack.expects(dm_to("U0MGR"), containing="for you")
    child = await slack.expects(reply_to(parent), containing="child")
    await bot.chat_delete(channel="C0SALES", ts=child.ts)
    await slack.expects(deletion_of(child))
    await slack.person("U0ADMIN").deletes(parent)
    slack.nothing_unexpected()


async def test_a_message_nobody_expected_fails_the_scenario() -> None:
    slack = await Scenario().start()
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await client.chat_postMessage(channel="C0SALES", text="surprise")
    with pytest.raises(AssertionError, match="post in C0SALES: surprise"):
        await slack.__aexit__(None, None, None)


async def test_what_is_ignored_does_not_fail_the_scenario() -> None:
    async with Scenario() as slack:
        slack.ignores(anything(), containing="surprise")
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        await client.chat_postMessage(channel="C0SALES", text="surprise")
    assert len(slack.sightings) == 1


async def test_a_payload_that_slack_refuses_fails_the_scenario() -> None:
    slack = await Scenario().start()
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="C0SALES", text="x", blocks=[{"type": "sparkle"}])
    with pytest.raises(AssertionError, match=r"chat.postMessage: invalid_blocks .*/blocks/0/type"):
        await slack.__aexit__(None, None, None)


async def test_a_planted_fault_is_not_held_against_the_bot() -> None:
    async with Scenario() as slack:
        slack.fault("chat.postMessage", FaultKind.REFUSED, error="invalid_blocks")
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel="C0SALES", text="x")
    assert len(slack.traffic.refused()) == 1


async def test_what_does_not_come_is_told_with_what_came(slack: Scenario, bot: AsyncWebClient) -> None:
    await bot.chat_postMessage(channel="C0MKTG", text="something else")
    slack.ignores(post_in("C0MKTG"))
    with pytest.raises(AssertionError, match=r"(?s)a post in C0SALES containing 'Jane'.*something else"):
        await slack.expects(post_in("C0SALES"), containing="Jane", within=0.05)


async def test_nobody_presses_what_is_not_there(slack: Scenario, bot: AsyncWebClient) -> None:
    await bot.chat_postMessage(channel="C0SALES", text="Jane", blocks=card_blocks("Jane"))
    card = await slack.expects(post_in("C0SALES"))
    with pytest.raises(NotPossible, match="Accept"):
        await slack.person("U0REP1").clicks("Explode").on(card)
