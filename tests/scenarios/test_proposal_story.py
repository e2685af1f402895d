"""Managers change the agreement together: proposed in a form, signed by both sides, live, and told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.agreement import default_agreement, load_agreement
from bot.clock import Clock
from bot.context import BATON, Context
from bot.digest.periods import read_period
from bot.digest.posting import post_digest, weekly_report
from bot.engine.replays import Replays
from bot.logs import begin_trace
from bot.sandbox.scenario.actors import Modal
from bot.sandbox.scenario.sentences import dm_to, post_in, reads, reply_to, update_of
from bot.sandbox.slack.model import Message
from bot.views.proposal import REPLAYING
from storage import proposals
from storage.models import Proposal, ProposalState
from tests.scenarios.conftest import Story, told

COMMENT = "# Ours; do not touch without asking Ada."
CMO, MANAGER, ADMIN = "U0CMO", "U0MGR", "U0ADMIN"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "agreement.toml"
    path.write_text(f"{COMMENT}\n{default_agreement().text}", "utf-8")
    return path


@pytest.fixture
async def quick_story(sqlite_url: str, clock: Clock, file: Path) -> AsyncIterator[Story]:
    async with told("socket", sqlite_url, load_agreement(file), clock, agreement_path=file) as story:
        yield story


@pytest.fixture(autouse=True)
def _looks_are_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.jobs.PROPOSALS_EVERY", timedelta(seconds=0.1))
    monkeypatch.setattr("handlers.jobs.REPLAYS_EVERY", timedelta(hours=1))


async def form_of(story: Story, user: str) -> Modal:
    person = story.slack.person(user)
    assert await person.says("/alignment", "propose") is None
    return await person.sees_modal("Propose a change")


async def proposes(story: Story, user: str = CMO, **entered: str) -> Modal:
    modal = await form_of(story, user)
    await modal.fill(**{"change": "value:sla.P1.accept", "value": "10m", **entered}).submit()
    return modal


async def cards(story: Story, *users: str, containing: str = "5m → 10m") -> list[Message]:
    return [await story.slack.expects(dm_to(user), containing=containing) for user in users]


async def both_hear(story: Story, words: str) -> None:
    for place in (dm_to(ADMIN), post_in("C0LEADS")):
        await story.slack.expects(place, containing=words)


async def all_of(story: Story, number: int) -> Proposal:
    found = await story.baton.desk.database.read(proposals.get, number)
    assert found is not None
    return found


async def test_what_both_managers_sign_is_written_and_told(quick_story: Story, file: Path) -> None:
    slack = quick_story.slack
    modal = await proposes(quick_story, note="P1 leads come at lunch")
    assert "Both managers have a card" in modal.text
    own, theirs = await cards(quick_story, CMO, MANAGER)
    assert "Marketing: ✅ Chris Moreau agreed" in reads(theirs)
    assert "Sales, team Enterprise: waiting for Morgan Reyes" in reads(theirs)
    assert "P1 leads come at lunch" in reads(theirs)
    await slack.person(MANAGER).clicks("Agree").on(theirs)
    await both_hear(
        quick_story, "Chris Moreau and Morgan Reyes changed the agreement: version 2026-Q4+2 is in force"
    )
    for card in (own, theirs):
        await slack.expects(update_of(card), containing="In force since")
    text = file.read_text("utf-8")
    assert text.startswith(COMMENT)
    assert 'accept      = "10m"' in text
    assert str(quick_story.baton.desk.book.current.targets("P1").accept) == "10m"
    assert (await all_of(quick_story, 1)).state == ProposalState.LIVE
    await quick_story.stays_quiet()


async def test_the_card_says_what_it_would_have_meant_once_that_is_known(
    quick_story: Story, clock: Clock
) -> None:
    desk = quick_story.baton.desk
    await proposes(quick_story)
    own, theirs = await cards(quick_story, CMO, MANAGER)
    assert REPLAYING in reads(theirs)
    await Replays(desk.database, clock, desk.book).look()
    for card in (own, theirs):
        said = "Too little history for a replay: 0 handoffs"
        await quick_story.slack.expects(update_of(card), containing=said)
    await quick_story.stays_quiet()


async def test_a_proposal_is_declined_and_nothing_changes(quick_story: Story, file: Path) -> None:
    slack, before = quick_story.slack, file.read_text("utf-8")
    await proposes(quick_story)
    own, theirs = await cards(quick_story, CMO, MANAGER)
    await slack.person(MANAGER).clicks("Decline").on(theirs)
    for card in (own, theirs):
        await slack.expects(update_of(card), containing="Declined by Morgan Reyes")
    await slack.expects(dm_to(CMO), containing="Declined by Morgan Reyes")
    assert file.read_text("utf-8") == before
    await quick_story.stays_quiet()


async def test_a_counter_takes_the_place_of_a_proposal(quick_story: Story) -> None:
    slack = quick_story.slack
    await proposes(quick_story)
    own, theirs = await cards(quick_story, CMO, MANAGER)
    await slack.person(MANAGER).clicks("Counter…").on(theirs)
    modal = await slack.person(MANAGER).sees_modal("Propose a change")
    await modal.fill(change="value:sla.P1.accept", value="8m").submit()
    for card in (own, theirs):
        await slack.expects(update_of(card), containing="Morgan Reyes made another proposal")
    again, counter = await cards(quick_story, CMO, MANAGER, containing="5m → 8m")
    await slack.person(CMO).clicks("Agree").on(again)
    await both_hear(quick_story, "Morgan Reyes and Chris Moreau changed the agreement")
    for card in (again, counter):
        await slack.expects(update_of(card), containing="In force since")
    assert (await all_of(quick_story, 1)).state == ProposalState.COUNTERED
    assert str(quick_story.baton.desk.book.current.targets("P1").accept) == "8m"


async def test_a_file_that_changed_meanwhile_shows_the_proposal_anew(quick_story: Story, file: Path) -> None:
    slack = quick_story.slack
    await proposes(quick_story)
    own, theirs = await cards(quick_story, CMO, MANAGER)
    text = file.read_text("utf-8")
    file.write_text(text.replace('accept      = "5m"', 'accept      = "6m"', 1), "utf-8")
    assert await quick_story.baton.reloading.reload()
    await both_hear(quick_story, "The agreement has changed")
    for card in (own, theirs):
        await slack.expects(update_of(card), containing="asks for both signatures again")
    again, anew = await cards(quick_story, CMO, MANAGER, containing="6m → 10m")
    assert "Marketing: waiting for Chris Moreau" in reads(anew)
    await slack.person(MANAGER).clicks("Agree").on(anew)
    await slack.expects(update_of(again), containing="team Enterprise: ✅")
    await slack.expects(update_of(anew), containing="team Enterprise: ✅")
    await slack.person(CMO).clicks("Agree").on(again)
    await both_hear(quick_story, "changed the agreement")
    for card in (again, anew):
        await slack.expects(update_of(card), containing="In force since")
    assert 'accept      = "10m"' in file.read_text("utf-8")


async def test_it_goes_live_at_the_hour_that_was_set(quick_story: Story) -> None:
    slack, book = quick_story.slack, quick_story.baton.desk.book
    await proposes(quick_story, live_at="tomorrow 9:00")
    own, theirs = await cards(quick_story, CMO, MANAGER)
    await slack.person(MANAGER).clicks("Agree").on(theirs)
    for card in (own, theirs):
        await slack.expects(update_of(card), containing="Both sides agreed. It goes live")
    await quick_story.baton.engine.advance(quick_story.clock.now() + timedelta(hours=22))
    assert book.current.version == "2026-Q4"
    await quick_story.baton.engine.advance(quick_story.clock.now() + timedelta(hours=1))
    await both_hear(quick_story, "version 2026-Q4+2 is in force")
    for card in (own, theirs):
        await slack.expects(update_of(card), containing="In force since")
    assert str(book.current.targets("P1").accept) == "10m"


async def test_refusals_stand_in_the_form(quick_story: Story) -> None:
    modal = await form_of(quick_story, MANAGER)
    for entered, fault in (
        ({"change": "value:sla.P1.accept", "value": "5 min"}, '"5 min" is not a duration'),
        ({"change": "value:sla.P1.accept", "value": "5m"}, "The agreement already says that"),
        ({"change": "points:fit.0", "value": "many"}, "Please write"),
        ({"change": "rep:capacity", "value": "20"}, "Who? Please choose a person."),
        ({"change": "rep:capacity", "rep": "U0REP3", "value": "20"}, "They are not in Enterprise."),
        ({"change": "value:sla.P1.accept", "value": "10m", "live_at": "2027-03-14 02:30"}, "no 02:30"),
        ({"change": "value:sla.P1.accept", "value": "10m", "live_at": "yesterday"}, "is past"),
    ):
        await modal.fill(value="", rep="", live_at="").fill(**entered).submit()
        assert fault in " ".join(modal.errors.values()), entered
    await quick_story.stays_quiet()


async def test_nobody_else_proposes_or_signs_and_nobody_signs_twice(quick_story: Story) -> None:
    slack = quick_story.slack
    refused = await slack.person("U0REP1").says("/alignment", "propose")
    assert refused is not None
    assert "You cannot propose a change to the agreement" in refused.text
    await proposes(quick_story)
    own, theirs = await cards(quick_story, CMO, MANAGER)
    twice = await proposes(quick_story, MANAGER)
    assert "proposed to change this already" in " ".join(twice.errors.values())
    await twice.closes()
    assert "Agree" not in reads(own).splitlines()
    await slack.person(CMO).clicks("Decline").on(own)
    for card in (own, theirs):
        await slack.expects(update_of(card), containing="Declined by Chris Moreau")
    await quick_story.stays_quiet()


async def test_what_the_report_advises_is_proposed_from_its_thread(quick_story: Story) -> None:
    slack, desk = quick_story.slack, quick_story.baton.desk
    span = read_period("2026-W47", quick_story.clock.now(), "America/New_York")
    report = await desk.database.read(weekly_report, desk.book, span, "C0LEADS", quick_story.clock.now())
    advised = replace(report, calibration=("Raise the MQL threshold from B2 to A2.",), advised_line="A2")
    context = Context(quick_story.clock.now(), desk.clock.wire(), desk.book, BATON, begin_trace())
    await desk.database.write(post_digest, context, advised, "C0LEADS")
    posted = await slack.expects(post_in("C0LEADS"), containing="Alignment")
    for words in ("Why leads were rejected", "Times and", "Campaigns", "SLA missed", "Goals"):
        await slack.expects(reply_to(posted), containing=words)
    await slack.expects(dm_to(MANAGER), containing="Your reps")
    part = await slack.expects(reply_to(posted), containing="Raise the MQL threshold from B2 to A2.")
    await slack.person(MANAGER).clicks("Propose…").on(part)
    modal = await slack.person(MANAGER).sees_modal("Propose a change")
    await modal.submit()
    _, theirs = await cards(quick_story, MANAGER, CMO, containing="“B2” → “A2”")
    assert "waiting for Chris Moreau" in reads(theirs)
