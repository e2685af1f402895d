"""Leads that matched no team before the agreement changed."""

from __future__ import annotations

from sqlalchemy import select

from bot.agreement import default_agreement, loaded
from bot.context import BATON
from bot.handoffs.returning import route_unrouted
from storage.database import Database
from storage.models import Stage, leads
from tests.bot.ledger import Ledger

NARROW = default_agreement().text.replace(
    'name    = "Growth"', 'name    = "Growth"\nmatch = { country = "Nowhere" }'
)


def test_a_new_agreement_finds_a_team_for_leads_that_had_none(database: Database) -> None:
    before = Ledger(database, agreement=loaded(NARROW))
    lost = [
        before.takes_in(email=f"l{n}@l{n}.example", external_id=f"l{n}", employees=20).id for n in range(3)
    ]
    still = before.takes_in(email="x@x.example", external_id="x", employees=20)
    assert still.handoff_id is None

    after = Ledger(database)
    assert after.does(BATON, route_unrouted, 0) is None
    rows = database.read_now(lambda tx: tx.execute(select(leads).order_by(leads.c.id)).all())
    assert [row.id for row in rows] == [*lost, still.id]
    assert {(row.stage, row.unrouted_at) for row in rows} == {(Stage.MQL, None)}


def test_the_same_agreement_leaves_them_held_and_tells_nobody_again(database: Database) -> None:
    ledger = Ledger(database, agreement=loaded(NARROW))
    ledger.takes_in(employees=20)
    told = len(ledger.messages("unrouted"))
    assert ledger.does(BATON, route_unrouted, 0) is None
    assert len(ledger.messages("unrouted")) == told
