"""The addresses of cards in Slack: which of them are not known yet, and what a row links to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, func, select, update

from storage.database.sql import Query
from storage.models import Delivery, deliveries, handoffs
from storage.models.outbox import UNLINKED
from storage.models.values import DeliveryValues

_UNLINKED = Query(
    Delivery,
    select(deliveries).where(UNLINKED).order_by(deliveries.c.id.desc()).limit(bindparam("most")),
)
_IN_LIST = deliveries.alias("in_list")
_OF_HANDOFFS = (
    select(handoffs.c.id, func.coalesce(_IN_LIST.c.permalink, deliveries.c.permalink))
    .select_from(handoffs)
    .join(deliveries, deliveries.c.id == handoffs.c.card_id)
    .outerjoin(_IN_LIST, _IN_LIST.c.id == deliveries.c.list_id)
    .where(handoffs.c.id.in_(bindparam("ids", expanding=True)))
)


def unlinked(tx: Connection, *, limit: int) -> Sequence[Delivery]:
    """Cards and lists that Slack shows and whose address nobody asked for yet, the newest first."""
    return _UNLINKED.all(tx, {"most": limit})


def note(tx: Connection, delivery_id: int, ts: str, permalink: str) -> None:
    """Remember the address of a message; nothing if it was posted anew meanwhile. Empty: it has none."""
    same = deliveries.c.id == delivery_id, deliveries.c.ts == ts
    tx.execute(update(deliveries).where(*same).values(**DeliveryValues(permalink=permalink)))


def of_handoffs(tx: Connection, handoff_ids: Collection[int]) -> dict[int, str]:
    """The address of each of these handoffs' cards, or of the list in which it stands, where it is known."""
    rows = tx.execute(_OF_HANDOFFS, {"ids": list(handoff_ids)}) if handoff_ids else ()
    return {int(row[0]): str(row[1]) for row in rows if row[1]}
