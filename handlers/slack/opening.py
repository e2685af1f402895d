"""Opening a modal before the click is acked: Slack gives three seconds for both."""

from __future__ import annotations

import asyncio

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.views.blocks import Block
from handlers.desk import Desk
from handlers.slack.payloads import Form


async def opened(desk: Desk, trigger_id: str, view: Block, *, over_another: bool = False) -> None:
    """Open a modal, or push it on top of the one that was clicked in. Raises what Slack refuses."""
    async with asyncio.timeout(OPENED_WITHIN):
        if over_another:
            await desk.client.views_push(trigger_id=trigger_id, view=view)
        else:
            await desk.client.views_open(trigger_id=trigger_id, view=view)


async def done(ack: AsyncAck, form: Form) -> None:
    """Close the form that was sent, and the modal beneath it, which shows how things stood before."""
    if form.over_another:
        await ack(response_action="clear")
    else:
        await ack()


async def acknowledge(ack: AsyncAck) -> None:
    """Slack reports it, and nothing follows: a link was opened."""
    await ack()


OPENED_WITHIN = 2.5
"""Seconds that Slack has to open a modal, so that the click is still acked within its 3."""
