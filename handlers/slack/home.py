"""App Home: somebody looks at it, says how they want to be reminded, goes away, comes back."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs.away import come_back
from bot.handoffs.home import PrefChange, change_prefs, open_home
from bot.views.home import away_modal
from bot.views.ids import Action
from bot.views.modals.add import done_modal
from handlers.desk import Desk
from handlers.slack.commands import gone
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Form, user_of


async def look(desk: Desk, ack: AsyncAck, event: dict[str, Any]) -> None:
    """Home, or the conversation beside it, was opened."""
    if event.get("tab") == "home":
        await desk.do(open_home, None, str(event["user"]))
    await ack()


async def choose(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """One of the menus on how to be reminded."""
    action: dict[str, Any] = body["actions"][0]
    chosen = str((action.get("selected_option") or {}).get("value", ""))
    user = user_of(body)
    await desk.do(change_prefs, PrefChange(str(action["action_id"]), chosen), user)
    await desk.do(open_home, None, user)
    await ack()


async def open_away(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Go away…: ask until when."""
    await opened(desk, str(body["trigger_id"]), away_modal())
    await ack()


async def go_away(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form that asks until when was sent."""
    form = Form.of(body)
    words = await gone(desk, form.user, form.entered.get(Action.UNTIL, ""))
    await desk.do(open_home, None, form.user)
    await ack(response_action="update", view=done_modal("Away", words))


async def back(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """I am back."""
    await desk.do(come_back, None, user_of(body))
    await desk.do(open_home, None, user_of(body))
    await ack()
