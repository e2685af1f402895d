"""A lead that nobody takes: who hears of it, in which order, and how it falls silent once somebody acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import running
from bot.agreement import default_agreement, loaded
from bot.clock import Clock
from bot.sandbox.scenario.sentences import Expectation, Scenario, dm_to, post_in, reply_to, update_of
from tests.scenarios.conftest import MONDAY, Story, quick_clock, settings_for

MINUTE = timedelta(minutes=1)
FRIDAY_EVENING = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
"""16:30 in New York, half an hour before everybody goes home."""


async def passes(story: Story, by: timedelta) -> None:
    """So much time goes by, through everything that falls due."""
    await story.baton.engine.advance(story.clock.now() + by)


def another(n: int, **fields: Any) -> dict[str, Any]:
    """A lead of a company of its own."""
    told = {"email": f"lead{n}@firm{n}.example", "company": f"Firm {n}", "first_name": f"Lead{n}"}
    return {**told, **fields}


async def test_nobody_takes_the_lead_so_everybody_hears_of_it_in_turn(story: Story) -> None:
    slack = story.slack
    await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))

    await passes(story, 3 * MINUTE + MINUTE * 0.75)
    reply = await slack.expects(reply_to(card), containing=("<@U0REP1> <@U0REP2>", "Jane Doe"))
    await slack.expects(update_of(card), containing="Almost due")

    await passes(story, MINUTE * 1.25)
    to_manager = await slack.expects(dm_to("U0MGR"), containing=("Late since", "nobody has accepted it yet"))
    await slack.expects(update_of(card), containing="Late since")

    await passes(story, MINUTE * 2.5)
    passed = await slack.expects(reply_to(card), containing="Reassigned to")
    riley = "Riley Ross" in passed.text
    owner, name = ("U0REP1", "Riley Ross") if riley else ("U0REP2", "Robin Brandt")
    await slack.expects(update_of(card), containing=f"For <@{owner}>")
    mine = await slack.expects(dm_to(owner), containing=("Reassigned to you", "Please accept by"))
    for reminder in (reply, to_manager):
        await slack.expects(update_of(reminder), containing=f"reassigned to {name}")

    await slack.person(owner).clicks("Accept").on(mine)
    await slack.expects(update_of(card), containing="Accepted")
    await slack.expects(reply_to(card), containing=f"Accepted by {name}")
    await slack.expects(update_of(mine), containing=("All done", f"accepted by {name}"))
    for reminder in (reply, to_manager):
        slack.ignores(update_of(reminder))
    await story.stays_quiet()


async def test_a_lead_that_is_taken_in_time_is_never_nagged_about(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await slack.person("U0REP1").clicks("Accept").on(card)
    await slack.expects(update_of(card), containing="Accepted")
    await slack.expects(reply_to(card), containing="Accepted by")
    await passes(quick_story, 10 * MINUTE)
    await quick_story.stays_quiet()


async def test_five_leads_that_are_late_together_are_one_message(quick_story: Story) -> None:
    slack = quick_story.slack
    slack.ignores(update_of_any())
    for n in range(5):
        await quick_story.lead_comes_in(**another(n))
    for _ in range(5):
        await slack.expects(post_in("C0SALES"))
    await passes(quick_story, 4 * MINUTE)
    await slack.expects(post_in("C0SALES"), containing=("5 leads are waiting for you", "<@U0REP1> <@U0REP2>"))
    await passes(quick_story, 1.5 * MINUTE)
    await slack.expects(dm_to("U0MGR"), containing="5 late leads")
    await slack.stays_quiet()


async def test_the_weekend_passes_without_a_word(sqlite_url: str) -> None:
    clock = quick_clock(FRIDAY_EVENING - MONDAY)
    async with Scenario(clock=clock) as slack:
        settings = settings_for(slack, "socket", sqlite_url)
        async with running(settings, default_agreement(), clock) as baton:
            story = Story(slack, baton, clock, settings)
            slack.ignores(update_of_any(), the_weekly_report())
            await story.lead_comes_in(activities=[], qualified=True, title="Engineer")
            card = await slack.expects(post_in("C0SALES"))
            await passes(story, timedelta(days=2, hours=10))
            await story.stays_quiet()
            await passes(story, timedelta(hours=2.5))  # Berlin has been at work for two hours
            await slack.expects(reply_to(card), containing="Please accept by")


async def test_after_an_hour_down_everybody_gets_one_message(sqlite_url: str) -> None:
    clock = quick_clock()
    async with Scenario(clock=clock) as slack:
        settings = settings_for(slack, "socket", sqlite_url)
        slack.ignores(update_of_any())
        only_rep = default_agreement().text.replace(
            '\n  { user = "U0REP4", capacity = 30, timezone = "America/Los_Angeles" },', ""
        )
        async with running(settings, loaded(only_rep), clock) as baton:
            story = Story(slack, baton, clock, settings)
            for n in range(4):
                await story.lead_comes_in(**another(n, employees=20))
            for _ in range(4):
                await slack.expects(post_in("C0GROWTH"))
        clock.jump(timedelta(hours=1))
        async with running(settings, loaded(only_rep), clock):
            await slack.expects(dm_to("U0REP3"), containing="4 leads are waiting for you")
            told = await slack.expects(dm_to("U0MGR"), containing="Please choose who takes it")
            assert str(told.to_api()["blocks"]).count("does not count as missed") == 4
            await slack.stays_quiet()


@pytest.mark.parametrize("speed", [60.0])
async def test_a_fast_clock_brings_the_same_in_order(sqlite_url: str, speed: float) -> None:
    clock = Clock(start=MONDAY, speed=speed)
    async with Scenario(clock=clock) as slack:
        settings = settings_for(slack, "socket", sqlite_url)
        async with running(settings, default_agreement(), clock) as baton:
            story = Story(slack, baton, clock, settings)
            slack.ignores(update_of_any())
            await story.lead_comes_in()
            card = await slack.expects(post_in("C0SALES"))
            await slack.expects(reply_to(card), containing="Jane Doe")
            await slack.expects(dm_to("U0MGR"), containing="Late since")
            passed = await slack.expects(reply_to(card), containing="Reassigned to")
            owner = "U0REP1" if "U0REP1" in passed.text else "U0REP2"
            await slack.expects(dm_to(owner), containing="Reassigned to you")
            slack.ignores(dm_to("U0REP1"), dm_to("U0REP2"), dm_to("U0MGR"), reply_to(card))


def update_of_any() -> Expectation:
    """Any message that changes."""
    return Expectation("any update", lambda sighting: sighting.kind == "update")


def the_weekly_report() -> Expectation:
    """Whatever is said where the report goes, and what each manager is told of their reps with it."""
    return Expectation(
        "the weekly report",
        lambda sighting: sighting.channel == "C0LEADS" or sighting.text.startswith("Your reps: "),
    )
