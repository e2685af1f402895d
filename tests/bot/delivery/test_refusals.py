"""What Slack refuses waits, is told, and goes on by itself when it is mended; nothing is dropped for it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

import pytest

from bot.handoffs.home import open_home
from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import reads
from bot.views.card import card
from bot.views.message import Page, Rendered
from bot.views.states import CardState
from handlers.http.health import parked_probe
from storage.models import DeliveryKind, DeliveryState
from tests.bot.delivery.sending import BIG, SMALL, UNLIMITED, Sending, until

POST = "chat.postMessage"


async def test_only_the_channel_that_slack_limits_waits_and_as_long_as_it_says(each_sending: Sending) -> None:
    sending = each_sending
    sending.slack.fault(POST, FaultKind.RATE_LIMITED, channel=BIG, seconds=15)
    await sending.lead("Big", "P1")
    await sending.lead("Small", "P1", employees=20)
    sending.start()
    await sending.quiet()
    big, small = sending.shown(BIG)[0], sending.shown(SMALL)[0]
    (limited,) = sending.slack.traffic.refused()
    told_at = datetime.fromisoformat(limited.at)
    assert big.at - told_at >= timedelta(seconds=15)
    assert small.at - told_at < timedelta(seconds=15)


async def test_an_update_waits_for_its_own_limit_alone(sending: Sending) -> None:
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    sending.slack.fault("chat.update", FaultKind.RATE_LIMITED, seconds=20)
    await sending.accept(taken)
    line = await sending.message(BIG, "Accepted", threads=True)
    await sending.quiet()
    card = sending.shown(BIG)[0]
    assert "Accepted" in reads(card)
    assert float(card.edited_ts) > float(line.ts)


async def test_while_slack_cannot_be_reached_the_urgent_stay_first(sending: Sending) -> None:
    await sending.slack.stop()  # its port is closed: connection refused
    await sending.lead("Later", "P3")
    await sending.lead("First", "P1")
    sending.start()
    await until(lambda: _tried(sending), "a try")
    await sending.lead("Second", "P1")
    sending.slack._wanted_port = sending.slack.port
    await sending.slack.start()
    await sending.quiet()
    order = [next(n for n in ("First", "Second", "Later") if n in line) for line in sending.names(BIG)]
    assert order == ["First", "Second", "Later"]
    assert sending.calls("conversations.history") == 0  # nobody doubts what was never sent


async def _tried(sending: Sending) -> bool:
    return any(row.error for row in await sending.rows())


async def _none_under_way(sending: Sending) -> bool:
    return not await sending.rows(state=DeliveryState.CLAIMED)


async def test_an_archived_channel_keeps_its_messages_and_the_admins_are_told_once(
    each_sending: Sending,
) -> None:
    sending = each_sending
    sending.slack.workspace.archive(BIG)
    for n in range(4):
        await sending.lead(f"Lead{n}", "P1")
    await sending.lead("Small", "P1", employees=20)
    sending.start()
    told = await sending.message("D0ADMIN", "archived")
    await sending.message(SMALL, "Small")
    ok, says = await parked_probe(sending.database)()
    assert not ok
    assert BIG in says
    await until(lambda: sending.calls(POST) >= 4, "one more try of the channel")
    assert sending.shown(BIG) == []
    await until(partial(_none_under_way, sending), "the refusals to be recorded")  # and not after a success
    sending.slack.workspace.archive(BIG, archived=False)
    await sending.quiet()
    assert len(sending.shown(BIG)) == 4
    assert sending.shown("D0ADMIN") == [told]
    assert await parked_probe(sending.database)() == (True, "Nothing is parked.")


async def test_a_bot_that_is_invited_at_last_says_what_it_had_to_say(sending: Sending) -> None:
    taken = await sending.lead("Jane", "P1")
    sending.slack.workspace.remove(BIG, sending.slack.workspace.bot_user)
    sending.start()
    await sending.message("D0ADMIN", "/invite @Baton")
    sending.slack.workspace.invite(BIG, sending.slack.workspace.bot_user)
    await sending.quiet()
    await sending.accept(taken)
    await sending.quiet()
    assert len(sending.shown(BIG)) == 1
    assert len(sending.shown("D0ADMIN")) == 1


async def test_a_place_that_is_broken_again_is_told_again(sending: Sending) -> None:
    await sending.lead("First", "P1")
    sending.start()
    await sending.quiet()
    for turn in (1, 2):
        sending.slack.workspace.archive(BIG)
        await sending.lead(f"Lead{turn}", "P1")
        await until(partial(_is_told, sending, turn), "the admin to be told")
        sending.slack.workspace.archive(BIG, archived=False)
        await sending.quiet()
    assert len(sending.shown(BIG)) == 3


def _is_told(sending: Sending, times: int) -> bool:
    return len(sending.shown("D0ADMIN")) == times


async def test_where_an_admin_cannot_be_reached_the_others_are_told_and_nothing_goes_round(
    sending: Sending,
) -> None:
    roles = sending.book.current.roles.model_copy(update={"admins": ("U0ADMIN", "U0MGR")})
    sending.book.current = sending.book.current.model_copy(update={"roles": roles})
    sending.slack.workspace.people["U0ADMIN"].deleted = True
    sending.slack.workspace.archive(BIG)
    await sending.lead("Jane", "P1")
    sending.start()
    await sending.message("D0MGR", "archived")
    await until(lambda: len(sending.shown("D0MGR")) == 2, "word of the admin who is gone")
    tries = sending.calls(POST)
    await until(lambda: sending.calls(POST) > tries + 2, "a few more tries")
    assert len(await sending.rows(kind=DeliveryKind.PARKED)) == 3


async def test_a_revoked_token_stops_everything_until_slack_takes_it_again(
    each_sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    sending = each_sending
    caplog.set_level(logging.INFO, logger="baton.test")
    sending.slack.revoke_token()
    for n in range(3):
        await sending.lead(f"Big{n}", "P1")
        await sending.lead(f"Small{n}", "P1", employees=20)
    sender = sending.start()
    await until(lambda: "Slack refuses the token (token_revoked)" in caplog.text, "the log to say so")
    await until(lambda: not sender._under_way, "the calls under way")
    ok, says = await parked_probe(sending.database)()
    assert not ok
    assert "SLACK_BOT_TOKEN" in says
    tries = sending.calls(POST)
    await until(lambda: sending.calls(POST) > tries, "one more try")
    assert sending.calls(POST) == tries + 1
    sending.slack.revoke_token(False)
    await sending.quiet()
    assert (len(sending.shown(BIG)), len(sending.shown(SMALL))) == (3, 3)
    assert "Slack takes the token again" in caplog.text
    assert (await parked_probe(sending.database)())[0]
    assert caplog.text.count("Slack refuses the token") == 1


async def test_a_token_that_works_is_believed_even_if_the_first_channel_does_not(sending: Sending) -> None:
    sending.slack.revoke_token()
    sending.slack.workspace.archive(BIG)
    await sending.lead("Big", "P1")
    await sending.lead("Small", "P3", employees=20)
    sending.start()
    await until(lambda: sending.calls(POST) >= 1, "a try")
    sending.slack.revoke_token(False)
    await sending.message(SMALL, "Small")


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "an_error_of_tomorrow"])
async def test_a_message_that_slack_refuses_waits_alone(sending: Sending, error: str) -> None:
    bad = sending.slack.fault(
        POST, FaultKind.REFUSED, error=error, times=None, when=lambda call: "Bad" in str(call["text"])
    )
    for name in ("Bad", "Good", "Better"):
        await sending.lead(name, "P1")
    sending.start()
    await until(lambda: len(sending.shown(BIG)) == 2, "the others")
    parked = await sending.rows(state=DeliveryState.PARKED)
    assert [(row.error, row.attempts) for row in parked] == [(error, 1)]
    ok, says = await parked_probe(sending.database)()
    assert not ok
    assert "Slack refused 1 message" in says
    await sending.stop()
    sending.slack.faults.lift(bad)
    sending.start()
    await until(lambda: len(sending.shown(BIG)) == 3, "the one that was refused")


async def test_what_slack_refuses_of_a_form_is_shown_plainly_and_its_buttons_work(
    sending: Sending, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("bot.delivery.rendering.card", with_a_long_heading)
    taken = await sending.lead("Jane", "P1")
    sending.start()
    card = await sending.message(BIG, "Jane")
    await sending.quiet()
    assert {block["type"] for block in card.blocks} == {"section", "actions"}
    assert {"lead_accept", "lead_reject"} <= {
        element["action_id"] for block in card.blocks for element in block.get("elements", ())
    }
    assert "must be less than 151 characters [json-pointer:/blocks/0/text/text]" in caplog.text
    (told,) = await sending.rows(kind=DeliveryKind.PARKED)
    notice = await sending.message("D0ADMIN", "Slack refused the layout of a card")
    assert (told.place, "its buttons work" in reads(notice)) == ("U0ADMIN", True)
    assert "json-pointer:/blocks/0/text/text" in reads(notice)
    await sending.accept(taken)
    await sending.quiet()
    assert "Accepted" in reads(sending.shown(BIG)[0])
    await sending.lead("Joe", "P1")
    await sending.message(BIG, "Joe")
    await sending.quiet()
    assert len(await sending.rows(kind=DeliveryKind.PARKED)) == 1


def with_a_long_heading(state: CardState, now: datetime) -> Rendered:
    """A card as a Baton might draw it that does not know Slack's limits."""
    right = card(state, now)
    heading = {"type": "header", "text": {"type": "plain_text", "text": "x" * 200}}
    return Rendered(right.text, [heading, *right.blocks])


