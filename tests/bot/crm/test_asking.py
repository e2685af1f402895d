"""What somebody does in the CRM is known here: stages, owners, meetings and calls; and echoes do nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.agreement.loader import LoadedAgreement
from bot.crm.connection import Connections
from bot.crm.hubspot import SEARCHES_WITHIN, HubSpot
from bot.crm.port import Feed
from bot.handoffs.accept import Accept, accept
from storage import crm as storage
from storage import leads
from storage.database import Database
from storage.models import HandoffState, Stage, TouchKind
from tests.bot.crm.hubspot_account import TOKEN, Account
from tests.bot.crm.office import EMAILS, SECRETS, Office, office, until, with_hubspot, with_salesforce
from tests.bot.crm.salesforce_org import Org
from tests.bot.ledger import RILEY, ROBIN


@pytest.fixture(autouse=True)
def _searches_are_quick(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """What HubSpot allows in a second is waited for in one of the stories, and in none of the others."""
    monkeypatch.setattr("bot.crm.hubspot.SEARCHES_WITHIN", 0.02)
    account.searches_within = 0.01


@pytest.fixture
async def crm(database: Database, account: Account) -> AsyncIterator[Office]:
    made = office(database, with_hubspot(account.url))
    yield made
    await made.closes()


async def known_lead(crm: Office, account: Account, *, accepted: bool = True) -> tuple[int, str]:
    """A lead whose contact says what Baton says of it; gives the handoff and the contact."""
    contact = account.has(email="jane@acme.example")
    await crm.asks()
    async with crm.telling():
        handoff = await asyncio.to_thread(crm.ledger.handoff_comes)
        await until(crm.told)
        if accepted:
            await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
    return handoff, contact


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


async def test_what_baton_wrote_comes_back_and_does_nothing(crm: Office, account: Account) -> None:
    handoff, _ = await known_lead(crm, account)
    before = crm.ledger.events(handoff)
    assert await crm.asks() == 0
    assert crm.ledger.events(handoff) == before


async def test_a_stage_that_is_set_there_is_followed_and_stays_as_it_was_written(
    crm: Office, account: Account
) -> None:
    handoff, contact = await known_lead(crm, account, accepted=False)
    account.sets(contact, hs_lead_status="ATTEMPTED_TO_CONTACT", hubspot_owner_id="11")
    assert await crm.asks() == 1
    row = crm.ledger.handoff(handoff)
    assert (row.state, row.owner, row.accepted_by) == (HandoffState.ACCEPTED, RILEY, "crm")
    async with crm.telling():
        await crm.does(lambda: None)
    assert account.contacts[contact]["hs_lead_status"] == "ATTEMPTED_TO_CONTACT"
    account.sets(contact, hs_lead_status="OPEN_DEAL")
    await crm.asks()
    assert crm.ledger.lead_of(handoff).stage is Stage.OPPORTUNITY
    assert await crm.asks() == 0


async def test_a_deal_that_is_won_there_is_the_outcome_here(database: Database, account: Account) -> None:
    """HubSpot moves the lifecycle stage of a deal's contact: the agreement may name that as the status."""
    text = (Path(__file__).parents[3] / "docs" / "integrate.md").read_text(encoding="utf-8")
    (tables,) = re.findall(r'(\[crm\.fields\]\nlead_status = "lifecyclestage".*?)```', text, re.S)
    crm = office(database, with_hubspot(account.url, tables))
    contact = account.has(email="jane@acme.example")
    async with crm.telling():
        handoff = await asyncio.to_thread(crm.ledger.handoff_comes)
        await until(crm.told)
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
    assert account.contacts[contact]["lifecyclestage"] == "marketingqualifiedlead"
    await crm.asks()
    account.sets(contact, lifecyclestage="customer")
    assert await crm.asks() == 1
    await crm.closes()
    assert crm.ledger.lead_of(handoff).stage is Stage.WON


async def test_a_lead_that_joined_another_is_that_one(crm: Office, account: Account) -> None:
    handoff, contact = await known_lead(crm, account)
    other = crm.ledger.handoff_comes(external_id="x-2", email="jane@home.example")
    into = crm.ledger.handoff(other).lead_id
    crm.database.write_now(leads.change, crm.ledger.handoff(handoff).lead_id, {"merged_into": into})
    account.sets(contact, hs_lead_status="OPEN_DEAL")
    assert await crm.asks() == 1
    assert crm.ledger.lead_of(other).stage is Stage.OPPORTUNITY
    assert await crm.asks() == 0


async def test_another_owner_there_is_the_owner_here_and_is_told(crm: Office, account: Account) -> None:
    handoff, contact = await known_lead(crm, account)
    account.owners[1]["archived"] = False
    account.sets(contact, hubspot_owner_id="12")
    await crm.asks()
    assert crm.ledger.handoff(handoff).owner == ROBIN
    assert crm.ledger.lead_of(handoff).crm_owner == f"Robin ({EMAILS[ROBIN]})"
    assert [each.place for each in crm.ledger.messages("nag")][-1] == ROBIN
    async with crm.telling():
        await crm.does(lambda: None)
    assert account.contacts[contact]["hubspot_owner_id"] == "12"
    link = crm.link(crm.ledger.lead_of(handoff).id)
    assert link is not None
    assert link.conflicts == {}


