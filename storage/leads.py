"""Leads, the ids that other systems know them by, and what they did."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    union_all,
    update,
)

from storage import parting, words
from storage.database.sql import Query, insert_all, insert_once, insert_one, written
from storage.models import (
    Activity,
    Lead,
    Stage,
    activities,
    former_addresses,
    lead_aliases,
    leads,
)
from storage.models.details import Merged
from storage.models.upkeep import AliasValues
from storage.models.values import ActivityValues, LeadValues

BY_ID, PRESENT, FORMER = "id", "present", "former"
"""How a lead was found that a record may be about: by its id, or by an address of now or of before."""


class Found(NamedTuple):
    """A lead that a record may be about, and how it was found."""

    lead_id: int
    how: str


_ONE_AT_A_TIME = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(word, 0))"
    " FROM (SELECT word FROM unnest(CAST(:words AS text[])) AS word ORDER BY word) AS sorted"
)
_CHANGE = update(leads).where(leads.c.id == bindparam("lead"))
_CHANGE_AND_GET = Query(Lead, _CHANGE.returning(leads))
_GET = Query(Lead, select(leads).where(leads.c.id == bindparam("lead")))
_LOCK = Query(Lead, select(leads).where(leads.c.id == bindparam("lead")).with_for_update())
_NEXT_RETURN = select(func.min(leads.c.recycled_until)).where(
    leads.c.stage == written(Stage.RECYCLED), leads.c.recycled_until > bindparam("after")
)
_MERGED_INTO = select(leads.c.merged_into).where(leads.c.id == bindparam("lead"))
_BY_EXTERNAL_ID = select(lead_aliases.c.system, lead_aliases.c.lead_id).where(
    lead_aliases.c.external_id == bindparam("external_id")
)
_BY_EMAIL_KEY = select(leads.c.id).where(leads.c.email_key == bindparam("key")).order_by(leads.c.id)
_JOINED = Query(Lead, select(leads).where(leads.c.merged_into == bindparam("lead")).order_by(leads.c.id))
_CANDIDATES = Query(
    Found,
    union_all(
        select(lead_aliases.c.lead_id, literal(BY_ID).label("how")).where(
            lead_aliases.c.system == bindparam("system"),
            lead_aliases.c.external_id == bindparam("external_id"),
        ),
        select(leads.c.id, literal(PRESENT)).where(leads.c.email_key == bindparam("key")),
        select(former_addresses.c.lead_id, literal(FORMER)).where(
            former_addresses.c.email_key == bindparam("key")
        ),
    ),
)
_FORMER = select(former_addresses.c.email_key).where(former_addresses.c.lead_id == bindparam("lead"))
_BY_FORMER = select(former_addresses.c.lead_id).where(former_addresses.c.email_key == bindparam("key"))
_BY_PHONE_KEY = select(leads.c.id).where(leads.c.phone_key == bindparam("key")).order_by(leads.c.id).limit(50)
_IDS_IN = select(lead_aliases.c.external_id).where(
    lead_aliases.c.lead_id == bindparam("lead"), lead_aliases.c.system == bindparam("system")
)
_ALIASES = (
    select(lead_aliases.c.system, lead_aliases.c.external_id)
    .where(lead_aliases.c.lead_id == bindparam("lead"))
    .order_by(lead_aliases.c.external_id, lead_aliases.c.system)
)
_ACTIVITIES = Query(
    Activity,
    select(activities)
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
    .where(literal_column(f"lead.stage = '{Stage.RECYCLED}'"), leads.c.recycled_until <= bindparam("now"))
    .order_by(leads.c.recycled_until)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)

# From one system to the next along the primary key, whatever the number of leads.
_FIRST = select(func.min(lead_aliases.c.system).label("system")).cte("system", recursive=True)
_NEXT = select(func.min(lead_aliases.c.system)).where(lead_aliases.c.system > _FIRST.c.system)
_SYSTEM = _FIRST.union_all(select(_NEXT.scalar_subquery()).where(_FIRST.c.system.is_not(None)))
_SYSTEMS = select(_SYSTEM.c.system).where(_SYSTEM.c.system.is_not(None)).limit(1_000)


def by_external_id(tx: Connection, external_id: str, system: str | None = None) -> dict[str, int]:
    """The leads that other systems know by this id: the lead's id by the system's name."""
    found = tx.execute(_BY_EXTERNAL_ID, {"external_id": external_id})
    return {row.system: row.lead_id for row in found if system in (None, row.system)}


def systems(tx: Connection) -> list[str]:
    """The names of all systems that know any lead by an id, at most 1,000."""
    return list(tx.execute(_SYSTEMS).scalars())


def by_email_key(tx: Connection, key: str) -> list[int]:
    """The ids of the leads with this normalised e-mail address, the oldest first."""
    return list(tx.execute(_BY_EMAIL_KEY, {"key": key}).scalars())


def by_phone_key(tx: Connection, key: str) -> list[int]:
    """The ids of the leads with this phone number, however it was written; the oldest first, at most 50."""
    return list(tx.execute(_BY_PHONE_KEY, {"key": key}).scalars())


def one_at_a_time(tx: Connection, words: Iterable[str]) -> None:
    """Wait on PostgreSQL until nobody else brings one of these words, and keep them until the commit; the
    order is the same for all. On SQLite one transaction writes at a time anyway."""
    if tx.dialect.name != "sqlite" and (wanted := list(words)):
        tx.execute(_ONE_AT_A_TIME, {"words": wanted})


def candidates(
    tx: Connection, system: str, external_id: str | None, email_key: str | None
) -> Sequence[Found]:
    """The leads that a record may be about: by its id in its system, and at its address now or formerly.

    On PostgreSQL whoever brings the same id or address meanwhile waits until the commit, because two
    transactions would else make two leads of one person.
    """
    one_at_a_time(tx, filter(None, (external_id and f"{system} {external_id}", email_key)))
    return _CANDIDATES.all(tx, {"system": system, "external_id": external_id, "key": email_key})


def ids_in(tx: Connection, lead_id: int, system: str) -> frozenset[str]:
    """The ids under which one system knows a lead."""
    return frozenset(tx.execute(_IDS_IN, {"lead": lead_id, "system": system}).scalars())


def get(tx: Connection, lead_id: int, *, lock: bool = False) -> Lead | None:
    """A lead, if there is one of this id; locked against other writers on PostgreSQL if asked."""
    return (_LOCK if lock else _GET).one(tx, {"lead": lead_id})


def survivor(tx: Connection, lead_id: int) -> int:
    """The lead that this one was merged into, through any number of merges; itself if never merged."""
    while (into := tx.execute(_MERGED_INTO, {"lead": lead_id}).scalar_one_or_none()) is not None:
        lead_id = into
    return lead_id


def joined_to(tx: Connection, lead_id: int) -> Sequence[Lead]:
    """The leads that were merged into this one, the oldest first; not those that had joined them before."""
    return _JOINED.all(tx, {"lead": lead_id})


def add(tx: Connection, values: LeadValues, system: str, external_id: str | None) -> int:
    """Store a new lead, which is an inquiry, and the id by which a system knows it; gives the lead's own."""
    lead_id = insert_one(tx, leads, values)
    words.add_all(tx, [(lead_id, values)])
    if external_id is not None:
        alias: AliasValues = {"system": system, "external_id": external_id, "lead_id": lead_id}
        insert_all(tx, lead_aliases, [alias])
    return lead_id


