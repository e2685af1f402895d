"""What a judgement looks at: of a lead that did very much, the newest of every kind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert

from bot.handoffs import take_in
from bot.leadform import read_lead
from bot.lookups.judgement import did_of, judgement_of
from storage import lead_batches, leads, newest
from storage.models import activities
from storage.models.values import ActivityValues
from tests.bot.ledger import MONDAY, Ledger


def did(lead_id: int, kind: str, at: datetime, number: int = 0) -> ActivityValues:
    return {"lead_id": lead_id, "type": kind, "at": at, "key": f"{kind}@{at.isoformat()}{number}"}


def a_lead(ledger: Ledger, rows: Iterable[tuple[str, datetime]]) -> int:
    """An inquiry with these activities, which came in long ago."""
    form = read_lead({"external_id": "1", "first_name": "Ann"}, now=ledger.now)
    lead_id = ledger.does("api:crm", take_in, form).id
    values = [did(lead_id, kind, at, number) for number, (kind, at) in enumerate(rows)]
    ledger.database.write_now(lambda tx: tx.execute(insert(activities), values) and None)
    return lead_id


def views(count: int) -> list[tuple[str, datetime]]:
    return [("page_view", MONDAY - timedelta(minutes=n)) for n in range(count)]


def test_a_thousand_page_views_hide_no_request_for_a_demo(ledger: Ledger) -> None:
    lead_id = a_lead(ledger, [*views(1_000), ("webinar", MONDAY - timedelta(days=2))])

    def judged(tx: Connection) -> tuple[str, ...]:
        lead = leads.get(tx, lead_id)
        assert lead is not None
        return judgement_of(tx, ledger.book.current, lead, MONDAY).reasons

    assert any("webinar" in why.lower() for why in ledger.database.read_now(judged))


def test_of_a_lead_that_did_little_everything_is_looked_at(ledger: Ledger) -> None:
    lead_id = a_lead(ledger, views(newest.NEWEST - 1))
    found = ledger.database.read_now(did_of, ledger.book.current, lead_id, MONDAY)
    assert [row.at for row in found] == [at for _, at in views(newest.NEWEST - 1)]


def test_what_lies_ahead_hides_nothing_that_has_happened(ledger: Ledger) -> None:
    ahead = [("page_view", MONDAY + timedelta(days=n)) for n in range(1, 400)]
    lead_id = a_lead(ledger, [*ahead, ("page_view", MONDAY - timedelta(days=1))])
    found = ledger.database.read_now(did_of, ledger.book.current, lead_id, MONDAY)
    assert found[-1].at == MONDAY - timedelta(days=1)
    assert ledger.database.read_now(newest.count, lead_id) == 400


def test_a_type_beyond_the_most_is_looked_at_where_a_rule_names_it(ledger: Ledger) -> None:
    kinds = [(f"a_{n:04}", MONDAY) for n in range(newest.KINDS + 10)]
    lead_id = a_lead(ledger, [*kinds, ("demo_request", MONDAY - timedelta(days=1))])
    found = ledger.database.read_now(did_of, ledger.book.current, lead_id, MONDAY)
    assert "demo_request" in {row.type for row in found}


def test_whoever_looks_at_every_lead_reads_no_more_than_the_newest_of_each(ledger: Ledger) -> None:
    busy = a_lead(ledger, views(500))
    batches = ledger.database.read_now(lambda tx: list(lead_batches.batches(tx)))
    [[(lead, rows)]] = batches
    assert lead.id == busy
    assert [row.at for row in rows] == [at for _, at in views(lead_batches.ACTIVITIES)]
