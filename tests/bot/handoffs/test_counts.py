"""Counts that marketing tools export: what their points decay from."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.agreement import default_agreement, loaded
from bot.lookups.judgement import judgement_of
from storage.database import Database
from storage.database.sql import Query
from storage.models import Lead, leads
from tests.bot.ledger import Ledger

VISITS = """
[[qualification.engagement]]
when = { field = "visits", at_least = 5 }
points = 30
half_life = "10d"
why = "Came back five times"
"""
TEN_DAYS = timedelta(days=10)


def points(ledger: Ledger) -> int:
    (lead,) = ledger.database.read_now(Query(Lead, select(leads)).all)
    judged = ledger.database.read_now(judgement_of, ledger.book.current, lead, ledger.now)
    return judged.engagement_points


def test_points_for_a_count_halve_from_the_record_that_told_it(database: Database) -> None:
    ledger = Ledger(database, agreement=loaded(default_agreement().text + VISITS))
    visitor = {"email": "vera@visits.example"}
    ledger.tells(**visitor, visits="7")
    assert points(ledger) == 30
    ledger.passes(TEN_DAYS)
    assert points(ledger) == 15
    ledger.tells(**visitor, visits="7", title="CTO")  # another record, the same count
    assert points(ledger) == 15
    ledger.passes(TEN_DAYS)
    assert points(ledger) == 8
    ledger.tells(**visitor, visits="8")
    assert points(ledger) == 30
    ledger.tells(**visitor, visits="4")
    assert points(ledger) == 0
