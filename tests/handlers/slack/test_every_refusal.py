"""Whatever a listener refuses, wherever somebody is: they read why, and nobody else does."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.errors import (
    AlreadyDecided,
    AmbiguousId,
    AnotherCard,
    DomainError,
    HandoffNotFound,
    InvalidInput,
    LeadNotFound,
    NotAllowed,
    NotAMember,
    NotPossible,
    Obstacle,
    Unverified,
)
from bot.sandbox import FaultKind, JsonDict, Sandbox
from bot.sandbox.scenario.actors import view_reads
from bot.sandbox.scenario.people import Deed
from bot.sandbox.scenario.sentences import reads
from bot.sandbox.slack.dispatch import Ack, Envelope
from bot.slack.link import SlackLink, web_client
from bot.views.answers import answer_to
from handlers import register
from handlers.desk import Desk
from handlers.slack import errors
from handlers.slack.bolt import bolt_app
from storage.database import Database
from storage.models import HandoffState

USER, CHANNEL = "U0REP1", "C0SALES"
FIELD = "note"
ERRORS: dict[type[DomainError], DomainError] = {
    AlreadyDecided: AlreadyDecided(HandoffState.ACCEPTED, "U0REP2", datetime(2026, 11, 16, tzinfo=UTC)),
    AmbiguousId: AmbiguousId("12", ["hubspot", "salesforce"]),
    AnotherCard: AnotherCard(7),
    HandoffNotFound: HandoffNotFound(7),
    InvalidInput: InvalidInput({FIELD: "Please say why."}),
    LeadNotFound: LeadNotFound("jane@acme.example"),
    NotAllowed: NotAllowed("accept this lead", ["U0MGR"], "Enterprise"),
    NotAMember: NotAMember(),
    NotPossible: NotPossible(Obstacle.NOT_ACCEPTED),
    Unverified: Unverified(),
}
PEOPLE_ASK = ("app_mention", "message")  # the events that somebody waits for


class Heard:
    """Stands where Bolt's app would, and notes for what there is a listener."""

    def __init__(self) -> None:
        self.listeners: list[tuple[str, str]] = []

    def __getattr__(self, kind: str) -> Callable[..., Callable[..., None]]:
        def noted(what: Any, _matchers: Any = (), **_how: Any) -> Callable[..., None]:
            if isinstance(what, str):
                self.listeners.append((kind, str(what)))
            return lambda _listener: None

        return noted


def listeners() -> list[tuple[str, str]]:
    heard, nothing = Heard(), cast(Any, None)
    register(cast(AsyncApp, heard), nothing, nothing, nothing, nothing)
    return list(dict.fromkeys(heard.listeners))


class Direct:
    """The way from the sandbox straight into an app."""

    def __init__(self, app: AsyncApp) -> None:
        self.app = app

    connected = 1

    async def deliver(self, envelope: Envelope) -> Ack:
        answer = await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=envelope.body))
        assert answer.status == 200, (envelope.name, answer.status, answer.body)
        body = answer.body
        return Ack(0.0, payload=AsyncBoltRequest(mode="socket_mode", body=body).body if body else {})


class Place:
    """A Slack in which every listener fails as told."""

    def __init__(self, slack: Sandbox, desk: Desk) -> None:
        self.slack, self.desk = slack, desk
        self.error: Exception = LookupError()

    async def fails(self) -> None:
        raise self.error

    def seen(self) -> str:
        """What the person reads that nobody else does."""
        alone = [
            reads(message)
            for channel in self.slack.workspace.messages.values()
            for message in channel.values()
            if message.ephemeral_to == USER or message.channel == "D" + USER[1:]
        ]
        modals = self.slack.workspace.modals.get(USER, [])
        steps = self.slack.workspace.steps.values()
        return "\n".join(
            [
                *alone,
                *map(view_reads, modals),
                *(str(modal.errors) for modal in modals),
                *(str(end.get("error")) for end in steps),
            ]
        )

    def clear(self) -> None:
        self.slack.workspace.steps.clear()
        self.slack.workspace.modals.clear()
        for channel in self.slack.workspace.messages.values():
            channel.clear()

    async def finish(self) -> None:
        while self.desk.background._tasks:
            await next(iter(self.desk.background._tasks))


@pytest.fixture
async def place(database: Database) -> AsyncIterator[Place]:
    clock = Clock()
    async with Sandbox(clock=clock, rate_limits=False) as slack, aiohttp.ClientSession() as session:
        client = web_client(slack.bot_token, slack.api_url, session)
        link = SlackLink(client)
        await link.ask()
        book = await database.write(open_book, default_agreement(), clock.now())
        desk = Desk(database, clock, book, client, logging.getLogger("test"))
        app = bolt_app(client, link, None)
        here = Place(slack, desk)
        app.error(partial(errors.answer, desk))
        for kind, what in listeners():
            getattr(app, kind)(what)(here.fails)
        slack.dispatcher.transport = Direct(app)
        yield here


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # nothing here depends on it


def button(action: str) -> JsonDict:
    return {"type": "button", "text": {"type": "plain_text", "text": "B"}, "action_id": action, "value": "1"}


def pressed(action: str) -> JsonDict:
    return {"type": "actions", "elements": [button(action)]}


