"""Slack's signature is checked over the raw bytes, before anything of an unsigned call is read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.sandbox.slack.http_mode import signature
from bot.slack.link import SlackLink
from handlers.slack.bolt import bolt_app
from handlers.slack.over_http import events_route

SECRET = "s3cret"
EVENT = json.dumps({"type": "url_verification", "challenge": "abc"})


@pytest.fixture
def turned_away() -> list[int]:
    return []


@pytest.fixture
async def slack(turned_away: list[int]) -> AsyncIterator[httpx.AsyncClient]:
    client = AsyncWebClient("xoxb-1")
    app: AsyncApp = bolt_app(client, SlackLink(client), SECRET)
    api = FastAPI()
    api.include_router(events_route(app, lambda: SECRET, Clock(), lambda: turned_away.append(1)))
    transport = httpx.ASGITransport(api)  # an error that nobody caught fails the test
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as browser:
        yield browser


def signed(body: str, timestamp: str | None = None) -> dict[str, str]:
    told = timestamp or str(int(datetime.now(UTC).timestamp()))
    return {
        "content-type": "application/json",
        "x-slack-request-timestamp": told,
        "x-slack-signature": signature(SECRET, told, body),
    }


async def test_what_slack_signed_is_answered(slack: httpx.AsyncClient, turned_away: list[int]) -> None:
    answer = await slack.post("/slack/events", content=EVENT, headers=signed(EVENT))
    assert (answer.status_code, "abc" in answer.text, turned_away) == (200, True, [])


@pytest.mark.parametrize("body", [EVENT, "{", "", "\xff\xfe", "payload=%ff", "null", "[1]"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-slack-request-timestamp": "word", "x-slack-signature": "v0=1"},
        {"x-slack-request-timestamp": "9" * 500, "x-slack-signature": "v0=1"},
        {"x-slack-request-timestamp": "\u0663", "x-slack-signature": "v0=\xe9"},
        {"x-slack-request-timestamp": "-5"},
        signed("something else"),
        signed(EVENT, "1000000000"),
    ],
    ids=["nothing", "a word", "a long number", "other digits", "negative", "other body", "old"],
)
async def test_what_nobody_signed_is_turned_away_unread(
    slack: httpx.AsyncClient, turned_away: list[int], body: str, headers: dict[str, str]
) -> None:
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        told = raw | {b"content-type": kind.encode()}
        answer = await slack.post("/slack/events", content=body.encode("latin-1"), headers=told)
        assert answer.status_code == 401
    assert len(turned_away) == 3


@pytest.mark.parametrize("body", ["{", "", "\xff\xfe", "payload={", "payload=%ff", "null", "[1]", '"x"', "7"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
async def test_what_is_signed_and_broken_is_no_fault_of_ours(
    slack: httpx.AsyncClient, body: str, kind: str
) -> None:
    answer = await slack.post(
        "/slack/events", content=body.encode(), headers={**signed(body), "content-type": kind}
    )
    assert answer.status_code < 500
