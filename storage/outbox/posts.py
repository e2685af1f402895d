"""The outbox: what Slack must be made to show. A use case writes into it in its own transaction.

Which rows may go now is decided in claims.py; what became of them is written down in receipts.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from functools import cache

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    union_all,
    update,
)

from storage.database import announce
from storage.database.many import among
from storage.database.sql import (
    Insertion,
    Query,
    insert_all,
    insert_by,
    insert_in,
    insert_one,
    upsert,
    written,
)
from storage.models import UNSETTLED, Delivery, DeliveryKind, DeliveryOp, DeliveryState, deliveries
from storage.models.values import DeliveryValues
from storage.outbox import heads
from storage.stamp import Stamp

TOPIC = "outbox"

_THIS = select(deliveries).where(deliveries.c.id == bindparam("delivery"))
_GET = Query(Delivery, _THIS)
_GET_AND_LOCK = Query(Delivery, _THIS.with_for_update())
_THESE_LOCKED = Query(
    Delivery,
    select(deliveries).where(among(deliveries.c.id, "ids")).order_by(deliveries.c.id).with_for_update(),
)
_LATEST = Query(
    Delivery,
    select(deliveries)
    .where(
        deliveries.c.lane == bindparam("in_lane"),
        deliveries.c.kind == bindparam("which"),
        deliveries.c.handoff_id.is_(None),  # such a post is about no single lead; and there is an index
    )
    .order_by(deliveries.c.id.desc())
    .limit(literal_column("1")),
)
_MEMBERS = Query(
    Delivery,
    select(deliveries).where(deliveries.c.list_id == bindparam("in_list")).order_by(deliveries.c.id),
)
# The partial indexes' conditions in their own words: SQLite uses an index only where it reads them again.
PENDING = deliveries.c.state == written(DeliveryState.PENDING)
OPEN = deliveries.c.state.in_([written(state) for state in UNSETTLED])
PENDING_PUBLISH = and_(deliveries.c.op == written(DeliveryOp.PUBLISH), PENDING)
PENDING_UPDATE = and_(deliveries.c.op == written(DeliveryOp.UPDATE), PENDING)
_BACKLOG = union_all(  # two questions, one for each partial index
    select(written(DeliveryState.PENDING), func.count()).where(PENDING),
    select(deliveries.c.state, func.count()).where(OPEN).group_by(deliveries.c.state),
)
_RELEASE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"))
    .values(state=DeliveryState.PENDING, rank=bindparam("new_rank"), due_at=bindparam("now"))
)
_PUT_OFF = (
    update(deliveries)
    .where(
        PENDING,
        deliveries.c.lane == bindparam("in_lane"),
        deliveries.c.kind == bindparam("which"),
        deliveries.c.due_at > bindparam("now"),
    )
    .values(due_at=bindparam("due"))
)
_ON_ITS_WAY_OR_THERE = (DeliveryState.CLAIMED, DeliveryState.UNKNOWN, DeliveryState.SENT)


class Rank(IntEnum):
    """What goes first: what a click caused, then leads by priority, then reports, then mere colour."""

    CLICK = 0
    FIRST = 10
    SECOND = 20
    THIRD = 30
    REPORT = 50
    COLOUR = 60

    @classmethod
    def of_priority(cls, position: int) -> Rank:
        """The rank of a lead whose priority is the agreement's `position`-th, from 0."""
        return (cls.FIRST, cls.SECOND, cls.THIRD)[min(position, 2)]


def post(
    tx: Connection,
    stamp: Stamp,
    kind: DeliveryKind,
    *,
    place: str,
    rank: int,
    lead_id: int | None = None,
    handoff_id: int | None = None,
    thread_id: int | None = None,
    body: Mapping[str, object] | None = None,
    due_at: datetime | None = None,
) -> int:
    """Ask for a new message in a channel or to a person, and give the delivery's id.

    It goes no earlier than `due_at` (the wire's time).
    """
    values = new_post(
        stamp,
        kind,
        place=place,
        rank=rank,
        lead_id=lead_id,
        handoff_id=handoff_id,
        thread_id=thread_id,
        body=body,
        due_at=due_at,
    )
    _waits(tx, values)
    return insert_one(tx, deliveries, values)


