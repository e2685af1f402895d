"""Snooze and more time: one form for both, from a card's menu or a manager's message."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs import forms
from bot.handoffs.forms import AskSnooze
from bot.handoffs.snooze import MoreTime, Snooze, give_more_time, snooze
from bot.views.ids import Action
from bot.views.modals.snooze import EXTEND, SNOOZE, snooze_modal
from handlers.desk import Desk
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Click, Form, Picked, form_context


async def open_snooze(desk: Desk, picked: Picked) -> None:
    """Snooze in the menu of a card: ask for how long."""
    form = await desk.ask(forms.snooze_form, AskSnooze(picked.handoff_id), picked.user)
    await opened(desk, picked.trigger_id, snooze_modal(form))


async def open_more_time(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Give more time, in a manager's message."""
    click = Click.of(body)
    form = await desk.ask(forms.snooze_form, AskSnooze(click.handoff_id, only_more=True), click.user)
    await opened(desk, click.trigger_id, snooze_modal(form))
    await ack()


async def save_snooze(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form for more time was sent."""
    form = Form.of(body)
    handoff_id, length = form_context(form).handoff_id, form.entered.get(Action.LENGTH, "")
    reason = form.entered.get(Action.NOTE) or form.entered.get(Action.WHAT)
    if length.startswith(EXTEND):
        await desk.do(give_more_time, MoreTime(handoff_id, length.removeprefix(EXTEND), reason), form.user)
    else:
        await desk.do(snooze, Snooze(handoff_id, length.removeprefix(SNOOZE), reason), form.user)
    await ack()
