"""From click to delivery in the log, and the end of a bot that has its hands full."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.agreement import LoadedAgreement
from bot.clock import Clock
from bot.logs import begin_trace, set_up_logs
from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import Scenario, ephemeral_to, post_in, reads, reply_to, update_of
from tests.scenarios.conftest import Story, at_work, settings_for, told


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


async def test_a_form_that_was_opened_before_a_restart_is_sent_after_it_and_counts_once(
    transport: str, database_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    """Meanwhile its owner goes away, and somebody from marketing tries their hand at the lead."""
    riley, mara = "U0REP1", "U0MARA"
    async with Scenario(clock=clock) as slack:
        settings = settings_for(slack, transport, database_url)
        async with at_work(slack, transport, settings, agreement, clock) as story:
            await story.lead_comes_in()
            card = await slack.expects(post_in("C0SALES"))
            await slack.person(riley).clicks("Accept").on(card)
            await slack.expects(reply_to(card), containing="Accepted by Riley Ross")
            await slack.person(riley).clicks("Set outcome").on(card)
            form = await slack.person(riley).sees_modal("Set outcome")
            answer = await slack.person(riley).says("/lead", "away until monday", in_="C0SALES")
            assert answer is not None
            assert "You are away until" in reads(answer)
            await story.all_is_delivered()
        clock.jump(timedelta(hours=3))
        async with at_work(slack, transport, settings, agreement, clock) as story:
            await slack.person(mara).clicks("Log contact").on(card)
            await slack.expects(ephemeral_to(mara), containing="it belongs to team *Enterprise*")
            await form.fill(outcome="sql").submit()
            await slack.expects(reply_to(card), containing="Outcome: qualified by sales (SQL)")
            await story.all_is_delivered()
        slack.ignores(update_of(card))
