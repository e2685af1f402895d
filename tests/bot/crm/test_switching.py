"""Another CRM than before: the ids of the one mean nothing in the other."""

from __future__ import annotations

import asyncio

import pytest

from bot.handoffs.accept import Accept, accept
from bot.handoffs.touch import Touch, touch
from bot.setup.told import told_findings
from storage import destinations
from storage.database import Database
from storage.models import TouchKind
from tests.bot.crm.hubspot_account import Account, hubspot
from tests.bot.crm.office import EMAILS, Office, office, with_hubspot, with_salesforce
from tests.bot.crm.salesforce_org import Org
from tests.bot.ledger import RILEY

JANE, PETE = "jane@acme.example", "pete@acme.example"
OTHERS = 'system = "hubspot-eu"'


def check(crm: Office) -> list[str]:
    """What `check` says of the CRM."""
    agreement = crm.ledger.book.current
    return [each.says for each in crm.database.read_now(lambda tx: list(told_findings(tx, agreement)))]


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)
async def test_after_a_change_of_crm_each_lead_is_found_anew_and_the_way_back_is_open(
    database: Database, account: Account, org: Org
) -> None:
    account.has(email=JANE)
    there = org.has(Email=JANE, LastName="Doe", Company="ACME")
    crm = office(database, with_hubspot(account.url))
    async with crm.telling():
        handoff = await asyncio.to_thread(crm.ledger.handoff_comes, email=JANE)
        await crm.does(lambda: crm.ledger.handoff_comes(external_id="2", email=PETE))
    lead = crm.ledger.handoff(handoff).lead_id
    before = crm.link(lead)
    crm.ledger.agrees(with_salesforce(org.url))
    database.write_now(destinations.free)  # who told HubSpot is gone
    assert check(crm) == [
        "2 leads linked to hubspot only, whose ids mean nothing in salesforce. Baton finds each by e-mail "
        "when it next writes it; run crm push to do that now. Nothing goes to hubspot any more."
    ]
    written = len(account.writes)
    async with crm.telling():
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
        await crm.asks()
    assert org.rows["Lead"][there]["Baton_Note__c"] == "Accepted by Riley in Slack"
    assert check(crm)[0].startswith("1 lead linked to hubspot only")
    assert len(account.writes) == written
    await crm.closes()
    crm.ledger.agrees(with_hubspot(account.url))
    assert crm.link(lead) == before
    assert check(crm) == []


async def test_another_account_of_the_same_kind_has_ids_of_its_own(
    database: Database, account: Account
) -> None:
    mine = account.has(email=JANE)
    crm = office(database, with_hubspot(account.url))
    async with crm.telling():
        handoff = await asyncio.to_thread(crm.ledger.handoff_comes, email=JANE)
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
    async with hubspot() as other:
        other.owner("11", EMAILS[RILEY])
        stranger = other.has(email="somebody@else.example")
        hers = other.has(email=JANE)
        assert stranger == mine
        crm.ledger.agrees(with_hubspot(other.url, keys=OTHERS))
        other.sets(stranger, hs_lead_status="UNQUALIFIED")
        async with crm.telling():
            await crm.does(lambda: crm.ledger.does(RILEY, touch, Touch(handoff, TouchKind.CALL)))
            await crm.asks()
        assert [number for number, _ in other.writes] == [hers]
        assert crm.ledger.kinds(handoff).count("crm.conflict") == 0
        await crm.closes()
