"""After an update each open card is rewritten once, so that its buttons bear what is asked of them now."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.context import Context
from storage import handoffs, installation
from storage.outbox import posts
from storage.outbox.posts import Rank

AT_ONCE = 500
BUTTONS = "buttons"
"""Under which the database notes, as it is brought up to date, that there are cards with old buttons."""


def renew_cards(tx: Connection, ctx: Context, after: int) -> int | None:
    """Rewrite the next of the open cards, from the delivery after `after` on, if they have old buttons; gives
    the one to go on after, None once all are rewritten."""
    if installation.value_of(tx, BUTTONS) is None:
        return None
    cards = handoffs.open_cards(tx, after=after, limit=AT_ONCE)
    posts.rewrite_all(tx, ctx.stamp, cards, rank=Rank.COLOUR)
    if len(cards) == AT_ONCE:
        return cards[-1]
    installation.forget(tx, BUTTONS)
    return None