def form(callback: str) -> JsonDict:
    element = {"type": "plain_text_input", "action_id": FIELD, "initial_value": "x"}
    label = {"type": "plain_text", "text": "L"}
    return {
        "type": "modal",
        "callback_id": callback,
        "title": label,
        "submit": label,
        "blocks": [{"type": "input", "block_id": FIELD, "label": label, "element": element}],
    }


async def in_a_message(slack: Sandbox, action: str) -> Deed:
    message = slack.workspace.post(CHANNEL, slack.workspace.bot_user, text="T", blocks=[pressed(action)])
    return await slack.people.click(USER, message, action)


async def on_home(slack: Sandbox, action: str) -> Deed:
    home = slack.workspace.publish_home(USER, {"type": "home", "blocks": [pressed(action)]})
    return await slack.people.press(home, action)


async def in_a_modal(slack: Sandbox, action: str) -> Deed:
    shape = form("any")
    modal = slack.workspace.open_modal(USER, {**shape, "blocks": [pressed(action), *shape["blocks"]]})
    return await slack.people.press(modal, action)


async def by_command(slack: Sandbox, command: str) -> Deed:
    return await slack.people.command(USER, command, "x", channel=CHANNEL)


async def by_form(slack: Sandbox, callback: str) -> Deed:
    return await slack.people.submit(slack.workspace.open_modal(USER, form(callback)))


async def by_shortcut(slack: Sandbox, callback: str) -> Ack:
    return await slack.people.shortcut(USER, callback)


async def by_message_shortcut(slack: Sandbox, callback: str) -> Ack:
    message = slack.workspace.post(CHANNEL, "U0MARA", text="T")
    return await slack.people.shortcut(USER, callback, message=message)


async def by_event(slack: Sandbox, kind: str) -> Ack | None:
    event = {"type": kind, "user": USER, "channel": CHANNEL, "text": "x", "tab": "home", "ts": "1.0"}
    slack.people.subscriptions |= {kind}
    return await slack.people.event({**event, "event_ts": slack.workspace.next_ts()})


async def by_step(slack: Sandbox, callback: str) -> str:
    return await slack.people.run_step(callback, {})


WAYS: dict[str, tuple[Callable[[Sandbox, str], Any], ...]] = {
    "action": (in_a_message, on_home, in_a_modal),
    "command": (by_command,),
    "view": (by_form,),
    "shortcut": (by_shortcut, by_message_shortcut),
    "event": (by_event,),
    "function": (by_step,),
}


def plays() -> Iterator[tuple[str, Callable[[Sandbox, str], Any]]]:
    for kind, what in listeners():
        for way in WAYS[kind]:
            if kind != "event" or what in PEOPLE_ASK:
                yield what, way


def test_every_kind_of_error_is_played() -> None:
    assert set(ERRORS) == set(DomainError.__subclasses__())


def test_every_listener_is_played() -> None:
    found = listeners()
    assert {kind for kind, _ in found} == set(WAYS)
    assert len(found) > 50


@pytest.mark.parametrize("error", ERRORS.values(), ids=[kind.__name__ for kind in ERRORS])
async def test_whoever_is_refused_reads_why(place: Place, error: DomainError) -> None:
    place.error = error
    words = answer_to(error, USER)
    for what, way in plays():
        place.clear()
        await way(place.slack, what)
        await place.finish()
        assert words in place.seen(), (what, way.__name__)


async def test_what_nobody_foresaw_is_told_with_its_reference(place: Place) -> None:
    place.error = ZeroDivisionError("x")
    for what, way in plays():
        place.clear()
        await way(place.slack, what)
        await place.finish()
        assert "Something went wrong on our side" in place.seen(), (what, way.__name__)


@pytest.mark.parametrize(
    ("way", "method"),
    [(on_home, "views.open"), (by_shortcut, "views.open"), (in_a_modal, "views.push")],
)
async def test_where_no_form_opens_either_it_comes_as_a_direct_message(
    place: Place, way: Callable[[Sandbox, str], Any], method: str
) -> None:
    place.error = ERRORS[InvalidInput]
    place.slack.fault(method, FaultKind.REFUSED, error="expired_trigger_id")
    what = "lead_add"
    await way(place.slack, what)
    await place.finish()
    direct = place.slack.workspace.messages["D" + USER[1:]].values()
    assert ["Please say why." in message.text for message in direct] == [True]


async def test_where_the_message_takes_no_answer_any_more_it_comes_as_a_direct_message(place: Place) -> None:
    place.error = ERRORS[NotPossible]
    message = place.slack.workspace.post(CHANNEL, "U0BATON", text="T", blocks=[pressed("lead_accept")])
    place.slack.context.tickets._response_urls.clear()
    original = place.slack.context.tickets.response_url

    def spent(channel: str, user: str, message_ts: str = "") -> str:
        path = original(channel, user, message_ts)
        place.slack.context.tickets._response_urls.clear()
        return path

    place.slack.context.tickets.response_url = spent  # type: ignore[method-assign]  # Slack's, not ours
    await place.slack.people.click(USER, message, "lead_accept")
    await place.finish()
    direct = place.slack.workspace.messages["D" + USER[1:]].values()
    assert ["Nobody has accepted this lead yet" in message.text for message in direct] == [True]
