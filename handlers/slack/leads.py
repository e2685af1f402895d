"""Clicks on a lead and the modals that they open: parse, call the use case, answer."""

from __future__ import annotations

import asyncio

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import handoffs
from bot.handoffs import Accept, Reject
from bot.handoffs.forms import AskReject, reject_form
from bot.views.ids import Action, RejectContext
from bot.views.modals.reject import reject_modal
from handlers.desk import Desk
from handlers.slack.payloads import Body, Click, Form

OPENED_WITHIN = 2.5
"""Seconds that Slack has to open a modal, so that the click is still acked within its 3."""


async def accept(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Accept on a card or a row. The card itself shows that it worked."""
    click = Click.of(body)
    await desk.do(handoffs.accept, Accept(click.handoff_id), click.user)
    await ack()


async def open_reject(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Reject on a card or a row: ask why."""
    click = Click.of(body)
    form = await desk.ask(reject_form, AskReject(click.handoff_id), click.user)
    async with asyncio.timeout(OPENED_WITHIN):
        await desk.client.views_open(trigger_id=click.trigger_id, view=reject_modal(form))
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
    await ack()


async def acknowledge(ack: AsyncAck) -> None:
    """Slack reports it, and nothing follows: a link was opened, Home was looked at."""
    await ack()
