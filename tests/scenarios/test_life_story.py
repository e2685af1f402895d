"""From click to delivery in the log, and the end of a bot that has its hands full."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.agreement import LoadedAgreement
from bot.clock import Clock
from bot.logs import begin_trace, set_up_logs
from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import post_in, reply_to, update_of
from tests.scenarios.conftest import Story, told


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logs("json", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)


async def test_one_trace_leads_from_the_click_to_what_it_caused(log: io.StringIO, story: Story) -> None:
    slack = story.slack
    await story.lead_comes_in(email="jane@acme.example")
    card = await slack.expects(post_in("C0SALES"))
    await slack.person("U0REP1").clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    await story.all_is_delivered()

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    [click] = [line for line in lines if line["message"].startswith("accept by U0REP1")]
    caused = [line["message"] for line in lines if line["trace"] == click["trace"]]
    delivered = sorted(message.split()[1] for message in caused if message.startswith("delivered"))
    assert delivered == ["card", "history"]
    assert "jane@" not in log.getvalue()
    assert "xoxb" not in log.getvalue()


async def test_a_click_has_a_trace_of_its_own_whatever_opened_the_connection(
    log: io.StringIO, transport: str, sqlite_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    opening = begin_trace()
    async with told(transport, sqlite_url, agreement, clock) as story:
        for name in ("jane", "sam"):
            await story.lead_comes_in(email=f"{name}@{name}.example")
            card = await story.slack.expects(post_in("C0SALES"))
            await story.slack.person("U0REP1").clicks("Accept").on(card)
            await story.slack.expects(update_of(card))
            await story.slack.expects(reply_to(card))
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    clicks = {line["trace"] for line in lines if line["message"].startswith("accept by U0REP1")}
    assert len(clicks - {opening}) == 2


async def test_a_click_in_hand_is_answered_before_the_end(
    transport: str, sqlite_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    async with told(transport, sqlite_url, agreement, clock) as story:
        await story.lead_comes_in()
        card = await story.slack.expects(post_in("C0SALES"))
        slowness = story.slack.fault("views.open", FaultKind.SLOW, seconds=0.8)
        click = asyncio.create_task(story.slack.people.click("U0REP1", card, "lead_reject"))
        async with asyncio.timeout(story.slack.patience):
            while not slowness.struck:
                await asyncio.sleep(0.01)
        assert not click.done()
    assert (await click).ok
    assert [call.ok for call in story.slack.traffic.calls("views.open")] == [True]
