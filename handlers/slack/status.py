"""Clicks in an answer: the next page, one of several, a deed. The new answer is put in its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot import lookups
from bot.errors import LeadNotFound
from bot.lookups import Status
from bot.slack.link import respond
from bot.views.ids import Listed
from bot.views.message import Rendered
from handlers.desk import Desk
from handlers.slack.payloads import Body, Click, user_of


async def turn_page(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Previous or Next beneath a list."""
    try:
        listed = Listed.model_validate_json(_value(body))
    except ValidationError:
        raise LeadNotFound("that list") from None
    _instead(desk, body, await desk.ask(lookups.listing, listed, user_of(body)))
    await ack()


async def show_one(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """One of several that may have been meant."""
    _instead(desk, body, await desk.ask(lookups.status_of, Status(_value(body)), user_of(body)))
    await ack()


Listener = Callable[..., Awaitable[None]]


def then_refresh(desk: Desk, listener: Listener) -> Listener:
    """The listener, and after it the answer in which somebody clicked as things stand now.

    A card rewrites itself; an answer that only one person sees does not.
    """

    async def heard(ack: AsyncAck, body: Body) -> None:
        await listener(ack=ack, body=body)
        if body.get("container", {}).get("is_ephemeral") and body.get("response_url"):
            click = Click.of(body)
            _instead(desk, body, await desk.ask(lookups.status_of_handoff, click.handoff_id, click.user))

    return heard


def _instead(desk: Desk, body: Body, answer: Rendered) -> None:
    drawn = respond(desk.client, str(body["response_url"]), answer.text, answer.blocks, replace=True)
    desk.background.start(drawn, "show an answer anew")


def _value(body: Body) -> str:
    action: dict[str, Any] = body["actions"][0]
    return str(action.get("value", ""))
