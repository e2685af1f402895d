"""Cursors over the history, one for each destination, and the events on their way to it.

One process at a time tells a destination, by a lease on its row. Which events concern it, and what an answer
means, is decided in bot/events/.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, literal_column, or_, select, text, update

from storage.database.sql import PORTION, Query, insert_once, written
from storage.models import (
    Destination,
    Dispatch,
    DispatchState,
    EventKind,
    destinations,
    dispatches,
    events,
    handoffs,
)
from storage.models.details import Detail
from storage.models.values import DestinationValues, DispatchValues


class Happening:
    """An event as a destination's cursor meets it, with the team of its handoff."""

    id: int
    kind: EventKind
    lead_id: int | None
    detail: Detail
    team: str | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events a destination has not got: still on their way, and parked."""

    pending: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Horizon:
    """Up to which event the history may still grow in between.

    On PostgreSQL numbers are drawn before they are committed: below the highest that is seen others may yet
    appear, until every transaction of that moment (before `xmax`) has ended.
    """

    last: int
    xmax: int


_GET = Query(Destination, select(destinations).where(destinations.c.name == bindparam("wanted")))
_LOCK = Query(
    Destination, select(destinations).where(destinations.c.name == bindparam("wanted")).with_for_update()
)
_ALL = Query(Destination, select(destinations).order_by(destinations.c.name))
_CHANGE = update(destinations).where(destinations.c.name == bindparam("wanted"))
_MINE = or_(
    destinations.c.worker.is_(None),
    destinations.c.worker == bindparam("process"),
    destinations.c.lease_until <= bindparam("moment"),
)
_TAKE = Query(
    Destination,
    update(destinations)
    .where(destinations.c.name == bindparam("wanted"), _MINE)
    .values(worker=bindparam("process"), lease_until=bindparam("until"))
    .returning(destinations),
)
_LAST_EVENT = select(func.coalesce(func.max(events.c.id), 0))
_NEW = Query(
    Happening,
    select(events.c.id, events.c.kind, events.c.lead_id, events.c.detail, handoffs.c.team)
    .select_from(events.outerjoin(handoffs, handoffs.c.id == events.c.handoff_id))
    .where(events.c.id > bindparam("after"), events.c.id <= bindparam("last"))
    .order_by(events.c.id)
    .limit(bindparam("most")),
)
_SINCE = Query(
    Happening,
    select(events.c.id, events.c.kind, events.c.lead_id, events.c.detail, handoffs.c.team)
    .select_from(events.outerjoin(handoffs, handoffs.c.id == events.c.handoff_id))
    .where(
        events.c.id > bindparam("after"), events.c.id <= bindparam("last"), events.c.at >= bindparam("since")
    )
    .order_by(events.c.id)
    .limit(bindparam("most")),
)
_earlier = dispatches.alias("earlier")
_IS_PENDING = dispatches.c.state == written(DispatchState.PENDING)
_ARE_HEADS = (
    dispatches.c.destination == bindparam("wanted"),
    _IS_PENDING,
    ~select(_earlier.c.sequence)
    .where(
        _earlier.c.destination == dispatches.c.destination,
        _earlier.c.lead_id == dispatches.c.lead_id,
        _earlier.c.state == written(DispatchState.PENDING),
        _earlier.c.sequence < dispatches.c.sequence,
    )
    .exists(),
)
_HEADS = Query(
    Dispatch,
    select(dispatches)
    .where(*_ARE_HEADS, dispatches.c.due_at <= bindparam("moment"))
    .order_by(dispatches.c.sequence)
    .limit(bindparam("most")),
)
_PROBE = Query(
    Dispatch,
    select(dispatches)
    .where(*_ARE_HEADS)
    .order_by(dispatches.c.attempts, dispatches.c.sequence)
    .limit(literal_column("1")),
)
_FIRST_HEADS = (
    select(dispatches.c.due_at)
    .where(*_ARE_HEADS)
    .order_by(dispatches.c.sequence)
    .limit(literal_column("200"))
).subquery()
_NEXT_DUE = select(func.min(_FIRST_HEADS.c.due_at))
_ARRIVED = delete(dispatches).where(
    dispatches.c.destination == bindparam("wanted"), dispatches.c.sequence == bindparam("number")
)
_AGAIN = update(dispatches).where(
    dispatches.c.destination == bindparam("wanted"), dispatches.c.sequence == bindparam("number")
)
_PARKED = Query(
    Dispatch,
    select(dispatches)
    .where(
        dispatches.c.destination == bindparam("wanted"),
        dispatches.c.state == written(DispatchState.PARKED),
    )
    .order_by(dispatches.c.sequence)
    .limit(bindparam("most")),
)
_BACKLOG = select(dispatches.c.destination, dispatches.c.state, func.count()).group_by(
    dispatches.c.destination, dispatches.c.state
)


def get(tx: Connection, name: str) -> Destination | None:
    """A destination, if it has ever been told anything."""
    return _GET.one(tx, {"wanted": name})


def all_known(tx: Connection) -> Sequence[Destination]:
    """Every destination that has a cursor, by name, also those that are no longer agreed."""
    return _ALL.all(tx)


def begin(tx: Connection, name: str) -> None:
    """Give a destination its cursor: it hears of what happens from now on. One that has one keeps it."""
    fresh: DestinationValues = {"name": name, "cursor": last_event(tx)}
    insert_once(tx, destinations, fresh, "name")


def take(tx: Connection, name: str, process: str, now: datetime, until: datetime) -> Destination | None:
    """Be the one that tells it until then, and lock its row; None while another process is."""
    return _TAKE.one(tx, {"wanted": name, "process": process, "moment": now, "until": until})


def require(tx: Connection, name: str) -> Destination:
    """A destination that has a cursor. Raises NoResultFound."""
    return _GET.the(tx, {"wanted": name})


def lock(tx: Connection, name: str) -> Destination:
    """The same, locked until the commit. Raises NoResultFound."""
    return _LOCK.the(tx, {"wanted": name})


def change(tx: Connection, name: str, values: DestinationValues) -> int:
    """Change a destination; gives how many there were of this name."""
    return tx.execute(_CHANGE.values(**values), {"wanted": name}).rowcount


def free(tx: Connection, process: str | None = None) -> None:
    """End the leases of a process that stops, or every lease: for the one process that a SQLite file has."""
    ended = update(destinations).values(**DestinationValues(worker=None, lease_until=None))
    tx.execute(ended if process is None else ended.where(destinations.c.worker == process))


def last_event(tx: Connection) -> int:
    """The highest number in the history."""
    return int(tx.execute(_LAST_EVENT).scalar_one())


def horizon(tx: Connection) -> Horizon:
    """How far the history reaches now."""
    if tx.dialect.name == "sqlite":  # one writer: numbers are committed in order
        return Horizon(last_event(tx), 0)
    xmax = tx.execute(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")).scalar_one()
    return Horizon(last_event(tx), int(xmax))


def is_settled(tx: Connection, horizon: Horizon) -> bool:
    """Whether no event can appear any more below the horizon."""
    if tx.dialect.name == "sqlite":
        return True
    xmin = tx.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")).scalar_one()
    return int(xmin) >= horizon.xmax


def happened(tx: Connection, *, after: int, last: int, limit: int) -> Sequence[Happening]:
    """The events after one and up to another, in order."""
    return _NEW.all(tx, {"after": after, "last": last, "most": limit})


def happened_since(
    tx: Connection, since: datetime, *, after: int, last: int, limit: int
) -> Sequence[Happening]:
    """The same, of those that happened at this moment or later."""
    return _SINCE.all(tx, {"since": since, "after": after, "last": last, "most": limit})


def enqueue(tx: Connection, rows: Sequence[DispatchValues]) -> None:
    """Put events on their way to a destination."""
    if rows:
        tx.execute(insert(dispatches), [dict(row) for row in rows])


def supersede(tx: Connection, name: str, lead_ids: Collection[int]) -> None:
    """Nothing that waits to be told of these leads has to be told any more: something newer is."""
    ids = sorted(lead_ids)
    for start in range(0, len(ids), PORTION):
        there = (dispatches.c.destination == name, dispatches.c.lead_id.in_(ids[start : start + PORTION]))
        tx.execute(delete(dispatches).where(*there, _IS_PENDING))


def due(tx: Connection, name: str, now: datetime, limit: int) -> Sequence[Dispatch]:
    """What may be sent now: of each lead the first that has not arrived, if its time has come."""
    return _HEADS.all(tx, {"wanted": name, "moment": now, "most": limit})


def probe(tx: Connection, name: str) -> Sequence[Dispatch]:
    """What a destination that fails throughout is tried with: one message, what was tried least.

    So a message that it never takes does not stand for all of them.
    """
    return _PROBE.all(tx, {"wanted": name})


def next_due(tx: Connection, name: str) -> datetime | None:
    """When one of the first 200 leads that wait may be tried next, if any waits."""
    return tx.execute(_NEXT_DUE, {"wanted": name}).scalar_one_or_none()


def arrived(tx: Connection, name: str, numbers: Collection[int]) -> None:
    """These have arrived."""
    if numbers:
        tx.execute(_ARRIVED, [{"wanted": name, "number": number} for number in numbers])


def change_dispatch(tx: Connection, name: str, number: int, values: DispatchValues) -> None:
    """Change one that has not arrived."""
    tx.execute(_AGAIN.values(**values), {"wanted": name, "number": number})


def hurry(tx: Connection, name: str, now: datetime) -> None:
    """The destination is well again: try everything that waits for a later moment now."""
    waiting = (dispatches.c.destination == name, _IS_PENDING, dispatches.c.due_at > now)
    tx.execute(update(dispatches).where(*waiting).values(**DispatchValues(due_at=now)))


def unpark(tx: Connection, name: str, now: datetime) -> int:
    """Try all that is parked again, as if for the first time; gives how many."""
    statement = (
        update(dispatches)
        .where(dispatches.c.destination == name, dispatches.c.state == written(DispatchState.PARKED))
        .values(**DispatchValues(state=DispatchState.PENDING, due_at=now, attempts=0, first_at=None))
    )
    return tx.execute(statement).rowcount


def parked(tx: Connection, name: str, limit: int) -> Sequence[Dispatch]:
    """What was refused for good, the oldest first."""
    return _PARKED.all(tx, {"wanted": name, "most": limit})


def counts(tx: Connection) -> dict[tuple[str, ...], int]:
    """How many events have not arrived, by destination and state."""
    return {(name, state.value): count for name, state, count in tx.execute(_BACKLOG)}


def backlogs(tx: Connection) -> Mapping[str, Backlog]:
    """How much each destination has not got."""
    counts: dict[str, dict[DispatchState, int]] = {}
    for name, state, count in tx.execute(_BACKLOG):
        counts.setdefault(name, {})[state] = count
    return {
        name: Backlog(of.get(DispatchState.PENDING, 0), of.get(DispatchState.PARKED, 0))
        for name, of in counts.items()
    }
