"""App Home: somebody looks at it, says how they want to be reminded, goes away, comes back."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs.home import PrefChange, change_prefs, open_home
from handlers.desk import Desk
from handlers.slack.payloads import Body, user_of


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
