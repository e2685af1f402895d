"""A lead comes in, is shown once, and goes to whoever clicks first."""

from __future__ import annotations

import asyncio

from bot.sandbox.scenario.sentences import anything, ephemeral_to, post_in, reply_to, update_of
from tests.scenarios.conftest import Story


async def test_the_first_to_accept_has_the_lead_and_the_second_is_told_who(story: Story) -> None:
    slack = story.slack
    riley, robin = slack.person("U0REP1"), slack.person("U0REP2")
    taken = await story.lead_comes_in()
    assert taken.handoff_id is not None
    card = await slack.expects(post_in("C0SALES"), containing=("Jane Doe", "ACME", "Asked for a demo"))
    was = card.blocks

    await riley.clicks("Accept").on(card)
    await slack.expects(update_of(card), containing="Accepted")
    await slack.expects(reply_to(card), containing="Accepted by Riley Ross")

    card.blocks = was  # Robin's screen still shows the card as it was
    await robin.clicks("Accept").on(card)
    await slack.expects(ephemeral_to(robin), containing="<@U0REP1> accepted it first")


async def test_of_two_clicks_at_once_one_wins(story: Story) -> None:
    slack = story.slack
    await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await asyncio.gather(
        slack.people.click("U0REP1", card, "lead_accept"), slack.people.click("U0REP2", card, "lead_accept")
    )
    reply = await slack.expects(reply_to(card), containing="Accepted by")
    await slack.expects(update_of(card), containing="Accepted")
    loser = "U0REP2" if "Riley Ross" in reply.text else "U0REP1"
    await slack.expects(ephemeral_to(loser), containing="accepted it first")


async def test_the_same_click_twice_is_no_error(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await asyncio.gather(*(slack.people.click("U0REP1", card, "lead_accept") for _ in range(2)))
    await slack.expects(reply_to(card), containing="Accepted by Riley Ross")
    await slack.expects(update_of(card), containing="Accepted")
    await quick_story.stays_quiet()


async def test_somebody_of_another_team_is_told_who_can(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    mara = slack.person("U0MARA")
    await mara.clicks("Accept").on(card)
    await slack.expects(
        ephemeral_to(mara), containing=("You cannot accept this lead", "*Enterprise*", "<@U0REP1>")
    )


async def test_a_refusal_names_nobody_who_is_away(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    mara = slack.person("U0MARA")
    can_act = ["U0REP1", "U0REP2", "U0MGR"]
    for gone in range(len(can_act)):
        slack.ignores(anything())
        await slack.person(can_act[gone]).says("/lead", "away 2h")
        await mara.clicks("Accept").on(card)
        told = await slack.expects(ephemeral_to(mara), containing="You cannot accept this lead")
        named = [user for user in [*can_act, "U0ADMIN"] if f"<@{user}>" in told.text]
        assert not set(named) & set(can_act[: gone + 1])
        assert named, told.text
