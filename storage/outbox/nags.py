"""Nags: which steps of which clocks a message tells somebody of, and when somebody was last reminded.

Whom to tell of what, and when, is the ladder's; a message, once claimed, keeps the lines it has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Executable, and_, bindparam, delete, func, select

from storage.database.many import among
from storage.database.sql import Query, change_all, insert_by, insert_in, upsert, upsert_once, written
from storage.models import (
    ClockKind,
    Delivery,
    DeliveryKind,
    DeliveryOp,
    DeliveryState,
    HandoffState,
    NagKind,
    SlaClock,
    clocks,
    deliveries,
    handoffs,
    nags,
    pings,
)
from storage.models.joined import ClockRow
from storage.models.values import DeliveryValues, NagValues
from storage.outbox import heads


class NagLine(ClockRow):
    """One thing that a nag says: a clock, and the handoff that it runs against. `holder` has the lead now."""

    what: NagKind
    step: int
    told_at: datetime
    given_by: str | None
    given_why: str | None
    team: str
    priority: str
    state: HandoffState
    holder: str | None
    accepted_by: str | None
    rejected_by: str | None
    reassigned: int
    card_id: int | None


@dataclass(frozen=True, slots=True)
class Hurry:
    """A nag that waits is to go from another moment on (the wire's time), with another rank or elsewhere."""

    delivery_id: int
    due_at: datetime
    rank: int
    thread_id: int | None


WAITING = and_(  # written out, so that the partial indexes on waiting nags are seen to fit
    deliveries.c.kind == written(DeliveryKind.NAG),
    deliveries.c.op == written(DeliveryOp.POST),
    deliveries.c.state == written(DeliveryState.PENDING),
)
_ABOUT = Query(
    Delivery,
    select(deliveries).where(
        deliveries.c.id.in_(select(nags.c.delivery_id).where(among(nags.c.handoff_id, "handoffs")))
    ),
)
_EITHER = (  # two conditions, because there are two indexes
    and_(WAITING, deliveries.c.thread_id.is_(None)),
    and_(WAITING, deliveries.c.thread_id.is_not(None)),
)
_WAITING_AT = [
    Query(
        Delivery,
        select(deliveries)
        .where(waiting, deliveries.c.place.in_(bindparam("places", expanding=True)))
        .order_by(deliveries.c.place, deliveries.c.thread_id)
        .with_for_update(),
    )
    for waiting in _EITHER
]
_LINES = Query(
    NagLine,
    select(
        nags.c.what,
        nags.c.step,
        nags.c.at.label("told_at"),
        nags.c.by.label("given_by"),
        nags.c.why.label("given_why"),
        clocks,
        handoffs.c.team,
        handoffs.c.priority,
        handoffs.c.state,
        handoffs.c.owner.label("holder"),
        handoffs.c.accepted_by,
        handoffs.c.rejected_by,
        handoffs.c.reassigned,
        handoffs.c.card_id,
    )
    .join(clocks, clocks.c.id == nags.c.clock_id)
    .join(handoffs, handoffs.c.id == nags.c.handoff_id)
    .where(nags.c.delivery_id == bindparam("delivery"))
    .order_by(nags.c.id),
)
_NEXT_CLOCK = Query(
    SlaClock,
    select(clocks)
    .where(
        clocks.c.handoff_id == bindparam("handoff"),
        clocks.c.kind == bindparam("which"),
        clocks.c.owner == bindparam("whose"),
        clocks.c.id > bindparam("after"),
    )
    .order_by(clocks.c.id)
    .limit(1),
)
_RENEWED_CLOCK = Query(
    SlaClock,
    select(clocks)
    .where(
        clocks.c.handoff_id == bindparam("handoff"),
        clocks.c.kind == bindparam("which"),
        clocks.c.owner.is_not_distinct_from(bindparam("whose")),
        clocks.c.id > bindparam("after"),
    )
    .order_by(clocks.c.id.desc())
    .limit(1),
)
_SHOWN = and_(
    deliveries.c.kind == written(DeliveryKind.NAG),
    deliveries.c.op == written(DeliveryOp.POST),
    deliveries.c.state == written(DeliveryState.SENT),
)
_FRESH = (
    select(nags.c.place, nags.c.handoff_id, func.max(nags.c.delivery_id).label("newest"))
    .join(deliveries, deliveries.c.id == nags.c.delivery_id)
    .where(
        among(nags.c.handoff_id, "handoffs"),
        nags.c.place.in_(bindparam("places", expanding=True)),
        _SHOWN,
        deliveries.c.sent_at > bindparam("since"),
    )
    .group_by(nags.c.place, nags.c.handoff_id)
)
_OF_MESSAGE = select(nags.c.handoff_id).where(nags.c.delivery_id == bindparam("message"))
_SAME = (
    _SHOWN,
    nags.c.place == bindparam("at_place"),
    nags.c.handoff_id.in_(_OF_MESSAGE),
    nags.c.delivery_id != bindparam("message"),
)
_REPEATED = (
    select(nags.c.handoff_id)
    .join(deliveries, deliveries.c.id == nags.c.delivery_id)
    .where(*_SAME, nags.c.delivery_id > bindparam("message"))
    .distinct()
)
_BEFORE = (
    select(nags.c.delivery_id)
    .join(deliveries, deliveries.c.id == nags.c.delivery_id)
    .where(*_SAME, nags.c.delivery_id < bindparam("message"))
    .distinct()
)
_PINGS = select(pings.c.place, pings.c.at).where(pings.c.place.in_(bindparam("places", expanding=True)))
_MAY_GO = [
    select(deliveries.c.id).where(waiting, deliveries.c.due_at <= bindparam("now")).limit(1)
    for waiting in _EITHER
]
_NEXT_DUE = [
    select(func.min(deliveries.c.due_at)).where(waiting, deliveries.c.due_at > bindparam("after"))
    for waiting in _EITHER
]


def messages_about(tx: Connection, handoff_ids: Collection[int]) -> Sequence[Delivery]:
    """The deliveries, gone out or waiting, that tell somebody of these handoffs' clocks."""
    return _ABOUT.all(tx, {"handoffs": list(handoff_ids)})


def waiting_at(tx: Connection, places: Collection[str]) -> dict[tuple[str, int | None], Delivery]:
    """The nags that wait to go to these places, by place and thread; nobody claims them until the commit."""
    asked = {"places": sorted(places)}
    rows = (row for either in _WAITING_AT for row in either.all(tx, asked)) if places else ()
    return {(row.place, row.thread_id): row for row in rows}


def begin(tx: Connection, rows: Sequence[DeliveryValues]) -> None:
    """Add nags that wait; where another transaction has just added one to the same place, that one stands."""
    for row in rows:  # one at a time: SQLite and PostgreSQL name the one or the other partial index
        tx.execute(_begin(tx.dialect.name, row["thread_id"] is not None), dict(row))
    heads.changed(tx, (row["lane"] for row in rows))


@cache
def _begin(dialect: str, in_thread: bool) -> Executable:
    elements = ["place", "thread_id"] if in_thread else ["place"]
    thread = deliveries.c.thread_id
    where = and_(WAITING, thread.is_not(None) if in_thread else thread.is_(None))
    return insert_in(dialect, deliveries).on_conflict_do_nothing(index_elements=elements, index_where=where)


def hurry(tx: Connection, wanted: Sequence[Hurry]) -> None:
    """Let these nags, which wait, go as they are wanted now."""
    if wanted:
        rows = [
            {"delivery": one.delivery_id, "due_at": one.due_at, "rank": one.rank, "thread_id": one.thread_id}
            for one in wanted
        ]
        change_all(tx, deliveries, rows, by="delivery")
        heads.changed_of(tx, [one.delivery_id for one in wanted])


def add_lines(tx: Connection, rows: Sequence[NagValues]) -> None:
    """Add lines to nags that wait; a step that somebody was told of before is not told again."""
    fresh = upsert_once(tx.dialect.name, nags, "clock_id", "step", "place", "what")
    insert_by(tx, fresh, [{**row, "what": NagKind(row["what"])} for row in rows])


def lines_of(tx: Connection, delivery_id: int) -> Sequence[NagLine]:
    """What a nag tells of, in the order of the lines."""
    return _LINES.all(tx, {"delivery": delivery_id})


def fresh(
    tx: Connection, places: Collection[str], handoff_ids: Collection[int], since: datetime
) -> dict[tuple[str, int], int]:
    """The newest reminder that each of these places was shown after `since` (the wire's time) of each of
    these handoffs, as its delivery's id."""
    asked = {"places": sorted(places), "handoffs": sorted(handoff_ids), "since": since}
    rows = tx.execute(_FRESH, asked) if places and handoff_ids else ()
    return {(row.place, row.handoff_id): int(row.newest) for row in rows}


def repeated(tx: Connection, message: Delivery) -> set[int]:
    """The handoffs that a reminder tells of and a newer one in the same place does too."""
    asked = {"message": message.id, "at_place": message.place}
    return set(tx.execute(_REPEATED, asked).scalars())


def repeated_by(tx: Connection, message: Delivery) -> set[int]:
    """The older reminders in the same place, by their deliveries' ids, that tell of what this one tells."""
    return set(tx.execute(_BEFORE, {"message": message.id, "at_place": message.place}).scalars())


def next_clock(tx: Connection, clock: SlaClock, *, owner: str) -> SlaClock | None:
    """The clock of the same kind that this owner got when this one was taken from somebody."""
    same = {"handoff": clock.handoff_id, "which": clock.kind, "whose": owner, "after": clock.id}
    return _NEXT_CLOCK.one(tx, same)


def renewed_clock(tx: Connection, clock: SlaClock, kind: ClockKind, *, owner: str | None) -> SlaClock | None:
    """The newest clock of this kind and owner that was started in place of this one."""
    same = {"handoff": clock.handoff_id, "which": kind, "whose": owner, "after": clock.id}
    return _RENEWED_CLOCK.one(tx, same)


def last_pings(tx: Connection, places: Collection[str]) -> dict[str, datetime]:
    """When each of these people or channels was last reminded, or is about to be."""
    rows = tx.execute(_PINGS, {"places": sorted(places)}) if places else ()
    return {row.place: row.at for row in rows}


def pinged(tx: Connection, at: Mapping[str, datetime]) -> None:
    """Remember when these people or channels are reminded.

    On PostgreSQL whoever locks deliveries too has done so before, and locks lanes after: all in one order.
    """
    if at:
        statement = upsert(tx, pings)
        known = statement.on_conflict_do_update(index_elements=["place"], set_={"at": statement.excluded.at})
        tx.execute(known, [{"place": place, "at": moment} for place, moment in sorted(at.items())])


def not_pinged(tx: Connection, place: str) -> None:
    """The nag had nothing left to say: nobody was reminded, and the next need not wait for it."""
    tx.execute(delete(pings).where(pings.c.place == place))


def are_going(tx: Connection, now: datetime) -> bool:
    """Whether reminders that may go (`now` is the wire's time) are still on their way."""
    return any(tx.execute(either, {"now": now}).first() for either in _MAY_GO)


def next_due(tx: Connection, after: datetime) -> datetime | None:
    """When the next of the nags that wait for their moment may go (the wire's time), if one does."""
    found = (tx.execute(either, {"after": after}).scalar_one() for either in _NEXT_DUE)
    return min((moment for moment in found if moment is not None), default=None)
