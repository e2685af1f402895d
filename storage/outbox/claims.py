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
    ColumnClause,
    ColumnElement,
    Connection,
    FromClause,
    bindparam,
    literal_column,
    select,
    update,
)

from storage.database import finish
from storage.database.many import among
from storage.database.sql import Query, keep_plans, known
from storage.models import DeliveryOp, DeliveryState, deliveries
from storage.models.values import DeliveryValues
from storage.outbox import heads, lanes, lists, ready
from storage.outbox.gates import Gates, Pace
from storage.outbox.heads import Head
from storage.outbox.lanes import WORKSPACE
from storage.outbox.ready import Ready
from storage.outbox.receipts import Doubt

PAGE = 16  # lanes that are read at once, at most


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


def _of(other: FromClause, reference: str, name: str) -> ColumnElement[str | None]:
    """A column of the message that a claimed row refers to.

    The reference is written with its table, which SQLAlchemy leaves out of what SQLite returns: it would be
    the other's own.
    """
    own: ColumnClause[int] = literal_column(f"{deliveries.name}.{reference}")
    return select(other.c[name]).where(other.c.id == own).scalar_subquery()


_parent, _target = (deliveries.alias(name) for name in ("parent", "target"))
_CLAIM = Query(
    Claimed,
    update(deliveries)
    .where(among(deliveries.c.id, "ids"))
    .values(
        state=DeliveryState.CLAIMED,
        claimed_at=bindparam("now"),
        due_at=bindparam("until"),
        attempts=deliveries.c.attempts + 1,
    )
    .returning(
        *deliveries.c,
        _of(_parent, "thread_id", "ts").label("thread_ts"),
        _of(_parent, "thread_id", "channel").label("thread_channel"),
        _of(_target, "target_id", "ts").label("target_ts"),
        _of(_target, "target_id", "channel").label("target_channel"),
    ),
)


def claim(tx: Connection, *, now: datetime, limit: int, lease: timedelta, pace: Mapping[str, Pace]) -> Claims:
    """Claim up to `limit` deliveries that may go at `now`, the most urgent first.

    `pace` gives the pace of each operation in one place ("post") and in all of them ("post:*"). Times are
    the wire's.
    """
    keep_plans(tx)
    known = lanes.locked(tx, {WORKSPACE, *(f"{op}:*" for op in DeliveryOp if op in pace)}, now)
    # What this very transaction changed: its lanes come after the shared ones in everybody's order.
    finish(tx)
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
    ready_at = gates.after([row.lane for row in chosen])
    probes = {row.lane for row in chosen if known[row.lane].parked_at is not None}
    if chosen and whole.parked_at is not None:
        ready_at[WORKSPACE] = now + lease
        probes.add(WORKSPACE)
    opens = {lane: gates.opens_at(lane, at) for lane, at in ready_at.items() if lane in known}
    heads.note(tx, walk.seen(opens), ready_at)
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
        self._steps: list[_Step] = []
        self._found: dict[str, Sequence[Ready]] = {}
        self._rows: dict[int, Ready] = {}
        self._heads: dict[str, Head] = {}
        self._chosen: list[Ready] = []

    def choose(self) -> list[Ready]:
        """The most urgent that may go."""
        self._page([op for op in DeliveryOp if op in self._gates.pace], after=(-1, 0))
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
        self._page([step.name], after=(step.rank, step.id))

    def _page(self, ops: Sequence[str], *, after: tuple[int, int]) -> None:
        left = self._limit - len(self._chosen)
        rooms = {op: min(PAGE, left, self._gates.room(f"{op}:*")) for op in ops}
        going = {op: room for op, room in rooms.items() if room > 0}  # a lane read is a lane locked
        for op, found in heads.awake(self._tx, going, after=after).items() if going else ():
            for lane in found:
                self._gates.known[lane.name] = lane
                self._push(_Step(known(lane.rank), known(lane.head_id), _Kind.LANE, lane.name))
            if len(found) == going[op]:
                self._push(_Step(known(found[-1].rank), known(found[-1].head_id), _Kind.PAGE, op))

    def look(self, step: _Step) -> None:
        """Look into a lane."""
        lane, gates = step.name, self._gates
        if not gates.is_open(lane.partition(":")[0]):
            return
        room = min(gates.room(lane), self._limit - len(self._chosen))
        if room <= 0:
            self._heads[lane] = Head(lane, wakes_at=gates.opens(lane))
            return
        if lane not in self._found:
            self._look_ahead(lane, room)
        found = self._found.pop(lane)
        for row in found:
            self._rows[row.id] = row
            self._push(_Step(row.rank, row.id, _Kind.ROW, lane))
        if found:
            self._heads[lane] = Head(lane, found[0].rank, found[0].id)
        else:
            held = ready.is_held_by_others(self._tx, lane, gates.now)
            self._heads[lane] = Head(lane, wakes_at=gates.now if held else None)

    def _look_ahead(self, lane: str, room: int) -> None:
        """Read a lane together with those of its operation that are next, as many as may go now."""
        gates, rooms = self._gates, {lane: room}
        op = lane.partition(":")[0]
        left = min(self._limit - len(self._chosen), gates.room(f"{op}:*"))
        for step in heapq.nsmallest(left - 1, self._steps):
            own = gates.room(step.name) if step.kind == _Kind.LANE and step.name.startswith(f"{op}:") else 0
            if own > 0:
                rooms[step.name] = min(own, left)
        self._found |= ready.in_lanes(self._tx, rooms, gates.now)

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


def _take(tx: Connection, chosen: Sequence[Ready], *, now: datetime, lease: timedelta) -> Sequence[Claimed]:
    going = lists.gathered(tx, chosen, now=now)
    for row, _ in going:
        if row.in_list is not None:  # from now on its place is fixed, wherever its lead's card goes
            moved = update(deliveries).where(deliveries.c.id == row.id)
            tx.execute(moved.values(**DeliveryValues(thread_id=row.in_list)))
    ids = [goes for _, goes in going]
    rows = _CLAIM.all(tx, {"ids": ids, "now": now, "until": now + lease})
    return sorted(rows, key=lambda row: (row.rank, row.id))
