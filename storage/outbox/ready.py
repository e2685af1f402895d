"""What may go in a lane now: due, its thread and the message that it rewrites shown, nothing in its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, exists, func, or_, select

from storage.database.sql import Query, written
from storage.models import UNANSWERED, UNSETTLED, DeliveryKind, DeliveryOp, DeliveryState, deliveries
from storage.outbox import each_lane, heads
from storage.outbox.posts import PENDING, Rank

HELD_BACK_FOR = 60  # attempts of a post in doubt, over ten minutes of them, that less urgent ones wait for
_ANY_RANK = 1_000
_BAND = Rank.SECOND - Rank.FIRST  # ranks of one urgency, which the fair share of senders tells apart


class Ready:
    """What may go of a lane. `in_list` is the list in which its parent stands as a row."""

    id: int
    rank: int
    lane: str
    kind: DeliveryKind
    op: DeliveryOp
    place: str
    trace: str
    list_id: int | None
    attempts: int
    in_list: int | None


_parent, _list, _target, _other, _held = (
    deliveries.alias(name) for name in ("parent", "list", "target", "other", "held")
)
_IN_LIST = case((_parent.c.state == DeliveryState.LISTED.value, _parent.c.list_id))
_RUNNING = exists().where(
    _other.c.state.in_([written(state) for state in UNSETTLED]),
    _other.c.state == written(DeliveryState.CLAIMED),
    _other.c.target_id == deliveries.c.target_id,
)


def _last_rank(lane: ColumnElement[str]) -> ColumnElement[int]:
    """The least urgent rank that may go in a lane: that of the most urgent post which Slack has not answered
    for, which may have to go again, or any."""
    urgent = func.min(_held.c.rank)
    rank = select(func.coalesce(urgent - urgent % _BAND + _BAND - 1, _ANY_RANK)).where(
        _held.c.op == written(DeliveryOp.POST),
        func.coalesce(_held.c.state, _held.c.state).in_([written(state) for state in UNANSWERED]),
        _held.c.rank >= int(Rank.FIRST),
        _held.c.attempts <= HELD_BACK_FOR,
        _held.c.lane == lane,
    )
    return rank.correlate_except(_held).scalar_subquery()


def _may_go(lane: ColumnElement[str], room: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            deliveries.c.id,
            deliveries.c.rank,
            deliveries.c.lane,
            deliveries.c.kind,
            deliveries.c.op,
            deliveries.c.place,
            deliveries.c.trace,
            deliveries.c.list_id,
            deliveries.c.attempts,
            _IN_LIST.label("in_list"),
        )
        .outerjoin(_parent, _parent.c.id == deliveries.c.thread_id)
        .outerjoin(_list, _list.c.id == _IN_LIST)
        .outerjoin(_target, _target.c.id == deliveries.c.target_id)
        .where(
            PENDING,
            deliveries.c.lane == lane,
            deliveries.c.rank <= _last_rank(lane),
            heads.due_at <= bindparam("now"),
            or_(
                deliveries.c.thread_id.is_(None),
                _parent.c.ts.is_not(None),
                _parent.c.state == DeliveryState.DROPPED.value,
                _list.c.ts.is_not(None),
                _list.c.state == DeliveryState.DROPPED.value,
            ),
            or_(
                deliveries.c.target_id.is_(None),
                _target.c.state == DeliveryState.DROPPED.value,
                and_(_target.c.ts.is_not(None), ~_RUNNING),
            ),
        )
        .order_by(deliveries.c.rank, deliveries.c.id)
        .limit(room)
    )


def _to_claim(lane: ColumnElement[str], room: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return _may_go(lane, room).with_for_update(of=deliveries, skip_locked=True)


_READY = Query(Ready, each_lane.of_one(_to_claim))
_READY_OF_MANY = Query(Ready, each_lane.of_many(_to_claim))
_TAKEN_BY_OTHERS = Query(Ready, each_lane.of_one(_may_go))


def in_lanes(tx: Connection, rooms: Mapping[str, int], now: datetime) -> Mapping[str, Sequence[Ready]]:
    """What may go of each of these lanes, by urgency, locked until the commit; `rooms`: how many at most."""
    return each_lane.ask(tx, _READY, _READY_OF_MANY, rooms, {"now": now})


def is_held_by_others(tx: Connection, lane: str, now: datetime) -> bool:
    """Whether something may go in a lane that others have locked."""
    if tx.dialect.name == "sqlite":
        return False
    return bool(_TAKEN_BY_OTHERS.all(tx, {"lane": lane, "now": now, "room": 1}))
