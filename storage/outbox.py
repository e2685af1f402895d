"""The outbox: what Slack must be made to show. Writing into it, and the story of each row afterwards.

A use case writes rows in its own transaction. Which of them may go now is decided in claims.py;
what Slack answered is written back here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    ColumnClause,
    Connection,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)

from storage.database import announce
from storage.models import DeliveryKind, DeliveryOp, DeliveryState, deliveries, lanes
from storage.sql import Record, upsert

TOPIC = "outbox"
WORKSPACE = "*"  # the lane that stands for all of Slack: parked when the token is refused

_POST = insert(deliveries).returning(deliveries.c.id)
_GET = select(deliveries).where(deliveries.c.id == bindparam("delivery"))
_SET = update(deliveries).where(deliveries.c.id == bindparam("delivery"))
# In the statement's own text, so that the partial indexes are used.
PENDING: ColumnClause[str] = literal_column("'pending'")
_BACKLOG = union_all(  # two questions, one for each partial index
    select(PENDING, func.count()).where(deliveries.c.state == PENDING),
    select(deliveries.c.state, func.count())
    .where(literal_column("delivery.state IN ('claimed', 'unknown', 'parked')"))
    .group_by(deliveries.c.state),
)
_PENDING_UPDATE = and_(deliveries.c.op == literal_column("'update'"), deliveries.c.state == PENDING)
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
    kind: DeliveryKind,
    *,
    place: str,
    rank: int,
    now: datetime,
    trace: str,
    lead_id: int | None = None,
    handoff_id: int | None = None,
    thread_id: int | None = None,
    body: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> int:
    """Ask for a new message in a channel or to a person, and give the delivery's id.

    `now` is the wire's time; it goes no earlier than `due_at`.
    """
    values = {
        "kind": kind,
        "op": DeliveryOp.POST,
        "state": DeliveryState.PENDING,
        "lane": f"post:{place}",
        "rank": int(rank),
        "place": place,
        "lead_id": lead_id,
        "handoff_id": handoff_id,
        "thread_id": thread_id,
        "body": dict(body or {}),
        "trace": trace,
        "created_at": now,
        "due_at": due_at or now,
    }
    announce(tx, TOPIC)
    return int(tx.execute(_POST, values).scalar_one())


def rewrite(tx: Connection, target: Record, *, rank: int, now: datetime, trace: str) -> None:
    """Ask for a message to be shown as things stand now. Several such wishes become one.

    `target` is the delivery that posted it. One that has not gone out yet needs nothing: it is rendered
    when it goes. A card that stands as a row of a list is shown by rewriting the list.
    """
    if target.list_id is not None:
        rewrite(tx, require(tx, target.list_id), rank=rank, now=now, trace=trace)
    if target.state in _ON_ITS_WAY_OR_THERE:
        _wish_rewrite(tx, target, rank=rank, now=now, trace=trace)
        announce(tx, TOPIC)


def _wish_rewrite(tx: Connection, target: Record, *, rank: int, now: datetime, trace: str) -> None:
    statement = upsert(tx, deliveries).values(
        kind=target.kind,
        op=DeliveryOp.UPDATE,
        state=DeliveryState.PENDING,
        lane=f"update:{target.place}",
        rank=int(rank),
        place=target.place,
        lead_id=target.lead_id,
        handoff_id=target.handoff_id,
        target_id=target.id,
        body={},
        trace=trace,
        created_at=now,
        due_at=now,
    )
    sooner = case(
        (statement.excluded.rank < deliveries.c.rank, statement.excluded.rank), else_=deliveries.c.rank
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["target_id"], index_where=_PENDING_UPDATE, set_={"rank": sooner}
        )
    )


def get(tx: Connection, delivery_id: int) -> Record | None:
    """A row of `delivery`."""
    return tx.execute(_GET, {"delivery": delivery_id}).one_or_none()


def require(tx: Connection, delivery_id: int) -> Record:
    """A row of `delivery` that must be there. Raises NoResultFound if it is not."""
    return tx.execute(_GET, {"delivery": delivery_id}).one()


def latest(tx: Connection, kind: DeliveryKind, place: str) -> Record | None:
    """The newest post of a kind in a place."""
    statement = (
        select(deliveries)
        .where(
            deliveries.c.lane == f"post:{place}",
            deliveries.c.kind == kind,
            deliveries.c.handoff_id.is_(None),  # such a post is about no single lead; and there is an index
        )
        .order_by(deliveries.c.id.desc())
    )
    return tx.execute(statement.limit(1)).one_or_none()


def members(tx: Connection, list_id: int) -> Sequence[Record]:
    """The cards that stand as rows of a list, in its order."""
    statement = select(deliveries).where(deliveries.c.list_id == list_id).order_by(deliveries.c.id)
    return tx.execute(statement).all()


def release_from_list(tx: Connection, delivery_id: int, *, rank: int, now: datetime) -> None:
    """Let a card that stands as a row of a list be posted as a card of its own."""
    _set(tx, delivery_id, state=DeliveryState.PENDING, rank=int(rank), due_at=now)
    announce(tx, TOPIC)


# What became of a claimed row


def sent(tx: Connection, delivery_id: int, *, channel: str, ts: str, now: datetime) -> None:
    """Slack shows it, there."""
    _set(
        tx, delivery_id, state=DeliveryState.SENT, channel=channel, ts=ts, sent_at=now, due_at=now, error=None
    )


def again(tx: Connection, delivery_id: int, *, due_at: datetime, error: str) -> None:
    """Slack certainly does not show it: try again then."""
    _set(tx, delivery_id, state=DeliveryState.PENDING, due_at=due_at, error=error)


def in_doubt(tx: Connection, delivery_id: int, *, due_at: datetime, error: str) -> None:
    """Slack may show it or not: look for it then, and send nothing before."""
    _set(tx, delivery_id, state=DeliveryState.UNKNOWN, due_at=due_at, error=error)


def park(tx: Connection, delivery_id: int, *, now: datetime, error: str) -> None:
    """Slack refuses what it says: keep it, and let nothing wait for it."""
    _set(tx, delivery_id, state=DeliveryState.PARKED, due_at=now, error=error)


def drop(tx: Connection, delivery_id: int, *, now: datetime, why: str) -> None:
    """There is nothing left to show, and so no thread beneath it."""
    thread = update(deliveries).where(deliveries.c.thread_id == delivery_id, deliveries.c.state == PENDING)
    tx.execute(thread.values(state=DeliveryState.DROPPED, due_at=now, error=why))
    _set(tx, delivery_id, state=DeliveryState.DROPPED, due_at=now, error=why)


def post_anew(tx: Connection, delivery_id: int, *, now: datetime) -> bool:
    """Somebody deleted the message: post it once more, unless that was done before."""
    anew = (
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.reposts == 0)
        .values(state=DeliveryState.PENDING, due_at=now, channel=None, ts=None, reposts=1, claimed_at=None)
    )
    announce(tx, TOPIC)
    return tx.execute(anew).rowcount > 0


def expire_leases(
    tx: Connection, *, now: datetime, visible_after: timedelta, but: Collection[int] = (), all_: bool = False
) -> int:
    """Take back what a process claimed and never answered for. Gives how many rows.

    A rewrite is simply repeated. A post may have reached Slack: it is looked up once it must be visible.
    `but` are the rows that this process still works on; `all_` takes every row, whatever its lease.
    """
    lapsed = deliveries.c.state == literal_column("'claimed'")
    if not all_:
        lapsed = and_(lapsed, deliveries.c.due_at <= now)
    if but:
        lapsed = and_(lapsed, deliveries.c.id.not_in(list(but)))
    is_post = deliveries.c.op == DeliveryOp.POST
    statement = (
        update(deliveries)
        .where(lapsed)
        .values(
            state=case((is_post, DeliveryState.UNKNOWN.value), else_=DeliveryState.PENDING.value),
            due_at=case((is_post, bindparam("look_at", now + visible_after)), else_=bindparam("now", now)),
            error="no answer was recorded",
        )
    )
    return tx.execute(statement).rowcount


def take_doubts(tx: Connection, *, now: datetime, lease: timedelta, limit: int = 500) -> Sequence[Record]:
    """The posts that should be looked for now, with where their thread is.

    Nobody else takes them before the lease runs out.
    """
    parent = deliveries.alias("parent")
    statement = (
        select(deliveries, parent.c.ts.label("thread_ts"), parent.c.channel.label("thread_channel"))
        .outerjoin(parent, parent.c.id == deliveries.c.thread_id)
        .where(deliveries.c.state == literal_column("'unknown'"), deliveries.c.due_at <= now)
        .order_by(deliveries.c.id)
        .limit(limit)
        .with_for_update(of=deliveries, skip_locked=True)
    )
    rows = tx.execute(statement).all()
    if rows:
        taken = update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        tx.execute(taken.values(due_at=now + lease))
    return rows


def unpark_messages(tx: Connection, *, now: datetime) -> int:
    """Try what Slack refused once more: a newer Baton may write it better."""
    statement = (
        update(deliveries)
        .where(deliveries.c.state == literal_column("'parked'"))
        .values(state=DeliveryState.PENDING, due_at=now)
    )
    return tx.execute(statement).rowcount


# Places


def hold_lane(tx: Connection, lane: str, *, until: datetime) -> None:
    """Let nothing go in this lane before then."""
    statement = upsert(tx, lanes).values(name=lane, ready_at=until)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"ready_at": until}))


def park_lane(tx: Connection, lane: str, *, now: datetime, try_at: datetime, error: str) -> bool:
    """Slack refuses the place: keep what goes there, and try one at that moment. True if that is news."""
    known = tx.execute(select(lanes.c.parked_at).where(lanes.c.name == lane).with_for_update()).scalar()
    values = {"ready_at": try_at, "parked_at": known or now, "error": error}
    statement = upsert(tx, lanes).values(name=lane, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    return known is None


def unpark_lane(tx: Connection, lane: str, *, now: datetime) -> bool:
    """Slack takes the place again. True if it was parked."""
    statement = (
        update(lanes)
        .where(lanes.c.name == lane, lanes.c.parked_at.is_not(None))
        .values(parked_at=None, error=None, ready_at=now)
    )
    return tx.execute(statement).rowcount > 0


def parked_lanes(tx: Connection) -> Sequence[Record]:
    """The places that Slack refuses now (`name`, `parked_at`, `error`), the longest first."""
    statement = select(lanes).where(lanes.c.parked_at.is_not(None)).order_by(lanes.c.parked_at)
    return tx.execute(statement).all()


def waiting_for(tx: Connection, place: str) -> int:
    """How many deliveries wait for a place."""
    statement = select(func.count()).where(
        deliveries.c.state == PENDING,
        deliveries.c.lane.in_([f"post:{place}", f"update:{place}"]),
    )
    return int(tx.execute(statement).scalar_one())


def backlog(tx: Connection) -> dict[str, int]:
    """How many deliveries stand in each state that is not an end."""
    return {state: int(count) for state, count in tx.execute(_BACKLOG) if count}


def _set(tx: Connection, delivery_id: int, **values: Any) -> None:
    tx.execute(_SET, {"delivery": delivery_id, **values})