async def test_an_owner_whom_nobody_here_is_and_a_status_that_means_nothing_are_shown(
    crm: Office, account: Account
) -> None:
    account.owner("77", "stranger@acme-sales.example")
    handoff, contact = await known_lead(crm, account)
    account.sets(contact, hubspot_owner_id="77", hs_lead_status="NEW")
    await crm.asks()
    labels = [each.detail["label"] for each in crm.ledger.events(handoff) if each.kind == "crm.conflict"]
    assert labels == [
        "owner: “Stranger” in HubSpot, “Riley” here",
        "lead status: “NEW” in HubSpot, “IN_PROGRESS” here",
    ]
    assert crm.database.read_now(storage.conflicts, "hubspot") == 1
    assert crm.ledger.handoff(handoff).owner == RILEY
    await crm.asks()
    assert crm.ledger.kinds(handoff).count("crm.conflict") == 2
    async with crm.telling():
        await crm.does(
            lambda: crm.ledger.takes_in(activities=[{"type": "webinar", "at": iso(crm.ledger.now)}])
        )
    assert account.contacts[contact]["hubspot_owner_id"] == "77"


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)
async def test_a_call_that_is_logged_there_is_the_first_touch_of_whoever_made_it(
    crm: Office, account: Account
) -> None:
    handoff, contact = await known_lead(crm, account)
    at = crm.ledger.now
    account.logs("calls", contact, hs_timestamp=iso(at), hs_call_status="COMPLETED", hubspot_owner_id="12")
    account.logs("calls", contact, hs_timestamp=iso(at), hs_call_status="NO_ANSWER", hubspot_owner_id="11")
    assert await crm.asks() == 1
    row = crm.ledger.handoff(handoff)
    assert (row.touch, row.touched_by, row.touched_at) == (TouchKind.CALL, ROBIN, at)
    assert crm.ledger.clock(handoff, "first_touch").met_by == ROBIN
    assert await crm.asks() == 0


async def test_a_meeting_is_booked_and_then_held_or_missed(crm: Office, account: Account) -> None:
    handoff, contact = await known_lead(crm, account)
    start = iso(crm.ledger.now + timedelta(minutes=1))
    told = {"hs_meeting_start_time": start, "hs_meeting_title": "Demo", "hubspot_owner_id": "11"}
    meeting = account.logs("meetings", contact, hs_meeting_outcome="SCHEDULED", **told)
    assert await crm.asks() == 1
    assert crm.ledger.handoff(handoff).touch is TouchKind.MEETING_BOOKED
    account.logs("meetings", contact, number=meeting, hs_meeting_outcome="NO_SHOW", **told)
    assert await crm.asks() == 1
    touched = [each.detail for each in crm.ledger.events(handoff) if each.kind == "lead.touched"]
    assert [each["touch"] for each in touched] == ["meeting_booked", "no_show"]
    assert touched[1]["by"] == RILEY
    account.logs("meetings", contact, hs_meeting_outcome="CANCELED", **told)
    assert await crm.asks() == 0