async def test_home_is_shown_plainly_too(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_long(*_state: object) -> Page:
        buttons = {"type": "button", "text": {"type": "plain_text", "text": "Add"}, "action_id": "lead_add"}
        long = {"type": "section", "text": {"type": "mrkdwn", "text": "y" * 3100}}
        return Page("Home", [long, {"type": "actions", "elements": [buttons]}])

    monkeypatch.setattr("bot.delivery.rendering.home_page", too_long)
    await sending.database.write(open_home, sending.context("U0REP1"))
    sending.start()
    await until(lambda: "U0REP1" in sending.slack.workspace.homes, "a Home")
    await sending.quiet()
    assert "lead_add" in str(sending.slack.workspace.homes["U0REP1"].blocks)


async def test_a_refused_update_is_forgotten_when_a_later_one_is_shown(sending: Sending) -> None:
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    sending.slack.fault("chat.update", FaultKind.REFUSED, error="an_error_of_tomorrow")
    await sending.refresh(taken)
    await until(lambda: sending.rows(state=DeliveryState.PARKED), "the update to be parked")
    await sending.accept(taken)
    await sending.quiet()
    assert await sending.rows(state=DeliveryState.PARKED) == []
    assert "Accepted" in reads(sending.shown(BIG)[0])


async def test_two_refused_updates_of_one_message_are_tried_again_as_one(each_sending: Sending) -> None:
    sending = each_sending
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    sending.slack.fault("chat.update", FaultKind.REFUSED, error="an_error_of_tomorrow", times=2)
    for wanted in (1, 2):
        await sending.refresh(taken)
        await _are_parked(sending, wanted)
    await sending.stop()
    sending.start(UNLIMITED)
    await _are_parked(sending, 0)
    await sending.quiet()
    assert sending.calls("chat.update") == 3


async def _are_parked(sending: Sending, wanted: int) -> None:
    async def look() -> bool:
        return len(await sending.rows(state=DeliveryState.PARKED)) == wanted

    await until(look, f"{wanted} parked")
