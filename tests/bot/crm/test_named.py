"""What is wrong in a CRM is named on Home and by `check`, with what to do; and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bot.handoffs.accept import Accept, accept
from bot.setup.crm import addresses_of, crm_findings
from bot.setup.told import told_findings
from storage.database import Database
from tests.bot.crm.hubspot_account import Account
from tests.bot.crm.office import SECRETS, office, until, with_hubspot, with_salesforce
from tests.bot.crm.salesforce_org import Org
from tests.bot.ledger import ADMIN, RILEY, ROBIN
from tests.bot.lookups.test_oversight import page

JANE = "jane@acme.example"
HOT = '[crm.values.lead_status]\nsal = "HOT"\n'


async def named(
    database: Database,
    there: Account | Org,
    more: str,
    then: Callable[[], object],
    *,
    by: str,
    told: str,
    asked: str | None,
) -> int:
    """A lead comes, something happens there, and the lead is accepted: what stands on Home and in `check`.

    `asked` is what `check` says of itself, by asking the CRM. Gives how many events are parked.
    """
    agreement = (with_hubspot if isinstance(there, Account) else with_salesforce)(there.url, more)
    crm = office(database, agreement)
    async with crm.telling():
        handoff = await asyncio.to_thread(crm.ledger.handoff_comes, email=JANE)
        await until(lambda: crm.told() or crm.trouble() is not None)
        then()
        await asyncio.to_thread(crm.ledger.does, by, accept, Accept(handoff))
        await until(lambda: told in page(crm.ledger, ADMIN))
    findings = database.read_now(lambda tx: list(told_findings(tx, agreement.agreement)))
    assert [each.says for each in findings if told in each.says]
    table = agreement.agreement.crm
    assert table is not None
    known = database.read_now(addresses_of, agreement.agreement)
    said = [each.says async for each in crm_findings(table, lambda name: SECRETS.get(name or ""), known)]
    assert asked is None or any(asked in each for each in said)
    backlog = crm.backlog()
    assert backlog.parked + backlog.pending == 0 or crm.trouble() is not None
    return backlog.parked


def nothing() -> None:
    """Nothing else happens."""


@dataclass(frozen=True)
class Misfit:
    """A line of [crm] that a CRM has no use for, and what is said of it."""

    there: type[Account | Org]
    more: str
    told: str
    asked: str


MISFITS = {
    "a field that HubSpot lacks": Misfit(
        Account,
        '[crm.fields]\nnote = "batton_note"',
        "HubSpot has no field batton_note; make it there, or change [crm.fields]",
        "HubSpot has no field batton_note; make it in HubSpot under Settings → Properties",
    ),
    "a stage that HubSpot does not know": Misfit(
        Account,
        HOT,
        "hs_lead_status does not take “HOT”; add it there, or change [crm.values]",
        "HubSpot's hs_lead_status has no value “HOT”; it has NEW, OPEN",
    ),
    "a field that only HubSpot writes": Misfit(
        Account,
        '[crm.fields]\nnote = "createdate"',
        "HubSpot's field createdate cannot be written; choose another in [crm.fields]",
        "createdate cannot be written; choose another field",
    ),
    "a field that Salesforce lacks": Misfit(
        Org,
        '[crm.fields]\nnote = "Batton__c"',
        "Salesforce has no field Batton__c; make it there, or change [crm.fields]",
        "Salesforce has no field Batton__c; make it in Salesforce under Setup → Object Manager",
    ),
    "a stage that Salesforce does not know": Misfit(
        Org,
        HOT,
        "Status does not take “HOT”; add it there, or change [crm.values]",
        "Salesforce's Status has no value “HOT”; it has Open - Not Contacted",
    ),
    "a field that only Salesforce writes": Misfit(
        Org,
        '[crm.fields]\nnote = "MasterRecordId"',
        "Salesforce's field MasterRecordId cannot be written; choose another in [crm.fields]",
        "MasterRecordId cannot be written; choose another field",
    ),
}


@pytest.mark.parametrize("misfit", MISFITS.values(), ids=MISFITS)
async def test_a_mapping_that_does_not_fit(
    database: Database, account: Account, org: Org, misfit: Misfit
) -> None:
    there: Account | Org = account if misfit.there is Account else org
    told, asked = misfit.told, misfit.asked
    assert await named(database, there, misfit.more, nothing, by=RILEY, told=told, asked=asked) == 0
    assert owner_in(there) == ("11" if there is account else "005000000000001AAA")


def owner_in(there: Account | Org) -> str:
    """Who owns the only record."""
    if isinstance(there, Account):
        (contact,) = there.contacts.values()
        return str(contact["hubspot_owner_id"])
    (lead,) = there.rows["Lead"].values()
    return str(lead["OwnerId"])


async def test_an_owner_who_is_inactive_in_salesforce(database: Database, org: Org) -> None:
    told = "robin@acme-sales.example is inactive in Salesforce, so the owner was not set"
    asked = f"robin@acme-sales.example ({ROBIN}) is inactive in Salesforce; no record is assigned to them"
    assert await named(database, org, "", nothing, by=ROBIN, told=told, asked=asked) == 0


async def test_a_permission_that_is_missing(database: Database, org: Org) -> None:
    def taken_away() -> None:
        org.may_write = False

    told = "allow it in Salesforce under Setup → Permission Sets"
    asked = "The app's user may not change leads; allow it in Salesforce under Setup → Permission Sets"
    await named(database, org, "", taken_away, by=RILEY, told=told, asked=asked)


async def test_a_record_that_is_gone_in_salesforce(database: Database, org: Org) -> None:
    def gone() -> None:
        (lead,) = org.rows["Lead"]
        org.sets(lead, IsDeleted=True)

    told = "is gone. Restore it there, then crm replay"
    assert await named(database, org, "", gone, by=RILEY, told=told, asked=None) >= 1


async def test_an_owner_who_is_inactive_there(database: Database, account: Account) -> None:
    told = "robin@acme-sales.example is inactive in HubSpot, so the owner was not set"
    asked = f"robin@acme-sales.example ({ROBIN}) is inactive in HubSpot; no record is assigned to them there"
    assert await named(database, account, "", nothing, by=ROBIN, told=told, asked=asked) == 0


async def test_a_scope_that_is_missing(database: Database, account: Account) -> None:
    account.scopes.discard("crm.objects.contacts.write")
    says = "lacks the scope crm.objects.contacts.write; add it in HubSpot under Settings"
    assert await named(database, account, "", nothing, by=RILEY, told=says, asked=says) == 0


async def test_a_record_that_is_gone(database: Database, account: Account) -> None:
    told = "is gone. Restore it there, then crm replay"
    gone = account.contacts.clear
    assert await named(database, account, "", gone, by=RILEY, told=told, asked=None) >= 1


async def test_two_records_of_one_person(database: Database, org: Org) -> None:
    for company in ("A", "B"):
        org.has(Email=JANE, LastName="Doe", Company=company)
    told = "Salesforce has several records for lead #1: "
    assert await named(database, org, "", nothing, by=RILEY, told=told, asked=None) >= 1


async def test_the_calls_of_the_day_are_used_up(database: Database, org: Org) -> None:
    def used_up() -> None:
        org.used = org.most

    told = "Salesforce's API calls for today are used up"
    assert await named(database, org, "", used_up, by=RILEY, told=told, asked=told) == 0


async def test_a_status_that_both_sides_changed(database: Database, account: Account) -> None:
    def changed() -> None:
        (contact,) = account.contacts
        account.sets(contact, hs_lead_status="BAD_TIMING")

    assert await named(database, account, "", changed, by=RILEY, told="both sides", asked=None) == 0
