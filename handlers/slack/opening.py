"""Opening a modal before the click is acked: Slack gives three seconds for both."""

from __future__ import annotations

import asyncio

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError

from bot.slack.errors import verdict_on
from bot.slack.link import error_code
from bot.views.blocks import Block
from bot.views.plain import plain_form
from handlers.desk import Desk
from handlers.slack.payloads import Form


async def opened(desk: Desk, trigger_id: str, view: Block, *, over_another: bool = False) -> None:
    """Open a modal, or push it on top of the one that was clicked in.

    One whose form Slack refuses is opened once more with nothing but its inputs and texts; the log says why.
    Raises what Slack refuses then.
    """
    show = desk.client.views_push if over_another else desk.client.views_open
    async with asyncio.timeout(OPENED_WITHIN):
        try:
            await show(trigger_id=trigger_id, view=view)
        except SlackApiError as error:
            if error_code(error) not in _OF_ITS_FORM:
                raise
            name = view.get("callback_id", "")
            desk.log.error("Slack refuses the form %s: %s", name, verdict_on(error))
            await show(trigger_id=trigger_id, view=plain_form(view))


async def done(ack: AsyncAck, form: Form) -> None:
    """Close the form that was sent, and the modal beneath it, which shows how things stood before."""
    if form.over_another:
        await ack(response_action="clear")
    else:
        await ack()


async def acknowledge(ack: AsyncAck) -> None:
    """Slack reports it, and nothing follows: a link was opened."""
    await ack()


_OF_ITS_FORM = ("invalid_arguments", "invalid_blocks", "invalid_blocks_format", "view_too_large")
OPENED_WITHIN = 2.5
"""Seconds that Slack has to open a modal, so that the click is still acked within its 3."""
