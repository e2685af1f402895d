"""After a click: what only the clicker sees is drawn anew."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.desk import Desk
from handlers.slack.later import Listener
from handlers.slack.payloads import Body


def then_refresh(desk: Desk, listener: Listener) -> Listener:
    """The listener, and after it the answer, list, details or Home in which somebody clicked, as of now.

    A card rewrites itself; what only one person sees does not.
    """

    async def heard(ack: AsyncAck, body: Body) -> None:
        await listener(ack=ack, body=body)
        from handlers.slack.status import show_as_of_now  # a start does without it

        await show_as_of_now(desk, body)

    return heard
