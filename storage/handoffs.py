"""Handoffs and the clocks that run against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from storage.models import ClockKind, HandoffState, clocks, deliveries, handoffs, leads, rotations
from storage.sql import Record, upsert

OPEN = (HandoffState.WAITING, HandoffState.ACCEPTED)

_ADD = insert(handoffs).returning(handoffs.c.id)
_ADD_CLOCK = insert(clocks)
_WITH_LEAD = (
    select(
        handoffs,
        leads.c.stage.label("lead_stage"),
        deliveries.c.state.label("card_state"),
        deliveries.c.place.label("card_place"),
        deliveries.c.list_id.label("card_list"),
    )
    .join(leads, leads.c.id == handoffs.c.lead_id)
    .outerjoin(deliveries, deliveries.c.id == handoffs.c.card_id)
    .where(handoffs.c.id == bindparam("handoff"))
    .with_for_update(of=[handoffs, leads])
)
_OPEN_CLOCK = (
    (clocks.c.handoff_id == bindparam("handoff")),
    clocks.c.met_at.is_(None),
    clocks.c.stopped_at.is_(None),
)
_MEET = (
    update(clocks)
    .where(*_OPEN_CLOCK, clocks.c.kind == bindparam("clock"))
    .values(met_at=bindparam("met"), met_by=bindparam("by"), next_at=None)
)
_STOP = update(clocks).where(*_OPEN_CLOCK).values(stopped_at=bindparam("stopped"), next_at=None)
_CURRENT_CLOCKS = select(clocks).where(*_OPEN_CLOCK).order_by(clocks.c.due_at)


def add(tx: Connection, values: Mapping[str, Any]) -> int:
    """Store a new handoff and give its id."""
    return int(tx.execute(_ADD, dict(values)).scalar_one())


def change(tx: Connection, handoff_id: int, values: Mapping[str, Any]) -> None:
    """Set these columns of a handoff."""
    tx.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(**values))


def get(tx: Connection, handoff_id: int) -> Record | None:
    """A row of `handoff`."""
    return tx.execute(select(handoffs).where(handoffs.c.id == handoff_id)).one_or_none()


def lock(tx: Connection, handoff_id: int) -> Record | None:
    """A handoff to be decided, with its lead's stage and where its card stands, locked until the commit."""
    return tx.execute(_WITH_LEAD, {"handoff": handoff_id}).one_or_none()


def open_of_lead(tx: Connection, lead_id: int) -> Record | None:
    """The lead's open handoff: there is never more than one."""
    statement = select(handoffs).where(handoffs.c.lead_id == lead_id, handoffs.c.state.in_(OPEN))
    return tx.execute(statement).one_or_none()


def latest_of_lead(tx: Connection, lead_id: int) -> Record | None:
    """The lead's newest handoff, open or not."""
    statement = select(handoffs).where(handoffs.c.lead_id == lead_id).order_by(handoffs.c.id.desc())
    return tx.execute(statement.limit(1)).one_or_none()


def holders_of_lead(tx: Connection, lead_id: int) -> frozenset[str]:
    """Everybody who ever held the lead, in any handoff."""
    statement = select(handoffs.c.owner).where(handoffs.c.lead_id == lead_id, handoffs.c.owner.is_not(None))
    return frozenset(tx.execute(statement).scalars())


def start_clock(tx: Connection, values: Mapping[str, Any]) -> None:
    """Start a clock."""
    tx.execute(_ADD_CLOCK, dict(values))


def meet_clock(tx: Connection, handoff_id: int, kind: ClockKind, *, at: datetime, by: str) -> None:
    """End the handoff's running clock of this kind as met."""
    tx.execute(_MEET, {"handoff": handoff_id, "clock": kind, "met": at, "by": by})


def stop_clocks(tx: Connection, handoff_id: int, *, at: datetime) -> None:
    """End every running clock of the handoff without its being met."""
    tx.execute(_STOP, {"handoff": handoff_id, "stopped": at})


def running_clocks(tx: Connection, handoff_id: int) -> Sequence[Record]:
    """The clocks that run against a handoff, the first due first."""
    return tx.execute(_CURRENT_CLOCKS, {"handoff": handoff_id}).all()


def running_clock(tx: Connection, handoff_id: int, kind: ClockKind) -> Record | None:
    """The handoff's running clock of this kind: there is never more than one."""
    return next((row for row in running_clocks(tx, handoff_id) if row.kind == kind), None)


def change_clock(tx: Connection, clock_id: int, values: Mapping[str, Any]) -> None:
    """Set these columns of a clock."""
    tx.execute(update(clocks).where(clocks.c.id == clock_id).values(**values))


def clocks_of_lead(tx: Connection, lead_id: int) -> Sequence[Record]:
    """Every clock that ever ran for the lead, oldest first."""
    return tx.execute(select(clocks).where(clocks.c.lead_id == lead_id).order_by(clocks.c.id)).all()


def open_counts(tx: Connection, owners: Iterable[str]) -> dict[str, int]:
    """How many open leads each of these people holds; nobody is left out."""
    names = list(owners)
    statement = (
        select(handoffs.c.owner, func.count())
        .where(handoffs.c.owner.in_(names), handoffs.c.state.in_(OPEN))
        .group_by(handoffs.c.owner)
    )
    counted = {row.owner: int(row[1]) for row in tx.execute(statement)}
    return {name: counted.get(name, 0) for name in names}


def rotation(tx: Connection, team: str) -> dict[str, Any]:
    """Whose turn it is in a team, locked until the commit; empty for a team that has had no turn."""
    tx.execute(
        upsert(tx, rotations).values(team=team, state={}).on_conflict_do_nothing(index_elements=["team"])
    )
    statement = select(rotations.c.state).where(rotations.c.team == team).with_for_update()
    return dict(tx.execute(statement).scalar_one())


def set_rotation(tx: Connection, team: str, state: Mapping[str, Any]) -> None:
    """Remember whose turn it is in a team."""
    tx.execute(update(rotations).where(rotations.c.team == team).values(state=dict(state)))
