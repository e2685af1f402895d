"""Socket Mode and signed HTTP to the letter: hello, acks, retries, disconnects, signatures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import JsonDict, Sandbox
from bot.sandbox.slack.socket_mode import DisconnectReason
from tests.sandbox.tinybot import over_socket_mode


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox(rate_limits=False, ack_seconds=0.3, retry_delays=(0.0, 0.01, 0.02)) as sandbox:
        yield sandbox


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def connection(slack: Sandbox, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    """A raw Socket Mode connection that has had its hello."""
    client = AsyncWebClient(base_url=slack.api_url)
    opened = await client.apps_connections_open(app_token=slack.app_token)
    socket = await session.ws_connect(opened["url"])
    hello = await socket.receive_json()
    assert hello["type"] == "hello"
    assert hello["num_connections"] == slack.sockets.connected
    return socket


async def ack(socket: aiohttp.ClientWebSocketResponse, **payload: object) -> JsonDict:
    """Take the next envelope and ack it."""
    envelope: JsonDict = await socket.receive_json(timeout=20)
    await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": payload})
    return envelope


async def nothing_under_way(slack: Sandbox) -> None:
    """Wait until no event is to be tried again."""
    async with asyncio.timeout(20):
        while slack.dispatcher._tasks:
            await asyncio.sleep(0.01)


async def test_a_connection_needs_the_apps_own_token_and_a_ticket_works_once(
    slack: Sandbox, session: aiohttp.ClientSession
) -> None:
    client = AsyncWebClient(base_url=slack.api_url)
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=slack.bot_token)
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    await session.ws_connect(url)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(url)


async def test_a_command_is_an_envelope_and_its_answer_comes_in_the_ack(
    slack: Sandbox, session: aiohttp.ClientSession
) -> None:
    socket = await connection(slack, session)
    typed = asyncio.create_task(slack.people.command("U0MARA", "/lead", "mine"))
    envelope = await ack(socket, text="Nothing yet")
    deed = await typed
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert (envelope["payload"]["command"], envelope["payload"]["text"]) == ("/lead", "mine")
    assert deed.answer is not None
    assert deed.answer.text == "Nothing yet"


async def test_envelopes_go_to_all_connections_in_turn(
    slack: Sandbox, session: aiohttp.ClientSession
) -> None:
    sockets = [await connection(slack, session) for _ in range(3)]
    typed = [asyncio.create_task(slack.people.command("U0MARA", "/lead", str(n))) for n in range(3)]
    texts = [(await ack(socket))["payload"]["text"] for socket in sockets]
    assert sorted(texts) == ["0", "1", "2"]
    assert all(deed.ok for deed in await asyncio.gather(*typed))


async def test_an_eleventh_connection_is_turned_away(slack: Sandbox, session: aiohttp.ClientSession) -> None:
    held = [await connection(slack, session) for _ in range(10)]
    client = AsyncWebClient(base_url=slack.api_url)
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    refused = await (await session.ws_connect(url)).receive_json()
    assert (refused["type"], refused["reason"]) == ("disconnect", "too_many_websockets")
    assert slack.sockets.connected == len(held)


async def test_a_late_ack_is_a_failure_and_the_person_is_told(
    slack: Sandbox, session: aiohttp.ClientSession
) -> None:
    socket = await connection(slack, session)
    deed = await slack.people.command("U0MARA", "/lead", "mine")
    await ack(socket, text="too late")
    assert not deed.ok
    assert deed.answer is not None
    assert deed.answer.text == "/lead failed with the error “operation_timeout”"
    assert [entry.error for entry in slack.traffic.refused()] == ["timeout"]


async def test_an_event_that_is_not_acked_comes_again_with_its_number_and_reason(
    slack: Sandbox, session: aiohttp.ClientSession
) -> None:
    socket = await connection(slack, session)
    opened = asyncio.create_task(slack.people.open_home("U0MARA"))
    first = await socket.receive_json(timeout=20)
    second = await socket.receive_json(timeout=20)
    third = await ack(socket)
    await opened
    assert [e["payload"]["event_id"] for e in (second, third)] == [first["payload"]["event_id"]] * 2
    assert [(e["retry_attempt"], e["retry_reason"]) for e in (first, second, third)] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
    ]
    await nothing_under_way(slack)
    assert len([entry for entry in slack.traffic.entries if entry.direction == "out"]) == 3


async def test_what_was_under_way_on_a_broken_connection_fails_at_once(
    slack: Sandbox, session: aiohttp.ClientSession
) -> None:
    socket = await connection(slack, session)
    opened = asyncio.create_task(slack.people.open_home("U0MARA"))
    await socket.receive_json(timeout=20)
    other = await connection(slack, session)
    await socket.close()
    again = await ack(other)
    await opened
    assert again["retry_attempt"] == 1
    assert slack.traffic.refused()[0].error == "connection_failed"


async def test_nothing_is_delivered_without_a_connection(slack: Sandbox) -> None:
    deed = await slack.people.command("U0MARA", "/lead")
    assert deed.ack is not None
    assert deed.ack.error == "no_connection"


@pytest.mark.parametrize("reason", [DisconnectReason.WARNING, DisconnectReason.REFRESH_REQUESTED])
async def test_bolt_comes_back_after_a_disconnect(slack: Sandbox, reason: DisconnectReason) -> None:
    async with over_socket_mode(slack):
        await slack.sockets.disconnect(reason)
        async with asyncio.timeout(20):
            while len(slack.traffic.calls("apps.connections.open")) < 2 or slack.sockets.connected != 1:
                await asyncio.sleep(0.01)
            # The old connection may still be counted when it closes: whoever types into it types again.
            while not (await slack.people.command("U0MARA", "/lead", "mine")).ok:
                await asyncio.sleep(0.01)


async def test_a_disabled_app_is_sent_away_until_it_is_enabled(
    slack: Sandbox, session: aiohttp.ClientSession
) -> None:
    socket = await connection(slack, session)
    await slack.sockets.disconnect(DisconnectReason.LINK_DISABLED)
    assert (await socket.receive_json())["reason"] == "link_disabled"
    client = AsyncWebClient(base_url=slack.api_url)
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    assert (await (await session.ws_connect(url)).receive_json())["reason"] == "link_disabled"
    slack.sockets.enabled = True
    await connection(slack, session)


# ---- signed HTTP


class Inbox:
    """A bot's URL that keeps what it gets, and answers as told."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], str]] = []
        self.answers: list[web.Response] = []

    async def handle(self, request: web.Request) -> web.Response:
        text = await request.text()
        if "url_verification" in text:
            return web.json_response({"challenge": json.loads(text)["challenge"]})
        self.requests.append((dict(request.headers), text))
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def inbox(slack: Sandbox) -> AsyncIterator[Inbox]:
    inbox = Inbox()
    app = web.Application()
    app.router.add_post("/slack/events", inbox.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await slack.connect_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    yield inbox
    await runner.cleanup()


async def test_every_request_carries_a_signature_that_the_sdk_accepts(slack: Sandbox, inbox: Inbox) -> None:
    await slack.people.open_home("U0MARA")
    await slack.people.command("U0MARA", "/lead", "status acme & sons")
    verifier = SignatureVerifier(slack.signing_secret)
    assert len(inbox.requests) == 2
    assert all(verifier.is_valid_request(body, headers) for headers, body in inbox.requests)
    assert [headers["Content-Type"] for headers, _ in inbox.requests] == [
        "application/json",
        "application/x-www-form-urlencoded",
    ]


async def test_a_request_of_another_time_is_refused_by_the_sdk(slack: Sandbox, inbox: Inbox) -> None:
    assert slack.http is not None
    slack.http.skew = -600
    await slack.people.command("U0MARA", "/lead")
    [(headers, body)] = inbox.requests
    assert not SignatureVerifier(slack.signing_secret).is_valid_request(body, headers)


async def test_an_event_that_failed_comes_again_with_slacks_headers(slack: Sandbox, inbox: Inbox) -> None:
    inbox.answers = [web.Response(status=500), web.Response(status=500), web.Response()]
    await slack.people.open_home("U0MARA")
    async with asyncio.timeout(20):
        while len(inbox.requests) < 3:
            await asyncio.sleep(0.01)
    numbers = [headers.get("X-Slack-Retry-Num") for headers, _ in inbox.requests]
    reasons = [headers.get("X-Slack-Retry-Reason") for headers, _ in inbox.requests]
    assert (numbers, reasons) == ([None, "1", "2"], [None, "http_error", "http_error"])


async def test_a_bot_can_ask_for_no_retries(slack: Sandbox, inbox: Inbox) -> None:
    inbox.answers = [web.Response(status=500, headers={"X-Slack-No-Retry": "1"})]
    await slack.people.open_home("U0MARA")
    await nothing_under_way(slack)
    assert len(inbox.requests) == 1


async def test_a_plain_text_answer_is_shown_to_the_asker(slack: Sandbox, inbox: Inbox) -> None:
    inbox.answers = [web.Response(text="Nothing yet")]
    deed = await slack.people.command("U0MARA", "/lead", "mine")
    assert deed.answer is not None
    assert (deed.answer.text, deed.answer.ephemeral_to) == ("Nothing yet", "U0MARA")


async def test_a_url_that_does_not_echo_the_challenge_is_not_taken(slack: Sandbox) -> None:
    with pytest.raises(ConnectionError, match="did not echo the challenge"):
        await slack.connect_http(f"{slack.url}/api/auth.test")
