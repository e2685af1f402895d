"""A bot of a few lines on the real Bolt, over either transport, to try the sandbox with."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import JsonDict, Sandbox

REJECT_MODAL: JsonDict = {
    "type": "modal",
    "callback_id": "reject",
    "title": {"type": "plain_text", "text": "Reject"},
    "submit": {"type": "plain_text", "text": "Reject it"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {
                "type": "static_select",
                "action_id": "reason",
                "options": [
                    {"text": {"type": "plain_text", "text": "Bad data"}, "value": "bad_contact"},
                    {"text": {"type": "plain_text", "text": "Too small"}, "value": "too_small"},
                ],
            },
        },
        {
            "type": "input",
            "block_id": "note",
            "optional": True,
            "label": {"type": "plain_text", "text": "Note"},
            "element": {"type": "plain_text_input", "action_id": "note", "max_length": 20},
        },
    ],
}


def card_blocks(title: str) -> list[JsonDict]:
    """A lead's card: a line and three things to press."""

    def button(label: str, action_id: str) -> JsonDict:
        return {
            "type": "button",
            "text": {"type": "plain_text", "text": label},
            "action_id": action_id,
            "value": "7",
        }

    snooze = {"text": {"type": "plain_text", "text": "Snooze"}, "value": "snooze"}
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": title}},
        {
            "type": "actions",
            "elements": [
                button("Accept", "accept"),
                button("Reject", "reject"),
                {"type": "overflow", "action_id": "more", "options": [snooze]},
            ],
        },
    ]


def tiny_app(slack: Sandbox) -> AsyncApp:
    """A Bolt app that accepts, rejects with a modal, answers `/lead` and greets on its Home tab."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    app = AsyncApp(client=client, signing_secret=slack.signing_secret, process_before_response=True)
    app.logger.setLevel(logging.CRITICAL)

    @app.action("accept")
    async def accept(ack: Any, body: JsonDict, client: AsyncWebClient, respond: Any) -> None:
        await ack()
        name = body["user"]["name"]
        if "Accepted" in body["message"]["text"]:
            await respond(text=f"Sorry, {name}: someone was first.")
            return
        text = f"Accepted by {name}"
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        await client.chat_update(channel=channel, ts=ts, text=text, blocks=card_blocks(text))

    @app.action("reject")
    async def reject(ack: Any, body: JsonDict, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=REJECT_MODAL)

    @app.action("more")
    async def more(ack: Any, action: JsonDict, respond: Any) -> None:
        await ack()
        await respond(text=f"You chose {action['selected_option']['value']}")

    @app.view("reject")
    async def rejected(ack: Any, view: JsonDict, body: JsonDict, client: AsyncWebClient) -> None:
        values = view["state"]["values"]
        if values["note"]["note"]["value"] == "no":
            await ack(response_action="errors", errors={"note": "Say more than no"})
            return
        await ack()
        reason = values["reason"]["reason"]["selected_option"]["value"]
        user = body["user"]["id"]
        await client.chat_postMessage(channel="C0MKTG", text=f"Rejected by <@{user}>: {reason}")

    @app.view_closed("reject")
    async def closed(ack: Any, client: AsyncWebClient) -> None:
        await ack()
        await client.chat_postMessage(channel="C0MKTG", text="Never mind")

    @app.command("/lead")
    async def lead(ack: Any, command: JsonDict) -> None:
        await ack(f"You asked for: {command['text']}")

    @app.event("app_home_opened")
    async def home(event: JsonDict, client: AsyncWebClient) -> None:
        blocks = [{"type": "section", "text": {"type": "plain_text", "text": "Welcome"}}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    return app


@asynccontextmanager
async def over_socket_mode(slack: Sandbox) -> AsyncIterator[AsyncApp]:
    """The bot, connected by Socket Mode."""
    app = tiny_app(slack)
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt ships it without types
    try:
        await slack.sockets.wait_connected()
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt ships it without types


@asynccontextmanager
async def over_http(slack: Sandbox) -> AsyncIterator[AsyncApp]:
    """The bot, behind a URL of its own."""
    app = tiny_app(slack)

    async def events(request: web.Request) -> web.Response:
        headers: dict[str, str | Sequence[str]] = dict(request.headers)
        bolt_request = AsyncBoltRequest(body=await request.text(), headers=headers)
        answer = await app.async_dispatch(bolt_request)
        answer_headers = {name: values[0] for name, values in answer.headers.items()}
        return web.Response(status=answer.status, text=answer.body, headers=answer_headers)

    site_app = web.Application()
    site_app.router.add_post("/slack/events", events)
    runner = web.AppRunner(site_app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        await slack.connect_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
        yield app
    finally:
        await runner.cleanup()


TRANSPORTS = {"socket mode": over_socket_mode, "http": over_http}
