"""Which record of the CRM is which lead's, what stands in it, and how far the CRM has been asked.

What a difference means, and what follows from a change there, is decided in bot/crm/.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, cast, exists, func, or_, select, update
from sqlalchemy.types import Text

from storage.database.sql import Query, insert_once, upsert
from storage.models import (
    OPEN_HANDOFF,
    CrmFeed,
    CrmLink,
    crm_accounts,
    crm_feeds,
    crm_links,
    events,
    handoffs,
    lead_aliases,
)
from storage.models.upkeep import CrmAccountValues, CrmFeedValues, CrmLinkValues

_THERE = crm_links.c.system == bindparam("there")
_LINKS = Query(
    CrmLink, select(crm_links).where(_THERE, crm_links.c.lead_id.in_(bindparam("wanted", expanding=True)))
)
_OF_RECORDS = Query(
    CrmLink, select(crm_links).where(_THERE, crm_links.c.record.in_(bindparam("wanted", expanding=True)))
)
_HERE = crm_links.alias("here")
_ONLY_ELSEWHERE = (
    select(crm_links.c.system, func.count(crm_links.c.lead_id.distinct()).label("leads"))
    .where(
        crm_links.c.system != bindparam("there"),
        ~exists().where(_HERE.c.lead_id == crm_links.c.lead_id, _HERE.c.system == bindparam("there")),
    )
    .group_by(crm_links.c.system)
    .order_by(crm_links.c.system)
)
_HAS_CONFLICT = cast(crm_links.c.conflicts, Text) != "{}"
_TROUBLED = Query(
    CrmLink,
    select(crm_links)
    .where(_THERE, or_(crm_links.c.trouble.is_not(None), _HAS_CONFLICT))
    .order_by(crm_links.c.changed_at.desc(), crm_links.c.lead_id)
    .limit(bindparam("most")),
)
_CONFLICTS = select(func.count()).select_from(crm_links).where(_THERE, _HAS_CONFLICT)
_ACCOUNT = select(crm_accounts.c.account).where(crm_accounts.c.system == bindparam("there"))
_HAS_IDS = select(
    or_(
        exists().where(_THERE),
        exists().where(lead_aliases.c.system == bindparam("ids_of")),
    )
)
_FEED = Query(CrmFeed, select(crm_feeds).where(crm_feeds.c.name == bindparam("wanted")))
_FEEDS = Query(CrmFeed, select(crm_feeds).order_by(crm_feeds.c.name))
_TAKE = Query(
    CrmFeed,
    update(crm_feeds)
    .where(
        crm_feeds.c.name == bindparam("wanted"),
        or_(
            crm_feeds.c.worker.is_(None),
            crm_feeds.c.worker == bindparam("process"),
            crm_feeds.c.lease_until <= bindparam("moment"),
        ),
    )
    .values(worker=bindparam("process"), lease_until=bindparam("until"))
    .returning(crm_feeds),
)


def links(tx: Connection, system: str, lead_ids: Collection[int]) -> Mapping[int, CrmLink]:
    """The records of these leads in one CRM, by lead; a lead that has none so far is missing."""
    found = _LINKS.all(tx, {"there": system, "wanted": list(lead_ids)}) if lead_ids else ()
    return {row.lead_id: row for row in found}


def of_records(tx: Connection, system: str, records: Collection[str]) -> Mapping[str, CrmLink]:
    """The same by the record's id in the CRM."""
    found = _OF_RECORDS.all(tx, {"there": system, "wanted": list(records)}) if records else ()
    return {row.record: row for row in found}


def put(tx: Connection, system: str, lead_id: int, values: CrmLinkValues) -> None:
    """Change what is known of a lead's record, or begin with it, which needs `record` and `changed_at`."""
    row: CrmLinkValues = {"lead_id": lead_id, "system": system, **values}
    statement = upsert(tx, crm_links).values(**row)
    tx.execute(statement.on_conflict_do_update(index_elements=["lead_id", "system"], set_=dict(values)))


