"""Which deliveries may go now: claimed in one short transaction, so that no two senders take the same.

A lane is one operation in one place ("post:C0SALES"); the pace that all places share has a lane of its own
("post:*"). Inside a lane the lowest rank goes first. Nothing here is held while Slack is called: a claim is a
lease that runs out by itself.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from storage.database.sql import Query, written
from storage.models import UNSETTLED, DeliveryKind, DeliveryOp, DeliveryState, Lane, deliveries
from storage.models.values import DeliveryValues
from storage.outbox import lanes
from storage.outbox.lanes import WORKSPACE
from storage.outbox.posts import OPEN, PENDING, Rank
from storage.outbox.receipts import Doubt

LIST_OVER = 10  # more cards than this waiting for one channel go out as lists
LIST_SIZE = 10
HELD_BACK_FOR = 60  # attempts of a post in doubt, over ten minutes of them, that less urgent ones wait for
_ANY_RANK = 1_000
_BAND = Rank.SECOND - Rank.FIRST  # ranks of one urgency, which the fair share of senders tells apart


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a lane may go: one every `every`, and up to `burst` of them saved up."""

    every: timedelta = timedelta(0)
    burst: int = 1


class Claimed(Doubt):
    """A delivery that may go now, with where its thread is and where the message is that it rewrites."""

    target_ts: str | None
    target_channel: str | None


class _Head(NamedTuple):
    """What goes first in a lane."""

    lane: str
    rank: int
    id: int


class _Ready:
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


@dataclass(frozen=True, slots=True)
class Claims:
    """What was claimed.

    `next_at`: from when a lane is open for the next; None if nothing waits at all. `probes`: the lanes that
    Slack refused so far, and that these rows try again.
    """

    rows: Sequence[Claimed] = ()
    next_at: datetime | None = None
    probes: frozenset[str] = frozenset()


# Walks from lane to lane by the index, so that ten thousand rows in one lane cost no more than one.
_HEADS = text(
    """
    WITH RECURSIVE head(lane) AS (
        SELECT min(lane) FROM delivery WHERE state = 'pending'
        UNION ALL
        SELECT (SELECT min(d.lane) FROM delivery d WHERE d.state = 'pending' AND d.lane > head.lane)
        FROM head WHERE head.lane IS NOT NULL
    )
    SELECT lane,
        (SELECT d.rank FROM delivery d WHERE d.state = 'pending' AND d.lane = head.lane
         ORDER BY d.rank, d.id LIMIT 1) AS rank,
        (SELECT d.id FROM delivery d WHERE d.state = 'pending' AND d.lane = head.lane
         ORDER BY d.rank, d.id LIMIT 1) AS id
    FROM head WHERE lane IS NOT NULL
    """
)
_UNSETTLED = (
    select(deliveries.c.lane, func.min(deliveries.c.rank).label("rank"))
    .where(
        OPEN,
        deliveries.c.state != written(DeliveryState.PARKED),
        deliveries.c.op == DeliveryOp.POST.value,
        deliveries.c.rank >= int(Rank.FIRST),
        deliveries.c.attempts <= HELD_BACK_FOR,
    )
    .group_by(deliveries.c.lane)
)
_parent, _list, _target, _other = (deliveries.alias(name) for name in ("parent", "list", "target", "other"))
_IN_LIST = case((_parent.c.state == DeliveryState.LISTED.value, _parent.c.list_id))
_RUNNING = exists().where(
    _other.c.state.in_([written(state) for state in UNSETTLED]),
    _other.c.state == written(DeliveryState.CLAIMED),
    _other.c.target_id == deliveries.c.target_id,
)
_READY = Query(
    _Ready,
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
        deliveries.c.lane == bindparam("in_lane"),
        deliveries.c.rank <= bindparam("up_to"),
        deliveries.c.due_at <= bindparam("now"),
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
    .limit(bindparam("room"))
    .with_for_update(of=deliveries, skip_locked=True),
)
_CARDS = (
    select(deliveries.c.id)
    .where(
        PENDING,
        deliveries.c.lane == bindparam("in_lane"),
        deliveries.c.rank >= int(Rank.SECOND),
        deliveries.c.kind == DeliveryKind.CARD.value,
        deliveries.c.attempts == 0,
    )
    .order_by(deliveries.c.rank, deliveries.c.id)
    .limit(LIST_OVER + 1)
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=DeliveryState.CLAIMED,
        claimed_at=bindparam("now"),
        due_at=bindparam("until"),
        attempts=deliveries.c.attempts + 1,
    )
)
_CLAIMED = Query(
    Claimed,
    select(
        deliveries,
        _parent.c.ts.label("thread_ts"),
        _parent.c.channel.label("thread_channel"),
        _target.c.ts.label("target_ts"),
        _target.c.channel.label("target_channel"),
    )
    .outerjoin(_parent, _parent.c.id == deliveries.c.thread_id)
    .outerjoin(_target, _target.c.id == deliveries.c.target_id)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(deliveries.c.rank, deliveries.c.id),
)


