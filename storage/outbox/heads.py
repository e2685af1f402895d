"""The head of each lane: what goes first in it, and when there is something new to see, for an index to find.

Whoever changes what waits in a lane says so (`changed`), and no more than that. Claims find the heads: they
work them out for the lanes that woke, and put a lane to sleep in which nothing can go. So a claim looks at
the few lanes in which something may go, however many places have something waiting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Integer,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
    tuple_,
    union,
    update,
)

from storage.database import at_end, many
from storage.database.many import among, given
from storage.database.sql import Query, upsert, written
from storage.models import DeliveryState, Lane, deliveries, lanes

AT_ONCE = 200  # lanes whose heads one claim works out
AT_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""When a lane wakes that has to be looked at now, whatever the time is by anybody's clock."""

_PENDING = deliveries.c.state == written(DeliveryState.PENDING)
_OWN = (_PENDING, deliveries.c.lane == lanes.c.name)
due_at = func.coalesce(deliveries.c.due_at, deliveries.c.due_at)
"""`due_at` as no index has it: what is to be found by urgency is not to be sorted by it."""
_DUE = (*_OWN, due_at <= bindparam("now"))
_BY_URGENCY = (deliveries.c.rank, deliveries.c.id)
_FIRST_RANK = select(deliveries.c.rank).where(*_DUE).order_by(*_BY_URGENCY).limit(1).scalar_subquery()
_FIRST_ID = select(deliveries.c.id).where(*_DUE).order_by(*_BY_URGENCY).limit(1).scalar_subquery()
_NEXT_DUE = (
    select(func.min(deliveries.c.due_at))
    .where(*_OWN, deliveries.c.due_at > bindparam("now"))
    .scalar_subquery()
)
_WOKEN = (
    select(lanes.c.name)
    .where(lanes.c.wakes_at <= bindparam("now"))
    .order_by(lanes.c.wakes_at)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
_WORK_OUT = (
    update(lanes)
    .where(among(lanes.c.name, "names"))
    .values(rank=_FIRST_RANK, head_id=_FIRST_ID, wakes_at=_NEXT_DUE)
)


def _awake_of(op: ColumnElement[str], most: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(lanes)
        .where(
            lanes.c.op == op,
            lanes.c.rank.is_not(None),
            tuple_(lanes.c.rank, lanes.c.head_id) > tuple_(bindparam("rank"), bindparam("head")),
        )
        .order_by(lanes.c.rank, lanes.c.head_id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )


_AWAKE = Query(Lane, _awake_of(bindparam("of_op"), bindparam("most")))
_ops = given({"op": Text(), "most": Integer()})
_of_each = _awake_of(_ops.c.op, _ops.c.most).lateral()
_AWAKE_OF_MANY = Query(Lane, select(_of_each).select_from(_ops).join(_of_each, true()))


def _setting(told: Mapping[str, ColumnElement[Any]]) -> Update:
    wakes = told["wakes"]
    return (
        update(lanes)
        .where(lanes.c.name == told["lane"])
        .values(
            {
                lanes.c.rank: told["first_rank"],
                lanes.c.head_id: told["first_id"],
                lanes.c.ready_at: func.coalesce(told["ready"], lanes.c.ready_at),
                lanes.c.wakes_at: case(
                    (wakes.is_(None), lanes.c.wakes_at),
                    (or_(lanes.c.wakes_at.is_(None), lanes.c.wakes_at > wakes), wakes),
                    else_=lanes.c.wakes_at,
                ),
            }
        )
    )


_TOLD = {
    "lane": lanes.c.name.type,
    "first_rank": lanes.c.rank.type,
    "first_id": lanes.c.head_id.type,
    "ready": lanes.c.ready_at.type,
    "wakes": lanes.c.wakes_at.type,
}
_SET = _setting({name: bindparam(name, type_=kind) for name, kind in _TOLD.items()})
_SET_MANY = _setting(dict(given(_TOLD).c.items()))
_NEXT = select(func.min(lanes.c.wakes_at)).where(lanes.c.wakes_at.is_not(None))
_in_list = deliveries.alias("in_list")
_LANES_OF = select(deliveries.c.lane).where(among(deliveries.c.id, "ids")).distinct()
_WAIT_FOR = union(
    select(deliveries.c.lane).where(_PENDING, among(deliveries.c.thread_id, "ids")),
    select(deliveries.c.lane).where(_PENDING, among(deliveries.c.target_id, "ids")),
    select(deliveries.c.lane)
    .join(_in_list, _in_list.c.id == deliveries.c.thread_id)
    .where(_PENDING, and_(among(_in_list.c.list_id, "ids"), _in_list.c.list_id.is_not(None))),
)
_EVERYWHERE = select(deliveries.c.lane).where(_PENDING).distinct()


class Head(NamedTuple):
    """What is known of a lane after a look: the first that can go in it (None: nothing can), and when to look
    again (None: when there is something new)."""

    lane: str
    rank: int | None = None
    id: int | None = None
    wakes_at: datetime | None = None


@dataclass(slots=True)
class _Noted:
    """What a transaction does to lanes: those to look at, and what else is written into some of them."""

    lanes: set[str] = field(default_factory=set)
    changes: list[tuple[Executable, Mapping[str, object]]] = field(default_factory=list)


def changed(tx: Connection, names: Iterable[str]) -> None:
    """Something else waits in these lanes, or what waits there may go now: they are looked at before long.

    They are marked when the transaction ends, all in one order, so that nobody is held up for long, and no
    two wait for each other. Before that a transaction locks no lane but those of `lanes.locked`, which come
    first in the order.
    """
    at_end(tx, _mark, _Noted).lanes.update(names)


def change(
    tx: Connection, names: Collection[str], statement: Executable, values: Mapping[str, object]
) -> None:
    """`changed`, and have this statement, which writes into these lanes alone, run once all are locked."""
    if names:
        changed(tx, names)
        at_end(tx, _mark, _Noted).changes.append((statement, {"lanes": list(names), **values}))


def changed_of(tx: Connection, ids: Collection[int]) -> None:
    """The same for the lanes of these deliveries."""
    if ids:
        changed(tx, tx.execute(_LANES_OF, {"ids": list(ids)}).scalars())


def settled(tx: Connection, ids: Collection[int]) -> None:
    """The same for the lanes in which something waits for these: their threads, their rewrites."""
    if ids:
        changed(tx, tx.execute(_WAIT_FOR, {"ids": list(ids)}).scalars())


def gather(tx: Connection) -> None:
    """Look at every lane in which something waits: what wrote into the outbox may not have said so."""
    changed(tx, tx.execute(_EVERYWHERE).scalars())


def work_out(tx: Connection, now: datetime) -> bool:
    """Find the heads of lanes that woke, and lock them until the commit. False if more of them wait."""
    names = tx.execute(_WOKEN, {"now": now}).scalars().all()
    if names:  # another statement, which sees all that was committed before the lanes were locked
        tx.execute(_WORK_OUT, {"names": names, "now": now})
    return len(names) < AT_ONCE


def awake(tx: Connection, most: Mapping[str, int], *, after: tuple[int, int]) -> dict[str, Sequence[Lane]]:
    """The lanes of each operation in which something may go, the most urgent first, locked until the commit:
    `most` of each. `after` is the rank and id of the head after which to go on.
    """
    asked = {"rank": after[0], "head": after[1]}
    if tx.dialect.name == "sqlite":
        return {op: _AWAKE.all(tx, {**asked, "of_op": op, "most": some}) for op, some in most.items()}
    found: dict[str, list[Lane]] = {op: [] for op in most}
    for lane in _AWAKE_OF_MANY.all(tx, {**asked, "op": list(most), "most": list(most.values())}):
        found[lane.op].append(lane)
    return {op: found[op] for op in most}


def note(tx: Connection, heads: Iterable[Head], ready_at: Mapping[str, datetime]) -> None:
    """Keep what a look at these locked lanes showed; what wakes one earlier still does.

    `ready_at`: when each of these, and of the lanes that all places share, has caught up with its pace.
    """
    seen = {**{lane: Head(lane) for lane in ready_at}, **{one.lane: one for one in heads}}
    rows = [
        {"lane": lane, "first_rank": one.rank, "first_id": one.id, "wakes": one.wakes_at}
        | {"ready": ready_at.get(lane)}
        for lane, one in seen.items()
    ]
    if many.are_one(tx, rows):
        tx.execute(_SET_MANY, {name: [row[name] for row in rows] for name in _TOLD})
    elif rows:
        tx.execute(_SET, rows)


def next_waking(tx: Connection) -> datetime | None:
    """When the next lane wakes, if one does."""
    wakes_at: datetime | None = tx.execute(_NEXT).scalar_one()
    return wakes_at


def _mark(tx: Connection, noted: _Noted) -> None:
    statement = upsert(tx, lanes)
    woken = statement.on_conflict_do_update(
        index_elements=["name"], set_={"op": statement.excluded.op, "wakes_at": AT_ANY_TIME}
    )
    fresh = {"ready_at": AT_ANY_TIME, "wakes_at": AT_ANY_TIME}
    rows = [
        {"name": name, "op": name.partition(":")[0], **fresh}
        for name in sorted(noted.lanes, key=_place_in_order)
    ]
    if rows:
        tx.execute(woken, rows)
    for change_, values in noted.changes:
        tx.execute(change_, values)


def _place_in_order(name: str) -> tuple[bool, str]:
    """First what all places share, which claims lock before they look at any lane."""
    return not name.endswith("*"), name
