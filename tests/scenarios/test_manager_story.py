"""A lead slips, and the manager ends the matter from the message that tells of it."""

from __future__ import annotations

from datetime import timedelta

from bot.handoffs.reassign import Reassign, reassign
from bot.sandbox.scenario.sentences import dm_to, post_in, reply_to, update_of
from bot.sandbox.slack.model import Message
from tests.scenarios.conftest import Story

MINUTE = timedelta(minutes=1)


async def late(story: Story) -> tuple[Message, Message]:
    """Nobody took Jane in time; gives the card, and what the manager was told."""
    slack = story.slack
    await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await story.baton.engine.advance(story.clock.now() + 5 * MINUTE)
    nudge = await slack.expects(reply_to(card), containing="<@U0REP1>")
    slack.ignores(update_of(nudge), update_of(card))
    return card, await slack.expects(dm_to("U0MGR"), containing=("Late since", "nobody has accepted it yet"))


async def test_the_manager_gives_it_to_somebody(story: Story) -> None:
    slack, (card, asked) = story.slack, await late(story)
    await slack.person("U0MGR").chooses("U0REP2", from_="lead_reassign").on(asked)
    await slack.expects(reply_to(card), containing="Reassigned to Robin Brandt by Morgan Reyes")
    await slack.expects(update_of(asked), containing="reassigned to Robin Brandt")
    mine = await slack.expects(dm_to("U0REP2"), containing=("Reassigned to you by", "Please accept by"))
    await slack.person("U0REP2").clicks("Accept").on(mine)
    await slack.expects(reply_to(card), containing="Accepted by Robin Brandt")
    await slack.expects(update_of(mine), containing="All done")
    slack.ignores(update_of(asked))


async def test_who_is_away_gets_it_only_if_the_manager_means_it_and_hears_of_it_when_back(
    quick_story: Story,
) -> None:
    slack, (card, asked) = quick_story.slack, await late(quick_story)
    slack.ignores(update_of(card), update_of(asked))
    manager, robin = slack.person("U0MGR"), slack.person("U0REP2")
    await robin.says("/lead", "away 2h")
    await manager.chooses("U0REP2", from_="lead_reassign").on(asked)
    modal = await manager.sees_modal("Reassign")
    assert "Robin Brandt is away until" in modal.text
    await quick_story.stays_quiet()
    assert (await modal.fill(note="Yours on Tuesday").submit()).ok
    await slack.expects(reply_to(card), containing="Reassigned to Robin Brandt by Morgan Reyes")
    await robin.says("/lead", "back")
    await slack.expects(dm_to("U0REP2"), containing=("Reassigned to you by", "Yours on Tuesday"))


async def test_the_manager_takes_it_and_that_accepts_it(quick_story: Story) -> None:
    slack, (card, asked) = quick_story.slack, await late(quick_story)
    await slack.person("U0MGR").clicks("Take it myself").on(asked)
    await slack.expects(reply_to(card), containing="Accepted by Morgan Reyes")
    await slack.expects(update_of(asked), containing="accepted by Morgan Reyes")


async def test_the_manager_gives_more_time(quick_story: Story) -> None:
    slack, (card, asked) = quick_story.slack, await late(quick_story)
    manager = slack.person("U0MGR")
    await manager.clicks("Give more time").on(asked)
    modal = await manager.sees_modal("Give more time")
    assert "the clock stops" not in modal.text
    assert (await modal.fill(length="more:1h", note="Trade fair").submit()).ok
    await slack.expects(reply_to(card), containing=("Given more time, until", "Morgan Reyes", "Trade fair"))
    await slack.expects(update_of(asked), containing="All done")
    await quick_story.baton.engine.advance(quick_story.clock.now() + 30 * MINUTE)
    await quick_story.stays_quiet()


async def test_who_is_given_a_lead_again_within_the_quiet_reads_so_in_the_same_message(
    quick_story: Story,
) -> None:
    slack, (card, asked) = quick_story.slack, await late(quick_story)
    slack.ignores(reply_to(card), update_of(card), update_of(asked))
    manager = slack.person("U0MGR")
    to_robin = await manager_gives(quick_story, "U0REP2")
    to_riley = await manager_gives(quick_story, "U0REP1")
    await slack.expects(update_of(to_robin), containing="reassigned to Riley Ross")
    again = Reassign(handoff_id=1, owner="U0REP2", note="Sorry, yours after all")
    await quick_story.baton.desk.do(reassign, again, manager.id)
    await slack.expects(update_of(to_robin), containing=("Sorry, yours after all", "Accept"))
    await slack.expects(update_of(to_riley), containing="reassigned to Robin Brandt")
    await slack.person("U0REP2").clicks("Accept").on(to_robin)
    await slack.expects(update_of(to_robin), containing="accepted by Robin Brandt")
    slack.ignores(update_of(to_riley))
    await quick_story.stays_quiet()


async def manager_gives(story: Story, owner: str) -> Message:
    """The manager gives Jane to somebody; gives what they are told."""
    await story.baton.desk.do(reassign, Reassign(handoff_id=1, owner=owner), "U0MGR")
    return await story.slack.expects(dm_to(owner), containing="Reassigned to you by")
