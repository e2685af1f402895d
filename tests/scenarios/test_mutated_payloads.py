"""What Slack signs and shapes otherwise than ever before is answered, by every listener, without a 5xx."""

from __future__ import annotations

import json
import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from bot.agreement import LoadedAgreement
from bot.clock import Clock
from bot.sandbox.scenario.people import elements_of
from bot.sandbox.scenario.sentences import Scenario, anything, post_in, update_of
from bot.sandbox.slack import payloads
from bot.sandbox.slack.elements import offered
from bot.sandbox.slack.http_mode import HttpMode, signature
from bot.sandbox.slack.model import JsonDict
from bot.sandbox.slack.state import VALUE_FIELDS
from bot.views.ids import Action, Callback
from bot.views.message import Rendered
from tests.bot.views.surfaces import HUGE, everything
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

INPUTS: frozenset[Action] = frozenset()

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


def pressed(story: Story) -> dict[str, Sent]:
    """What Slack would send of every button, menu, form and Home that there is, by what listens to it."""
    found: dict[str, Sent] = {}
    for surface in everything("Jane", story.baton.desk.book.current):
        for name, body in _deeds(story.slack, surface):
            told = found.setdefault(name, [])
            if len(told) < 3:
                told.append((FORM, urlencode({"payload": json.dumps(body)})))
    return found


def _deeds(slack: Scenario, surface: Rendered | JsonDict) -> Iterator[tuple[str, JsonDict]]:
    """Each deed on one surface, with the id that is listened to. Its leads are the first there is."""
    person, place = slack.workspace.people["U0ADMIN"], slack.workspace.channels["C0SALES"]
    told = {"text": surface.text, "blocks": surface.blocks} if isinstance(surface, Rendered) else surface
    content = json.loads(json.dumps(told).replace(str(HUGE), "1"))
    if isinstance(surface, Rendered):
        message = slack.workspace.post(place.id, slack.workspace.bot_user, **content)
        for block, element, state in _elements(message.blocks):
            deed = payloads.action(block, element, state, slack.workspace.next_ts())
            body = payloads.actions_on_message(person, place, message, [deed])
            yield element["action_id"], body | slack.people._passes(person.id, place.id, message.ts)
        return
    is_home = content["type"] == "home"
    show = slack.workspace.publish_home if is_home else slack.workspace.open_modal
    view = show(person.id, content)
    for block, element, state in _elements(view.blocks):
        if element["type"] in VALUE_FIELDS:
            view.values.setdefault(block["block_id"], {})[element["action_id"]] = state
        deed = payloads.action(block, element, state, slack.workspace.next_ts())
        body = payloads.actions_on_view(person, view, [deed])
        yield element["action_id"], body | {"trigger_id": slack.context.tickets.trigger(person.id, view.id)}
    if view.payload.get("submit"):
        body = payloads.submission(person, view)
        yield view.payload["callback_id"], body | {"trigger_id": slack.context.tickets.trigger(person.id)}


def _elements(blocks: list[JsonDict]) -> Iterator[tuple[JsonDict, JsonDict, JsonDict]]:
    """All that can be pressed or filled in, with what is chosen or entered: the first that is offered."""
    for block in blocks:
        for element in elements_of(block):
            options = offered(element)
            kind = element["type"]
            if kind == "overflow" or (kind in VALUE_FIELDS and options):
                name = VALUE_FIELDS.get(kind, ("selected_option", ""))[0]
                chosen = options[:1] if name.endswith("s") else options[0]
                yield block, element, {"type": kind, name: chosen}
            elif kind in VALUE_FIELDS:
                yield block, element, {"type": kind, VALUE_FIELDS[kind][0]: ENTERED.get(kind, "something")}
            else:
                yield block, element, {}


ENTERED = {
    "datepicker": "2026-12-01",
    "users_select": "U0REP2",
    "multi_users_select": ["U0REP2"],
    "file_input": [],
    "number_input": "12",
}
FORM = "application/x-www-form-urlencoded"


async def posted(slack: httpx.AsyncClient, url: str, body: str, headers: dict[str, str]) -> httpx.Response:
    """The answer; a connection that was kept and is closed as it is used again is no answer."""
    try:
        return await slack.post(url, content=body.encode(), headers=headers)
    except httpx.ReadError:
        return await slack.post(url, content=body.encode(), headers=headers)


async def test_no_mutation_of_what_slack_sends_is_a_fault_of_ours(
    sent: Sent, quick_http_story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    story = quick_http_story
    story.slack.ignores(anything())  # odd things are said in answer to odd things
    await play(story)
    seeds, dice = {"what people did": list(sent), **pressed(story)}, random.Random(7)
    assert len(sent) > 10
    assert set(Callback) <= seeds.keys()
    assert set(Action) - seeds.keys() <= INPUTS
    names, secret, url = sorted(seeds), story.slack.signing_secret, f"{story.baton.url}/slack/events"
    async with httpx.AsyncClient(timeout=20) as slack:
        for _ in range(CASES):
            kind, seed = dice.choice(seeds[dice.choice(names)])
            body = spoiled(kind, seed, dice)
            at = str(int(story.clock.real().timestamp()))
            signed = {"x-slack-request-timestamp": at, "x-slack-signature": signature(secret, at, body)}
            answer = await posted(slack, url, body, {**signed, "content-type": kind})
            assert answer.status_code < 500, body
    await story.baton.desk.background.finish(timedelta(seconds=10))
    failed = [f"{each.getMessage()}: {each.exc_info[1]!r}" for each in caplog.records if each.exc_info]
    assert failed == []