def change(tx: Connection, lead_id: int, values: LeadValues) -> None:
    """Set these columns of a lead."""
    if words.WORD_COLUMNS.isdisjoint(values):
        tx.execute(_CHANGE, {"lead": lead_id, **values})
    else:
        change_and_get(tx, lead_id, values)


def change_and_get(tx: Connection, lead_id: int, values: LeadValues) -> Lead:
    """Set these columns of a lead and give its row as it is then."""
    lead = _CHANGE_AND_GET.the(tx, {"lead": lead_id, **values})
    if not words.WORD_COLUMNS.isdisjoint(values):
        words.refresh(tx, lead)
    return lead


def add_alias(tx: Connection, lead_id: int, system: str, external_id: str) -> None:
    """Know the lead by one more id; an id that is known already stays where it is."""
    alias: AliasValues = {"system": system, "external_id": external_id, "lead_id": lead_id}
    insert_once(tx, lead_aliases, alias, "system", "external_id")


def aliases(tx: Connection, lead_id: int) -> list[tuple[str, str]]:
    """All ids under which other systems know the lead, as (system, id), in the order of the ids."""
    return [(row.system, row.external_id) for row in tx.execute(_ALIASES, {"lead": lead_id})]


def add_former_address(tx: Connection, lead_id: int, key: str) -> None:
    """Remember that a lead had this address."""
    insert_once(tx, former_addresses, {"email_key": key, "lead_id": lead_id}, "email_key", "lead_id")


def by_former_address(tx: Connection, key: str) -> list[int]:
    """The ids of the leads that had this address before."""
    return list(tx.execute(_BY_FORMER, {"key": key}).scalars())


