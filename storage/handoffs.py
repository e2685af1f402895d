"""Handoffs and the clocks that run against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnClause, Connection, bindparam, func, insert, literal_column, select, update

from storage.database.sql import Record, upsert_once
from storage.models import ClockKind, clocks, deliveries, handoffs, leads, rotations

# Written out, so that SQLite sees that the partial indexes on open handoffs hold all that is asked for.
_IS_OPEN: ColumnClause[bool] = literal_column("handoff.state IN ('waiting', 'accepted')")
_ADD = insert(handoffs).returning(handoffs.c.id)
_ADD_CLOCK = insert(clocks)
_WITH_LEAD = (
    select(
        handoffs,
        leads.c.stage.label("lead_stage"),
        leads.c.owner.label("lead_owner"),
        leads.c.recycled_until.label("lead_recycled_until"),
        leads.c.closed_at.label("lead_closed_at"),
        leads.c.amount_minor.label("lead_amount_minor"),
        leads.c.currency.label("lead_currency"),
        leads.c.merged_into.label("lead_merged_into"),
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
_STOP = update(clocks).where(*_OPEN_CLOCK).values(stopped_at=bindparam("stopped"), next_at=None)
_CHANGE_CLOCK = update(clocks).where(clocks.c.id == bindparam("clock"))
_CHANGE = update(handoffs).where(handoffs.c.id == bindparam("handoff"))
_PASS_ON = _CHANGE.values(
    owner=bindparam("user"), owner_why=bindparam("because"), reassigned=handoffs.c.reassigned + 1
)
_OWN = (
    update(leads)
    .where(leads.c.id == bindparam("lead"))
    .values(owner=bindparam("user"), updated_at=bindparam("now"))
)
_GET = select(handoffs).where(handoffs.c.id == bindparam("handoff"))
_OF_LEAD = select(handoffs).where(handoffs.c.lead_id == bindparam("lead"))
_OPEN_OF_LEAD = _OF_LEAD.where(_IS_OPEN)
_LATEST_OF_LEAD = _OF_LEAD.order_by(handoffs.c.id.desc()).limit(literal_column("1"))
_OPEN_COUNTS = (
    select(handoffs.c.owner, func.count())
    .where(handoffs.c.owner.in_(bindparam("owners", expanding=True)), _IS_OPEN)
    .group_by(handoffs.c.owner)
)
_CLOCKS_OF_LEAD = (
    select(clocks)
    .join(handoffs, handoffs.c.id == clocks.c.handoff_id)
    .where(handoffs.c.lead_id == bindparam("lead"))
    .order_by(clocks.c.id)
)
_ROTATION = select(rotations.c.state).where(rotations.c.team == bindparam("name")).with_for_update()
_TURN = update(rotations).where(rotations.c.team == bindparam("name"))
_CURRENT_CLOCKS = select(clocks).where(*_OPEN_CLOCK).order_by(clocks.c.due_at)


def add(tx: Connection, values: Mapping[str, Any]) -> int:
    """Store a new handoff and give its id."""
    return int(tx.execute(_ADD, dict(values)).scalar_one())


def change(tx: Connection, handoff_id: int, values: Mapping[str, Any]) -> None:
    """Set these columns of a handoff."""
    tx.execute(_CHANGE, {"handoff": handoff_id, **values})


def pass_on_all(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give each `handoff` and its `lead` to another `user`, and say why (`because`), `now`."""
    if rows:
        tx.execute(_PASS_ON, [{name: row[name] for name in ("handoff", "user", "because")} for row in rows])
        tx.execute(_OWN, [{name: row[name] for name in ("lead", "user", "now")} for row in rows])


def get(tx: Connection, handoff_id: int) -> Record | None:
    """A row of `handoff`."""
    return tx.execute(_GET, {"handoff": handoff_id}).one_or_none()


def lock(tx: Connection, handoff_id: int) -> Record | None:
    """A handoff to be decided, locked until the commit: with the lead's columns that a decision changes
    (`lead_stage`, `lead_owner` …), and where its card stands (`card_state`, `card_place`, `card_list`)."""
    return tx.execute(_WITH_LEAD, {"handoff": handoff_id}).one_or_none()


def open_of_lead(tx: Connection, lead_id: int) -> Record | None:
    """The lead's open handoff: there is never more than one."""
    return tx.execute(_OPEN_OF_LEAD, {"lead": lead_id}).one_or_none()


def latest_of_lead(tx: Connection, lead_id: int) -> Record | None:
    """The lead's newest handoff, open or not."""
    return tx.execute(_LATEST_OF_LEAD, {"lead": lead_id}).one_or_none()


def start_clock(tx: Connection, values: Mapping[str, Any]) -> None:
    """Start a clock."""
    tx.execute(_ADD_CLOCK, dict(values))


def stop_clocks(tx: Connection, handoff_id: int, *, at: datetime) -> None:
    """End every running clock of the handoff without its being met."""
    tx.execute(_STOP, {"handoff": handoff_id, "stopped": at})


def stop_clock(tx: Connection, clock_id: int, *, at: datetime) -> None:
    """End one clock without its being met."""
    change_clock(tx, clock_id, {"stopped_at": at, "next_at": None})


def running_clocks(tx: Connection, handoff_id: int) -> Sequence[Record]:
    """The clocks that run against a handoff, the first due first."""
    return tx.execute(_CURRENT_CLOCKS, {"handoff": handoff_id}).all()


def running_clock(tx: Connection, handoff_id: int, kind: ClockKind) -> Record | None:
    """The handoff's running clock of this kind: there is never more than one."""
    return next((row for row in running_clocks(tx, handoff_id) if row.kind == kind), None)


def change_clock(tx: Connection, clock_id: int, values: Mapping[str, Any]) -> None:
    """Set these columns of a clock."""
    tx.execute(_CHANGE_CLOCK, {"clock": clock_id, **values})


def clocks_of_lead(tx: Connection, lead_id: int) -> Sequence[Record]:
    """Every clock that ever ran for the lead, oldest first."""
    return tx.execute(_CLOCKS_OF_LEAD, {"lead": lead_id}).all()


def open_counts(tx: Connection, owners: Iterable[str]) -> dict[str, int]:
    """How many open leads each of these people holds; nobody is left out."""
    names = list(owners)
    counted = {row.owner: int(row[1]) for row in tx.execute(_OPEN_COUNTS, {"owners": names})}
    return {name: counted.get(name, 0) for name in names}


def rotation(tx: Connection, team: str) -> dict[str, Any]:
    """Whose turn it is in a team, locked until the commit; empty for a team that has had no turn."""
    state = tx.execute(_ROTATION, {"name": team}).scalar_one_or_none()
    if state is None:
        tx.execute(upsert_once(tx.dialect.name, rotations, "team"), {"team": team, "state": {}})
        state = tx.execute(_ROTATION, {"name": team}).scalar_one()
    return dict(state)


def set_rotation(tx: Connection, team: str, state: Mapping[str, Any]) -> None:
    """Remember whose turn it is in a team."""
    tx.execute(_TURN, {"name": team, "state": dict(state)})
