"""What a door of the API refuses is kept, and its caller is told why all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import AmbiguousId, LeadNotFound
from bot.handoffs.refused import keep, unplaced
from bot.handoffs.taken import Door
from bot.leadform import FieldFault, LeadFaults
from handlers.desk import Desk
from handlers.http.door import MOST_KEPT, NotJson, TooLong
from storage.database import DatabaseAway

AT_ONCE = 20
"""Records in one transaction that are taken in one by one: a click waits for no more than these."""
GAP = 0.003
"""Seconds between two of them, in which other programs may write into the database file."""

Refused: TypeAlias = tuple[Any, LeadFaults]
"""A record as it was read, and why it is not taken."""


@dataclass(slots=True)
class Body:
    """What a caller sent, once it was read: one record or a list of them."""

    raw: Any = None


@asynccontextmanager
async def kept_if_refused(
    desk: Desk, context: Context, door: str, record_of: Callable[[Any], Any] = lambda raw: raw
) -> AsyncIterator[Body]:
    """Keep the body that is read inside if it is not taken; the error goes on to the caller.

    `record_of` makes of a record what is kept of it. Of a body that is too long its beginning is kept.
    """
    body = Body()
    try:
        yield body
    except NotJson as bad:
        await keep_all(desk, context, door, [(record_of(bad.text), bad)])
        raise
    except TooLong as long:
        fault = LeadFaults([FieldFault("body", long.sentence)])
        await keep_all(desk, context, door, [(record_of(long.beginning), fault)])
        raise
    except LeadFaults as bad:
        records = body.raw if isinstance(body.raw, list) else [body.raw]
        await keep_all(desk, context, door, [(record_of(record), bad) for record in records[:MOST_KEPT]])
        raise
    except (LeadNotFound, AmbiguousId) as unknown:
        await keep_all(desk, context, door, [(record_of(body.raw), unplaced(unknown))])
        raise


async def keep_all(desk: Desk, context: Context, door: str, refused: Sequence[Refused]) -> None:
    """Keep what was refused, apart from what was taken: whatever comes of it, the answer stays the same."""
    try:
        for start in range(0, len(refused), AT_ONCE):
            await desk.database.write(_keep_each, context, door, refused[start : start + AT_ONCE])
    except DatabaseAway as away:
        desk.log.warning("%d refused records were not kept: %s", len(refused), away)
    except Exception:  # that it was refused is known, and the caller waits to hear it
        desk.log.exception("%d refused records were not kept", len(refused))


def _keep_each(tx: Connection, context: Context, door: str, refused: Sequence[Refused]) -> None:
    system = Door.of(context).system
    for raw, bad in refused:
        keep(tx, context, door, system, raw, bad)
