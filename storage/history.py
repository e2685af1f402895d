"""The append-only history of who did what, when, to which lead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Text, and_, bindparam, cast, func, literal_column, or_, select

from storage.database.sql import Query, insert_all
from storage.models import Event, EventKind, events
from storage.models.details import Detail
from storage.models.values import EventValues
from storage.stamp import Stamp

_PAGE = Query(
    Event,
    select(events)
    .where(events.c.lead_id == bindparam("lead"))
    .order_by(events.c.at.desc(), events.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip")),
)
_LAST = Query(
    Event,
    select(events)
    .where(
        events.c.lead_id == bindparam("lead"),
        events.c.handoff_id == bindparam("handoff"),
        events.c.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(events.c.id.desc())
    .limit(literal_column("1")),
)
_LAST_OF_LEAD = Query(
    Event,
    select(events)
    .where(events.c.lead_id == bindparam("lead"), events.c.kind == bindparam("wanted"))
    .order_by(events.c.id.desc())
    .limit(literal_column("1")),
)

_ACTOR_OF = (
    select(events.c.actor)
    .where(events.c.lead_id == bindparam("lead"), events.c.trace == bindparam("in_trace"))
    .order_by(events.c.id.desc())
    .limit(1)
)
_LOOKED_AT = 5_000
_AMONG_NEWEST = (
    Query(  # a lead may have a million lines; by the index of its lines, the newest are a few pages
        Event,
        select(events)
        .where(
            events.c.id.in_(
                select(events.c.id)
                .where(events.c.lead_id == bindparam("lead"))
                .order_by(events.c.id.desc())
                .limit(_LOOKED_AT)
                .scalar_subquery()
            ),
            events.c.kind.in_(bindparam("kinds", expanding=True)),
        )
        .order_by(events.c.id.desc())
        .limit(bindparam("most")),
    )
)
_BEYOND = (
    select(events.c.id)
    .where(events.c.lead_id == bindparam("lead"))
    .order_by(events.c.id.desc())
    .offset(_LOOKED_AT)
    .limit(1)
)
_OF_KINDS = Query(
    Event,
    select(events)
    .where(events.c.lead_id == bindparam("lead"), events.c.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(events.c.id),
)
_OF_IDENTITY = Query(
    Event,
    select(events)
    .where(
        events.c.lead_id == bindparam("lead"),
        or_(
            events.c.kind.in_((EventKind.CREATED, EventKind.SPLIT)),
            # told by the text, as an update that changes nobody's name is the rule
            and_(events.c.kind == EventKind.UPDATED, cast(events.c.detail, Text).like('%"changed"%')),
        ),
    )
    .order_by(events.c.id.desc())
    .limit(bindparam("most")),
)
_BY_ID = Query(Event, select(events).where(events.c.id.in_(bindparam("wanted", expanding=True))))


_CHANGES = select(events.c.detail).where(
    events.c.lead_id == bindparam("lead"), cast(events.c.detail, Text).like('%"changed"%')
)
_NEWEST = select(func.max(events.c.id))


def former_values(tx: Connection, lead_id: int, field: str) -> list[str]:
    """What a field that says who somebody is was before, as far as the history tells."""
    changed = (row.detail.get("changed", {}).get(field) for row in tx.execute(_CHANGES, {"lead": lead_id}))
    return [pair[0] for pair in changed if pair and isinstance(pair[0], str)]


def record(
    tx: Connection,
    stamp: Stamp,
    kind: EventKind,
    *,
    lead_id: int | None = None,
    handoff_id: int | None = None,
    detail: Detail | None = None,
) -> None:
    """Write one line of the history."""
    line = new_line(stamp, kind, lead_id=lead_id, handoff_id=handoff_id, detail=detail)
    insert_all(tx, events, [line])


def new_line(
    stamp: Stamp,
    kind: EventKind,
    *,
    lead_id: int | None = None,
    handoff_id: int | None = None,
    detail: Detail | None = None,
) -> EventValues:
    """A line of the history as a row, for `record_all`; what it is given is what `record` is given."""
    return {
        "at": stamp.now,
        "kind": EventKind(kind),  # no CHECK holds the column to them
        "actor": stamp.actor,
        "trace": stamp.trace,
        "lead_id": lead_id,
        "handoff_id": handoff_id,
        "detail": detail or {},
    }


def count_by(tx: Connection, actor: str, kind: EventKind, since: datetime, *, most: int) -> int:
    """How many lines of a kind somebody has caused since a moment, counted up to `most`."""
    some = (
        select(literal_column("1"))
        .where(events.c.kind == kind, events.c.at >= since, events.c.actor == actor)
        .limit(most)
        .subquery()
    )
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def record_all(tx: Connection, rows: Sequence[EventValues]) -> None:
    """Write many lines of the history at once."""
    insert_all(tx, events, rows)


def of_lead(tx: Connection, lead_id: int, *, limit: int = 500) -> list[Event]:
    """A lead's history, oldest first; of a longer one the newest `limit` lines."""
    return list(reversed(page_of_lead(tx, lead_id, limit=limit)))