async def test_more_than_a_page_is_read_to_its_end_and_once(
    crm: Office, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.crm.hubspot.PAGE", 10)
    handoff, contact = await known_lead(crm, account)
    for second in range(23):
        at = iso(crm.ledger.now + timedelta(seconds=second / 10))
        account.logs("calls", contact, hs_timestamp=at, hs_call_status="COMPLETED")
    assert await crm.asks() == 23
    assert await crm.asks() == 0
    assert crm.ledger.kinds(handoff).count("lead.touched") == 23


async def test_what_was_broken_off_goes_on_and_counts_once(crm: Office, account: Account) -> None:
    handoff, contact = await known_lead(crm, account)
    for second in range(60):
        at = iso(crm.ledger.now + timedelta(seconds=second / 10))
        account.logs("calls", contact, hs_timestamp=at, hs_call_status="COMPLETED")
    asking = asyncio.create_task(crm.asks())
    await until(lambda: crm.ledger.kinds(handoff).count("lead.touched") >= 20)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await crm.asks()
    assert crm.ledger.kinds(handoff).count("lead.touched") == 60


async def test_a_lead_that_is_converted_in_salesforce_is_an_opportunity_here(
    database: Database, org: Org
) -> None:
    crm = office(database, with_salesforce(org.url))
    lead = org.has(Email="jane@acme.example", LastName="Doe", Company="ACME")
    await crm.asks()
    async with crm.telling():
        handoff = await asyncio.to_thread(crm.ledger.handoff_comes)
        await until(crm.told)
    at = crm.ledger.now
    call = {"TaskSubtype": "Call", "IsClosed": True, "Owner.Email": EMAILS[RILEY]}
    await asyncio.to_thread(crm.ledger.does, RILEY, accept, Accept(handoff))
    org.logs("Task", lead, CompletedDateTime=iso(at), **call)
    org.logs("Event", lead, StartDateTime=iso(at + timedelta(days=3)), Subject="Demo")
    org.sets(lead, IsConverted=True, ConvertedOpportunityId="006000000000001AAA", Status="Closed - Converted")
    await crm.asks()
    await crm.asks()
    await crm.closes()
    row = crm.ledger.handoff(handoff)
    assert (row.touch, row.touched_by) == (TouchKind.CALL, RILEY)
    assert crm.ledger.lead_of(handoff).stage is Stage.OPPORTUNITY
    touched = {each.detail["touch"] for each in crm.ledger.events(handoff) if each.kind == "lead.touched"}
    assert touched == {"call", "meeting_booked"}


async def test_what_is_logged_oddly_there_stops_nothing(crm: Office, account: Account) -> None:
    handoff, contact = await known_lead(crm, account)
    at = crm.ledger.now
    odd: tuple[dict[str, str], ...] = (
        {"hs_timestamp": "99999999999999999999"},
        {"hs_timestamp": "soon"},
        {"hs_timestamp": iso(at + timedelta(days=400))},
        {"hs_timestamp": "1700-01-01T00:00:00Z"},
        {"hs_timestamp": iso(at), "hs_call_title": "Call " * 5_000 + "\0\ud800"},
    )
    for each in odd:
        account.logs("calls", contact, hs_call_status="COMPLETED", hubspot_owner_id="11", **each)
    await crm.asks()
    row = crm.ledger.handoff(handoff)
    assert (row.touch, row.touched_at) == (TouchKind.CALL, at)
    assert crm.database.read_now(storage.feeds, "hubspot")[0].trouble is None
    assert crm.ledger.kinds(handoff).count("lead.touched") == 1


async def test_more_than_a_search_shows_is_read_by_the_next_one(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.crm.hubspot.DEEPEST", 100)
    monkeypatch.setattr("bot.crm.hubspot.SEARCHES_WITHIN", SEARCHES_WITHIN)
    account.deepest, account.searches_within = 200, 1.0
    there = HubSpot(TOKEN, "HUBSPOT_TOKEN", account.url)
    position, more, found = there.start(account.now), True, set[str]()
    known = {account.has(email=f"p{number}@acme.example") for number in range(450)}
    while more:
        page = await there.changes_since(Feed.RECORDS, position, [])
        position, more = page.position, page.more
        found |= {each.id for each in page.records}
    await there.close()
    assert found == known
    assert account.limited == []


@pytest.mark.parametrize("off", [timedelta(minutes=-20), timedelta(minutes=20)])
async def test_no_change_is_passed_over_whose_clock_is_behind_or_ahead(
    database: Database, account: Account, org: Org, off: timedelta
) -> None:
    for there, agreement in ((account, with_hubspot(account.url)), (org, with_salesforce(org.url))):
        there.now = datetime.now(UTC) + off
        crm = office(database, agreement)
        crm.ledger.agrees(agreement)
        table = crm.ledger.book.current.crm
        assert table is not None
        connection = Connections(SECRETS.get).to(table)
        await crm.asks()
        if isinstance(there, Account):
            there.has(email="jane@acme.example")
        else:
            there.has(Email="jane@acme.example", LastName="Doe", Company="ACME")
        row = database.read_now(storage.feed, f"{table.kind.value} records")
        assert row is not None
        page = await connection.crm.changes_since(Feed.RECORDS, row.position, [])
        assert [each.email for each in page.records] == ["jane@acme.example"]
        await connection.crm.close()
        await crm.closes()


@pytest.mark.parametrize("make", [with_hubspot, with_salesforce])
async def test_a_clock_that_is_set_back_there_loses_no_change_and_doubles_none(
    database: Database, account: Account, org: Org, make: Callable[..., LoadedAgreement]
) -> None:
    """Also where it is away at first; and what came before the clock was set back is ahead of it now."""
    there: Account | Org = account if make is with_hubspot else org
    crm = office(database, make(there.url))
    await crm.asks()
    record = there.has(**_JANE[make])
    async with crm.telling():
        handoff = await asyncio.to_thread(crm.ledger.handoff_comes)
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
    for number, by in enumerate((-5, 0, 20, 3)):
        there.now -= timedelta(minutes=by)
        there.broken = web.Response(status=503)
        assert await crm.asks() == 0
        there.broken = None
        at = iso(crm.ledger.now + timedelta(seconds=number))
        if there is account:
            account.logs("calls", record, hs_timestamp=at, hs_call_status="COMPLETED")
        else:
            org.logs("Task", record, TaskSubtype="Call", IsClosed=True, CompletedDateTime=at)
        there.sets(record)
        assert [await crm.asks(), await crm.asks()] == [1, 0]
    await crm.closes()
    assert crm.ledger.kinds(handoff).count("lead.touched") == 4


_JANE: dict[Callable[..., LoadedAgreement], dict[str, str]] = {
    with_hubspot: {"email": "jane@acme.example"},
    with_salesforce: {"Email": "jane@acme.example", "LastName": "Doe", "Company": "ACME"},
}