def new_post(
    stamp: Stamp,
    kind: DeliveryKind,
    *,
    place: str,
    rank: int,
    lead_id: int | None = None,
    handoff_id: int | None = None,
    thread_id: int | None = None,
    body: Mapping[str, object] | None = None,
    due_at: datetime | None = None,
) -> DeliveryValues:
    """A new message as a row, for `post_all`; what it is given is what `post` is given."""
    return {
        "kind": kind,
        "op": DeliveryOp.POST,
        "state": DeliveryState.PENDING,
        "lane": f"{DeliveryOp.POST}:{place}",
        "rank": int(rank),
        "place": place,
        "lead_id": lead_id,
        "handoff_id": handoff_id,
        "thread_id": thread_id,
        "body": dict(body or {}),
        "trace": stamp.trace,
        "created_at": stamp.wire,
        "due_at": due_at or stamp.wire,
    }


def post_all(tx: Connection, rows: Sequence[DeliveryValues]) -> None:
    """Ask for many new messages at once."""
    if rows:
        insert_all(tx, deliveries, rows)
        _waits(tx, *rows)


def put_off(tx: Connection, place: str, kind: DeliveryKind, now: datetime, due_at: datetime) -> None:
    """Let those new messages of a kind that wait for a moment in one place wait for this one (the wire's)."""
    lane = f"{DeliveryOp.POST}:{place}"
    if tx.execute(_PUT_OFF, {"in_lane": lane, "which": kind, "now": now, "due": due_at}).rowcount:
        heads.changed(tx, [lane])
        announce(tx, TOPIC)


def _waits(tx: Connection, *rows: DeliveryValues) -> None:
    heads.changed(tx, (row["lane"] for row in rows))
    announce(tx, TOPIC)


def rewrite(tx: Connection, stamp: Stamp, target: Delivery, *, rank: int) -> None:
    """Ask for a message to be shown as things stand now. Several such wishes become one.

    `target` is the delivery that posted it. One that has not gone out yet needs nothing: it is rendered
    when it goes. A card that stands as a row of a list is shown by rewriting the list.
    """
    if tx.dialect.name != "sqlite":  # there a sender may claim it at this very moment, and show what was
        target = _GET_AND_LOCK.the(tx, {"delivery": target.id})
    if target.list_id is not None:
        own = target.state != DeliveryState.LISTED  # what the row tells is told better by the lead's own card
        in_list = require(tx, target.list_id)
        rewrite(tx, stamp, in_list, rank=Rank.COLOUR if own else rank)
    if target.state in _ON_ITS_WAY_OR_THERE:
        wish = _pending_update(stamp, target, rank)
        tx.execute(_wish(tx.dialect.name), dict(wish))
        _waits(tx, wish)


def rewrite_all(tx: Connection, stamp: Stamp, targets: Collection[int], *, rank: int) -> None:
    """`rewrite` for many messages at once, by the ids of the deliveries that posted them."""
    found = these(tx, targets)
    lists = {row.list_id for row in found if row.list_id is not None} - set(targets)
    wanted = [row for row in (*found, *these(tx, lists)) if row.state in _ON_ITS_WAY_OR_THERE]
    if wanted:
        wishes = [_pending_update(stamp, row, rank) for row in wanted]
        insert_by(tx, _wish(tx.dialect.name), wishes)
        _waits(tx, *wishes)


def these(tx: Connection, ids: Collection[int]) -> Sequence[Delivery]:
    """These deliveries, locked until the commit, so that no sender shows what was."""
    return _THESE_LOCKED.all(tx, {"ids": sorted(ids)}) if ids else ()


