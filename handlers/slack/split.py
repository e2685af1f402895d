"""`/lead split #12`: what goes where is shown in a modal, and done once it is sent."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs.split import Split, split, split_form
from bot.views.ids import SplitContext
from bot.views.modals.split import split_done_modal, split_modal
from handlers.desk import Desk
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Form


async def open_split(desk: Desk, typed: str, user: str, trigger_id: str) -> None:
    """Show how the lead that somebody means would be split."""
    form = await desk.ask(split_form, typed, user)
    await opened(desk, trigger_id, split_modal(form))


async def save_split(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The modal was sent: split the lead as it was shown."""
    form = Form.of(body)
    shown = SplitContext.model_validate_json(form.metadata)
    done = await desk.do(split, Split(shown.lead_id, shown.seen), form.user)
    await ack(response_action="update", view=split_done_modal(done))
