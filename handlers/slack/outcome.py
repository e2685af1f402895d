"""Set outcome: the form, what it asks besides, and what was entered in it."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs import forms
from bot.handoffs.forms import AskOutcome
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.views.ids import Action
from bot.views.modals.outcome import outcome_modal
from handlers.desk import Desk
from handlers.slack.opening import done, opened
from handlers.slack.payloads import Body, Click, Form, form_context
from storage.models import Outcome


async def open_outcome(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Set outcome on a card or in a reminder."""
    click = Click.of(body)
    form = await desk.ask(forms.outcome_form, AskOutcome(click.handoff_id), click.user)
    await opened(desk, click.trigger_id, outcome_modal(form), over_another=click.in_modal)
    await ack()


async def choose_outcome(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """An outcome, or a reason, was chosen in the form: ask what it needs besides."""
    form = Form.of(body)
    chosen, reason = form.choice(Action.RESULT, Outcome), form.entered.get(Action.REASON)
    asked = AskOutcome(form_context(form).handoff_id, chosen, reason)
    view = outcome_modal(await desk.ask(forms.outcome_form, asked, form.user))
    desk.background.start(
        desk.client.views_update(view_id=form.view_id, view=view), "draw the form of an outcome again"
    )
    await ack()


async def save_outcome(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form of an outcome was sent."""
    form = Form.of(body)
    entered = Entered(
        amount=form.entered.get(Action.AMOUNT),
        currency=form.entered.get(Action.CURRENCY),
        deal_on=form.entered.get(Action.DEAL_ON),
        until=form.entered.get(Action.UNTIL),
        reason=form.entered.get(Action.REASON),
        note=form.entered.get(Action.NOTE),
    )
    command = SetOutcome(form_context(form).handoff_id, form.choice(Action.RESULT, Outcome), entered)
    await desk.do(set_outcome, command, form.user)
    await done(ack, form)
