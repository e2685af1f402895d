"""Leads, the ids that other systems know them by, and what they did."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, literal_column, select, update

from storage.database.sql import INSERTS, Query, upsert_once
from storage.models import Lead, Stage, activities, lead_aliases, leads
from storage.models.values import LeadValues


class ActivityRow:
    """An activity of a lead, without its keys."""

    type: str
    at: datetime
    detail: str | None


_ADD = Query(Lead, insert(leads).returning(leads))
_ADD_ALIAS = insert(lead_aliases)
# Told by what comes back: PostgreSQL's driver counts no rows of an insert that gives back its key.
_ADD_ACTIVITY = {
    dialect: insert_into(activities)
    .on_conflict_do_nothing(index_elements=["lead_id", "type", "at"])
    .returning(activities.c.id)
    for dialect, insert_into in INSERTS.items()
}
_CHANGE = update(leads).where(leads.c.id == bindparam("lead"))
_CHANGE_AND_GET = Query(Lead, _CHANGE.returning(leads))
_GET = Query(Lead, select(leads).where(leads.c.id == bindparam("lead")))
_LOCK = Query(Lead, select(leads).where(leads.c.id == bindparam("lead")).with_for_update())
_NEXT_RETURN = select(func.min(leads.c.recycled_until)).where(
    leads.c.stage == literal_column("'recycled'"), leads.c.recycled_until > bindparam("after")
)
_MERGED_INTO = select(leads.c.merged_into).where(leads.c.id == bindparam("lead"))
_BY_EXTERNAL_ID = select(lead_aliases.c.lead_id).where(lead_aliases.c.external_id == bindparam("external_id"))
_BY_EMAIL_KEY = select(leads.c.id).where(leads.c.email_key == bindparam("key"))
_BY_EITHER = select(_BY_EXTERNAL_ID.scalar_subquery(), _BY_EMAIL_KEY.scalar_subquery())
_ALIASES = (
    select(lead_aliases.c.external_id)
    .where(lead_aliases.c.lead_id == bindparam("lead"))
    .order_by(lead_aliases.c.external_id)
)
_ACTIVITIES = Query(
    ActivityRow,
    select(activities.c.type, activities.c.at, activities.c.detail)
    .where(activities.c.lead_id == bindparam("lead"))
    .order_by(activities.c.at.desc(), activities.c.id.desc())
    .limit(bindparam("most")),
)
_COLLEAGUES = (
    select(leads)
    .where(
        leads.c.company_domain == bindparam("domain"),
        leads.c.id != bindparam("lead"),
        leads.c.merged_into.is_(None),
    )
    .order_by(leads.c.id.desc())
    .limit(bindparam("most"))
)
# Two questions, each answered along the index: sorting everybody at a large company would cost far more.
_WITH_OWNER = Query(Lead, _COLLEAGUES.where(leads.c.owner.is_not(None)))
_WITHOUT_OWNER = Query(Lead, _COLLEAGUES.where(leads.c.owner.is_(None)))
_OWNER_AT = (
    select(leads.c.owner)
    .where(
        leads.c.company_domain == bindparam("domain"),
        leads.c.owner.in_(bindparam("users", expanding=True)),
        leads.c.id != bindparam("lead"),
        leads.c.merged_into.is_(None),
    )
    .order_by(leads.c.id.desc())
    .limit(literal_column("1"))
)
_ARE_UNROUTED = select(leads).where(leads.c.unrouted_at.is_not(None))
_UNROUTED = Query(Lead, _ARE_UNROUTED.order_by(leads.c.unrouted_at).limit(bindparam("most")))
_UNROUTED_AFTER = Query(
    Lead,
    _ARE_UNROUTED.where(leads.c.id > bindparam("after"))
    .order_by(leads.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True),
)
# Written out, so that SQLite sees that the partial index on recycled leads holds all that is asked for.
_DUE_BACK = (
    select(leads.c.id)
    .where(literal_column("lead.stage = 'recycled'"), leads.c.recycled_until <= bindparam("now"))
    .order_by(leads.c.recycled_until)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def by_external_id(tx: Connection, external_id: str) -> int | None:
    """The id of the lead that another system knows by this id."""
    return tx.execute(_BY_EXTERNAL_ID, {"external_id": external_id}).scalar_one_or_none()


def by_email_key(tx: Connection, key: str) -> int | None:
    """The id of the lead with this normalised e-mail address."""
    return tx.execute(_BY_EMAIL_KEY, {"key": key}).scalar_one_or_none()


def by_either(
    tx: Connection, external_id: str | None, email_key: str | None
) -> tuple[int | None, int | None]:
    """The lead with this external id, and the lead with this normalised e-mail address."""
    found = tx.execute(_BY_EITHER, {"external_id": external_id, "key": email_key}).one()
    return found[0], found[1]


def get(tx: Connection, lead_id: int, *, lock: bool = False) -> Lead | None:
    """A lead, if there is one of this id; locked against other writers on PostgreSQL if asked."""
    return (_LOCK if lock else _GET).one(tx, {"lead": lead_id})


def survivor(tx: Connection, lead_id: int) -> int:
    """The lead that this one was merged into, through any number of merges; itself if never merged."""
    while (into := tx.execute(_MERGED_INTO, {"lead": lead_id}).scalar_one_or_none()) is not None:
        lead_id = into
    return lead_id


def add(tx: Connection, values: LeadValues, external_id: str | None) -> Lead:
    """Store a new lead and the id that another system knows it by, and give its row.

    Where another transaction was faster with the same person, this one breaks off and is run again.
    """
    lead = _ADD.the(tx, dict(values))
    if external_id is not None:
        tx.execute(_ADD_ALIAS, {"external_id": external_id, "lead_id": lead.id})
    return lead


def change(tx: Connection, lead_id: int, values: LeadValues) -> None:
    """Set these columns of a lead."""
    tx.execute(_CHANGE, {"lead": lead_id, **values})


def change_and_get(tx: Connection, lead_id: int, values: LeadValues) -> Lead:
    """Set these columns of a lead and give its row as it is then."""
    return _CHANGE_AND_GET.the(tx, {"lead": lead_id, **values})


def add_alias(tx: Connection, lead_id: int, external_id: str) -> None:
    """Know the lead by one more id; an id that is known already stays where it is."""
    statement = upsert_once(tx.dialect.name, lead_aliases, "external_id")
    tx.execute(statement, {"external_id": external_id, "lead_id": lead_id})


def aliases(tx: Connection, lead_id: int) -> list[str]:
    """All ids under which other systems know the lead, in the order of the alphabet."""
    return list(tx.execute(_ALIASES, {"lead": lead_id}).scalars())


def add_activity(tx: Connection, lead_id: int, kind: str, at: datetime, detail: str | None) -> bool:
    """Note an activity; False if the same type at the same moment was noted before."""
    values = {"lead_id": lead_id, "type": kind, "at": at, "detail": detail}
    return tx.execute(_ADD_ACTIVITY[tx.dialect.name], values).scalar_one_or_none() is not None


def activities_of(tx: Connection, lead_id: int, *, limit: int = 200) -> Sequence[ActivityRow]:
    """The lead's newest activities, newest first."""
    return _ACTIVITIES.all(tx, {"lead": lead_id, "most": limit})


