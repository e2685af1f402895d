"""The same for Salesforce: what is its own, from the login to the limits of the day."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bot.handoffs.accept import Accept, accept
from bot.handoffs.reject import Reject, reject
from storage.database import Database
from tests.bot.crm.office import Office, office, until, with_salesforce
from tests.bot.crm.salesforce_org import Org
from tests.bot.ledger import RILEY, ROBIN


@pytest.fixture
def crm(database: Database, org: Org) -> Office:
    return office(database, with_salesforce(org.url))


def jane(crm: Office, number: int = 1) -> int:
    return crm.ledger.handoff_comes(external_id=f"x-{number}", email=f"jane{number}@acme.example")


async def accepted(crm: Office, by: str = RILEY) -> int:
    handoff = await asyncio.to_thread(jane, crm)
    await until(crm.told)
    await crm.does(lambda: crm.ledger.does(by, accept, Accept(handoff)))
    return handoff


async def test_the_lead_is_found_by_its_address_and_written(crm: Office, org: Org) -> None:
    lead = org.has(Email="JANE1@acme.example", LastName="Doe", Company="ACME")
    async with crm.telling():
        await accepted(crm)
    row = org.rows["Lead"][lead]
    assert (row["Status"], row["OwnerId"]) == ("Working - Contacted", "005000000000001AAA")
    assert row["Baton_Note__c"] == "Accepted by Riley in Slack"
    assert len(org.rows["Lead"]) == 1


async def test_a_note_that_is_too_long_for_its_field_is_cut_and_costs_nothing_else(
    crm: Office, org: Org
) -> None:
    lead = org.has(Email="jane1@acme.example", LastName="Doe", Company="ACME")
    async with crm.telling():
        handoff = await asyncio.to_thread(jane, crm)
        rejection = Reject(handoff, "bad_contact", note="The number is a fax. " * 20)
        await crm.does(lambda: crm.ledger.does(RILEY, reject, rejection))
    note = org.rows["Lead"][lead]["Baton_Note__c"]
    assert (len(note), note[:41], note[-1]) == (255, "Rejected by Riley in Slack: The number is", "…")
    assert crm.backlog().parked == 0


async def test_a_lead_that_is_not_there_is_made_once_under_batons_number(crm: Office, org: Org) -> None:
    async with crm.telling():
        handoff = await accepted(crm)
    (row,) = org.rows["Lead"].values()
    assert (row["Baton_Id__c"], row["LastName"]) == (str(crm.ledger.handoff(handoff).lead_id), "Doe")


async def test_a_session_that_ran_out_is_begun_anew(crm: Office, org: Org) -> None:
    async with crm.telling():
        handoff = await asyncio.to_thread(jane, crm)
        await until(crm.told)
        org.token = "00D!second"
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
    assert org.calls["/services/oauth2/token"] == 2
    assert next(iter(org.rows["Lead"].values()))["Status"] == "Working - Contacted"


async def test_two_leads_with_the_address_are_parked_until_they_are_merged(crm: Office, org: Org) -> None:
    one = org.has(Email="jane1@acme.example", LastName="Doe", Company="A")
    two = org.has(Email="jane1@acme.example", LastName="Doe", Company="B")
    async with crm.telling():
        await asyncio.to_thread(jane, crm)
        await until(lambda: crm.backlog().parked > 0)
    assert crm.parked()[0].error == (
        f"Salesforce has several records for lead #1: {one} and {two}. Merge them there, then crm replay."
    )


async def test_one_that_was_merged_is_followed_and_a_converted_one_left_alone(crm: Office, org: Org) -> None:
    one = org.has(Email="jane1@acme.example", LastName="Doe", Company="A")
    two = org.has(Email="jane2@acme.example", LastName="Doe", Company="B")
    into = org.has(Email="j@acme.example", LastName="Doe", Company="B")
    async with crm.telling():
        first, second = [await asyncio.to_thread(jane, crm, number) for number in (1, 2)]
        await until(crm.told)
        org.sets(one, IsDeleted=True, MasterRecordId=into)
        org.sets(two, IsConverted=True, Status="Closed - Converted")
        await asyncio.to_thread(crm.ledger.does, RILEY, accept, Accept(first))
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(second)))
    assert org.rows["Lead"][into]["Status"] == "Working - Contacted"
    assert org.rows["Lead"][two]["Status"] == "Closed - Converted"
    assert crm.backlog().parked == 0


async def test_an_inactive_owner_is_not_set_and_the_rest_is(crm: Office, org: Org) -> None:
    lead = org.has(Email="jane1@acme.example", LastName="Doe", Company="ACME")
    async with crm.telling():
        await accepted(crm, ROBIN)
    assert org.rows["Lead"][lead]["OwnerId"] == "005queue"
    assert org.rows["Lead"][lead]["Status"] == "Working - Contacted"


async def test_it_leaves_the_last_tenth_of_the_days_calls_to_others(crm: Office, org: Org) -> None:
    org.used, org.most = 8_990, 10_000
    async with crm.telling():
        for number in range(1, 30):
            await asyncio.to_thread(jane, crm, number)
        await until(lambda: crm.trouble() is not None)
    assert org.used == 9_000
    assert crm.trouble() == "9000 of today's 10000 Salesforce API calls are used; Baton waits"
    assert (crm.backlog().parked, crm.backlog().pending > 0) == (0, True)


async def test_a_user_who_may_not_write_is_named(crm: Office, org: Org) -> None:
    org.may_write = False
    async with crm.telling():
        await asyncio.to_thread(jane, crm)
        await until(lambda: crm.backlog().parked > 0)
    assert "did not take lead #1: insufficient access rights" in (crm.parked()[0].error or "")


async def test_a_client_that_is_not_known_is_said_by_its_variables(crm: Office, org: Org) -> None:
    error = '{"error": "invalid_client", "error_description": "invalid client credentials"}'
    org.broken = web.Response(status=400, text=error, content_type="application/json")
    async with crm.telling():
        await asyncio.to_thread(jane, crm)
        await until(lambda: crm.trouble() is not None)
    assert crm.trouble() == (
        "Salesforce rejected the client in SF_ID and SF_SECRET: invalid client credentials"
    )
