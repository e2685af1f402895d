"""The commonest tasks of each role, from Home, from a list and from the details: two clicks each at most."""

from __future__ import annotations

import asyncio

from bot.sandbox.scenario.sentences import dm_to, post_in, reads, reply_to, update_of
from bot.sandbox.slack.model import Message
from storage.outbox import links
from tests.scenarios.conftest import Story
from tests.scenarios.test_home_story import now_on, reads_soon

REP, MANAGER, MARKETER = "U0REP1", "U0MGR", "U0MARA"


async def card_of(story: Story, **fields: object) -> Message:
    await story.lead_comes_in(**fields)
    return await story.slack.expects(post_in("C0SALES"))


async def test_a_reps_day_on_home(quick_story: Story) -> None:
    slack, card = quick_story.slack, await card_of(quick_story)
    riley = slack.person(REP)
    async with asyncio.timeout(slack.patience):
        while not await quick_story.baton.desk.database.read(links.of_handoffs, [1]):
            await asyncio.sleep(0.02)
    home = await riley.opens_home(containing="Open card")
    await riley.clicks("Accept").on(home, beside="Jane Doe")
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    await reads_soon(quick_story, REP, "Jane Doe", "First contact due by", "mailto:jane@acme.example")
    await riley.clicks("Log contact").on(slack.workspace.homes[REP])
    assert (await (await riley.sees_modal("Log contact")).submit()).ok
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card), containing="Call")
    await riley.opens_home(containing="Outcome due by")
    await riley.clicks("Set outcome").on(slack.workspace.homes[REP])
    modal = await riley.sees_modal("Set outcome")
    await modal.enters(outcome="sql")
    assert (await modal.submit()).ok
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card), containing="SQL")


async def test_a_manager_reassigns_from_home_and_from_the_details(quick_story: Story) -> None:
    slack, card = quick_story.slack, await card_of(quick_story)
    manager = slack.person(MANAGER)
    slack.ignores(dm_to("U0REP1"))
    queue = await manager.says("/lead", "queue")
    assert queue is not None
    await manager.clicks("Reassign").on(queue)
    modal = await manager.sees_modal("Reassign")
    await modal.enters(owner="U0REP2")
    assert (await modal.submit()).ok
    await slack.expects(update_of(card), containing=("<@U0REP2>", "waiting since"))
    await slack.expects(reply_to(card), containing="Reassigned")
    given = await slack.expects(dm_to("U0REP2"))
    await manager.chooses("Details", from_="lead_more").on(card)
    details = await manager.sees_modal("Lead #")
    await details.presses("Reassign")
    again = await manager.sees_modal("Reassign")
    await again.enters(owner="U0REP1")
    assert (await again.submit()).ok
    await slack.expects(update_of(card), containing="<@U0REP1>")
    await slack.expects(reply_to(card), containing="Reassigned")
    await slack.expects(update_of(given))
    assert not slack.workspace.modals.get(MANAGER), "the details beneath would show how things stood before"


async def test_a_click_in_a_list_keeps_the_list_and_one_in_the_details_the_details(
    quick_story: Story,
) -> None:
    slack, card = quick_story.slack, await card_of(quick_story)
    other = await card_of(quick_story, email="bob@big.example", company="Big", first_name="Bob")
    riley = slack.person(REP)
    queue = await riley.says("/lead", "queue")
    assert queue is not None
    await riley.clicks("Accept").on(queue, beside="Jane Doe")
    shown = await slack.expects(update_of(queue), containing="Bob Doe")
    assert "Jane Doe" not in reads(shown)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    await riley.chooses("Details", from_="lead_more").on(other)
    details = await riley.sees_modal("Lead #")
    await details.presses("Accept")
    await slack.expects(update_of(other))
    await slack.expects(reply_to(other))
    await slack.until(lambda: "First contact due by" in details.text or None, "the details as of now")


async def test_a_marketer_answers_from_home(quick_story: Story) -> None:
    slack, card = quick_story.slack, await card_of(quick_story)
    await slack.person(REP).clicks("Reject").on(card)
    reason = await slack.person(REP).sees_modal("Reject")
    await reason.enters(reason="bad_contact")
    await reason.submit()
    notice = await slack.expects(post_in("C0MKTG"))
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    mara = slack.person(MARKETER)
    home = await mara.opens_home(containing="Rejections to answer*: 1 lead")
    await mara.clicks("Answer…").on(home)
    answer = await mara.sees_modal("Answer")
    await answer.enters(answer="agree")
    assert (await answer.submit()).ok
    await slack.expects(update_of(notice))
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    await reads_soon(quick_story, MARKETER, "You owe sales nothing")
    assert "Jane Doe" not in now_on(quick_story, MARKETER).partition("What we agreed")[0]