def claim(tx: Connection, *, now: datetime, limit: int, lease: timedelta, pace: Mapping[str, Pace]) -> Claims:
    """Claim up to `limit` deliveries that may go at `now`, the most urgent first.

    `pace` gives the pace of each operation in one place ("post") and in all of them ("post:*"). Times are
    the wire's.
    """
    heads = [_Head._make(row) for row in tx.execute(_HEADS)]
    if not heads:
        return Claims()
    used = {head.lane for head in heads} | {_shared(head.lane) for head in heads} | {WORKSPACE}
    known = lanes.locked(tx, used, now)
    whole = known.pop(WORKSPACE)
    if whole.parked_at is not None:
        if whole.ready_at > now:
            return Claims(next_at=whole.ready_at)
        limit = 1
    gates = _Gates(known, pace, now, lease)
    chosen = _choose(tx, heads, gates, limit)
    next_at = min(gates.opens(head.lane) for head in heads)
    if not chosen:
        return Claims(next_at=next_at)
    ready = gates.after([row.lane for row in chosen])
    probes = {row.lane for row in chosen if known[row.lane].parked_at is not None}
    if whole.parked_at is not None:
        ready[WORKSPACE] = now + lease
        probes.add(WORKSPACE)
    lanes.set_ready(tx, ready)
    return Claims(_take(tx, chosen, now=now, lease=lease), next_at, frozenset(probes))


@dataclass(slots=True)
class _Gates:
    """How much may pass through each lane now.

    By the generic cell rate algorithm (ITU-T I.371): `ready_at` is when a lane has caught up with its pace,
    and a burst may run ahead of that.
    """

    known: Mapping[str, Lane]
    pace: Mapping[str, Pace]
    now: datetime
    lease: timedelta
    taken: Counter[str] = field(default_factory=Counter)

    def room(self, lane: str) -> int:
        """How many more may go now in a lane."""
        return min(self._left(lane), self._left(_shared(lane)))

    def take(self, lane: str) -> None:
        """Let one go."""
        self.taken[lane] += 1
        self.taken[_shared(lane)] += 1

    def opens(self, lane: str) -> datetime:
        """From when one may go in a lane."""
        return max(self._opens(lane), self._opens(_shared(lane)))

    def after(self, gone: Sequence[str]) -> dict[str, datetime]:
        """When each lane will have caught up, once these have gone: a lane is named for each of them."""
        counts = Counter(gone) + Counter(_shared(lane) for lane in gone)
        return {lane: self._caught_up(lane, count) for lane, count in counts.items()}

    def _left(self, lane: str) -> int:
        opens, own = self._opens(lane), self._pace(lane)
        if opens > self.now:
            return 0
        if self.known[lane].parked_at is not None:
            return 1 - self.taken[lane]
        saved_up = (self.now - opens) // own.every + 1 if own.every else _ANY_RANK
        return min(saved_up, own.burst if own.every else _ANY_RANK) - self.taken[lane]

    def _opens(self, lane: str) -> datetime:
        ready_at = self.known[lane].ready_at
        if self.known[lane].parked_at is not None:
            return ready_at
        own = self._pace(lane)
        return ready_at - own.every * (own.burst - 1)

    def _caught_up(self, lane: str, count: int) -> datetime:
        if self.known[lane].parked_at is not None:
            return self.now + self.lease
        ready_at = self.known[lane].ready_at
        return max(ready_at, self.now) + self._pace(lane).every * count

    def _pace(self, lane: str) -> Pace:
        return self.pace[lane if lane.endswith(":*") else lane.partition(":")[0]]


