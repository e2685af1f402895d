"""Which deliveries may go now: claimed in one short transaction, so that no two senders take the same.

A lane is one operation in one place ("post:C0SALES"). Lanes keep Slack's pace; inside a lane the lowest rank
goes first. Nothing here is held while Slack is called: a claim is a lease that runs out by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, exists, insert, literal_column, or_, select, text, update

from storage.models import DeliveryKind, DeliveryOp, DeliveryState, deliveries, lanes
from storage.outbox import WORKSPACE, Rank
from storage.sql import Record, upsert

LIST_OVER = 10  # more cards than this waiting for one channel go out as lists
LIST_SIZE = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a lane may go: one every `every`, and up to `burst` of them saved up."""

    every: timedelta
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Claims:
    """What was claimed, and from when a lane is open for the next (none: nothing waits at all)."""

    rows: Sequence[Record]
    next_at: datetime | None


# Walks from lane to lane by the index, so that ten thousand rows in one lane cost no more than one.
_PENDING_LANES = text(
    """
    WITH RECURSIVE pending(lane) AS (
        SELECT min(lane) FROM delivery WHERE state = 'pending'
        UNION ALL
        SELECT (SELECT min(d.lane) FROM delivery d WHERE d.state = 'pending' AND d.lane > pending.lane)
        FROM pending WHERE pending.lane IS NOT NULL
    )
    SELECT lane FROM pending WHERE lane IS NOT NULL
    """
)
_parent = deliveries.alias("parent")
_target = deliveries.alias("target")
_other = deliveries.alias("other")
_PENDING = deliveries.c.state == literal_column("'pending'")
_target_is_free = ~exists().where(
    _other.c.target_id == deliveries.c.target_id, _other.c.state == literal_column("'claimed'")
)
_READY = (
    select(
        deliveries,
        _parent.c.ts.label("thread_ts"),
        _parent.c.channel.label("thread_channel"),
        _target.c.ts.label("target_ts"),
        _target.c.channel.label("target_channel"),
    )
    .outerjoin(_parent, _parent.c.id == deliveries.c.thread_id)
    .outerjoin(_target, _target.c.id == deliveries.c.target_id)
    .where(
        _PENDING,
        or_(deliveries.c.thread_id.is_(None), _parent.c.ts.is_not(None)),
        or_(deliveries.c.target_id.is_(None), and_(_target.c.ts.is_not(None), _target_is_free)),
    )
    .order_by(deliveries.c.rank, deliveries.c.id)
    .with_for_update(of=deliveries, skip_locked=True)
)


def claim(tx: Connection, *, now: datetime, limit: int, lease: timedelta, pace: Mapping[str, Pace]) -> Claims:
    """Claim up to `limit` deliveries that may go at `now`, the most urgent first.

    `pace` gives the pace of each operation. Times are the wire's.
    """
    names = list(tx.execute(_PENDING_LANES).scalars())
    if not names:
        return Claims((), None)
    states = _lock_lanes(tx, names, now)
    whole = states.pop(WORKSPACE)
    if whole.parked_at is not None:
        if whole.ready_at > now:
            return Claims((), whole.ready_at)
        limit = 1
        _hold(tx, whole.name, now + lease)
    chosen = _most_urgent(tx, states, now, limit, pace)
    for name, count in Counter(row.lane for row in chosen).items():
        state, every = states[name], _pace(name, pace).every
        full_at = max(state.ready_at, now) + every * count
        _hold(tx, name, full_at if state.parked_at is None else now + lease)
    rows = [_take(tx, row, now=now, lease=lease) for row in chosen]
    return Claims(rows, min(_opens(state, pace) for state in states.values()))


def _most_urgent(
    tx: Connection, states: Mapping[str, Record], now: datetime, limit: int, pace: Mapping[str, Pace]
) -> list[Record]:
    candidates: list[Record] = []
    for name, state in states.items():
        if room := min(_room(state, now, pace), limit):
            query = _READY.where(deliveries.c.lane == name, deliveries.c.due_at <= now)
            candidates += tx.execute(query.limit(room)).all()
    return sorted(candidates, key=lambda row: (row.rank, row.id))[:limit]


