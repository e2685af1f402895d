"""Makes a message ready to be posted: it rings those who are called in it, and says the others' names."""

from __future__ import annotations

from collections.abc import Set

from sqlalchemy import Connection

from bot.context import Context
from bot.lookups.seals import sealed
from bot.views.message import Rendered, as_posted, people_named
from storage import people


def ready_to_post(tx: Connection, message: Rendered, *, spared: Set[str] = frozenset()) -> Rendered:
    """The message as it goes to Slack, with the names of those who are named as they are known now.

    Who is `spared` is named, even where the message calls them.
    """
    wanted = people_named(message) | spared
    known = people.among(tx, wanted) if wanted else {}
    return as_posted(message, {user: row.name for user, row in known.items() if row.name}, spared=spared)


def ready_to_share(tx: Connection, _ctx: Context, answer: Rendered) -> Rendered:
    """An answer that a channel reads."""
    return ready_to_post(tx, sealed(tx, answer))
