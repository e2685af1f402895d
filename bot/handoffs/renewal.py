"""What an update leaves to be written anew, a few rows at a time beside everything else.

Each open card, so that its buttons bear what is asked of them now; each company's key, so that what somebody
types finds it.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot.context import Context
from storage import companies, handoffs, installation
from storage.outbox import posts
from storage.outbox.posts import Rank

AT_ONCE = 500
BUTTONS = "buttons"
"""Under which the database notes, as it is brought up to date, that there are cards with old buttons."""

COMPANY_KEYS = "company_keys"
"""Under which it notes that there are companies with keys of before."""


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


def renew_company_keys(tx: Connection, after: int, at_once: int = AT_ONCE) -> int | None:
    """Make the keys of the next companies anew, and the words that find their leads, from the lead after
    `after` on, if there are old ones; gives the lead to go on after, None once all are made."""
    if installation.value_of(tx, COMPANY_KEYS) is None:
        return None
    from bot.leadform import company_key  # one start in a hundred needs it

    named = companies.named(tx, after=after, limit=at_once)
    for lead in named:
        if lead.company_key != (key := company_key(lead.company)):
            companies.rekey(tx, lead, key)
    if len(named) == at_once:
        return named[-1].id
    installation.forget(tx, COMPANY_KEYS)
    return None
