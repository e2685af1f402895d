"""Somebody goes away: what they look through first, who is told, and what they find when they are back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.sandbox.scenario.actors import Actor
from bot.sandbox.scenario.sentences import dm_to, post_in, reads, reply_to, update_of
from bot.sandbox.slack.model import Message
from tests.scenarios.conftest import Story, quick_clock


@pytest.fixture
def clock() -> Clock:
    """13:00 in New York, 10:00 in Los Angeles: both of Growth are at work."""
    return quick_clock(timedelta(hours=3))


async def asks(person: Actor, words: str) -> Message:
    """Somebody types `/lead` and these words; gives the answer."""
    answer = await person.says("/lead", words)
    assert answer is not None
    return answer


async def two_leads(story: Story) -> tuple[str, str]:
    """Each rep of Growth has a lead; gives who has the first, and who the second. Cards are not looked at."""
    owners = []
    for number in (1, 2):
        fields = {"email": f"p{number}@small{number}.example", "first_name": f"Ann{number}"}
        await story.lead_comes_in(**fields, company=f"Small {number}", employees=5)
        card = await story.slack.expects(post_in("C0GROWTH"))
        story.slack.ignores(update_of(card), reply_to(card))
        owners.append("U0REP3" if "<@U0REP3>" in str(card.blocks) else "U0REP4")
    return owners[0], owners[1]


async def test_a_rep_looks_through_their_leads_and_gets_them_back(quick_story: Story) -> None:
    slack = quick_story.slack
    sasha, toni = (slack.person(user) for user in await two_leads(quick_story))
    answer = await asks(sasha, "away until wednesday")
    assert "You are away until Wednesday 18 November. You get no new leads." in reads(answer)
    modal = await sasha.sees_modal("Open leads")
    assert "Ann1 Doe, Small 1" in modal.text
    await modal.submit()
    told = await slack.expects(dm_to(toni.id), containing="Ann1")
    assert "<@" not in told.text
    assert (await sasha.sees_modal("Open leads")).text.count("1 lead reassigned") == 1
    answer = await asks(sasha, "away list")
    assert "You are away until Wednesday" in reads(answer)
    answer = await asks(sasha, "back")
    assert "1 lead was reassigned to colleagues. Nobody has contacted it yet." in reads(answer)
    await sasha.clicks("Reclaim").on(answer)
    await slack.expects(update_of(answer), containing="Welcome back")
    await slack.expects(update_of(told), containing="reassigned")
    await quick_story.stays_quiet()


async def test_closing_the_list_keeps_the_leads(quick_story: Story) -> None:
    slack = quick_story.slack
    first, _ = await two_leads(quick_story)
    sasha = slack.person(first)
    await sasha.says("/lead", "away")
    await (await sasha.sees_modal("Open leads")).closes()
    answer = await asks(sasha, "status p1@small1.example")
    assert f"<@{first}>" in str(answer.blocks)
    await quick_story.stays_quiet()


async def test_an_ambiguous_day_is_asked(quick_story: Story) -> None:
    slack = quick_story.slack
    sasha = slack.person("U0REP3")
    answer = await asks(sasha, "away 12/1")
    assert "may mean two things" in reads(answer)
    await sasha.clicks("This one").on(answer, beside="1 December")
    await slack.expects(update_of(answer), containing="away Tuesday 1 December")
    answer = await asks(sasha, "away list")
    assert "Away Tuesday 1 December" in reads(answer)
    await sasha.clicks("Cancel").on(answer)
    await slack.expects(update_of(answer), containing="Cancelled")


async def test_a_manager_sets_a_rep_away_and_chooses_for_them(quick_story: Story) -> None:
    slack = quick_story.slack
    first, second = await two_leads(quick_story)
    manager = slack.person("U0MGR")
    answer = await asks(manager, f"away <@{first}|x> until wednesday")
    assert f"<@{first}> is away until Wednesday 18 November" in reads(answer)
    slack.ignores(update_of(await slack.expects(dm_to(first), containing="set you away until Wednesday")))
    await (await manager.sees_modal("Open leads")).submit()
    told = await slack.expects(dm_to(second), containing="Ann1")
    assert "away until Wednesday 18 November" in str(told.blocks)
    answer = await asks(slack.person("U0MARA"), "away")
    assert "Absence is for reps" in reads(answer)
    await quick_story.stays_quiet()


async def test_a_hot_lead_that_nobody_is_there_for(quick_story: Story) -> None:
    slack = quick_story.slack
    riley, robin = (slack.person(user) for user in ("U0REP1", "U0REP2"))
    await asks(riley, "away until wednesday")
    await asks(robin, "away until friday")
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"), containing="Nobody can take it: 2 away")
    assert "<@" not in reads(card)
    told = await slack.expects(dm_to("U0MGR"), containing=("Nobody can take it: 2 away", "choose"))
    await asks(riley, "back")
    await quick_story.baton.engine.advance(quick_story.clock.now() + timedelta(seconds=1))
    await slack.expects(update_of(card), containing="the first to accept gets it")
    await slack.expects(update_of(told), containing="open to the team again")
    called = await slack.expects(reply_to(card), containing=("<@U0REP1>", "Open to the whole team"))
    await riley.clicks("Accept").on(called)
    await slack.expects(update_of(card), containing="Accepted")
    slack.ignores(reply_to(card), update_of(called), update_of(told))
    await quick_story.stays_quiet()


async def test_a_manager_sets_a_rep_away_and_back_from_home(quick_story: Story) -> None:
    slack = quick_story.slack
    manager = slack.person("U0MGR")
    home = await manager.opens_home(containing="Your teams")
    await manager.clicks("Set away…").on(home)
    modal = await manager.sees_modal("Set away")
    await modal.fill(rep="U0REP3", until="until wednesday").submit()
    told = await slack.expects(dm_to("U0REP3"), containing="set you away until Wednesday 18 November")
    home = await manager.opens_home(containing="<@U0REP3> is away")
    await manager.clicks("They're back").on(home)
    await slack.expects(update_of(told), containing="that is over")
    await quick_story.stays_quiet()
