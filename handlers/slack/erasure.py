"""Forget a person…: an admin asks for it from Home, and another admin agrees or declines."""

from __future__ import annotations

import re

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import NotPossible, Obstacle
from bot.handoffs.erasure import agree, ask_to_forget, decline, forget_form
from bot.views.ids import Action
from bot.views.modals.erasure import asked_modal, forget_modal
from handlers.desk import Desk
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Form, user_of

_NUMBER = re.compile(r"[0-9]{1,18}")


async def open_forget(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Forget a person…, on an admin's Home: the form."""
    second = await desk.ask(forget_form, None, user_of(body))
    await opened(desk, str(body["trigger_id"]), forget_modal(second=second))
    await ack()


async def save_forget(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form was sent: it begins, or another admin is asked."""
    form = Form.of(body)
    asked = await desk.do(ask_to_forget, form.entered.get(Action.PERSON, ""), form.user)
    await ack(response_action="update", view=asked_modal(asked.lead_id, asked.admins))


async def agree_to(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Agree, on the card: it begins."""
    await desk.do(agree, _lead_of(body), user_of(body))
    await ack()


async def turn_down(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Decline, on the card: nobody is erased."""
    await desk.do(decline, _lead_of(body), user_of(body))
    await ack()


def _lead_of(body: Body) -> int:
    """Raises NotPossible for a value that is no lead's."""
    number = str(body["actions"][0].get("value", ""))
    if not _NUMBER.fullmatch(number):
        raise NotPossible(Obstacle.REQUEST_OVER)
    return int(number)
