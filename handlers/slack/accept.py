"""Accept, on a card or a row."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import handoffs
from bot.handoffs import Accept
from handlers.desk import Desk
from handlers.slack.payloads import Body, Click


async def accept(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Accept on a card or a row. The card itself shows that it worked."""
    click = Click.of(body)
    await desk.do(handoffs.accept, Accept(click.handoff_id), click.user)
    await ack()
