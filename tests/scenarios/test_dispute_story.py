"""Marketing answers a rejection: it agrees, corrects the lead, or contests it and the manager rules."""

from __future__ import annotations

from bot.sandbox.scenario.sentences import dm_to, ephemeral_to, post_in, reply_to, update_of
from bot.sandbox.slack.model import Message
from tests.scenarios.conftest import Story


async def rejected(story: Story) -> tuple[Message, Message]:
    """Riley rejected Jane for her data; gives the card and marketing's notice."""
    slack = story.slack
    await story.lead_comes_in(campaign="q4-webinar", phone="+1 555 0000")
    card = await slack.expects(post_in("C0SALES"))
    riley = slack.person("U0REP1")
    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal()
    assert (await modal.fill(reason="bad_contact", note="The phone is dead").submit()).ok
    notice = await slack.expects(post_in("C0MKTG"), containing=("Jane Doe", "Please answer"))
    await slack.expects(update_of(card), containing="Rejected")
    await slack.expects(reply_to(card), containing="Rejected")
    return card, notice


async def contested(story: Story) -> tuple[Message, Message, Message]:
    """A rejection that marketing contests: its card, marketing's notice, and what the manager is asked."""
    slack, (card, notice) = story.slack, await rejected(story)
    mara = slack.person("U0MARA")
    await mara.clicks("Answer…").on(notice)
    modal = await mara.sees_modal("Answer a rejection")
    await modal.enters(answer="contest", argument="I called, and she picked up")
    assert (await modal.submit()).ok
    sides = ("The phone is dead", "Riley Ross", "I called, and she picked up", "Mara Marsh")
    asked = await slack.expects(dm_to("U0MGR"), containing=sides)
    await slack.expects(update_of(notice), containing="the manager decides")
    await slack.expects(reply_to(card), containing="Contested by Mara Marsh")
    await slack.expects(update_of(card))
    return card, notice, asked


async def test_a_corrected_lead_goes_to_sales_again(story: Story) -> None:
    slack, (card, notice) = story.slack, await rejected(story)
    mara = slack.person("U0MARA")
    await mara.clicks("Answer…").on(notice)
    modal = await mara.sees_modal("Answer a rejection")
    assert "The phone is dead" in modal.text
    await modal.enters(answer="resubmit", email="jane at acme")
    assert "email" in (await modal.submit()).errors
    await modal.enters(email="jane@acme.example", phone="+1 555 0100")
    assert (await modal.submit()).ok

    again = ("Jane Doe", "Fixed and resubmitted: Phone number", "*Earlier:*")
    await slack.expects(post_in("C0SALES"), containing=again)
    await slack.expects(update_of(notice), containing=("Answer:", "Mara Marsh fixed it"))
    await slack.expects(reply_to(card), containing="Fixed and resubmitted by Mara Marsh")
    await slack.expects(update_of(card))  # marketing owes nothing any more


async def test_the_manager_overturns_a_rejection_that_marketing_contests(story: Story) -> None:
    slack, (card, notice, asked) = story.slack, await contested(story)
    manager = slack.person("U0MGR")
    await manager.clicks("Overturn").on(asked)
    await slack.expects(post_in("C0SALES"), containing=("Jane Doe", "The rejection was overturned"))
    await slack.expects(update_of(asked), containing="Morgan Reyes overturned the rejection")
    await slack.expects(update_of(notice), containing=("overturned", "It was handed off to sales again"))
    await slack.expects(
        reply_to(notice), containing=("overturned by Morgan Reyes", "contested by Mara Marsh")
    )
    await slack.expects(reply_to(card), containing="overturned by")
    await slack.expects(update_of(card))


async def test_the_manager_rules_from_home_and_sees_at_once_what_came_of_it(story: Story) -> None:
    slack, (card, notice, asked) = story.slack, await contested(story)
    manager = slack.person("U0MGR")
    home = await manager.opens_home(containing="I called, and she picked up")
    await story.all_is_delivered()
    written = len(slack.traffic.calls("views.publish"))
    await manager.clicks("Uphold").on(home)
    await slack.expects(update_of(asked), containing="Morgan Reyes upheld the rejection")
    await slack.expects(update_of(notice), containing="upheld")
    await slack.expects(reply_to(card), containing="upheld")
    await slack.expects(update_of(card))
    slack.ignores(reply_to(notice))
    await story.all_is_delivered()
    assert len(slack.traffic.calls("views.publish")) > written
    assert "she picked up" not in str(slack.workspace.homes["U0MGR"].blocks)


async def test_marketing_may_agree_and_nothing_is_left_to_press(quick_story: Story) -> None:
    slack, (card, notice) = quick_story.slack, await rejected(quick_story)
    mara, was = slack.person("U0MARA"), notice.blocks
    await mara.clicks("Answer…").on(notice)
    modal = await mara.sees_modal()
    await modal.enters(answer="agree", note="We drop that list")
    assert (await modal.submit()).ok
    await slack.expects(update_of(notice), containing=("Mara Marsh agreed", "We drop that list"))
    await slack.expects(reply_to(card), containing="Mara Marsh agreed with the rejection")
    await slack.expects(update_of(card))

    notice.blocks = was  # a colleague's screen still shows the button
    await slack.person("U0CMO").clicks("Answer…").on(notice)
    await slack.expects(ephemeral_to("U0CMO"), containing="<@U0MARA> already answered this rejection")


async def test_sales_does_not_answer_for_marketing(quick_story: Story) -> None:
    slack, (_card, notice) = quick_story.slack, await rejected(quick_story)
    riley = slack.person("U0REP1")
    await riley.clicks("Answer…").on(notice)
    await slack.expects(ephemeral_to(riley), containing=("You cannot answer this rejection", "<@U0MARA>"))