def change(tx: Connection, system: str, lead_id: int, values: CrmLinkValues) -> int:
    """Change what is known of a lead's record; gives how many there were."""
    here = (crm_links.c.system == system, crm_links.c.lead_id == lead_id)
    return tx.execute(update(crm_links).where(*here).values(**values)).rowcount


def troubled(tx: Connection, system: str, limit: int) -> Sequence[CrmLink]:
    """Records with a conflict, or with something that could not be written; the newest first."""
    return _TROUBLED.all(tx, {"there": system, "most": limit})


def conflicts(tx: Connection, system: str) -> int:
    """How many records have a conflict."""
    return int(tx.execute(_CONFLICTS, {"there": system}).scalar_one())


def only_elsewhere(tx: Connection, system: str) -> dict[str, int]:
    """How many leads have a record in another CRM and none in this one, by the other's name."""
    return {row.system: row.leads for row in tx.execute(_ONLY_ELSEWHERE, {"there": system})}


def account(tx: Connection, system: str) -> str | None:
    """The account that this CRM was the last time that its ids were anybody's."""
    return tx.execute(_ACCOUNT, {"there": system}).scalar_one_or_none()


def keep_account(tx: Connection, system: str, account: str, now: datetime) -> str:
    """The ids of this CRM are those of an account from now on. Gives it, or the one that another process
    kept at this moment."""
    known = tx.execute(_ACCOUNT, {"there": system}).scalar_one_or_none()
    values: CrmAccountValues = {"system": system, "account": account, "since": now}
    if known is None:
        insert_once(tx, crm_accounts, values, "system")
        return str(tx.execute(_ACCOUNT, {"there": system}).scalar_one())
    tx.execute(update(crm_accounts).where(crm_accounts.c.system == system).values(**values))
    return account


def has_ids(tx: Connection, system: str, ids_of: str) -> bool:
    """Whether any lead has a record in this CRM, or an id under the name that its ids go by."""
    return bool(tx.execute(_HAS_IDS, {"there": system, "ids_of": ids_of}).scalar_one())


def begin(tx: Connection, name: str, position: str) -> None:
    """Ask for a kind of change from here on; one that is asked for already goes on where it was."""
    values: CrmFeedValues = {"name": name, "position": position}
    insert_once(tx, crm_feeds, values, "name")


def take(tx: Connection, name: str, process: str, now: datetime, until: datetime) -> CrmFeed | None:
    """Be the one that asks for it until then; None while another process does."""
    values: dict[str, Any] = {"wanted": name, "process": process, "moment": now, "until": until}
    return _TAKE.one(tx, values)


def feed(tx: Connection, name: str) -> CrmFeed | None:
    """How far one kind of change has been asked for."""
    return _FEED.one(tx, {"wanted": name})


def feeds(tx: Connection, system: str) -> Sequence[CrmFeed]:
    """Every kind of change that this CRM was ever asked for."""
    return [row for row in _FEEDS.all(tx) if row.name.rpartition(" ")[0] == system]


def move(tx: Connection, name: str, values: CrmFeedValues) -> None:
    """Note how far a kind of change has been asked for, and how it went."""
    tx.execute(update(crm_feeds).where(crm_feeds.c.name == name).values(**values))


def latest_events(tx: Connection, lead_id: int | None = None) -> dict[int, int]:
    """The newest event of a lead, or of each that sales has, by lead."""
    mine = handoffs.c.state.in_(list(OPEN_HANDOFF)) if lead_id is None else handoffs.c.lead_id == lead_id
    statement = (
        select(events.c.lead_id, func.max(events.c.id).label("last"))
        .where(events.c.lead_id.in_(select(handoffs.c.lead_id).where(mine)))
        .group_by(events.c.lead_id)
        .order_by(events.c.lead_id)
    )
    return {row.lead_id: row.last for row in tx.execute(statement)}
