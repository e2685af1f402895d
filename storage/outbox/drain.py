"""How many calls to Slack it takes until the outbox is empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, func, or_, select

from storage.models import DeliveryKind, DeliveryOp, deliveries
from storage.outbox.lists import LIST_OVER, LIST_SIZE
from storage.outbox.posts import PENDING, Rank

_CARD = and_(
    deliveries.c.kind == DeliveryKind.CARD.value,
    deliveries.c.op == DeliveryOp.POST.value,
    deliveries.c.rank >= int(Rank.SECOND),
    deliveries.c.attempts == 0,
)
_BY_LANE = (
    select(deliveries.c.op, func.count().label("all"), func.sum(case((_CARD, 1), else_=0)).label("cards"))
    .where(PENDING, or_(deliveries.c.due_at <= deliveries.c.created_at, deliveries.c.attempts > 0))
    .group_by(deliveries.c.lane, deliveries.c.op)
)


class Waiting(NamedTuple):
    """The calls of one operation that wait: in all, and in the longest lane."""

    op: DeliveryOp
    calls: int
    longest: int


def waiting(tx: Connection) -> Sequence[Waiting]:
    """What waits, by operation, with lists in place of their cards; not what was put off on purpose."""
    lanes: dict[DeliveryOp, list[int]] = {}
    for op, everything, cards in tx.execute(_BY_LANE):
        lanes.setdefault(op, []).append(int(everything) - int(cards) + _messages(int(cards)))
    return [Waiting(op, sum(calls), max(calls)) for op, calls in lanes.items()]


def _messages(cards: int) -> int:
    """So many messages become of these cards."""
    lists = max(0, -(-(cards - LIST_OVER) // LIST_SIZE))
    return lists + max(0, cards - lists * LIST_SIZE)
