"""Reassign: by the form, at once from a manager's message, or to oneself."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs import forms
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.views.ids import Action
from bot.views.modals.reassign import reassign_modal
from handlers.desk import Desk
from handlers.slack.opening import done, opened
from handlers.slack.payloads import Body, Click, Form, Picked, form_context


async def open_reassign(desk: Desk, picked: Picked) -> None:
    """Reassign in the menu of a card: ask to whom."""
    form = await desk.ask(forms.reassign_form, picked.handoff_id, picked.user)
    await opened(desk, picked.trigger_id, reassign_modal(form))


async def open_reassign_form(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Reassign beside a lead: ask to whom."""
    click = Click.of(body)
    form = await desk.ask(forms.reassign_form, click.handoff_id, click.user)
    await opened(desk, click.trigger_id, reassign_modal(form), over_another=click.in_modal)
    await ack()


async def save_reassign(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form that passes a lead on was sent."""
    form = Form.of(body)
    about, owner = form_context(form), form.entered.get(Action.OWNER, "")
    if about.chosen != owner:
        asked = await desk.ask(forms.give_form, forms.AskGive(about.handoff_id, owner), form.user)
        if asked is not None:
            await ack(response_action="update", view=reassign_modal(asked))
            return
    command = Reassign(about.handoff_id, owner, form.entered.get(Action.NOTE))
    await desk.do(reassign, command, form.user)
    await done(ack, form)


async def reassign_at_once(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Somebody was chosen in a manager's message; of one who is away it is asked whether they are meant."""
    picked = Picked.of_row(body)
    asked = await desk.ask(forms.give_form, forms.AskGive(picked.handoff_id, picked.choice), picked.user)
    if asked is not None:
        await opened(desk, picked.trigger_id, reassign_modal(asked))
        await ack()
        return
    await desk.do(reassign, Reassign(picked.handoff_id, picked.choice), picked.user)
    await ack()


async def take_over(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Take it myself, in a manager's message."""
    click = Click.of(body)
    await desk.do(take, Take(click.handoff_id), click.user)
    await ack()