def _shared(lane: str) -> str:
    """The lane of all places together, for the same operation."""
    return lane.partition(":")[0] + ":*"


def _choose(tx: Connection, heads: Sequence[_Head], gates: _Gates, limit: int) -> list[_Ready]:
    """The most urgent that may go. Only as many lanes are looked into as it takes to fill the limit.

    Nothing goes past a more urgent post of its lane that Slack has not answered for: it may have to go again.
    """
    held_back = {row.lane: row.rank // _BAND * _BAND + _BAND - 1 for row in tx.execute(_UNSETTLED)}
    queue: list[tuple[int, int, str, _Ready | None]] = [
        (head.rank, head.id, head.lane, None) for head in heads
    ]
    heapq.heapify(queue)
    chosen: list[_Ready] = []
    while queue and len(chosen) < limit:
        _, _, lane, row = heapq.heappop(queue)
        room = gates.room(lane)
        if room <= 0:
            continue
        if row is not None:
            gates.take(lane)
            chosen.append(row)
            continue
        look = {"in_lane": lane, "up_to": held_back.get(lane, _ANY_RANK), "now": gates.now}
        for found in _READY.all(tx, {**look, "room": min(room, limit - len(chosen))}):
            heapq.heappush(queue, (found.rank, found.id, lane, found))
    return chosen


def _take(tx: Connection, chosen: Sequence[_Ready], *, now: datetime, lease: timedelta) -> Sequence[Claimed]:
    ids: list[int] = []
    listed: set[int] = set()
    for row in chosen:
        if row.id in listed:
            continue
        cards = _cards_beside(tx, row)
        if cards:
            listed |= set(cards)
            ids.append(_make_list(tx, row, cards, now=now))
        else:
            ids.append(row.id)
        if row.in_list is not None:  # from now on its place is fixed, wherever its lead's card goes
            moved = update(deliveries).where(deliveries.c.id == row.id)
            tx.execute(moved.values(**DeliveryValues(thread_id=row.in_list)))
    tx.execute(_CLAIM, {"ids": ids, "now": now, "until": now + lease})
    return _CLAIMED.all(tx, {"ids": ids})


def _cards_beside(tx: Connection, row: _Ready) -> Sequence[int]:
    """The cards that go out as a list with this one; none if it is no card, too urgent, or they are few."""
    if row.kind != DeliveryKind.CARD or row.op != DeliveryOp.POST or row.rank < Rank.SECOND:
        return ()
    if row.attempts or row.list_id is not None:
        return ()
    cards = tx.execute(_CARDS, {"in_lane": row.lane}).scalars().all()
    return cards[:LIST_SIZE] if len(cards) > LIST_OVER else ()


def _make_list(tx: Connection, first: _Ready, cards: Sequence[int], *, now: datetime) -> int:
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
    made = int(tx.execute(insert(deliveries).returning(deliveries.c.id), dict(values)).scalar_one())
    rows = update(deliveries).where(deliveries.c.id.in_(cards))
    tx.execute(rows.values(**DeliveryValues(state=DeliveryState.LISTED, list_id=made, due_at=now)))
    return made
