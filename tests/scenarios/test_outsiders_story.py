"""Guests and people of other organisations read nothing anywhere, unless the agreement names them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.clock import Clock
from bot.sandbox import FaultKind
from bot.sandbox.scenario.actors import view_reads
from bot.sandbox.scenario.sentences import dm_to, ephemeral_to, post_in, reads, reply_to, update_of
from bot.sandbox.slack.model import Person
from tests.scenarios.conftest import Story, told

OUTSIDERS: dict[str, dict[str, Any]] = {
    "a guest of several channels": {"is_restricted": True},
    "a guest of one channel": {"is_restricted": True, "is_ultra_restricted": True},
    "a stranger": {"is_stranger": True, "team_id": "T0OTHER"},
    "somebody of another workspace": {"team_id": "T0OTHER"},
}
REFUSAL = "Only members of this workspace can use Baton"
EVERYWHERE = ("C0SALES", "C0MKTG")


async def joins(story: Story, user: str, **marks: Any) -> None:
    await story.slack.staff.joins(
        Person(user, user.lower(), "Gus Guest", "gus@else.example", **marks), *EVERYWHERE
    )


@pytest.mark.parametrize("marks", OUTSIDERS.values(), ids=OUTSIDERS)
async def test_an_outsider_reads_nothing_anywhere(quick_story: Story, marks: dict[str, Any]) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await joins(quick_story, "U0GUEST", **marks)
    gus = slack.person("U0GUEST")
    commands = [
        ("/lead", "status acme"),
        ("/lead", "help"),
        ("/lead", "status acme --share"),
        ("/alignment", "week"),
    ]
    for command, text in commands:
        answer = await gus.says(command, text, in_="C0SALES")
        assert answer is not None
        assert (REFUSAL in answer.text, answer.ephemeral_to) == (True, "U0GUEST"), text
    for button, value in (("Accept", None), ("lead_more", "Details")):
        press = gus.clicks(button) if value is None else gus.chooses(value, from_=button)
        await press.on(card)
        await slack.expects(ephemeral_to(gus), containing=REFUSAL)
    await gus.writes("<@U0BATON> status acme", in_="C0SALES")
    await slack.expects(ephemeral_to(gus), containing=REFUSAL)
    await gus.writes("status acme", in_="U0BATON")
    await slack.expects(dm_to(gus), containing=REFUSAL)
    assert (await slack.people.shortcut("U0GUEST", "lead_add")).ok
    assert REFUSAL in (await gus.sees_modal("Baton")).text
    home = await gus.opens_home(containing=REFUSAL)
    assert "agreed" not in view_reads(home)
    assert slack.workspace.message("C0SALES", card.ts) is not None
    await quick_story.stays_quiet()


async def test_a_member_whom_the_agreement_does_not_name_may_ask(quick_story: Story) -> None:
    await quick_story.lead_comes_in()
    await quick_story.slack.expects(post_in("C0SALES"))
    await joins(quick_story, "U0NEW")
    newcomer = quick_story.slack.person("U0NEW")
    for _ in range(3):
        answer = await newcomer.says("/lead", "status acme")
        assert answer is not None
        assert "Jane Doe" in reads(answer)
    assert (
        len([1 for call in quick_story.slack.traffic.calls("users.info") if call.ok]) <= 12
    )  # asked once for them
    await newcomer.opens_home(containing="The agreement does not name you yet")


async def test_a_guest_whom_the_agreement_names_works_as_everybody_does(
    sqlite_url: str, clock: Clock
) -> None:
    agreement: LoadedAgreement = loaded(default_agreement().text)
    async with told("socket", sqlite_url, agreement, clock) as story:
        slack = story.slack
        slack.workspace.people["U0REP1"].is_restricted = True
        await story.lead_comes_in()
        card = await slack.expects(post_in("C0SALES"))
        await slack.person("U0REP1").clicks("Accept").on(card)
        await slack.expects(update_of(card), containing="Accepted")
        await slack.expects(reply_to(card))
        await slack.person("U0REP1").opens_home(containing="Jane Doe")


async def test_who_becomes_a_guest_reads_nothing_from_then_on(quick_story: Story) -> None:
    await joins(quick_story, "U0TEMP")
    temp = quick_story.slack.person("U0TEMP")
    first = await temp.says("/lead", "help")
    await quick_story.slack.staff.changes("U0TEMP", is_restricted=True)
    second = await temp.says("/lead", "help")
    assert first is not None
    assert second is not None
    assert (REFUSAL in first.text, REFUSAL in second.text) == (False, True)


async def test_where_slack_does_not_say_who_it_is_nothing_is_shown(quick_story: Story) -> None:
    await joins(quick_story, "U0NEW")
    quick_story.slack.fault(
        "users.info", FaultKind.SERVER_ERROR, when=lambda call: call.get("user") == "U0NEW"
    )
    newcomer = quick_story.slack.person("U0NEW")
    answer = await newcomer.says("/lead", "help")
    assert answer is not None
    assert "Slack did not say who you are" in answer.text
    again = await newcomer.says("/lead", "help")
    assert again is not None
    assert "What I can do for you" in again.text


async def test_nothing_is_shared_with_a_channel_that_other_organisations_read(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    await slack.expects(post_in("C0SALES"))
    slack.workspace.channels["C0MKTG"].is_ext_shared = True
    mara = slack.person("U0MARA")
    answer = await mara.says("/lead", "status acme --share", in_="C0MKTG")
    assert answer is not None
    assert answer.ephemeral_to == "U0MARA"
    assert "other organisations can read this channel" in reads(answer)
    await mara.writes("<@U0BATON> status acme --share", in_="C0MKTG")
    await slack.expects(ephemeral_to(mara), containing="other organisations can read this channel")
    await mara.says("/alignment", "week", in_="C0MKTG")
    report = await slack.expects(ephemeral_to(mara), containing="Share with this channel")
    await mara.clicks("Share with this channel").on(report)
    await slack.expects(ephemeral_to(mara), containing="other organisations can read this channel")


async def test_nothing_is_shared_with_a_channel_that_guests_read(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    await slack.expects(post_in("C0SALES"))
    await joins(quick_story, "U0TEMP")
    await slack.staff.changes("U0TEMP", is_restricted=True)
    mara = slack.person("U0MARA")
    answer = await mara.says("/lead", "status acme --share", in_="C0MKTG")
    assert answer is not None
    assert answer.ephemeral_to == "U0MARA"
    assert "guests or other organisations can read this channel" in reads(answer)
    slack.workspace.channels["C0MKTG"].members.remove("U0TEMP")
    answer = await mara.says("/lead", "status acme --share", in_="C0MKTG")
    assert answer is not None
    assert answer.ephemeral_to == "", reads(answer)
