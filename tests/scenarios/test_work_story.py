"""A rep works a lead to its end, puts it off, takes a click back; a manager passes it on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.sandbox.scenario.sentences import dm_to, ephemeral_to, post_in, reply_to, update_of
from bot.sandbox.slack.model import Message
from tests.scenarios.conftest import Story


async def accepted(story: Story) -> Message:
    """Riley has Jane; gives the card."""
    return (await taken_on(story))[0]


async def taken_on(story: Story) -> tuple[Message, Message]:
    """Riley has Jane; gives the card, and the line in its thread that says so."""
    await story.lead_comes_in(campaign="q4-webinar")
    card = await story.slack.expects(post_in("C0SALES"))
    await story.slack.person("U0REP1").clicks("Accept").on(card)
    await story.slack.expects(update_of(card), containing="Log contact")
    reply = await story.slack.expects(reply_to(card), containing="Accepted by Riley Ross")
    return card, reply


async def test_a_lead_is_worked_to_a_won_deal(story: Story) -> None:
    slack, card = story.slack, await accepted(story)
    riley = slack.person("U0REP1")

    await riley.clicks("Log contact").on(card)
    modal = await riley.sees_modal("Log contact")
    assert "Jane Doe, ACME" in modal.text
    assert (await modal.fill(touch="meeting", note="They like it").submit()).ok
    await slack.expects(update_of(card), containing="First contact")
    await slack.expects(reply_to(card), containing=("🤝 Meeting by Riley Ross", "They like it"))

    await riley.clicks("Set outcome").on(card)
    modal = await riley.sees_modal("Set outcome")
    await modal.enters(outcome="opportunity", amount="a lot")
    assert "amount" in (await modal.submit()).errors
    await modal.enters(amount="12,500", currency="EUR", deal_on="2026-12-24")
    assert (await modal.submit()).ok
    await slack.expects(update_of(card), containing="*Opportunity*, €12,500")
    await slack.expects(reply_to(card), containing=("opportunity", "€12,500"))

    await riley.clicks("Set outcome").on(card)
    modal = await riley.sees_modal("Set outcome")
    await modal.enters(outcome="won", amount="12,000")
    assert (await modal.submit()).ok
    await slack.expects(update_of(card), containing="*Won*, €12,000 by Riley Ross")
    await slack.expects(reply_to(card), containing="won")


async def test_a_reason_is_asked_for_a_lead_that_is_disqualified(quick_story: Story) -> None:
    slack, card = quick_story.slack, await accepted(quick_story)
    riley = slack.person("U0REP1")
    await riley.clicks("Set outcome").on(card)
    modal = await riley.sees_modal("Set outcome")
    await modal.enters(outcome="disqualified", reason="no_budget")
    await slack.until(lambda: "required for this reason" in modal.text or None, "that a note is required")
    await modal.enters(note="Frozen until summer")
    assert (await modal.submit()).ok
    await slack.expects(update_of(card), containing=("*Back in nurture*", "No budget"))
    await slack.expects(reply_to(card), containing=("No budget", "Frozen until summer"))


async def test_a_click_is_taken_back(story: Story) -> None:
    slack, (card, reply) = story.slack, await taken_on(story)
    riley = slack.person("U0REP1")
    await riley.chooses("Undo", from_="lead_more").on(card)
    await slack.expects(update_of(card), containing=("New", "Please accept by"))
    await slack.expects(update_of(reply), containing="undone by Riley Ross")


async def test_a_rejection_that_was_taken_back_is_told_to_marketing(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    riley = slack.person("U0REP1")
    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal()
    assert (await modal.fill(reason="bad_contact").submit()).ok
    notice = await slack.expects(post_in("C0MKTG"))
    reply = await slack.expects(reply_to(card), containing="Rejected")
    await slack.expects(update_of(card), containing="Rejected")

    await riley.chooses("Undo", from_="lead_more").on(card)
    await slack.expects(update_of(notice), containing=("undone", "nothing for you to do"))
    await slack.expects(update_of(reply), containing="undone by Riley Ross")
    await slack.expects(update_of(card), containing="Please accept by")


async def test_a_lead_is_put_off_once(quick_story: Story) -> None:
    slack, card = quick_story.slack, await accepted(quick_story)
    riley = slack.person("U0REP1")
    await riley.chooses("Snooze", from_="lead_more").on(card)
    modal = await riley.sees_modal("Snooze")
    assert "Give more time" not in modal.text
    assert (await modal.fill(length="snooze:1h", note="They asked for it").submit()).ok
    await slack.expects(update_of(card), containing="Snoozed until")
    await slack.expects(reply_to(card), containing=("Snoozed until", "They asked for it"))

    await riley.chooses("Snooze", from_="lead_more").on(card)
    await slack.expects(ephemeral_to(riley), containing=("was already snoozed", "once"))

    quick_story.clock.jump(timedelta(hours=1, seconds=5))
    awake = await slack.expects(update_of(card))
    assert "Snoozed until" not in str(awake.blocks)


async def test_a_manager_passes_a_lead_on_and_the_new_owner_is_told(story: Story) -> None:
    slack, card = story.slack, await accepted(story)
    manager = slack.person("U0MGR")
    await manager.chooses("Reassign", from_="lead_more").on(card)
    modal = await manager.sees_modal("Reassign")
    assert (await modal.fill(owner="U0REP2", note="Speaks German").submit()).ok
    await slack.expects(update_of(card), containing="Robin Brandt")
    await slack.expects(
        reply_to(card), containing=("Reassigned to Robin Brandt by Morgan Reyes", "Speaks German")
    )
    await slack.expects(dm_to("U0REP2"), containing=("Jane Doe", "Reassigned to you by"))


async def test_the_details_are_one_click_away(quick_story: Story) -> None:
    slack, card = quick_story.slack, await accepted(quick_story)
    mara = slack.person("U0MARA")
    await mara.chooses("Details", from_="lead_more").on(card)
    assert "jane@acme.example" in (await mara.sees_modal()).text


async def test_a_rep_may_not_pass_a_lead_on_and_is_told_who_can(quick_story: Story) -> None:
    slack, card = quick_story.slack, await accepted(quick_story)
    riley = slack.person("U0REP1")
    await riley.chooses("Reassign", from_="lead_more").on(card)
    await slack.expects(ephemeral_to(riley), containing=("You cannot reassign this lead", "<@U0MGR>"))


@pytest.mark.parametrize("button", ["Log contact", "Set outcome"])
async def test_nobody_works_a_colleagues_lead(quick_story: Story, button: str) -> None:
    slack, card = quick_story.slack, await accepted(quick_story)
    robin = slack.person("U0REP2")
    await robin.clicks(button).on(card)
    await slack.expects(ephemeral_to(robin), containing=("<@U0REP1> has it", "<@U0MGR>"))
