"""Somebody goes away or comes back: from Home, or by the command."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs import away
from bot.handoffs.away import GoAway, Gone, come_back, hand_on
from bot.handoffs.home import open_home
from bot.views import away as away_texts
from bot.views.ids import Action, Callback
from bot.views.labels import MODALS
from bot.views.modals.add import done_modal
from bot.views.modals.away import away_modal
from handlers.desk import Desk
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Form, user_of


async def open_away(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Set away…: ask until when."""
    await opened(desk, str(body["trigger_id"]), away_modal())
    await ack()


async def go_away(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form that asks until when was sent."""
    form = Form.of(body)
    words = await gone(desk, form.user, form.entered.get(Action.UNTIL, ""))
    await desk.do(open_home, None, form.user)
    await ack(response_action="update", view=done_modal(MODALS[Callback.AWAY][0], words))


async def back(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """I'm back."""
    await desk.do(come_back, None, user_of(body))
    await desk.do(open_home, None, user_of(body))
    await ack()


async def gone(desk: Desk, user: str, until: str) -> str:
    """Note that somebody is away, and say what became of their leads; what takes longer goes on by itself."""
    done: Gone = await desk.do(away.go_away, GoAway(until), user)
    if done.last is not None:
        desk.background.start(_hand_on(desk, user, done.last), "hand on the leads of somebody who is away")
    return away_texts.away_words(done.until, done.passed, done.stuck, more=done.last is not None)


async def _hand_on(desk: Desk, user: str, after: int) -> None:
    last: int | None = after
    while last is not None:
        last = (await desk.do(hand_on, last, user)).last
