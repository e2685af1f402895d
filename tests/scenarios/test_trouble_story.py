"""What people are told when something goes wrong, and what the log says."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from pathlib import Path

import pytest

from bot.agreement import LoadedAgreement
from bot.clock import Clock
from bot.handoffs.renewal import BUTTONS, renew_cards
from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import ephemeral_to, post_in, reply_to, update_of
from bot.sandbox.slack import payloads
from bot.sandbox.slack.dispatch import Envelope
from handlers.slack.socket_mode import SILENT_AFTER
from handlers.slack.talk import _lead_of_thread
from storage import handoffs, history, installation
from storage.models import EventKind
from tests.databases import PostgresServer
from tests.scenarios.conftest import Story, told


async def test_a_form_that_slack_no_longer_opens_asks_for_another_click(quick_story: Story) -> None:
    slack = quick_story.slack
    riley = slack.person("U0REP1")
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    slack.fault("views.open", FaultKind.REFUSED, error="expired_trigger_id")
    await riley.clicks("Reject").on(card)
    await slack.expects(ephemeral_to(riley), containing="Please click again")
    await riley.clicks("Reject").on(card)
    assert "Why are you rejecting it?" in (await riley.sees_modal()).text


async def test_a_slow_slack_does_not_keep_the_click_waiting(quick_story: Story) -> None:
    slack = quick_story.slack
    riley = slack.person("U0REP1")
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    slack.tolerates("expired_trigger_id")  # what Slack makes of it in the end
    slack.fault("views.open", FaultKind.SLOW, seconds=2.8)
    await riley.clicks("Reject").on(card)
    await slack.expects(ephemeral_to(riley), containing="Please click again")


async def test_what_nobody_foresaw_is_logged_once_under_the_reference_that_the_person_sees(
    quick_story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    slack = quick_story.slack
    riley = slack.person("U0REP1")
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    slack.fault("views.open", FaultKind.REFUSED, error="a_new_error_of_slacks")
    await riley.clicks("Reject").on(card)
    answer = await slack.expects(ephemeral_to(riley), containing="Something went wrong on our side")
    reference = re.search("`([0-9a-f]{12})`", answer.text)
    assert reference
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in errors] == [f"a listener failed, reference {reference[1]}"]


async def test_an_old_button_that_no_one_listens_to_says_so(quick_story: Story) -> None:
    slack = quick_story.slack
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Old"},
        "action_id": "gone",
        "value": "1",
    }
    await quick_story.baton.desk.client.chat_postMessage(
        channel="C0SALES", text="From last year", blocks=[{"type": "actions", "elements": [button]}]
    )
    old = await slack.expects(post_in("C0SALES"))
    riley = slack.person("U0REP1")
    await riley.clicks("Old").on(old)
    await slack.expects(ephemeral_to(riley), containing="This is from another version of Baton")


@pytest.mark.parametrize("value", ["999", "not a number", ""])
async def test_a_button_of_a_lead_that_is_gone_is_harmless(quick_story: Story, value: str) -> None:
    slack = quick_story.slack
    text = {"type": "plain_text", "text": "Accept"}
    button = {
        "type": "button",
        "text": text,
        "action_id": "lead_accept",
        **({"value": value} if value else {}),
    }
    await quick_story.baton.desk.client.chat_postMessage(
        channel="C0SALES", text="From another database", blocks=[{"type": "actions", "elements": [button]}]
    )
    old = await slack.expects(post_in("C0SALES"))
    riley = slack.person("U0REP1")
    await riley.clicks("Accept").on(old)
    await slack.expects(ephemeral_to(riley), containing="no longer exists")


@pytest.mark.parametrize("value", ["1", "1.0123456789abcdef", "1.", "1.ünknown"])
async def test_a_card_of_before_a_restore_or_of_another_baton_does_nothing(
    quick_story: Story, value: str
) -> None:
    slack, desk = quick_story.slack, quick_story.baton.desk
    taken = await quick_story.lead_comes_in()
    own = await slack.expects(post_in("C0SALES"))
    menu = {
        "type": "overflow",
        "action_id": "lead_more",
        "options": [{"text": {"type": "plain_text", "text": "Snooze"}, "value": f"snooze:{value}"}],
    }
    buttons = [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": label},
            "action_id": action,
            "value": value,
        }
        for label, action in (("Accept", "lead_accept"), ("Reject", "lead_reject"))
    ]
    await desk.client.chat_postMessage(
        channel="C0GROWTH", text="Another's", blocks=[{"type": "actions", "elements": [*buttons, menu]}]
    )
    foreign = await slack.expects(post_in("C0GROWTH"), containing="Another's")
    riley = slack.person("U0REP1")
    for label in ("Accept", "Reject"):
        await riley.clicks(label).on(foreign)
        await slack.expects(ephemeral_to(riley), containing="Nothing was changed")
    handoff = await desk.database.read(handoffs.get, taken.handoff_id or 0)
    assert handoff is not None
    assert handoff.state == "waiting"
    await riley.clicks("Accept").on(own)
    await slack.expects(update_of(own), containing="Accepted")
    await slack.expects(reply_to(own), containing="Accepted by")


async def test_open_cards_are_rewritten_once_so_that_their_buttons_work(quick_story: Story) -> None:
    slack, database = quick_story.slack, quick_story.baton.desk.database
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await quick_story.all_is_delivered()
    desk = quick_story.baton.desk
    context = desk.context("baton", "renewed")
    await database.write(renew_cards, context, 0)  # nothing to do: it began with such buttons
    await database.write(installation.made_once, BUTTONS, lambda: "old")  # as a migration notes it
    await database.write(renew_cards, context, 0)
    await slack.expects(update_of(card))
    await database.write(renew_cards, context, 0)
    await quick_story.stays_quiet()


async def test_a_thread_of_another_batons_card_names_no_lead_of_ours(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    await slack.expects(post_in("C0SALES"))
    posted = await quick_story.baton.desk.client.chat_postMessage(
        channel="C0GROWTH",
        text="Another's card",
        metadata={
            "event_type": "baton",
            "event_payload": {"delivery": 1, "lead": 1, "installation": "another"},
        },
    )
    await slack.expects(post_in("C0GROWTH"), containing="Another's card")
    event = {"channel": "C0GROWTH", "thread_ts": posted["ts"]}
    bot_user = quick_story.baton.link.bot_user or ""
    assert await _lead_of_thread(quick_story.baton.desk, event, bot_user) is None


async def test_a_lost_database_loses_no_click_silently(
    postgres_server: PostgresServer, own_postgres_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    name = own_postgres_url.rpartition("@/")[2].partition("?")[0]
    async with told("http", own_postgres_url, agreement, clock) as story:
        slack = story.slack
        riley = slack.person("U0REP1")
        await story.lead_comes_in()
        card = await slack.expects(post_in("C0SALES"))
        await story.all_is_delivered()
        postgres_server.cut_off(name)
        try:
            await riley.clicks("Accept").on(card)
            await slack.expects(ephemeral_to(riley), containing="I cannot reach my database right now")
            answer = await riley.says("/lead", "status #1")
            assert answer is not None
            assert "I cannot reach my database right now" in answer.text
        finally:
            postgres_server.let_in(name)
        await riley.clicks("Accept").on(card)
        await slack.expects(update_of(card), containing="Accepted")
        await slack.expects(reply_to(card), containing="Accepted by Riley Ross")


async def test_a_click_gets_a_word_while_postgresql_is_frozen(
    postgres_server: PostgresServer, own_postgres_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    async with told("socket", own_postgres_url, agreement, clock) as story:
        slack = story.slack
        riley = slack.person("U0REP1")
        await story.lead_comes_in()
        card = await slack.expects(post_in("C0SALES"))
        await story.all_is_delivered()
        with postgres_server.frozen():
            with suppress(AssertionError):  # on a busy machine the answer comes later than Slack waits
                await riley.clicks("Accept").on(card)
            await slack.expects(ephemeral_to(riley), containing="I cannot reach my database right now")
        await slack.expects(update_of(card), containing="Accepted")
        await slack.expects(reply_to(card), containing="Accepted by Riley Ross")


async def test_a_connection_that_breaks_is_built_again(
    sqlite_url: str, agreement: LoadedAgreement, clock: Clock, tmp_path: Path
) -> None:
    async with told("socket", sqlite_url, agreement, clock) as story:
        link = story.baton.socket
        assert link is not None
        assert link.health() == (True, "Socket Mode is connected.")
        await story.slack.sockets.drop()
        await story.slack.until(lambda: not link.connected or None, "the connection lost")
        assert not link.health()[0]
        for _ in range(5):
            await link.watch()
        await story.slack.sockets.wait_connected()
        answer = await story.slack.person("U0REP1").says("/lead", "help")
        assert answer is not None
        assert "/lead status" in answer.text


async def test_a_form_that_slack_refuses_opens_in_its_plain_form_and_works(
    quick_story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    slack.fault("views.open", FaultKind.REFUSED, error="invalid_arguments")
    riley = slack.person("U0REP1")
    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal("Reject this lead")
    await modal.enters(reason="bad_contact")
    assert (await modal.fill(note="Bounces").submit()).ok
    await slack.expects(update_of(card), containing="Rejected")
    assert "Slack refuses the form lead_reject: invalid_arguments" in caplog.text
    slack.ignores(post_in("C0MKTG"))
    slack.ignores(reply_to(card))


async def test_a_form_that_is_sent_twice_is_recorded_once(quick_story: Story) -> None:
    slack, desk = quick_story.slack, quick_story.baton.desk
    taken = await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    riley = slack.person("U0REP1")
    await riley.clicks("Accept").on(card)
    await slack.expects(update_of(card), containing="Accepted")
    await slack.expects(reply_to(card), containing="Accepted by")
    await riley.clicks("Log contact").on(card)
    modal = (await riley.sees_modal("Log contact")).fill(note="Spoke to her")
    assert (await modal.submit()).ok
    people = slack.people
    sent = payloads.submission(people.workspace.people[riley.id], modal.view)
    assert (await people.dispatcher.send(Envelope("interactive", "view_submission", sent))).ok
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card), containing="Spoke to her")
    await quick_story.stays_quiet()
    handoff = await desk.database.read(handoffs.get, taken.handoff_id or 0)
    assert handoff is not None
    events = await desk.database.read(history.of_kinds, handoff.lead_id, [EventKind.TOUCHED])
    assert len(events) == 1


async def test_a_half_open_connection_is_named_as_what_it_is(
    quick_story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    link = quick_story.baton.socket
    assert link is not None
    assert link.health() == (True, "Socket Mode is connected.")
    assert link._handler is not None
    link._handler.client.heard_at -= SILENT_AFTER + 1
    ok, says = link.health()
    assert not ok
    assert says.startswith("Socket Mode is half-open: Slack has not answered a ping for 2")
    for _ in range(3):
        await link.watch()
    assert caplog.text.count("is half-open: ") == 2  # once, and what it says
