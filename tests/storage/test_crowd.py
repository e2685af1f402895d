"""Many rows written at once are what each would be, written by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from storage import crowd, history, leads
from storage.database import Database
from storage.database.sql import columns_of
from storage.models import EventKind, Stage, activities, events
from storage.models.values import LeadValues
from storage.stamp import Stamp

NOW = datetime(2026, 11, 16, 15, 0, 0, 250, tzinfo=UTC)
ANN: LeadValues = {
    "email": "ann@acme.com",
    "email_key": "ann@acme.com",
    "first_name": "Ann",
    "employees": 450,
    "extra": {"Müll": "drüben"},
    "why": ["works at ACME (+20)"],
    "created_at": NOW,
    "updated_at": NOW,
}
BO: LeadValues = {"first_name": "Bo", "qualified": True, "created_at": NOW, "updated_at": NOW}


def _rows(tx: Connection, ids: list[int]) -> list[dict[str, Any]]:
    found = [leads.get(tx, each) for each in ids]
    return [{**columns_of(each), "id": None} for each in found if each is not None]


def test_leads_that_come_together_are_stored_as_each_would_be(database: Database) -> None:
    alone = database.write_now(lambda tx: [leads.add(tx, each, "crm", None) for each in (ANN, BO)])
    together = database.write_now(crowd.add, [ANN, BO])
    assert together == sorted(together)
    assert set(together).isdisjoint(alone)
    assert database.read_now(_rows, together) == database.read_now(_rows, alone)
    ann = database.read_now(leads.get, together[0])
    assert ann is not None
    assert (ann.stage, ann.extra, ann.created_at) == (Stage.INQUIRY, {"Müll": "drüben"}, NOW)


def test_what_stands_beside_them_reads_as_it_was_written(database: Database) -> None:
    (lead_id,) = database.write_now(crowd.add, [ANN])
    stamp = Stamp(NOW, NOW, "import", "trace")
    line = history.new_line(stamp, EventKind.CREATED, lead_id=lead_id, detail={"fields": ["email"]})
    bare = history.new_line(stamp, EventKind.UPDATED, lead_id=lead_id)
    database.write_now(history.record_all, [line, bare])
    database.write_now(
        crowd.add_activities,
        [{"lead_id": lead_id, "type": "webinar", "at": NOW, "key": "webinar@1", "dated": True}],
    )
    written = database.read_now(lambda tx: list(tx.execute(select(events.c.detail, events.c.kind))))
    assert [tuple(each) for each in written] == [
        ({"fields": ["email"]}, EventKind.CREATED),
        ({}, EventKind.UPDATED),
    ]
    (did,) = database.read_now(lambda tx: list(tx.execute(select(activities))))
    assert (did.type, did.at, did.summary, did.automated) == ("webinar", NOW, False, False)
