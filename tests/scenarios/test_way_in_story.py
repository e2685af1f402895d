"""The way in is verified: whose tokens these are, and whether anything ever comes from Slack."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from bot.agreement import LoadedAgreement
from bot.clock import Clock
from bot.sandbox.scenario.sentences import Scenario
from bot.views.hearing import heard_words, what_to_try
from handlers.http.health import ADVISORY
from storage.models import HeardKind
from tests.scenarios.conftest import Story, told

AT = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


async def readiness(story: Story) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{story.baton.url}/readyz") as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def test_readyz_says_that_nothing_was_ever_heard_and_since_when(story: Story, transport: str) -> None:
    before = await readiness(story)
    assert before["heard"]["ok"] is False
    assert "heard" in ADVISORY
    assert "Nothing was ever heard from Slack, since 2026-11-16 15:00 UTC" in before["heard"]["says"]
    assert ("manifest --url" in before["heard"]["says"]) is (transport == "http")
    assert await story.slack.person("U0MARA").says("/lead", "help") is not None
    after: dict[str, Any] = before["heard"]
    async with asyncio.timeout(30):
        while not after["ok"]:
            after = (await readiness(story))["heard"]
    assert "Slack was last heard about 2026-11-16 15:00 UTC" in after["says"]


def app_of(app: str) -> Any:
    def prepare(slack: Scenario) -> None:
        slack.context.app_id = app

    return prepare


async def test_tokens_of_two_apps_are_named(
    sqlite_url: str, agreement: LoadedAgreement, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with told("socket", sqlite_url, agreement, clock, prepare=app_of("A0OTHER")) as story:
        await story.slack.sockets.wait_connected()
        found = await readiness(story)
        assert found["ready"] is False
        assert (
            "SLACK_APP_TOKEN is of the app A0BATON, and SLACK_BOT_TOKEN of A0OTHER" in found["slack"]["says"]
        )
        assert "Take both from the settings of one app" in caplog.text


async def test_a_connection_of_another_app_is_named_by_what_slack_greets_with(
    sqlite_url: str, agreement: LoadedAgreement, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def greets_as_another(slack: Scenario) -> None:
        slack.sockets.app_id = "A0THIRD"

    async with told("socket", sqlite_url, agreement, clock, prepare=greets_as_another) as story:
        await story.slack.sockets.wait_connected()
        found = await readiness(story)
        assert found["ready"] is False
        words = "SLACK_APP_TOKEN is of the app A0THIRD, and SLACK_BOT_TOKEN of A0BATON"
        assert words in found["slack"]["says"]
        assert words in caplog.text


async def test_a_token_of_another_workspace_is_named(
    sqlite_url: str, agreement: LoadedAgreement, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with told("socket", sqlite_url, agreement, clock):
        pass

    def elsewhere(slack: Scenario) -> None:
        slack.context.team_id, slack.context.team_name = "T0ELSE", "Elsewhere"

    async with told("socket", sqlite_url, agreement, clock, prepare=elsewhere) as story:
        found = await readiness(story)
        assert found["ready"] is False
        words = "is of the workspace Elsewhere (T0ELSE), and this database belongs to Sandbox (T0TEAM)"
        assert words in found["slack"]["says"]
        assert words in caplog.text


@pytest.mark.parametrize(
    ("heard", "well", "words"),
    [
        ({}, False, "Nothing was ever heard from Slack, since 2026-11-27 10:00 UTC"),
        ({HeardKind.EVENTS: AT}, True, "never sent clicks or commands"),
        ({HeardKind.EVENTS: AT}, True, "under Interactivity & Shortcuts or Slash Commands"),
        (dict.fromkeys(HeardKind, AT), True, "last heard about 2026-11-27 10:00 UTC"),
    ],
)
def test_what_is_missing_is_named_with_its_place(
    heard: dict[HeardKind, datetime], well: bool, words: str
) -> None:
    ok, says = heard_words(heard, AT, over_http=True)
    assert (ok, words in says) == (well, True)
    assert "Request URL" not in heard_words(heard, AT, over_http=False)[1]


def test_in_http_mode_the_log_says_what_to_try() -> None:
    says = what_to_try("http://127.0.0.1:3000")
    assert "http://127.0.0.1:3000/slack/events" in says
    assert "python app.py manifest --url" in says
