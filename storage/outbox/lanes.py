"""Lanes: one operation in one place ("post:C0SALES"), when it may go on, and whether Slack refuses the place.

All replicas share them. Which delivery goes next in a lane is decided in claims.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, select, update

from storage.database.sql import Query, upsert
from storage.models import DeliveryState, Lane, deliveries, lanes
from storage.models.upkeep import LaneValues
from storage.outbox import heads
from storage.outbox.posts import OPEN, PENDING

WORKSPACE = "*"  # the lane that stands for all of Slack: parked when the token is refused

_LOCK = Query(
    Lane,
    select(lanes)
    .where(lanes.c.name.in_(bindparam("names", expanding=True)))
    .order_by(lanes.c.name)  # everybody in the same order, so that nobody waits for each other
    .with_for_update(),
)
_READY = update(lanes).where(lanes.c.name == bindparam("lane")).values(ready_at=bindparam("ready"))
_PARKED = Query(Lane, select(lanes).where(lanes.c.parked_at.is_not(None)).order_by(lanes.c.parked_at))


def place_of(lane: str) -> str:
    """The channel or person that a lane leads to."""
    return lane.partition(":")[2]


def locked(tx: Connection, names: Collection[str], now: datetime) -> dict[str, Lane]:
    """These lanes by name, locked until the commit; one that was never used is open since `now`."""
    known = {row.name: row for row in _LOCK.all(tx, {"names": list(names)})}
    if missing := [name for name in names if name not in known]:
        fresh = upsert(tx, lanes).on_conflict_do_nothing(index_elements=["name"])
        tx.execute(fresh, [{"name": name, "ready_at": now} for name in sorted(missing)])
        known = {row.name: row for row in _LOCK.all(tx, {"names": list(names)})}
    return known


def set_ready(tx: Connection, ready: Mapping[str, datetime]) -> None:
    """Let nothing go in each of these locked lanes before its moment."""
    tx.execute(_READY, [{"lane": name, "ready": at} for name, at in ready.items()])


def throttle(tx: Connection, lane: str, *, until: datetime) -> None:
    """Let nothing go in this lane before then; a longer wait that was told before holds."""
    statement = upsert(tx, lanes).values(**LaneValues(name=lane, ready_at=until))
    wanted = statement.excluded.ready_at
    later = case((wanted > lanes.c.ready_at, wanted), else_=lanes.c.ready_at)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"ready_at": later}))


def park(tx: Connection, lane: str, *, now: datetime, try_at: datetime, error: str) -> bool:
    """Slack refuses the place: keep what goes there, and try one at that moment. True if that is news."""
    known = locked(tx, [lane], now)[lane].parked_at
    values: LaneValues = {"ready_at": try_at, "parked_at": known or now, "error": error}
    tx.execute(update(lanes).where(lanes.c.name == lane).values(**values))
    heads.changed(tx, [lane])
    return known is None


def unpark(tx: Connection, names: Iterable[str], *, now: datetime) -> list[str]:
    """Slack takes these places again. Gives the lanes that were parked."""
    statement = (
        update(lanes)
        .where(lanes.c.name.in_(sorted(names)), lanes.c.parked_at.is_not(None))
        .values(**LaneValues(parked_at=None, error=None, ready_at=now))
        .returning(lanes.c.name)
    )
    names = sorted(tx.execute(statement).scalars())
    heads.changed(tx, names)
    return names


def try_parked(tx: Connection, *, now: datetime) -> None:
    """Try every refused place now, not when its next turn would come."""
    parked = update(lanes).where(lanes.c.parked_at.is_not(None)).returning(lanes.c.name)
    heads.changed(tx, tx.execute(parked.values(**LaneValues(ready_at=now))).scalars())


def refused(tx: Connection) -> Sequence[Lane]:
    """The lanes that Slack refuses now, the longest first."""
    return _PARKED.all(tx)


def refused_and_needed(tx: Connection) -> Sequence[Lane]:
    """The lanes that Slack refuses now and for which something waits."""
    return [lane for lane in refused(tx) if _is_needed(tx, lane.name)]


def _is_needed(tx: Connection, lane: str) -> bool:
    waiting = select(deliveries.c.id).where(PENDING)
    in_doubt = select(deliveries.c.id).where(OPEN, deliveries.c.state == DeliveryState.UNKNOWN)
    if lane != WORKSPACE:
        waiting = waiting.where(deliveries.c.lane == lane)
        in_doubt = in_doubt.where(deliveries.c.place == place_of(lane))
    return any(tx.execute(some.limit(1)).first() for some in (waiting, in_doubt))