def _pending_update(stamp: Stamp, target: Delivery, rank: int) -> DeliveryValues:
    return {
        "kind": target.kind,
        "op": DeliveryOp.UPDATE,
        "state": DeliveryState.PENDING,
        "lane": f"{DeliveryOp.UPDATE}:{target.place}",
        "rank": int(rank),
        "place": target.place,
        "lead_id": target.lead_id,
        "handoff_id": target.handoff_id,
        "target_id": target.id,
        "body": {},
        "trace": stamp.trace,
        "created_at": stamp.wire,
        "due_at": stamp.wire,
    }


def publish(tx: Connection, stamp: Stamp, kind: DeliveryKind, *, place: str, rank: int) -> None:
    """Ask for somebody's Home to be shown as things stand when it goes. Several such wishes become one.

    `place` is the person.
    """
    wish: DeliveryValues = {
        **new_post(stamp, kind, place=place, rank=rank),
        "op": DeliveryOp.PUBLISH,
        "lane": f"{DeliveryOp.PUBLISH}:{place}",
    }
    statement = upsert(tx, deliveries).on_conflict_do_nothing(
        index_elements=["place"], index_where=PENDING_PUBLISH
    )
    tx.execute(statement, dict(wish))
    _waits(tx, wish)


@cache
def _wish(dialect: str) -> Insertion:
    """The wish for a rewrite, which joins one that waits. Built once: building costs more than running."""
    statement = insert_in(dialect, deliveries)
    new, old = statement.excluded, deliveries.c
    return statement.on_conflict_do_update(
        index_elements=["target_id"],
        index_where=PENDING_UPDATE,
        set_={
            "rank": case((new.rank < old.rank, new.rank), else_=old.rank),
            "trace": new.trace,
        },
    )


def get(tx: Connection, delivery_id: int) -> Delivery | None:
    """A delivery, if there is one of this id."""
    return _GET.one(tx, {"delivery": delivery_id})


def require(tx: Connection, delivery_id: int) -> Delivery:
    """A delivery that must be there. Raises NoResultFound if it is not."""
    return _GET.the(tx, {"delivery": delivery_id})


def was_told(
    tx: Connection, kind: DeliveryKind, *, place: str, body: Mapping[str, object], since: datetime
) -> bool:
    """Whether a post of this kind, about no single lead and with all this, went to a place since then."""
    found = select(deliveries.c.body).where(
        deliveries.c.kind == kind,
        deliveries.c.handoff_id.is_(None),
        deliveries.c.place == place,
        deliveries.c.created_at >= since,
    )
    return any(body.items() <= told.items() for told in tx.execute(found).scalars())


def latest(tx: Connection, kind: DeliveryKind, place: str) -> Delivery | None:
    """The newest post of a kind in a place."""
    return _LATEST.one(tx, {"in_lane": f"{DeliveryOp.POST}:{place}", "which": kind})


def members(tx: Connection, list_id: int) -> Sequence[Delivery]:
    """The cards that stand as rows of a list, in its order."""
    return _MEMBERS.all(tx, {"in_list": list_id})


def release_from_list(tx: Connection, stamp: Stamp, delivery_id: int, *, rank: int) -> None:
    """Let a card that stands as a row of a list be posted as a card of its own."""
    tx.execute(_RELEASE, {"delivery": delivery_id, "new_rank": int(rank), "now": stamp.wire})
    heads.changed_of(tx, [delivery_id])
    announce(tx, TOPIC)


def waiting_for(tx: Connection, place: str) -> int:
    """How many deliveries wait for a place."""
    lanes = [f"{op}:{place}" for op in DeliveryOp]
    statement = select(func.count()).where(PENDING, deliveries.c.lane.in_(lanes))
    return int(tx.execute(statement).scalar_one())


def backlog(tx: Connection) -> dict[str, int]:
    """How many deliveries stand in each state that is not an end."""
    return {state: int(count) for state, count in tx.execute(_BACKLOG) if count}
