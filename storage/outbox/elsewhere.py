"""What waits for places that Slack refuses and nobody uses any more: it is sent elsewhere, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from storage.database.sql import Query
from storage.models import Delivery, DeliveryOp, DeliveryState, deliveries
from storage.models.values import DeliveryValues
from storage.outbox import heads
from storage.outbox.posts import PENDING

_WAITING = Query(
    Delivery,
    select(deliveries)
    .where(PENDING, deliveries.c.place.in_(bindparam("places", expanding=True)))
    .order_by(deliveries.c.id)
    .limit(bindparam("most")),
)
_CHANGE = update(deliveries).where(PENDING, deliveries.c.id == bindparam("delivery"))


def waiting_at(tx: Connection, places: Collection[str], limit: int) -> Sequence[Delivery]:
    """What waits for these places, oldest first."""
    return _WAITING.all(tx, {"places": sorted(places), "most": limit}) if places else ()


def move(tx: Connection, row: Delivery, place: str, now: datetime) -> None:
    """Send a post that waits to another place. `now` is the transport's time."""
    lane = f"{DeliveryOp.POST}:{place}"
    moved: DeliveryValues = {"place": place, "lane": lane, "due_at": now}
    tx.execute(_CHANGE.values(**moved), {"delivery": row.id})
    heads.changed(tx, [row.lane, lane])


def drop(tx: Connection, row: Delivery, now: datetime, why: str) -> None:
    """Send what waits to nobody."""
    dropped: DeliveryValues = {"state": DeliveryState.DROPPED, "due_at": now, "error": why}
    tx.execute(_CHANGE.values(**dropped), {"delivery": row.id})
    heads.changed(tx, [row.lane])
    heads.settled(tx, [row.id])
