"""A planned reconnect, as Slack makes one every few hours: no click that crosses it looks failed."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import post_in
from bot.sandbox.slack.socket_mode import DisconnectReason
from tests.scenarios.conftest import Story


async def _reconnects(story: Story) -> None:
    """Slack warns the first connection; a second one comes, and the first stays open for now."""
    opened = len(story.slack.traffic.calls("apps.connections.open"))
    await story.slack.sockets.disconnect(DisconnectReason.WARNING)
    async with asyncio.timeout(story.slack.patience):
        while len(story.slack.traffic.calls("apps.connections.open")) == opened:
            await asyncio.sleep(0.01)
    await story.slack.sockets.wait_connected(2)


async def test_a_click_that_was_under_way_is_answered_over_its_own_connection(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    slow = slack.fault("views.open", FaultKind.SLOW, seconds=1.0)
    click = asyncio.create_task(slack.person("U0REP1").clicks("Reject").on(card))
    async with asyncio.timeout(slack.patience):
        while not slow.struck:
            await asyncio.sleep(0.01)
    await _reconnects(quick_story)
    assert (await click).ok
    assert "Why are you rejecting it?" in (await slack.person("U0REP1").sees_modal()).text


async def test_both_connections_are_heard_until_slack_closes_the_old_one(quick_story: Story) -> None:
    slack = quick_story.slack
    await _reconnects(quick_story)
    for _ in range(4):  # Slack sends to either, in turn
        answer = await slack.person("U0REP1").says("/lead", "help")
        assert answer is not None
    await slack.sockets.close_oldest()
    for _ in range(2):
        assert await slack.person("U0REP1").says("/lead", "help") is not None
    assert slack.sockets.connected == 1


async def test_an_app_that_may_not_connect_is_told_so_and_does_not_ask_on_and_on(
    quick_story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    slack, link = quick_story.slack, quick_story.baton.socket
    assert link is not None
    opened = len(slack.traffic.calls("apps.connections.open"))
    await slack.sockets.disconnect(DisconnectReason.LINK_DISABLED)
    async with asyncio.timeout(slack.patience):
        while link.health()[0]:
            await asyncio.sleep(0.01)
        for _ in range(3):  # it is watched, and tried again now and then
            await link.watch()
    well, says = link.health()
    assert (well, "switched off for the app (link_disabled)" in says) == (False, True)
    assert says in caplog.text
    assert len(slack.traffic.calls("apps.connections.open")) <= opened + 1
    slack.sockets.enabled = True
    async with asyncio.timeout(slack.patience):
        while not link.health()[0]:
            await link.watch()
            await asyncio.sleep(0.01)
    assert await slack.person("U0REP1").says("/lead", "help") is not None


@pytest.mark.parametrize("times", [3])
async def test_reconnects_in_a_row_leave_one_connection_that_works(quick_story: Story, times: int) -> None:
    slack = quick_story.slack
    for _ in range(times):
        await _reconnects(quick_story)
        await slack.sockets.close_oldest()
    assert slack.sockets.connected == 1
    assert await slack.person("U0REP1").says("/lead", "help") is not None
