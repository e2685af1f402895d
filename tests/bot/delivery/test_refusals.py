"""What Slack refuses waits, is told, and goes on by itself when it is mended; nothing is dropped for it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

import pytest

from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import reads
from handlers.http.health import parked_probe
from storage.models import DeliveryKind, DeliveryState
from tests.bot.delivery.office import BIG, SMALL, UNLIMITED, Office, until

POST = "chat.postMessage"


async def test_only_the_channel_that_slack_limits_waits_and_as_long_as_it_says(each_office: Office) -> None:
    office = each_office
    office.slack.fault(POST, FaultKind.RATE_LIMITED, channel=BIG, seconds=15)
    await office.lead("Big", "P1")
    await office.lead("Small", "P1", employees=20)
    office.start()
    await office.quiet()
    big, small = office.shown(BIG)[0], office.shown(SMALL)[0]
    (limited,) = office.slack.traffic.refused()
    told_at = datetime.fromisoformat(limited.at)
    assert big.at - told_at >= timedelta(seconds=15)
    assert small.at - told_at < timedelta(seconds=15)


async def test_an_update_waits_for_its_own_limit_alone(office: Office) -> None:
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    office.slack.fault("chat.update", FaultKind.RATE_LIMITED, seconds=20)
    await office.accept(taken)
    line = await office.message(BIG, "Accepted", threads=True)
    await office.quiet()
    card = office.shown(BIG)[0]
    assert "Accepted" in reads(card)
    assert float(card.edited_ts) > float(line.ts)


async def test_while_slack_cannot_be_reached_the_urgent_stay_first(office: Office) -> None:
    await office.slack.stop()  # its port is closed: connection refused
    await office.lead("Later", "P3")
    await office.lead("First", "P1")
    office.start()
    await until(lambda: _tried(office), "a try")
    await office.lead("Second", "P1")
    office.slack._wanted_port = office.slack.port
    await office.slack.start()
    await office.quiet()
    order = [next(n for n in ("First", "Second", "Later") if n in line) for line in office.names(BIG)]
    assert order == ["First", "Second", "Later"]
    assert office.calls("conversations.history") == 0  # nobody doubts what was never sent


async def _tried(office: Office) -> bool:
    return any(row.error for row in await office.rows())


async def test_an_archived_channel_keeps_its_messages_and_the_admins_are_told_once(
    each_office: Office,
) -> None:
    office = each_office
    office.slack.workspace.archive(BIG)
    for n in range(4):
        await office.lead(f"Lead{n}", "P1")
    await office.lead("Small", "P1", employees=20)
    office.start()
    told = await office.message("D0ADMIN", "archived")
    await office.message(SMALL, "Small")
    ok, says = await parked_probe(office.database)()
    assert not ok
    assert BIG in says
    await until(lambda: office.calls(POST) >= 4, "one more try of the channel")
    assert office.shown(BIG) == []
    office.slack.workspace.archive(BIG, archived=False)
    await office.quiet()
    assert len(office.shown(BIG)) == 4
    assert office.shown("D0ADMIN") == [told]
    assert await parked_probe(office.database)() == (True, "Nothing is parked.")


async def test_a_bot_that_is_invited_at_last_says_what_it_had_to_say(office: Office) -> None:
    taken = await office.lead("Jane", "P1")
    office.slack.workspace.remove(BIG, office.slack.workspace.bot_user)
    office.start()
    await office.message("D0ADMIN", "/invite @Baton")
    office.slack.workspace.invite(BIG, office.slack.workspace.bot_user)
    await office.quiet()
    await office.accept(taken)
    await office.quiet()
    assert len(office.shown(BIG)) == 1
    assert len(office.shown("D0ADMIN")) == 1


async def test_a_place_that_is_broken_again_is_told_again(office: Office) -> None:
    await office.lead("First", "P1")
    office.start()
    await office.quiet()
    for turn in (1, 2):
        office.slack.workspace.archive(BIG)
        await office.lead(f"Lead{turn}", "P1")
        await until(partial(_is_told, office, turn), "the admin to be told")
        office.slack.workspace.archive(BIG, archived=False)
        await office.quiet()
    assert len(office.shown(BIG)) == 3


def _is_told(office: Office, times: int) -> bool:
    return len(office.shown("D0ADMIN")) == times


async def test_where_an_admin_cannot_be_reached_the_others_are_told_and_nothing_goes_round(
    office: Office,
) -> None:
    roles = office.book.current.roles.model_copy(update={"admins": ("U0ADMIN", "U0MGR")})
    office.book.current = office.book.current.model_copy(update={"roles": roles})
    office.slack.workspace.people["U0ADMIN"].deleted = True
    office.slack.workspace.archive(BIG)
    await office.lead("Jane", "P1")
    office.start()
    await office.message("D0MGR", "archived")
    await until(lambda: len(office.shown("D0MGR")) == 2, "word of the admin who is gone")
    tries = office.calls(POST)
    await until(lambda: office.calls(POST) > tries + 2, "a few more tries")
    assert len(await office.rows(kind=DeliveryKind.PARKED)) == 3


async def test_a_revoked_token_stops_everything_until_slack_takes_it_again(
    each_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office = each_office
    caplog.set_level(logging.INFO, logger="baton.test")
    office.slack.revoke_token()
    for n in range(3):
        await office.lead(f"Big{n}", "P1")
        await office.lead(f"Small{n}", "P1", employees=20)
    sender = office.start()
    await until(lambda: "Slack refuses the token (token_revoked)" in caplog.text, "the log to say so")
    await until(lambda: not sender._under_way, "the calls under way")
    ok, says = await parked_probe(office.database)()
    assert not ok
    assert "SLACK_BOT_TOKEN" in says
    tries = office.calls(POST)
    await until(lambda: office.calls(POST) > tries, "one more try")
    assert office.calls(POST) == tries + 1
    office.slack.revoke_token(False)
    await office.quiet()
    assert (len(office.shown(BIG)), len(office.shown(SMALL))) == (3, 3)
    assert "Slack takes the token again" in caplog.text
    assert (await parked_probe(office.database)())[0]
    assert caplog.text.count("Slack refuses the token") == 1


async def test_a_token_that_works_is_believed_even_if_the_first_channel_does_not(office: Office) -> None:
    office.slack.revoke_token()
    office.slack.workspace.archive(BIG)
    await office.lead("Big", "P1")
    await office.lead("Small", "P3", employees=20)
    office.start()
    await until(lambda: office.calls(POST) >= 1, "a try")
    office.slack.revoke_token(False)
    await office.message(SMALL, "Small")


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "an_error_of_tomorrow"])
async def test_a_message_that_slack_refuses_waits_alone(office: Office, error: str) -> None:
    bad = office.slack.fault(
        POST, FaultKind.REFUSED, error=error, times=None, when=lambda call: "Bad" in str(call["text"])
    )
    for name in ("Bad", "Good", "Better"):
        await office.lead(name, "P1")
    office.start()
    await until(lambda: len(office.shown(BIG)) == 2, "the others")
    parked = await office.rows(state=DeliveryState.PARKED)
    assert [(row.error, row.attempts) for row in parked] == [(error, 1)]
    ok, says = await parked_probe(office.database)()
    assert not ok
    assert "Slack refused 1 message" in says
    await office.stop()
    office.slack.faults.lift(bad)
    office.start()
    await until(lambda: len(office.shown(BIG)) == 3, "the one that was refused")


async def test_a_refused_update_is_forgotten_when_a_later_one_is_shown(office: Office) -> None:
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    office.slack.fault("chat.update", FaultKind.REFUSED, error="invalid_blocks")
    await office.refresh(taken)
    await until(lambda: office.rows(state=DeliveryState.PARKED), "the update to be parked")
    await office.accept(taken)
    await office.quiet()
    assert await office.rows(state=DeliveryState.PARKED) == []
    assert "Accepted" in reads(office.shown(BIG)[0])


async def test_two_refused_updates_of_one_message_are_tried_again_as_one(each_office: Office) -> None:
    office = each_office
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    office.slack.fault("chat.update", FaultKind.REFUSED, error="invalid_blocks", times=2)
    for wanted in (1, 2):
        await office.refresh(taken)
        await _are_parked(office, wanted)
    await office.stop()
    office.start(UNLIMITED)
    await _are_parked(office, 0)
    await office.quiet()
    assert office.calls("chat.update") == 3


async def _are_parked(office: Office, wanted: int) -> None:
    async def look() -> bool:
        return len(await office.rows(state=DeliveryState.PARKED)) == wanted

    await until(look, f"{wanted} parked")
