"""An admin forgets a person from Home: at once, or once another admin agrees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.agreement import default_agreement
from bot.agreement.loader import loaded
from bot.clock import Clock
from bot.errors import NotPossible, Obstacle
from bot.handoffs.erasure import agree
from bot.sandbox.scenario.actors import Modal, view_reads
from bot.sandbox.scenario.sentences import dm_to, post_in, reads, reply_to, update_of
from bot.sandbox.slack.model import Message
from storage import erasures, leads
from tests.scenarios.conftest import Story, told

ADA, CHRIS = "U0ADMIN", "U0CMO"
REMOVED = "This person was removed from Baton"


@asynccontextmanager
async def agreed_on(sqlite_url: str, clock: Clock, admins: str, second_yes: str) -> AsyncIterator[Story]:
    text = default_agreement().text.replace('admins    = ["U0ADMIN"]', f"admins    = [{admins}]")
    agreement = loaded(f"{text}\n[retention]\nsecond_yes = {second_yes}\n")
    async with told("socket", sqlite_url, agreement, clock) as story:
        yield story


@pytest.fixture
async def two(sqlite_url: str, clock: Clock) -> AsyncIterator[Story]:
    async with agreed_on(sqlite_url, clock, '"U0ADMIN", "U0CMO"', "true") as story:
        yield story


@pytest.fixture
async def alone(sqlite_url: str, clock: Clock) -> AsyncIterator[Story]:
    async with agreed_on(sqlite_url, clock, '"U0ADMIN"', "true") as story:
        yield story


@pytest.fixture(autouse=True)
def _looks_are_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.jobs.ERASE_EVERY", timedelta(seconds=0.1))


async def form_of(story: Story) -> Modal:
    ada = story.slack.person(ADA)
    home = await ada.opens_home(containing="Your installation")
    await ada.clicks("Forget a person…").on(home)
    return await ada.sees_modal("Forget a person")


async def asks(story: Story) -> tuple[int, Message, Message, Message]:
    """The lead, its card, and the cards of who asked and of who is asked."""
    taken = await story.lead_comes_in()
    card = await story.slack.expects(post_in("C0SALES"), containing="Jane Doe")
    modal = await form_of(story)
    await modal.fill(person="jane@acme.example").submit()
    assert f"Lead #{taken.id} is removed once one of them agrees: <@{CHRIS}>" in modal.text
    own, theirs = [await story.slack.expects(dm_to(who), containing="Jane Doe") for who in (ADA, CHRIS)]
    return taken.id, card, own, theirs


async def is_there(story: Story, lead_id: int) -> bool:
    lead = await story.baton.desk.database.read(leads.get, lead_id)
    return lead is not None and lead.email is not None


async def test_a_request_that_waits_stands_on_every_admins_home_with_the_deed(two: Story) -> None:
    slack = two.slack
    lead_id, card, own, theirs = await asks(two)
    home = await slack.person(ADA).opens_home(containing=f"<@{ADA}> asks to remove a person from Baton")
    assert "\nAgree\n" not in view_reads(home)
    assert "Decline" in view_reads(home)
    chris = slack.person(CHRIS)
    home = await chris.opens_home(containing=f"<@{ADA}> asks to remove a person from Baton")
    assert f"(#{lead_id})" in view_reads(home)
    await chris.clicks("Agree").on(home)
    for message in (card, own, theirs):
        await slack.expects(update_of(message), containing=REMOVED)
    async with asyncio.timeout(slack.patience):
        while "asks to remove" in view_reads(await chris.opens_home()):
            await asyncio.sleep(0.02)


async def test_another_admin_agrees_and_nothing_is_left(two: Story) -> None:
    lead_id, card, own, theirs = await asks(two)
    assert "Agree" not in reads(own)
    assert await is_there(two, lead_id)
    await two.slack.person(CHRIS).clicks("Agree").on(theirs)
    for message in (card, own, theirs):
        await two.slack.expects(update_of(message), containing=REMOVED)
        assert "Jane" not in f"{message.text} {message.blocks}"
    await two.all_is_delivered()
    async with asyncio.timeout(two.slack.patience):
        while await is_there(two, lead_id):
            await asyncio.sleep(0.02)
    modal = await form_of(two)
    await modal.fill(person="jane@acme.example").submit()
    assert "Nobody in Baton has this address" in modal.errors["person"]


async def test_a_request_is_declined_and_may_be_made_again(two: Story) -> None:
    lead_id, _, own, theirs = await asks(two)
    modal = await form_of(two)
    await modal.fill(person=f"#{lead_id}").submit()
    assert modal.errors == {"person": "This was requested already. Another admin must still agree."}
    await two.slack.person(CHRIS).clicks("Decline").on(theirs)
    for message in (own, theirs):
        await two.slack.expects(update_of(message), containing="Declined by Chris Moreau")
    assert await is_there(two, lead_id)
    assert "Jane" not in reads(theirs)
    await modal.fill(person=f"#{lead_id}").submit()
    await two.slack.expects(dm_to(CHRIS), containing="Jane Doe")
    await two.slack.expects(dm_to(ADA), containing="Jane Doe")
    await two.stays_quiet()


async def test_nobody_agrees_to_their_own_request_nor_after_a_week(two: Story) -> None:
    lead_id, card, own, theirs = await asks(two)
    with pytest.raises(NotPossible) as refused:
        await two.baton.desk.do(agree, lead_id, ADA)
    assert refused.value.obstacle is Obstacle.OWN_REQUEST
    two.slack.ignores(*([dm_to(each) for each in (ADA, CHRIS, "U0MGR", "U0REP1", "U0REP2")]))
    two.slack.ignores(reply_to(card), update_of(card))  # nobody accepts the lead meanwhile
    two.clock.jump(timedelta(days=7))
    for message in (own, theirs):
        await two.slack.expects(update_of(message), containing="Nobody agreed in time")
    assert await two.baton.desk.database.read(erasures.of_lead, lead_id) is None
    with pytest.raises(NotPossible) as late:
        await two.baton.desk.do(agree, lead_id, CHRIS)
    assert late.value.obstacle is Obstacle.REQUEST_OVER
    assert await is_there(two, lead_id)


async def test_an_only_admin_is_sent_to_the_command_line(alone: Story) -> None:
    taken = await alone.lead_comes_in()
    await alone.slack.expects(post_in("C0SALES"), containing="Jane Doe")
    modal = await form_of(alone)
    for typed, why in (
        ("Jane Doe", "Enter an e-mail address, or a number like #12."),
        ("#999", "Nobody in Baton has this address or number."),
        (f"#{taken.id}", "Run `python app.py forget` in the terminal instead."),
    ):
        await modal.fill(person=typed).submit()
        assert why in modal.errors["person"]
    assert await is_there(alone, taken.id)


async def test_without_the_second_yes_it_begins_at_once(quick_story: Story) -> None:
    taken = await quick_story.lead_comes_in()
    card = await quick_story.slack.expects(post_in("C0SALES"), containing="Jane Doe")
    modal = await form_of(quick_story)
    assert "It begins at once." in modal.text
    await modal.fill(person="jane@acme.example").submit()
    assert f"Lead #{taken.id} is removed." in modal.text
    assert "jane" not in modal.text.casefold()
    await quick_story.slack.expects(update_of(card), containing=REMOVED)


async def test_only_admins_are_offered_it_and_a_forged_click_is_refused(quick_story: Story) -> None:
    rep = quick_story.slack.person("U0REP1")
    home = await rep.opens_home(containing="What we agreed")
    assert "Forget a person" not in view_reads(home)
    for action, value in (("person_forget", ""), ("erasure_agree", "1"), ("erasure_decline", "1")):
        label = {"type": "plain_text", "text": "B"}
        forged = {"type": "button", "text": label, "action_id": action, "value": value or "x"}
        home = quick_story.slack.workspace.publish_home(
            "U0REP1", {"type": "home", "blocks": [{"type": "actions", "elements": [forged]}]}
        )
        await rep.clicks("B").on(home)
        notice = await rep.sees_modal("Baton")
        assert "remove a person from Baton" in notice.text
        await notice.closes()
