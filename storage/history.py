"""The append-only history of who did what, when, to which lead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, literal_column, select

from storage.database.sql import Record
from storage.models import EventKind, events

_RECORD = insert(events)
_LAST = (
    select(events)
    .where(
        events.c.lead_id == bindparam("lead"),
        events.c.handoff_id == bindparam("handoff"),
        events.c.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(events.c.id.desc())
    .limit(literal_column("1"))
)
_LAST_OF_LEAD = (
    select(events)
    .where(events.c.lead_id == bindparam("lead"), events.c.kind == bindparam("wanted"))
    .order_by(events.c.id.desc())
    .limit(literal_column("1"))
)


def record(
    tx: Connection,
    kind: EventKind,
    *,
    at: datetime,
    actor: str,
    trace: str,
    lead_id: int | None = None,
    handoff_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one line of the history."""
    tx.execute(
        _RECORD,
        {
            "at": at,
            "kind": EventKind(kind),
            "actor": actor,
            "trace": trace,
            "lead_id": lead_id,
            "handoff_id": handoff_id,
            "detail": dict(detail or {}),
        },
    )


def record_all(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many lines of the history at once, each with what `record` is given."""
    if rows:
        tx.execute(_RECORD, [{**row, "kind": EventKind(row["kind"])} for row in rows])


def of_lead(tx: Connection, lead_id: int, *, limit: int = 500) -> list[Record]:
    """A lead's history, oldest first; of a longer one the newest `limit` lines."""
    statement = select(events).where(events.c.lead_id == lead_id).order_by(events.c.id.desc()).limit(limit)
    return list(reversed(tx.execute(statement).all()))


def page_of_lead(tx: Connection, lead_id: int, *, limit: int, skip: int) -> Sequence[Record]:
    """A page of a lead's history, the newest first."""
    statement = select(events).where(events.c.lead_id == lead_id).order_by(events.c.id.desc())
    return tx.execute(statement.limit(limit).offset(skip)).all()


def count_of_lead(tx: Connection, lead_id: int) -> int:
    """How many lines a lead's history has."""
    return int(tx.execute(select(func.count()).where(events.c.lead_id == lead_id)).scalar_one())


def last_of_handoff(
    tx: Connection, lead_id: int, handoff_id: int, kinds: Collection[EventKind]
) -> Record | None:
    """The newest line about a handoff that is of one of these kinds."""
    return tx.execute(_LAST, {"lead": lead_id, "handoff": handoff_id, "kinds": list(kinds)}).one_or_none()


def last_of_lead(tx: Connection, lead_id: int, kind: EventKind) -> Record | None:
    """The newest line about a lead that is of this kind."""
    return tx.execute(_LAST_OF_LEAD, {"lead": lead_id, "wanted": kind}).one_or_none()
