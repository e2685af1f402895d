"""Who owns the leads of a company, when they last did anything about one of them, and its key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, case, func, select, update

from storage import words
from storage.database.sql import Query
from storage.models import Lead, Stage, events, handoffs, leads


class CompanyOwner:
    """Somebody who owns leads at a company; `given_at` is when they were last given one."""

    owner: str
    given_at: datetime | None


class NamedLead:
    """A lead with a company, and the key under which the company is found."""

    id: int
    company: str
    company_key: str | None


_OTHERS = (
    leads.c.company_domain == bindparam("domain"),
    leads.c.id != bindparam("lead"),
    leads.c.merged_into.is_(None),
)
_OVER = (Stage.INQUIRY, Stage.RECYCLED, Stage.DISQUALIFIED, Stage.LOST)
_OWNERS = Query(
    CompanyOwner,
    select(leads.c.owner, func.max(handoffs.c.given_at).label("given_at"))
    .outerjoin(handoffs, and_(handoffs.c.lead_id == leads.c.id, handoffs.c.owner == leads.c.owner))
    .where(*_OTHERS, leads.c.owner.in_(bindparam("users", expanding=True)))
    .group_by(leads.c.owner)
    .order_by(func.min(case((leads.c.stage.in_(_OVER), 1), else_=0)), func.min(leads.c.id)),
)
_DEEDS = (
    select(events.c.actor, func.max(events.c.at).label("last"))
    .join(leads, leads.c.id == events.c.lead_id)
    .where(*_OTHERS, events.c.actor.in_(bindparam("users", expanding=True)))
    .group_by(events.c.actor)
)
_NAMED = Query(
    NamedLead,
    select(leads.c.id, leads.c.company, leads.c.company_key)
    .where(leads.c.id > bindparam("after"), leads.c.company.is_not(None))
    .order_by(leads.c.id)
    .limit(bindparam("most")),
)
_REKEY = Query(
    Lead,
    update(leads)
    .where(leads.c.id == bindparam("lead"), leads.c.company == bindparam("name"))
    .values(company_key=bindparam("key"))
    .returning(leads),
)


def owners(
    tx: Connection, lead_id: int, company_domain: str, users: Collection[str]
) -> Sequence[CompanyOwner]:
    """Which of these people own other leads at the same company.

    First who has one that is not over, then who had one first: a lead that a colleague took while the owner
    was asleep does not make the colleague the owner.
    """
    return _OWNERS.all(tx, {"lead": lead_id, "domain": company_domain, "users": list(users)})


def deeds(tx: Connection, lead_id: int, company_domain: str, users: Collection[str]) -> dict[str, datetime]:
    """When each of these people last did anything about another lead at the company, if ever."""
    wanted = {"lead": lead_id, "domain": company_domain, "users": list(users)}
    return {row.actor: row.last for row in tx.execute(_DEEDS, wanted)}


def named(tx: Connection, *, after: int, limit: int) -> Sequence[NamedLead]:
    """The next leads that have a company, by their ids."""
    return _NAMED.all(tx, {"after": after, "most": limit})


def rekey(tx: Connection, lead: NamedLead, key: str) -> None:
    """Give a lead's company another key, and the lead its words, unless its company has changed meanwhile."""
    row = _REKEY.one(tx, {"lead": lead.id, "name": lead.company, "key": key})
    if row is not None:
        words.refresh(tx, row)
