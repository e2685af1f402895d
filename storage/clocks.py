"""Clocks as the ladder sees them: which are due, what was down meanwhile, and who was alive when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from storage.models import Cause, clocks, outages

_OUTAGES_AT = (
    select(outages.c.began_at, outages.c.ended_at)
    .where(outages.c.ended_at >= bindparam("at"), outages.c.began_at <= bindparam("at"))
    .order_by(outages.c.ended_at)
)
_BLAME_DATA = (
    update(clocks)
    .where(
        clocks.c.handoff_id == bindparam("handoff"),
        clocks.c.breached_at.is_not(None),
        clocks.c.cause == Cause.REP,
    )
    .values(cause=Cause.BAD_DATA)
)


def outages_at(tx: Connection, at: datetime) -> Sequence[tuple[datetime, datetime]]:
    """The stretches without a heartbeat that cover a moment: (last beat before, first beat after)."""
    return [(row.began_at, row.ended_at) for row in tx.execute(_OUTAGES_AT, {"at": at})]


def blame_data(tx: Connection, handoff_id: int) -> None:
    """The lead was rejected for its data: what a rep was late with is put down to that.

    An outage, or a team with nobody to take the lead, remains the cause where it was.
    """
    tx.execute(_BLAME_DATA, {"handoff": handoff_id})
