"""The messages that one decision caused, found by the trace that they share with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from storage.database.sql import Query
from storage.models import Delivery, DeliveryKind, DeliveryOp, deliveries

_CAUSED = Query(
    Delivery,
    select(deliveries)
    .where(
        deliveries.c.handoff_id == bindparam("handoff"),
        deliveries.c.trace == bindparam("click"),
        deliveries.c.op == DeliveryOp.POST,
    )
    .order_by(deliveries.c.id),
)
_ABOUT = Query(
    Delivery,
    select(deliveries)
    .where(
        deliveries.c.handoff_id == bindparam("handoff"),
        deliveries.c.kind.in_(bindparam("kinds", expanding=True)),
        deliveries.c.op == DeliveryOp.POST,
    )
    .order_by(deliveries.c.id),
)
_SET_BODY = update(deliveries).where(deliveries.c.id == bindparam("delivery"))


def by_click(tx: Connection, handoff_id: int, trace: str) -> Sequence[Delivery]:
    """The posts about a handoff that one click or call caused, oldest first."""
    return _CAUSED.all(tx, {"handoff": handoff_id, "click": trace})


def about(tx: Connection, handoff_id: int, *kinds: DeliveryKind) -> Sequence[Delivery]:
    """The posts of these kinds about a handoff, oldest first."""
    return _ABOUT.all(tx, {"handoff": handoff_id, "kinds": list(kinds)})


def take_back(tx: Connection, message: Delivery, *, by: str, at: datetime) -> None:
    """Let a message say, once it is shown again, that what it tells of was taken back."""
    body: dict[str, Any] = {**message.body, "taken_back": {"by": by, "at": at.isoformat()}}
    tx.execute(_SET_BODY, {"delivery": message.id, "body": body})
