"""Log contact: the form, and what was entered in it."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs import forms
from bot.handoffs.touch import Touch, touch
from bot.views.ids import Action
from bot.views.modals.touch import touch_modal
from handlers.desk import Desk
from handlers.slack.opening import done, opened
from handlers.slack.payloads import Body, Click, Form, form_context
from storage.models import TouchKind


async def open_touch(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Log contact on a card or in a reminder."""
    click = Click.of(body)
    about = await desk.ask(forms.touch_form, click.handoff_id, click.user)
    await opened(desk, click.trigger_id, touch_modal(about), over_another=click.in_modal)
    await ack()


async def log_touch(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form of a contact was sent."""
    form = Form.of(body)
    kind = form.choice(Action.CONTACT, TouchKind)
    command = Touch(form_context(form).handoff_id, kind, form.entered.get(Action.NOTE))
    await desk.do(touch, command, form.user)
    await done(ack, form)
