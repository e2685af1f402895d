"""What systems have said of a lead before, as digests: the same record again is no news."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from storage.database.sql import Query, in_portions, insert_once
from storage.models import LeadRecord, lead_records
from storage.models.upkeep import RecordValues

_TOLD_BEFORE = (
    select(lead_records.c.lead_id)
    .where(lead_records.c.lead_id.in_(bindparam("leads", expanding=True)))
    .where(lead_records.c.digest == bindparam("digest"))
)
_OF_LEAD = Query(
    LeadRecord,
    select(lead_records).where(lead_records.c.lead_id == bindparam("lead")).order_by(lead_records.c.id),
)


def add(tx: Connection, lead_id: int, digest: str, at: datetime) -> bool:
    """Remember what a record said of a lead; False if the same was ever said before."""
    values: RecordValues = {"lead_id": lead_id, "digest": digest, "at": at}
    return insert_once(tx, lead_records, values, "lead_id", "digest")


def told_before(tx: Connection, lead_ids: Collection[int], digest: str) -> set[int]:
    """Of which of these leads the same record was told before."""
    return set(tx.execute(_TOLD_BEFORE, {"leads": sorted(lead_ids), "digest": digest}).scalars())


def of_lead(tx: Connection, lead_id: int) -> list[tuple[int, datetime]]:
    """The records that are remembered of a lead, by id, with the moment at which each came."""
    return [(row.id, row.at) for row in _OF_LEAD.all(tx, {"lead": lead_id})]


def move(tx: Connection, lead_id: int, to: int, records: Collection[int]) -> None:
    """Let these records, by id, be what was said of another lead, where the same was not said of it too."""
    theirs = select(lead_records.c.digest).where(lead_records.c.lead_id == to)
    for some in in_portions(records):
        these = lead_records.c.lead_id == lead_id, lead_records.c.id.in_(some)
        tx.execute(delete(lead_records).where(*these, lead_records.c.digest.in_(theirs)))
        tx.execute(update(lead_records).where(*these).values(**RecordValues(lead_id=to)))
