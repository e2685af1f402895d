"""Which deliveries may go now: claimed in one short transaction, so that no two senders take the same.

A lane is one operation in one place ("post:C0SALES"); the pace that all places share has a lane of its own
("post:*"). Inside a lane the lowest rank goes first. Nothing here is held while Slack is called: a claim is a
lease that runs out by itself.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from storage.database import finish
from storage.database.sql import Query, insert_one, known, written
from storage.models import UNSETTLED, DeliveryKind, DeliveryOp, DeliveryState, deliveries
from storage.models.values import DeliveryValues
from storage.outbox import heads, lanes
from storage.outbox.gates import Gates, Pace
from storage.outbox.heads import Head
from storage.outbox.lanes import WORKSPACE
from storage.outbox.posts import PENDING, Rank
from storage.outbox.receipts import Doubt

LIST_OVER = 10  # more cards than this waiting for one channel go out as lists
LIST_SIZE = 10
HELD_BACK_FOR = 60  # attempts of a post in doubt, over ten minutes of them, that less urgent ones wait for
PAGE = 16  # lanes that are read at once
_ANY_RANK = 1_000
_BAND = Rank.SECOND - Rank.FIRST  # ranks of one urgency, which the fair share of senders tells apart


class Claimed(Doubt):
    """A delivery that may go now, with where its thread is and where the message is that it rewrites."""

    target_ts: str | None
    target_channel: str | None


class _Kind(IntEnum):
    """What a step of the walk is, in the order in which steps of the same urgency are made."""

    ROW = 0
    LANE = 1
    PAGE = 2  # more lanes of an operation, after this point


class _Step(NamedTuple):
    """One step of the walk by urgency; `name` is a lane, or a page's operation."""

    rank: int
    id: int
    kind: _Kind
    name: str


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

    `next_at`: from when to look for the next; None if nothing waits for its time. `more`: so many lanes have
    changed that the next claim goes on with them, at once. `probes`: the lanes that
    Slack refused so far, and that these rows try again.
    """

    rows: Sequence[Claimed] = ()
    next_at: datetime | None = None
    more: bool = False
    probes: frozenset[str] = frozenset()


_parent, _list, _target, _other, _held = (
    deliveries.alias(name) for name in ("parent", "list", "target", "other", "held")
)
_IN_LIST = case((_parent.c.state == DeliveryState.LISTED.value, _parent.c.list_id))
_RUNNING = exists().where(
    _other.c.state.in_([written(state) for state in UNSETTLED]),
    _other.c.state == written(DeliveryState.CLAIMED),
    _other.c.target_id == deliveries.c.target_id,
)
_URGENT = (
    select(func.min(_held.c.rank))
    .where(
        _held.c.state.in_([written(state) for state in UNSETTLED]),
        _held.c.state != written(DeliveryState.PARKED),
        _held.c.op == DeliveryOp.POST.value,
        _held.c.rank >= int(Rank.FIRST),
        _held.c.attempts <= HELD_BACK_FOR,
        _held.c.lane == bindparam("in_lane"),
    )
    .scalar_subquery()
)
_MAY_GO = (
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
        # Nothing goes past a more urgent post that Slack has not answered for: it may have to go again.
        deliveries.c.rank <= func.coalesce(_URGENT - _URGENT % _BAND + _BAND - 1, _ANY_RANK),
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
    .limit(bindparam("room"))
)
_READY = Query(_Ready, _MAY_GO.with_for_update(of=deliveries, skip_locked=True))
_TAKEN_BY_OTHERS = Query(_Ready, _MAY_GO)
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
    known = lanes.locked(tx, {WORKSPACE, *(f"{op}:*" for op in DeliveryOp if op in pace)}, now)
    finish(
        tx
    )  # what this very transaction changed; its lanes come after the shared ones in everybody's order
    whole = known.pop(WORKSPACE)
    if whole.parked_at is not None:
        if whole.ready_at > now:
            return Claims(next_at=whole.ready_at)
        limit = 1
    if not heads.work_out(tx, now):
        return Claims(next_at=now, more=True)
    gates = Gates(known, pace, now, lease)
    walk = _Walk(tx, gates, limit)
    chosen = walk.choose()
    ready = gates.after([row.lane for row in chosen])
    probes = {row.lane for row in chosen if known[row.lane].parked_at is not None}
    if chosen and whole.parked_at is not None:
        ready[WORKSPACE] = now + lease
        probes.add(WORKSPACE)
    if ready:
        lanes.set_ready(tx, ready)
    heads.note(tx, walk.seen({lane: gates.opens_at(lane, at) for lane, at in ready.items() if lane in known}))
    if not chosen:
        return Claims(next_at=_next(tx, gates))
    return Claims(_take(tx, chosen, now=now, lease=lease), now, probes=frozenset(probes))


def _next(tx: Connection, gates: Gates) -> datetime | None:
    """From when to look again, if nothing may go now."""
    wakes_at = heads.next_waking(tx)
    known = [*gates.shut(), *([wakes_at] if wakes_at is not None else [])]
    return max(gates.now, min(known)) if known else None


class _Walk:
    """Goes by urgency through what may go, and looks into no more lanes than it takes to fill the limit.

    A lane in which nothing can go is put to sleep, so that it is looked at once and not at every claim.
    """

    def __init__(self, tx: Connection, gates: Gates, limit: int) -> None:
        self._tx, self._gates, self._limit = tx, gates, limit
        self._steps = [_Step(-1, 0, _Kind.PAGE, op) for op in DeliveryOp if op in gates.pace]
        self._rows: dict[int, _Ready] = {}
        self._heads: dict[str, Head] = {}
        self._chosen: list[_Ready] = []

    def choose(self) -> list[_Ready]:
        """The most urgent that may go."""
        heapq.heapify(self._steps)
        while self._steps and len(self._chosen) < self._limit:
            step = heapq.heappop(self._steps)
            _STEPS[step.kind](self, step)
        return self._chosen

    def seen(self, opens: Mapping[str, datetime]) -> list[Head]:
        """What is known of the lanes that were looked into; `opens`: when those open that gave something."""
        gave = {
            row.lane: Head(row.lane, wakes_at=max(opens[row.lane], self._gates.now)) for row in self._chosen
        }
        return list({**self._heads, **gave}.values())

    def next_page(self, step: _Step) -> None:
        """Go on to more lanes."""
        if not self._gates.is_open(step.name):
            return
        found = heads.awake(self._tx, step.name, after=(step.rank, step.id), limit=PAGE)
        for lane in found:
            self._gates.known[lane.name] = lane
            self._push(_Step(known(lane.rank), known(lane.head_id), _Kind.LANE, lane.name))
        if len(found) == PAGE:
            self._push(_Step(known(found[-1].rank), known(found[-1].head_id), _Kind.PAGE, step.name))

    def look(self, step: _Step) -> None:
        """Look into a lane."""
        lane, gates = step.name, self._gates
        if not gates.is_open(lane.partition(":")[0]):
            return
        room = min(gates.room(lane), self._limit - len(self._chosen))
        if room <= 0:
            self._heads[lane] = Head(lane, wakes_at=gates.opens(lane))
            return
        asked = {"in_lane": lane, "now": gates.now}
        found = _READY.all(self._tx, {**asked, "room": room})
        for row in found:
            self._rows[row.id] = row
            self._push(_Step(row.rank, row.id, _Kind.ROW, lane))
        if found:
            self._heads[lane] = Head(lane, found[0].rank, found[0].id)
        else:
            locked = self._tx.dialect.name != "sqlite" and _TAKEN_BY_OTHERS.all(
                self._tx, {**asked, "room": 1}
            )
            self._heads[lane] = Head(lane, wakes_at=gates.now if locked else None)

    def take(self, step: _Step) -> None:
        """Let one go, if there is room left."""
        if self._gates.room(step.name) > 0:
            self._gates.take(step.name)
            self._chosen.append(self._rows[step.id])

    def _push(self, step: _Step) -> None:
        heapq.heappush(self._steps, step)


_STEPS: Mapping[_Kind, Callable[[_Walk, _Step], None]] = {
    _Kind.ROW: _Walk.take,
    _Kind.LANE: _Walk.look,
    _Kind.PAGE: _Walk.next_page,
}


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
    made = insert_one(tx, deliveries, values)
    rows = update(deliveries).where(deliveries.c.id.in_(cards))
    tx.execute(rows.values(**DeliveryValues(state=DeliveryState.LISTED, list_id=made, due_at=now)))
    return made