def page_of_lead(tx: Connection, lead_id: int, *, limit: int, skip: int = 0) -> Sequence[Event]:
    """A page of a lead's history, the newest first."""
    return _PAGE.all(tx, {"lead": lead_id, "most": limit, "skip": skip})


def of_kinds(tx: Connection, lead_id: int, kinds: Collection[EventKind]) -> Sequence[Event]:
    """Every line about a lead that is of one of these kinds, oldest first; for a lead with few lines."""
    return _OF_KINDS.all(tx, {"lead": lead_id, "kinds": list(kinds)})


def newest_of_kinds(
    tx: Connection, lead_id: int, kinds: Collection[EventKind], *, limit: int
) -> tuple[list[Event], bool]:
    """The newest lines about a lead that are of one of these kinds, oldest first, and whether that is all.

    Of a lead with more lines than 5,000 those are looked at, so that it costs the same whatever a lead did.
    """
    found = _AMONG_NEWEST.all(tx, {"lead": lead_id, "kinds": list(kinds), "most": limit + 1})
    whole = len(found) <= limit and tx.execute(_BEYOND, {"lead": lead_id}).first() is None
    return list(reversed(found[:limit])), whole


def lines_of_identity(tx: Connection, lead_id: int, *, limit: int) -> list[Event]:
    """The newest lines that say who a lead is, oldest first; a few that do not may be among them."""
    return list(reversed(_OF_IDENTITY.all(tx, {"lead": lead_id, "most": limit})))


def by_id(tx: Connection, ids: Collection[int]) -> Sequence[Event]:
    """The lines with these numbers, in no order; those that are gone are missing."""
    return _BY_ID.all(tx, {"wanted": list(ids)}) if ids else ()


def count_of_lead(tx: Connection, lead_id: int) -> int:
    """How many lines a lead's history has."""
    return int(tx.execute(select(func.count()).where(events.c.lead_id == lead_id)).scalar_one())


def last_of_handoff(
    tx: Connection, lead_id: int, handoff_id: int, kinds: Collection[EventKind]
) -> Event | None:
    """The newest line about a handoff that is of one of these kinds."""
    return _LAST.one(tx, {"lead": lead_id, "handoff": handoff_id, "kinds": list(kinds)})


def actor_of(tx: Connection, lead_id: int, trace: str) -> str | None:
    """Who did what happened to a lead in the course of one click or call."""
    found: str | None = tx.execute(_ACTOR_OF, {"lead": lead_id, "in_trace": trace}).scalar_one_or_none()
    return found


def last_of_lead(tx: Connection, lead_id: int, kind: EventKind) -> Event | None:
    """The newest line about a lead that is of this kind."""
    return _LAST_OF_LEAD.one(tx, {"lead": lead_id, "wanted": kind})


def newest(tx: Connection) -> int:
    """The number of the newest line of all, 0 where there is none. No line is ever deleted."""
    return int(tx.execute(_NEWEST).scalar_one() or 0)


def details_of(tx: Connection, kind: EventKind) -> list[Detail]:
    """What each event of a rare kind says, the oldest first."""
    said = select(events.c.detail).where(events.c.kind == kind).order_by(events.c.id)
    return list(tx.execute(said).scalars())
