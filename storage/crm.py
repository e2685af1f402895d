"""Which record of the CRM is which lead's, what stands in it, and how far the CRM has been asked.

What a difference means, and what follows from a change there, is decided in bot/crm/.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, cast, func, or_, select, update
from sqlalchemy.types import Text

from storage.database.sql import Query, insert_once, upsert
from storage.models import OPEN_HANDOFF, CrmFeed, CrmLink, crm_feeds, crm_links, events, handoffs
from storage.models.upkeep import CrmFeedValues, CrmLinkValues

_LINKS = Query(CrmLink, select(crm_links).where(crm_links.c.lead_id.in_(bindparam("wanted", expanding=True))))
_OF_RECORDS = Query(
    CrmLink, select(crm_links).where(crm_links.c.record.in_(bindparam("wanted", expanding=True)))
)
_HAS_CONFLICT = cast(crm_links.c.conflicts, Text) != "{}"
_TROUBLED = Query(
    CrmLink,
    select(crm_links)
    .where(or_(crm_links.c.trouble.is_not(None), _HAS_CONFLICT))
    .order_by(crm_links.c.changed_at.desc(), crm_links.c.lead_id)
    .limit(bindparam("most")),
)
_CONFLICTS = select(func.count()).select_from(crm_links).where(_HAS_CONFLICT)
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


def links(tx: Connection, lead_ids: Collection[int]) -> Mapping[int, CrmLink]:
    """The records of these leads, by lead; a lead that has none so far is missing."""
    return {row.lead_id: row for row in _LINKS.all(tx, {"wanted": list(lead_ids)})} if lead_ids else {}


def of_records(tx: Connection, records: Collection[str]) -> Mapping[str, CrmLink]:
    """The same by the record's id in the CRM."""
    return {row.record: row for row in _OF_RECORDS.all(tx, {"wanted": list(records)})} if records else {}


def put(tx: Connection, lead_id: int, values: CrmLinkValues) -> None:
    """Change what is known of a lead's record, or begin with it, which needs `record` and `changed_at`."""
    row: CrmLinkValues = {"lead_id": lead_id, **values}
    statement = upsert(tx, crm_links).values(**row)
    tx.execute(statement.on_conflict_do_update(index_elements=["lead_id"], set_=dict(values)))


def change(tx: Connection, lead_id: int, values: CrmLinkValues) -> int:
    """Change what is known of a lead's record; gives how many there were."""
    return tx.execute(update(crm_links).where(crm_links.c.lead_id == lead_id).values(**values)).rowcount


def troubled(tx: Connection, limit: int) -> Sequence[CrmLink]:
    """Records with a conflict, or with something that could not be written; the newest first."""
    return _TROUBLED.all(tx, {"most": limit})


def conflicts(tx: Connection) -> int:
    """How many records have a conflict."""
    return int(tx.execute(_CONFLICTS).scalar_one())


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


def feeds(tx: Connection) -> Sequence[CrmFeed]:
    """Every kind of change that was ever asked for."""
    return _FEEDS.all(tx)


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
