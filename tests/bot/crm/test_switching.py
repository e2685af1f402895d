"""Another CRM than before: the ids of the one mean nothing in the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.agreement.loader import LoadedAgreement
from bot.handoffs.accept import Accept, accept
from bot.handoffs.touch import Touch, touch
from bot.setup.crm import account_of, crm_findings
from bot.setup.told import told_findings
from storage import destinations
from storage.database import Database
from storage.models import TouchKind
from tests.bot.crm.hubspot_account import Account, hubspot
from tests.bot.crm.office import EMAILS, SECRETS, Office, office, until, with_hubspot, with_salesforce
from tests.bot.crm.salesforce_org import Org
from tests.bot.ledger import ADMIN, RILEY
from tests.bot.lookups.test_oversight import page

JANE, PETE = "jane@acme.example", "pete@acme.example"
OTHERS = 'system = "hubspot-eu"'


def check(crm: Office) -> list[str]:
    """What `check` says of the CRM."""
    agreement = crm.ledger.book.current
    return [each.says for each in crm.database.read_now(lambda tx: list(told_findings(tx, agreement)))]


async def looked(crm: Office) -> list[str]:
    """What `check` says once it has asked the CRM."""
    agreement = crm.ledger.book.current
    assert agreement.crm is not None
    known = crm.database.read_now(account_of, agreement)
    found = crm_findings(agreement.crm, lambda name: SECRETS.get(name or ""), {}, known)
    return [each.says async for each in found]


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


def as_another_portal(account: Account, _: Org) -> tuple[str, Callable[..., LoadedAgreement]]:
    """The token is of another portal now, where the known id is somebody else."""
    account.portal = 4711
    for contact in account.contacts.values():
        contact["email"] = "somebody@else.example"
    return account.url, with_hubspot


def as_another_org(_: Account, org: Org) -> tuple[str, Callable[..., LoadedAgreement]]:
    """The sandbox was made anew: the same address and client, and another organisation."""
    org.number, org.token = "00D5e000000OtherEAC", "00D!second"
    for lead in org.rows["Lead"].values():
        lead |= {"Email": "somebody@else.example", "Baton_Id__c": None}
    return org.url, with_salesforce


Becomes = Callable[[Account, Org], tuple[str, Callable[..., LoadedAgreement]]]


@pytest.mark.parametrize(
    ("become", "says", "system"),
    [
        pytest.param(
            as_another_portal,
            "This is HubSpot account 4711, and the ids known here are of account 62515. Connect 62515 again, "
            'or set system = "hubspot-4711" in [crm] to find each lead anew by e-mail',
            "hubspot-4711",
            id="hubspot",
        ),
        pytest.param(
            as_another_org,
            "This is Salesforce account 00D5e000000Othe, and the ids known here are of account "
            '00D5e000000Acme. Connect 00D5e000000Acme again, or set system = "salesforce-00d5e000000othe" '
            "in [crm] to find each lead anew by e-mail",
            "salesforce-00d5e000000othe",
            id="salesforce",
        ),
    ],
)
async def test_an_account_that_became_another_is_neither_written_nor_believed(
    database: Database,
    account: Account,
    org: Org,
    caplog: pytest.LogCaptureFixture,
    become: Becomes,
    says: str,
    system: str,
) -> None:
    there: Account | Org = account if become is as_another_portal else org
    make = with_hubspot if there is account else with_salesforce
    crm = office(database, make(there.url))
    async with crm.telling():
        handoff = await asyncio.to_thread(crm.ledger.handoff_comes, email=JANE)
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
    link = crm.link(crm.ledger.handoff(handoff).lead_id)
    assert link is not None
    assert check(crm) == []
    become(account, org)
    written = len(there.writes)
    async with crm.telling():
        crm.ledger.does(RILEY, touch, Touch(handoff, TouchKind.CALL))
        await until(lambda: crm.trouble() == says)
        assert await crm.asks() == 0
    assert len(there.writes) == written
    assert crm.backlog().parked == 0
    assert f"the CRM cannot be asked for its records: {says}" in caplog.text
    assert any(each.startswith(f"{says}. Waiting: ") for each in check(crm))
    assert f"{says}." in await looked(crm)
    assert says in page(crm.ledger, ADMIN).replace('\\"', '"')
    await crm.closes()
    crm.ledger.agrees(make(there.url, keys=f'system = "{system}"'))
    database.write_now(destinations.hurry, "crm", crm.clock.now())
    async with crm.telling():
        await until(crm.told)
    (new,) = {number for number, _ in there.writes[written:]}
    assert new != link.record
    assert crm.trouble() is None


@pytest.mark.parametrize("make", [with_hubspot, with_salesforce])
async def test_a_crm_that_does_not_tell_its_account_is_worked_with_and_check_says_so(
    database: Database, account: Account, org: Org, make: Callable[..., LoadedAgreement]
) -> None:
    account.scopes.discard("oauth")
    org.number = None
    there: Account | Org = account if make is with_hubspot else org
    crm = office(database, make(there.url))
    async with crm.telling():
        await crm.does(lambda: crm.ledger.handoff_comes(email=JANE))
    assert len(there.writes) == 1
    title = "HubSpot" if there is account else "Salesforce"
    says = f"{title} does not tell which account it is, so another one would go unnoticed. "
    (found,) = (each for each in await looked(crm) if each.startswith(says))
    assert "scope oauth" in found or "OAuth scope id" in found


async def test_before_there_are_ids_any_account_will_do(database: Database, account: Account) -> None:
    crm = office(database, with_hubspot(account.url))
    assert await crm.asks() == 0
    await crm.closes()
    crm.poller = None
    account.portal = 4711
    assert await crm.asks() == 0
    assert crm.trouble() is None
    assert "HubSpot account 4711 was reached" in (await looked(crm))[-1]
    await crm.closes()
