"""Handoffs and the clocks that run against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnClause, Connection, bindparam, func, insert, literal_column, select, update

from storage.database.sql import Record
from storage.models import deliveries, handoffs, leads

# Written out, so that SQLite sees that the partial indexes on open handoffs hold all that is asked for.
_IS_OPEN: ColumnClause[bool] = literal_column("handoff.state IN ('waiting', 'accepted')")
_ADD = insert(handoffs).returning(handoffs.c.id)
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


def open_counts(tx: Connection, owners: Iterable[str]) -> dict[str, int]:
    """How many open leads each of these people holds; nobody is left out."""
    names = list(owners)
    counted = {row.owner: int(row[1]) for row in tx.execute(_OPEN_COUNTS, {"owners": names})}
    return {name: counted.get(name, 0) for name in names}