def colleagues(tx: Connection, lead_id: int, company_domain: str, *, limit: int = 5) -> Sequence[Lead]:
    """Other people at the same company, those with an owner first, then the newest."""
    wanted = {"lead": lead_id, "domain": company_domain}
    found = _WITH_OWNER.all(tx, {**wanted, "most": limit})
    if len(found) < limit:
        found = [*found, *_WITHOUT_OWNER.all(tx, {**wanted, "most": limit - len(found)})]
    return found


def owner_at_company(tx: Connection, lead_id: int, company_domain: str, users: Collection[str]) -> str | None:
    """Which of these people owns, or owned last, the newest other lead at the same company, if any does."""
    wanted = {"lead": lead_id, "domain": company_domain, "users": list(users)}
    return tx.execute(_OWNER_AT, wanted).scalar_one_or_none()


def unrouted(tx: Connection, *, limit: int) -> Sequence[Lead]:
    """Leads that qualify and match no team, oldest first."""
    return _UNROUTED.all(tx, {"most": limit})


def unrouted_after(tx: Connection, after: int, limit: int) -> Sequence[Lead]:
    """Leads that qualify and match no team, by id, from the one after `after` on; locked until the commit."""
    return _UNROUTED_AFTER.all(tx, {"after": after, "most": limit})


def count_unrouted(tx: Connection) -> int:
    """How many leads qualify and match no team."""
    return int(
        tx.execute(
            select(func.count()).select_from(leads).where(leads.c.unrouted_at.is_not(None))
        ).scalar_one()
    )


def next_return(tx: Connection, after: datetime) -> datetime | None:
    """The next moment after this one at which a recycled lead comes back, if one does."""
    found: datetime | None = tx.execute(_NEXT_RETURN, {"after": after}).scalar_one()
    return found


def merge(tx: Connection, lead_id: int, into: int, now: datetime) -> tuple[list[str], list[ActivityRow]]:
    """Let one lead join another: its ids and activities move, and it is closed.

    Gives the ids, and the activities that were new to the other: what it takes to part them again.
    """
    names = aliases(tx, lead_id)
    tx.execute(update(lead_aliases).where(lead_aliases.c.lead_id == lead_id).values(lead_id=into))
    told = activities_of(tx, lead_id)
    new = [row for row in told if add_activity(tx, into, row.type, row.at, row.detail)]
    closed: LeadValues = {"stage": Stage.DISQUALIFIED, "merged_into": into, "closed_at": now}
    change(tx, lead_id, {**closed, "updated_at": now})
    return names, new


def unmerge(
    tx: Connection, lead_id: int, into: int, names: Sequence[str], told: Iterable[tuple[str, datetime]]
) -> None:
    """Give back the ids and the activities, as (type, at), that a lead brought into another."""
    given = lead_aliases.c.lead_id == into, lead_aliases.c.external_id.in_(list(names))
    tx.execute(update(lead_aliases).where(*given).values(lead_id=lead_id))
    for kind, at in told:
        same = activities.c.lead_id == into, activities.c.type == kind, activities.c.at == at
        tx.execute(delete(activities).where(*same))


def due_back(tx: Connection, now: datetime, limit: int) -> Sequence[int]:
    """Recycled leads, by id, whose day has come, the longest due first; locked, without what others hold."""
    return tx.execute(_DUE_BACK, {"now": now, "most": limit}).scalars().all()
