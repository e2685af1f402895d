"""Clicks in an answer: the next page, one of several, a deed. The new answer is put in its place."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import LeadNotFound
from bot.handoffs.home import show_own_home
from bot.lookups.lists import listing
from bot.lookups.status import Status, status_of, status_of_handoff
from bot.views.ids import Listed, RowRef
from bot.views.message import Rendered
from handlers.desk import Desk
from handlers.slack.conversation import show
from handlers.slack.details import redraw
from handlers.slack.payloads import Body, Click, is_modal, user_of


async def turn_page(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Previous or Next beneath a list."""
    try:
        listed = Listed.model_validate_json(_value(body))
    except ValidationError:
        raise LeadNotFound("that list") from None
    _instead(desk, body, await desk.ask(listing, listed, user_of(body)))
    await ack()


async def show_one(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """One of several that may have been meant."""
    _instead(desk, body, await desk.ask(status_of, Status(_value(body)), user_of(body)))
    await ack()


async def show_as_of_now(desk: Desk, body: Body) -> None:
    """The answer, list, details or Home in which somebody clicked, drawn anew; a card rewrites itself."""
    if body.get("container", {}).get("is_ephemeral") and body.get("response_url"):
        _instead(desk, body, await _as_of_now(desk, body))
    elif is_modal(body):
        click = Click.of(body)
        await redraw(desk, str(body["view"]["id"]), click.handoff_id, click.user)
    elif body.get("view"):
        await desk.do(show_own_home, None, user_of(body))


async def _as_of_now(desk: Desk, body: Body) -> Rendered:
    """The list in whose row somebody clicked, or else the lead."""
    click = Click.of(body)
    try:
        ref = RowRef.model_validate_json(str(body["actions"][0].get("block_id", "")))
    except ValidationError:
        return await desk.ask(status_of_handoff, click.handoff_id, click.user)
    return await desk.ask(listing, ref.listed, click.user)


def _instead(desk: Desk, body: Body, answer: Rendered) -> None:
    drawn = show(desk, str(body["response_url"]), answer, replace=True)
    desk.background.start(drawn, "show an answer anew")


def _value(body: Body) -> str:
    action: dict[str, Any] = body["actions"][0]
    return str(action.get("value", ""))
