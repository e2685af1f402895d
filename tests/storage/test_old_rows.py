"""What a database holds is still there after a migration, and means what it meant."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.exc import IntegrityError

from bot.handoffs import renewal
from bot.leadform.model import ActivityForm
from bot.leadform.repeats import activity_key
from bot.lookups.finding import find
from storage import proposals
from storage.database import Database
from storage.database.sql import known
from storage.migrations import VERSIONS, migrate
from storage.models import ProposalState
from tests.storage.outbox import NOW, SECOND, WAITING, Outbox

HOUR = timedelta(hours=1)
BEFORE = datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)


def as_it_was(database: Database, revision: str, tmp_path: Path) -> None:
    """Bring an empty database to an old revision, and no further."""
    old = tmp_path / "versions"
    old.mkdir()
    for file in VERSIONS.glob("0*.py"):
        if file.name[:4] <= revision:
            shutil.copy(file, old)
    migrate(database, [old])


def put(database: Database, table: str, **values: Any) -> None:
    """A row as an older Baton wrote it: in the columns that the table has now."""

    def write(tx: Connection) -> None:
        tx.execute(insert(Table(table, MetaData(), autoload_with=tx)).values(**values))

    database.write_now(write)


def rows(database: Database, table: str, *columns: str) -> list[dict[str, Any]]:
    """All rows, oldest first; of these columns, or of all."""

    def read(tx: Connection) -> list[dict[str, Any]]:
        found = Table(table, MetaData(), autoload_with=tx)
        wanted = [found.c[name] for name in columns or found.c.keys()]
        return [dict(row) for row in tx.execute(select(*wanted).order_by(*found.primary_key)).mappings()]

    return database.read_now(read)


def put_lead(database: Database, number: int, **values: Any) -> None:
    put(database, "lead", id=number, created_at=BEFORE, updated_at=BEFORE, **values)


def put_agreement(database: Database) -> None:
    put(database, "agreement_version", id=1, version="1", hash="h", text="", first_seen_at=BEFORE)


def put_handoff(database: Database, number: int, state: str) -> None:
    about = {"lead_id": number, "agreement_id": 1, "team": "Growth", "priority": "P1", "grade": "A1"}
    put(database, "handoff", id=number, state=state, handed_at=BEFORE, **about)


def put_message(database: Database, number: int, place: str, **values: Any) -> None:
    about = {**WAITING, "kind": "history", "place": place, "lane": f"post:{place}", "rank": 10}
    put(database, "delivery", id=number, **{**about, **values})


def test_ids_of_before_systems_had_names_are_those_of_the_default_system(
    empty: Database, tmp_path: Path
) -> None:
    as_it_was(empty, "0001", tmp_path)
    put_lead(empty, 1, email_key="jane@acme.example", company_domain="emea.acme.co.uk")
    put_lead(empty, 2)
    for external_id, lead_id in (("hs-1", 1), ("hs-1b", 1), ("hs-2", 2)):
        put(empty, "lead_alias", external_id=external_id, lead_id=lead_id)
    put(empty, "activity", lead_id=1, type="visit", at=BEFORE)
    migrate(empty)
    assert [tuple(row.values()) for row in rows(empty, "lead_alias", "system", "external_id", "lead_id")] == [
        ("default", "hs-1", 1),
        ("default", "hs-1b", 1),
        ("default", "hs-2", 2),
    ]
    assert [row["company_domain"] for row in rows(empty, "lead", "company_domain")] == ["acme.co.uk", None]
    (activity,) = rows(empty, "activity", "key", "dated")
    assert activity == {"key": activity_key(ActivityForm(type="visit", at=BEFORE)), "dated": True}
    put(empty, "lead_alias", system="crm", external_id="hs-1", lead_id=2)
    with pytest.raises(IntegrityError):
        put(empty, "lead_alias", system="default", external_id="hs-1", lead_id=2)


def test_every_handoff_gets_a_token_of_its_own_and_old_buttons_are_to_be_rewritten(
    empty: Database, tmp_path: Path
) -> None:
    as_it_was(empty, "0020", tmp_path)
    put_agreement(empty)
    for number, state in enumerate(("waiting", "accepted", "closed"), 1):
        put_lead(empty, number)
        put_handoff(empty, number, state)
    migrate(empty)
    tokens = [row["token"] for row in rows(empty, "handoff", "token")]
    assert len(set(tokens)) == 3
    assert all(len(token) == 16 and int(token, 16) >= 0 for token in tokens)
    assert {"name": "buttons", "value": "old"} in rows(empty, "installation")


def test_companies_of_before_are_found_without_their_legal_forms_a_few_at_a_time(
    empty: Database, tmp_path: Path
) -> None:
    as_it_was(empty, "0028", tmp_path)
    old = {
        "(주)카카오": "주 카카오",
        "华为技术有限公司": "华为技术有限公司",
        "Acme, Inc.": "acme",
        "Banco Ltda.": "banco ltda",
    }
    for number, (company, key) in enumerate([*old.items(), (None, None)], 1):
        put_lead(empty, number, company=company, company_key=key, first_name="Ann")
        for word in ("ann", *(key or "").split()):
            put(empty, "lead_word", word=word, lead_id=number)
    migrate(empty)
    after, steps = 0, 0
    while (went := empty.write_now(renewal.renew_company_keys, after, 2)) is not None:
        after, steps = went, steps + 1
    assert steps == 2
    keys = [row["company_key"] for row in rows(empty, "lead", "company_key")]
    assert keys == ["카카오", "华为技术", "acme", "banco", None]
    for number, typed in enumerate(("카카오 유한회사", "华为技术", "acme ann", "banco"), 1):
        found = empty.read_now(find, typed).lead
        assert found is not None
        assert found.id == number
    assert rows(empty, "installation") == []
    assert empty.write_now(renewal.renew_company_keys, 0) is None


def test_where_there_is_no_handoff_no_buttons_are_to_be_rewritten(empty: Database) -> None:
    migrate(empty)
    assert rows(empty, "installation") == []


def test_a_claim_finds_what_waited_before_lanes_had_heads(empty: Database, tmp_path: Path) -> None:
    as_it_was(empty, "0022", tmp_path)
    put(empty, "lane", name="post:C1", ready_at=NOW - HOUR)
    put(empty, "lane", name="post:C4", ready_at=NOW + 2 * HOUR, parked_at=NOW - HOUR, error="is_archived")
    put_message(empty, 1, "C1", rank=30)
    put_message(empty, 2, "C1")
    put_message(empty, 3, "C2")
    put_message(empty, 4, "C3", state="sent", ts="1.1", channel="C3")
    put_message(empty, 5, "C4")
    put_message(empty, 6, "C5", due_at=NOW + HOUR)
    migrate(empty)
    outbox = Outbox(empty)
    (first, second) = outbox.claim().rows
    assert (first.id, second.id) == (2, 3)
    for row in (first, second):
        outbox.sent(row)
    outbox.now += SECOND
    assert outbox.ids() == [1]
    outbox.now = NOW + HOUR
    assert outbox.ids() == [6]
    (parked,) = [row for row in rows(empty, "lane") if row["name"] == "post:C4"]
    assert (parked["parked_at"] is not None, parked["error"]) == (True, "is_archived")


def test_proposals_come_to_a_database_that_is_in_use(empty: Database, tmp_path: Path) -> None:
    as_it_was(empty, "0024", tmp_path)
    put_agreement(empty)
    put_lead(empty, 1)
    put_handoff(empty, 1, "waiting")
    put_message(empty, 1, "C1", kind="card", handoff_id=1, lead_id=1, state="sent", channel="C1", ts="1.1")
    put_message(empty, 2, "C1", thread_id=1, body={"event": 7})
    put_message(empty, 3, "C1", op="update", lane="update:C1", target_id=1)
    before = rows(empty, "delivery")
    migrate(empty)
    assert [{name: row[name] for name in before[0]} for row in rows(empty, "delivery")] == before
    put_message(empty, 4, "U0MGR", kind="proposal")
    for wrong in ({"kind": "gossip"}, {"thread_id": 99}, {"op": "update", "target_id": 1}):
        with pytest.raises(IntegrityError):
            put_message(empty, 5, "C1", **wrong)
    made: Any = {"subject": "sla.P1.accept", "change": {}, "agreement_id": 1, "team": "Growth", "says": ["x"]}
    made |= {"by": "U0CMO", "at": NOW}
    assert known(empty.write_now(proposals.add, made)).state == ProposalState.OPEN
    assert empty.write_now(proposals.add, made) is None


def test_records_of_before_are_of_the_crm_that_their_ids_are_of(empty: Database, tmp_path: Path) -> None:
    as_it_was(empty, "0029", tmp_path)
    text = '[crm]\nkind = "hubspot"\nsystem = "hubspot-eu"\n'
    put(empty, "agreement_version", id=1, version="1", hash="h", text=text, first_seen_at=BEFORE)
    for number, record in enumerate(("70112", "00Q5e00000Abc12EAC"), 1):
        put_lead(empty, number)
        seen = {"note": "Accepted"}
        put(empty, "crm_link", lead_id=number, record=record, seen=seen, sent={}, changed_at=BEFORE)
    for name in ("hubspot records", "salesforce records"):
        put(empty, "crm_feed", name=name, position="12")
    migrate(empty)
    assert rows(empty, "crm_link", "lead_id", "system", "record", "seen") == [
        {"lead_id": 1, "system": "hubspot/hubspot-eu", "record": "70112", "seen": {"note": "Accepted"}},
        {"lead_id": 2, "system": "salesforce", "record": "00Q5e00000Abc12EAC", "seen": {"note": "Accepted"}},
    ]
    assert rows(empty, "crm_feed", "name", "position") == [
        {"name": "hubspot/hubspot-eu records", "position": "12"},
        {"name": "salesforce records", "position": "12"},
    ]
