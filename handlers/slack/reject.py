"""Reject: the form, what a reason asks besides, and what was entered in it."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import handoffs
from bot.handoffs import Reject
from bot.handoffs.forms import AskReject, reject_form
from bot.views.ids import Action, RejectContext
from bot.views.modals.reject import reject_modal
from handlers.desk import Desk
from handlers.slack.opening import done, opened
from handlers.slack.payloads import Body, Click, Form


async def open_reject(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Reject on a card or a row: ask why."""
    click = Click.of(body)
    form = await desk.ask(reject_form, AskReject(click.handoff_id), click.user)
    await opened(desk, click.trigger_id, reject_modal(form), over_another=click.in_modal)
    await ack()


async def choose_reason(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """A reason was chosen in the modal: ask what it needs besides."""
    form = Form.of(body)
    asked = AskReject(
        RejectContext.model_validate_json(form.metadata).handoff_id, form.entered.get(Action.REASON)
    )
    view = reject_modal(await desk.ask(reject_form, asked, form.user))
    desk.background.start(
        desk.client.views_update(view_id=form.view_id, view=view), "draw the rejection form again"
    )
    await ack()


async def reject(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The rejection modal was sent."""
    form = Form.of(body)
    command = Reject(
        handoff_id=RejectContext.model_validate_json(form.metadata).handoff_id,
        reason=form.entered.get(Action.REASON, ""),
        note=form.entered.get(Action.NOTE),
        team=form.entered.get(Action.TEAM),
        merge_into=form.entered.get(Action.MERGE_INTO),
    )
    await desk.do(handoffs.reject, command, form.user)
    await done(ack, form)