def _lock_lanes(tx: Connection, names: Sequence[str], now: datetime) -> dict[str, Record]:
    wanted = [*names, WORKSPACE]
    locked = select(lanes).where(lanes.c.name.in_(wanted)).order_by(lanes.c.name).with_for_update()
    known = {row.name: row for row in tx.execute(locked)}
    if missing := [name for name in wanted if name not in known]:
        for name in missing:
            fresh = upsert(tx, lanes).values(name=name, ready_at=now)
            tx.execute(fresh.on_conflict_do_nothing(index_elements=["name"]))
        known = {row.name: row for row in tx.execute(locked)}
    return known


def _hold(tx: Connection, name: str, until: datetime) -> None:
    tx.execute(update(lanes).where(lanes.c.name == name).values(ready_at=until))


def _pace(lane: str, pace: Mapping[str, Pace]) -> Pace:
    return pace[lane.partition(":")[0]]


def _opens(lane: Record, pace: Mapping[str, Pace]) -> datetime:
    """From when one more may go.

    `ready_at` is when the lane has caught up with its pace, and a burst may run ahead of that (the generic
    cell rate algorithm, ITU-T I.371).
    """
    ready_at: datetime = lane.ready_at
    if lane.parked_at is not None:
        return ready_at
    own = _pace(lane.name, pace)
    return ready_at - own.every * (own.burst - 1)


def _room(lane: Record, now: datetime, pace: Mapping[str, Pace]) -> int:
    """How many may go now."""
    opens = _opens(lane, pace)
    if opens > now:
        return 0
    own = _pace(lane.name, pace)
    return 1 if lane.parked_at is not None else min(own.burst, 1 + (now - opens) // own.every)


def _take(tx: Connection, row: Record, *, now: datetime, lease: timedelta) -> Record:
    if row.kind == DeliveryKind.CARD and row.op == DeliveryOp.POST and row.rank >= Rank.SECOND:
        waiting = _waiting_cards(tx, row.lane)
        if len(waiting) > LIST_OVER:
            return _make_list(tx, row, waiting[:LIST_SIZE], now=now, lease=lease)
    claimed = {"state": DeliveryState.CLAIMED, "claimed_at": now, "due_at": now + lease}
    tx.execute(
        update(deliveries)
        .where(deliveries.c.id == row.id)
        .values(**claimed, attempts=deliveries.c.attempts + 1)
    )
    return row


def _waiting_cards(tx: Connection, lane: str) -> list[int]:
    statement = (
        select(deliveries.c.id)
        .where(
            _PENDING,
            deliveries.c.lane == lane,
            deliveries.c.kind == DeliveryKind.CARD,
            deliveries.c.rank >= int(Rank.SECOND),
            deliveries.c.list_id.is_(None),
        )
        .order_by(deliveries.c.rank, deliveries.c.id)
        .limit(LIST_OVER + 1)
        .with_for_update(skip_locked=True)
    )
    return list(tx.execute(statement).scalars())


def _make_list(
    tx: Connection, first: Record, cards: Sequence[int], *, now: datetime, lease: timedelta
) -> Record:
    values = {
        "kind": DeliveryKind.LIST,
        "op": DeliveryOp.POST,
        "state": DeliveryState.CLAIMED,
        "lane": first.lane,
        "rank": first.rank,
        "place": first.place,
        "body": {},
        "trace": first.trace,
        "created_at": now,
        "claimed_at": now,
        "due_at": now + lease,
        "attempts": 1,
    }
    made = tx.execute(insert(deliveries).returning(deliveries.c.id), values).scalar_one()
    tx.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(cards))
        .values(state=DeliveryState.LISTED, list_id=made, due_at=now)
    )
    in_its_thread = update(deliveries).where(_PENDING, deliveries.c.thread_id.in_(cards))
    tx.execute(in_its_thread.values(thread_id=made))
    return tx.execute(
        select(
            deliveries,
            literal_column("NULL").label("thread_ts"),
            literal_column("NULL").label("thread_channel"),
            literal_column("NULL").label("target_ts"),
            literal_column("NULL").label("target_channel"),
        ).where(deliveries.c.id == made)
    ).one()
