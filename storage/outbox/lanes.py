"""Lanes: one operation in one place ("post:C0SALES"), when it may go on, and whether Slack refuses the place.

All replicas share them. Which delivery goes next in a lane is decided in claims.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from storage.database.many import among
from storage.database.sql import Query, upsert
from storage.models import DeliveryState, Lane, deliveries, lanes
from storage.outbox import heads
from storage.outbox.posts import OPEN, PENDING

WORKSPACE = "*"  # the lane that stands for all of Slack: parked when the token is refused

_LOCK = Query(
    Lane,
    select(lanes)
    .where(among(lanes.c.name, "names"))
    .order_by(lanes.c.name)  # everybody in the same order, so that nobody waits for each other
    .with_for_update(),
)
_IS_PARKED = lanes.c.parked_at.is_not(None)
_PARKED = Query(Lane, select(lanes).where(_IS_PARKED).order_by(lanes.c.parked_at))
_PARKED_NAMES = select(lanes.c.name).where(_IS_PARKED).order_by(lanes.c.name)
_THESE = update(lanes).where(lanes.c.name.in_(bindparam("lanes", expanding=True)))
_THROTTLE = _THESE.where(lanes.c.ready_at < bindparam("until")).values(ready_at=bindparam("until"))
_PARK = _THESE.values(
    ready_at=bindparam("try_at"),
    parked_at=func.coalesce(lanes.c.parked_at, bindparam("since", type_=lanes.c.parked_at.type)),
    error=bindparam("why"),
)
_UNPARK = _THESE.values(ready_at=bindparam("now"), parked_at=None, error=None)
_TRY = _THESE.values(ready_at=bindparam("now"))


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


def throttle(tx: Connection, lane: str, *, until: datetime) -> None:
    """Let nothing go in this lane before then; a longer wait that was told before holds."""
    heads.change(tx, [lane], _THROTTLE, {"until": until})


def park(tx: Connection, lane: str, *, now: datetime, try_at: datetime, error: str) -> bool:
    """Slack refuses the place: keep what goes there, and try one at that moment. True if that is news.

    As with all that changes what is refused: what it locks of deliveries is locked before.
    """
    known = _parked(tx, now)
    heads.change(tx, [lane], _PARK, {"since": now, "try_at": try_at, "why": error})
    return lane not in known


def unpark(tx: Connection, names: Iterable[str], *, now: datetime) -> list[str]:
    """Slack takes these places again. Gives the lanes that were parked."""
    known = _parked(tx, now)
    taken = sorted(known.intersection(names))
    heads.change(tx, taken, _UNPARK, {"now": now})
    return taken


def try_parked(tx: Connection, *, now: datetime) -> None:
    """Try every refused place now, not when its next turn would come."""
    heads.change(tx, _parked(tx, now), _TRY, {"now": now})


def _parked(tx: Connection, now: datetime) -> set[str]:
    """The lanes that Slack refuses; nobody else changes which these are before the commit.

    The lane that stands for all of Slack is locked for that, the first in everybody's order. The others are
    when the transaction ends.
    """
    locked(tx, [WORKSPACE], now)
    return set(tx.execute(_PARKED_NAMES).scalars())


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
