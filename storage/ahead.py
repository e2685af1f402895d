"""What was written while the system's clock ran ahead, set right once it was set back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from storage import heartbeats
from storage.database.sql import Query
from storage.models import SlaClock, clocks, outages, replicas
from storage.models.upkeep import OutageValues
from storage.models.values import ClockValues

MOST = 2_000
"""How many clocks are moved back at once."""


def is_ahead(tx: Connection, part: str, now: datetime, by: timedelta) -> bool:
    """Whether a part's heartbeat lies so far in the future that only a clock that was wrong has left it."""
    last = heartbeats.last(tx, part)
    return last is not None and last > now + by


def set_right(tx: Connection, parts: Collection[str], now: datetime) -> int:
    """Move what lies in the future and cannot back to now; gives how many running clocks were moved.

    A clock that was started or paused under the wrong time is moved back by as much as it was ahead.
    """
    for part in parts:
        heartbeats.beat(tx, part, now)
    tx.execute(delete(replicas).where(replicas.c.at > now))
    tx.execute(delete(outages).where(outages.c.began_at >= now))
    tx.execute(update(outages).where(outages.c.ended_at > now).values(**OutageValues(ended_at=now)))
    ahead = select(clocks).where(
        clocks.c.met_at.is_(None),
        clocks.c.stopped_at.is_(None),
        or_(clocks.c.started_at > now, clocks.c.paused_at > now),
    )
    rows = Query(SlaClock, ahead.limit(MOST)).all(tx)
    for row in rows:
        back = max(row.started_at, row.paused_at or row.started_at) - now
        moved: ClockValues = {"started_at": min(row.started_at, now), "due_at": row.due_at - back}
        moved["next_at"] = row.next_at - back if row.next_at else None
        if row.paused_at is not None and row.paused_until is not None:
            moved |= {"paused_at": min(row.paused_at, now), "paused_until": row.paused_until - back}
        tx.execute(update(clocks).where(clocks.c.id == row.id).values(**moved))
    return len(rows)
