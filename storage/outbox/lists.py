"""Lists: cards that would flood a channel go out some at a time in one message."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, update

from storage.database.sql import Query, insert_one
from storage.models import DeliveryKind, DeliveryOp, DeliveryState, deliveries
from storage.models.values import DeliveryValues
from storage.outbox import each_lane
from storage.outbox.posts import PENDING, Rank
from storage.outbox.ready import Ready

LIST_OVER = 10  # more cards than this waiting for one channel go out as lists
LIST_SIZE = 10


class _Card:
    id: int
    lane: str


def _cards(lane: ColumnElement[str], room: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(deliveries.c.id, deliveries.c.lane)
        .where(
            PENDING,
            deliveries.c.lane == lane,
            deliveries.c.rank >= int(Rank.SECOND),
            deliveries.c.kind == DeliveryKind.CARD.value,
            deliveries.c.attempts == 0,
        )
        .order_by(deliveries.c.rank, deliveries.c.id)
        .limit(room)
        .with_for_update(skip_locked=True)
    )


_CARDS = Query(_Card, each_lane.of_one(_cards))
_CARDS_OF_MANY = Query(_Card, each_lane.of_many(_cards))


def gathered(tx: Connection, chosen: Sequence[Ready], *, now: datetime) -> list[tuple[Ready, int]]:
    """What goes of these rows: each with its own id, or that of the list in which its card and others stand.

    A row that stands in the list of one before it is left out.
    """
    beside = _cards_beside(tx, {row.lane for row in chosen if _may_be_listed(row)})
    listed: set[int] = set()
    found = []
    for row in chosen:
        if row.id in listed:
            continue
        cards = beside.get(row.lane, ()) if _may_be_listed(row) else ()
        if len(cards) <= LIST_OVER:
            found.append((row, row.id))
            continue
        of_list = [card.id for card in cards[:LIST_SIZE]]
        listed.update(of_list)
        found.append((row, _make_list(tx, row, of_list, now=now)))
        beside = {**beside, **_cards_beside(tx, {row.lane})}
    return found


def _may_be_listed(row: Ready) -> bool:
    """Whether a row is a card that nobody waits for by name, and that has not been tried or listed before."""
    is_card = row.kind == DeliveryKind.CARD and row.op == DeliveryOp.POST and row.rank >= Rank.SECOND
    return is_card and not row.attempts and row.list_id is None


def _cards_beside(tx: Connection, lanes: Collection[str]) -> Mapping[str, Sequence[_Card]]:
    """The first cards that wait in each lane, one more than go out singly."""
    rooms = dict.fromkeys(sorted(lanes), LIST_OVER + 1)
    return each_lane.ask(tx, _CARDS, _CARDS_OF_MANY, rooms, {}) if rooms else {}


def _make_list(tx: Connection, first: Ready, cards: Collection[int], *, now: datetime) -> int:
    values: DeliveryValues = {
        "kind": DeliveryKind.LIST,
        "op": DeliveryOp.POST,
        "state": DeliveryState.PENDING,
        "lane": first.lane,
        "rank": first.rank - 1,  # if it has to wait again, it still goes before the cards that came later
        "place": first.place,
        "body": {},
        "trace": first.trace,
        "created_at": now,
        "due_at": now,
    }
    made = insert_one(tx, deliveries, values)
    rows = update(deliveries).where(deliveries.c.id.in_(cards))
    tx.execute(rows.values(**DeliveryValues(state=DeliveryState.LISTED, list_id=made, due_at=now)))
    return made
