"""What Slack signs and shapes otherwise than ever before is answered, by every listener, without a 5xx."""

from __future__ import annotations

import json
import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from bot.agreement import LoadedAgreement
from bot.clock import Clock
from bot.sandbox.scenario.sentences import anything, post_in, update_of
from bot.sandbox.slack.http_mode import HttpMode, signature
from tests.scenarios.conftest import Story, told

CASES = int(os.environ.get("BATON_FUZZ", "300"))
ODD: tuple[Any, ...] = (
    None,
    "",
    0,
    -1,
    2**70,
    [],
    {},
    "x" * 5000,
    "\u202e\x00",
    "U0REP1",
    "#1",
    True,
    [None],
)

Sent = list[tuple[str, str]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Each body that the bot was sent, with its kind."""
    found: Sent = []
    post = HttpMode._post

    async def noted(self: HttpMode, body: str, content_type: str, headers: dict[str, str]) -> Any:
        found.append((content_type, body))
        return await post(self, body, content_type, headers)

    monkeypatch.setattr(HttpMode, "_post", noted)
    return found


@pytest.fixture
async def quick_http_story(
    sent: Sent, sqlite_url: str, agreement: LoadedAgreement, clock: Clock
) -> AsyncIterator[Story]:
    with suppress(AssertionError):  # each trigger is used many times over, which its Slack refuses
        async with told("http", sqlite_url, agreement, clock) as story:
            yield story


async def play(story: Story) -> None:
    """A working day that comes by most listeners."""
    slack = story.slack
    riley, mara, admin = slack.person("U0REP1"), slack.person("U0MARA"), slack.person("U0ADMIN")
    await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    for text in ("status jane@acme.example", "queue", "mine", "help", "history #1", "away", "back"):
        await riley.says("/lead", text)
    await mara.says("/alignment", "week")
    await riley.clicks("Accept").on(card)
    await slack.expects(update_of(card), containing="Accepted")
    await riley.clicks("Log contact").on(card)
    modal = await riley.sees_modal()
    await modal.enters(touch="call")
    await modal.submit()
    await riley.opens_home()
    await admin.opens_home()


def mutated(value: Any, dice: random.Random) -> Any:
    """A payload with one of its places gone or odd."""
    copy = json.loads(json.dumps(value))
    places = list(_places(copy))
    if places:
        holder, key = dice.choice(places)
        if dice.random() < 0.4:
            del holder[key]
        else:
            holder[key] = dice.choice(ODD)
    return copy


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in list(pairs):
        yield value, key
        yield from _places(each)


def spoiled(kind: str, body: str, dice: random.Random) -> str:
    """The body with a mutation in the payload that it carries."""
    if kind == "application/json":
        return json.dumps(mutated(json.loads(body), dice))
    fields = dict(parse_qsl(body, keep_blank_values=True))
    if "payload" in fields:
        fields["payload"] = json.dumps(mutated(json.loads(fields["payload"]), dice))
        return urlencode(fields)
    changed = mutated(fields, dice)
    return urlencode(
        {name: each if isinstance(each, str) else json.dumps(each) for name, each in changed.items()}
    )


async def test_no_mutation_of_what_slack_sends_is_a_fault_of_ours(
    sent: Sent, quick_http_story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    story = quick_http_story
    story.slack.ignores(anything())  # odd things are said in answer to odd things
    await play(story)
    seeds, dice = list(sent), random.Random(7)
    assert len(seeds) > 10
    secret, url = story.slack.signing_secret, f"{story.baton.url}/slack/events"
    async with httpx.AsyncClient(timeout=20) as slack:
        for _ in range(CASES):
            kind, seed = dice.choice(seeds)
            body = spoiled(kind, seed, dice)
            at = str(int(story.clock.real().timestamp()))
            signed = {"x-slack-request-timestamp": at, "x-slack-signature": signature(secret, at, body)}
            answer = await slack.post(url, content=body.encode(), headers={**signed, "content-type": kind})
            assert answer.status_code < 500, body
    # An address to answer at that is none is told by whoever answers, once the listener is done.
    failed = [each for each in caplog.records if each.exc_info and each.name != "baton.background"]
    assert failed == []