def former_addresses_of(tx: Connection, lead_id: int) -> list[str]:
    """The keys of the addresses that a lead had before."""
    return list(tx.execute(_FORMER, {"lead": lead_id}).scalars())


def are_called(tx: Connection, first: str | None, last: str | None, besides: Collection[int]) -> bool:
    """Whether there is a lead of this name besides these; looks at each."""
    named = leads.c.id.not_in(list(besides)), func.lower(leads.c.first_name) == func.lower(first)
    found = select(leads.c.id).where(*named, func.lower(leads.c.last_name) == func.lower(last)).limit(1)
    return tx.execute(found).first() is not None


def add_activity(tx: Connection, values: ActivityValues) -> bool:
    """Note an activity; False if one with the same key was noted of the lead before."""
    return insert_once(tx, activities, values, "lead_id", "key")


def activities_of(tx: Connection, lead_id: int, *, limit: int = 200) -> Sequence[Activity]:
    """The lead's newest activities, newest first."""
    return _ACTIVITIES.all(tx, {"lead": lead_id, "most": limit})


def colleagues(tx: Connection, lead_id: int, company_domain: str, *, limit: int = 5) -> Sequence[Lead]:
    """Other people at the same company, those with an owner first, then the newest."""
    wanted = {"lead": lead_id, "domain": company_domain}
    found = _WITH_OWNER.all(tx, {**wanted, "most": limit})
    if len(found) < limit:
        found = [*found, *_WITHOUT_OWNER.all(tx, {**wanted, "most": limit - len(found)})]
    return found


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


Alias = tuple[str, str]


def merge(tx: Connection, lead_id: int, into: int, now: datetime) -> Merged:
    """Let one lead join another: its ids and activities move, and it is closed.

    Gives what it takes to part them again.
    """
    names = aliases(tx, lead_id)
    tx.execute(
        update(lead_aliases).where(lead_aliases.c.lead_id == lead_id).values(**AliasValues(lead_id=into))
    )
    after = _copy_activities(tx, lead_id, into)
    closed: LeadValues = {"stage": Stage.DISQUALIFIED, "merged_into": into, "closed_at": now}
    change(tx, lead_id, {**closed, "updated_at": now})
    return {"into": into, "aliases": names, "after": after}


_COPIED = [column for column in activities.c if column.name not in ("id", "lead_id")]


def _copy_activities(tx: Connection, lead_id: int, into: int) -> int:
    """Let another lead have done all that this one did; gives the newest activity before the copies."""
    newest = tx.execute(select(func.max(activities.c.id))).scalar_one() or 0
    known = select(activities.c.key).where(activities.c.lead_id == into)
    copies = select(literal(into), *_COPIED).where(
        activities.c.lead_id == lead_id, activities.c.key.not_in(known)
    )
    tx.execute(insert(activities).from_select(["lead_id", *(column.name for column in _COPIED)], copies))
    return int(newest)


def unmerge(tx: Connection, lead_id: int, merged: Merged) -> None:
    """Give back the ids and the activities that a lead brought into another."""
    move_aliases(tx, merged["into"], lead_id, merged["aliases"])
    for which in parting.brought(lead_id, merged):
        tx.execute(delete(activities).where(activities.c.lead_id == merged["into"], which))


def move_aliases(tx: Connection, lead_id: int, to: int, names: Iterable[Alias]) -> None:
    """Let these ids, as (system, id), mean another lead."""
    for system, external_id in names:
        same = lead_aliases.c.system == system, lead_aliases.c.external_id == external_id
        tx.execute(
            update(lead_aliases)
            .where(*same, lead_aliases.c.lead_id == lead_id)
            .values(**AliasValues(lead_id=to))
        )


def move_former_addresses(
    tx: Connection, lead_id: int, to: int, keys: Collection[str], *, present: Collection[str | None] = ()
) -> None:
    """Let these addresses be another lead's former ones. `present` are those that either lead has now."""
    gone = [*keys, *(key for key in present if key is not None)]
    theirs = former_addresses.c.lead_id == lead_id, former_addresses.c.email_key.in_(gone)
    tx.execute(delete(former_addresses).where(*theirs))
    for key in keys:
        if key not in present:
            add_former_address(tx, to, key)


def due_back(tx: Connection, now: datetime, limit: int) -> Sequence[int]:
    """Recycled leads, by id, whose day has come, the longest due first; locked, without what others hold."""
    return tx.execute(_DUE_BACK, {"now": now, "most": limit}).scalars().all()
