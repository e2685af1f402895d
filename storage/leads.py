"""Leads, the ids that other systems know them by, and what they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from storage.models import Stage, activities, handoffs, lead_aliases, leads
from storage.sql import Record, upsert

_INSERT = insert(leads).returning(leads.c.id)
_MERGED_INTO = select(leads.c.merged_into).where(leads.c.id == bindparam("lead"))


def by_external_id(tx: Connection, external_id: str) -> int | None:
    """The id of the lead that another system knows by this id."""
    statement = select(lead_aliases.c.lead_id).where(lead_aliases.c.external_id == external_id)
    return tx.execute(statement).scalar_one_or_none()


def by_email_key(tx: Connection, key: str) -> int | None:
    """The id of the lead with this normalised e-mail address."""
    return tx.execute(select(leads.c.id).where(leads.c.email_key == key)).scalar_one_or_none()


def get(tx: Connection, lead_id: int, *, lock: bool = False) -> Record | None:
    """A row of `lead`; locked against other writers on PostgreSQL if asked."""
    statement = select(leads).where(leads.c.id == lead_id)
    return tx.execute(statement.with_for_update() if lock else statement).one_or_none()


def survivor(tx: Connection, lead_id: int) -> int:
    """The lead that this one was merged into, through any number of merges; itself if never merged."""
    while (into := tx.execute(_MERGED_INTO, {"lead": lead_id}).scalar_one_or_none()) is not None:
        lead_id = into
    return lead_id


def add(tx: Connection, values: Mapping[str, Any]) -> int:
    """Store a new lead and give its id."""
    return int(tx.execute(_INSERT, dict(values)).scalar_one())


def change(tx: Connection, lead_id: int, values: Mapping[str, Any]) -> None:
    """Set these columns of a lead."""
    tx.execute(update(leads).where(leads.c.id == lead_id).values(**values))


def add_alias(tx: Connection, lead_id: int, external_id: str) -> bool:
    """Know the lead by one more id; False if that id was known already."""
    statement = upsert(tx, lead_aliases).values(external_id=external_id, lead_id=lead_id)
    return tx.execute(statement.on_conflict_do_nothing(index_elements=["external_id"])).rowcount > 0


def aliases(tx: Connection, lead_id: int) -> list[str]:
    """All ids under which other systems know the lead, in the order of the alphabet."""
    statement = select(lead_aliases.c.external_id).where(lead_aliases.c.lead_id == lead_id)
    return list(tx.execute(statement.order_by(lead_aliases.c.external_id)).scalars())


def add_activity(tx: Connection, lead_id: int, kind: str, at: datetime, detail: str | None) -> bool:
    """Note an activity; False if the same type at the same moment was noted before."""
    statement = upsert(tx, activities).values(lead_id=lead_id, type=kind, at=at, detail=detail)
    return tx.execute(statement.on_conflict_do_nothing(index_elements=["lead_id", "type", "at"])).rowcount > 0


def activities_of(tx: Connection, lead_id: int, *, limit: int = 200) -> Sequence[Record]:
    """The lead's newest activities (`type`, `at`, `detail`), newest first."""
    statement = (
        select(activities.c.type, activities.c.at, activities.c.detail)
        .where(activities.c.lead_id == lead_id)
        .order_by(activities.c.at.desc(), activities.c.id.desc())
        .limit(limit)
    )
    return tx.execute(statement).all()


def colleagues(tx: Connection, lead_id: int, company_domain: str, *, limit: int = 5) -> Sequence[Record]:
    """Other people at the same company, those with an owner first, then the newest."""
    statement = (
        select(leads)
        .where(
            leads.c.company_domain == company_domain,
            leads.c.id != lead_id,
            leads.c.merged_into.is_(None),
        )
        .order_by(leads.c.owner.is_(None), leads.c.id.desc())
        .limit(limit)
    )
    return tx.execute(statement).all()


def unrouted(tx: Connection, *, limit: int) -> Sequence[Record]:
    """Leads that qualify and match no team, oldest first."""
    statement = select(leads).where(leads.c.unrouted_at.is_not(None)).order_by(leads.c.unrouted_at)
    return tx.execute(statement.limit(limit)).all()


def count_unrouted(tx: Connection) -> int:
    """How many leads qualify and match no team."""
    return int(
        tx.execute(
            select(func.count()).select_from(leads).where(leads.c.unrouted_at.is_not(None))
        ).scalar_one()
    )


def merge(tx: Connection, lead_id: int, into: int, now: datetime) -> None:
    """Let one lead join another: its ids and activities move, and it is closed."""
    move = update(lead_aliases).where(lead_aliases.c.lead_id == lead_id).values(lead_id=into)
    tx.execute(move)
    for row in activities_of(tx, lead_id):
        add_activity(tx, into, row.type, row.at, row.detail)
    closed = {"stage": Stage.DISQUALIFIED, "merged_into": into, "closed_at": now, "updated_at": now}
    change(tx, lead_id, closed)


def handoffs_of(tx: Connection, lead_id: int) -> Sequence[Record]:
    """Every handoff of the lead, oldest first."""
    return tx.execute(select(handoffs).where(handoffs.c.lead_id == lead_id).order_by(handoffs.c.id)).all()
