"""Rejected as an existing customer, a lead goes to whoever owns the account, with a full clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import InvalidInput
from bot.handoffs.accept import Accept, accept
from bot.handoffs.reject import Reject, reject
from bot.handoffs.undo import Undo, undo
from storage.database import Database
from storage.models import Stage
from tests.bot.ledger import MANAGER, RILEY, ROBIN, SASHA, TONI, Ledger

SMALL = {"external_id": "hs-9", "email": "ann@acme.example", "first_name": "Ann", "employees": 5}


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def is_customer(ledger: Ledger, who: str, handoff_id: int) -> None:
    ledger.does(who, reject, Reject(handoff_id, "existing_customer", note="They have site one"))


def test_the_accounts_owner_in_another_team_gets_it_with_its_card(ledger: Ledger) -> None:
    theirs = ledger.handoff_comes(**SMALL)
    owner = ledger.handoff(theirs).owner
    assert owner in (SASHA, TONI)
    ledger.does(owner, accept, Accept(theirs))
    handoff_id = ledger.handoff_comes()
    ledger.passes(timedelta(minutes=2))
    is_customer(ledger, RILEY, handoff_id)
    found, clock = ledger.handoff(handoff_id), ledger.running(handoff_id)["accept"]
    assert (found.state, found.team, found.owner, found.reason) == ("waiting", "Growth", owner, None)
    assert (clock.owner, clock.started_at) == (owner, ledger.now)
    assert ledger.lead_of(handoff_id).stage == Stage.MQL
    assert ledger.messages("card")[-1].place == "C0GROWTH"
    told = ledger.messages("nag")[-1]
    assert (told.place, told.handoff_id or handoff_id) == (owner, handoff_id)
    assert ledger.messages("rejection")[-1].body["owner"] == owner
    assert ledger.events(handoff_id)[-1].detail["label"] == "Existing customer or open opportunity"


def test_whom_the_crm_names_comes_before_who_has_another_lead(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "wrong_territory"))
    other = ledger.handoff_comes(external_id="hs-3", email="joe@acme.example", first_name="Joe", owner=ROBIN)
    is_customer(ledger, RILEY, other)
    assert ledger.handoff(other).owner == ROBIN


def test_without_an_owner_or_while_they_are_away_it_is_the_managers(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(owner=ROBIN)
    ledger.goes_away(ROBIN)
    is_customer(ledger, RILEY, handoff_id)
    assert (ledger.handoff(handoff_id).owner, ledger.handoff(handoff_id).team) == (MANAGER, "Enterprise")
    assert ledger.running(handoff_id)["accept"].owner == MANAGER
    assert ledger.messages("nag")[-1].place == MANAGER
    ledger.does(MANAGER, accept, Accept(handoff_id))
    assert ledger.handoff(handoff_id).state == "accepted"


def test_twice_or_without_anybody_it_is_refused_in_words(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(owner=ROBIN)
    is_customer(ledger, RILEY, handoff_id)
    with pytest.raises(InvalidInput, match="The account owner has it already"):
        is_customer(ledger, RILEY, handoff_id)
    nobodys = ledger.handoff_comes(external_id="hs-4", email="kim@other.example", company="Other")
    with pytest.raises(InvalidInput, match="Nobody else here owns this account"):
        is_customer(ledger, MANAGER, nobodys)
    assert ledger.handoff(nobodys).state == "waiting"


def test_it_can_be_undone(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(owner=ROBIN)
    before = ledger.handoff(handoff_id)
    is_customer(ledger, RILEY, handoff_id)
    ledger.does(RILEY, undo, Undo(handoff_id))
    after = ledger.handoff(handoff_id)
    assert (after.team, after.owner, after.state) == (before.team, before.owner, before.state)
