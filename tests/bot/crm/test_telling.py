"""What happens here is known there: HubSpot is told by its own API, and what goes wrong is said."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta

import pytest
from aiohttp import web

from bot.handoffs.accept import Accept, accept
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.reject import Reject, reject
from bot.handoffs.touch import Touch, touch
from bot.intake.sources import secrets_of
from storage.database import Database
from storage.models import Outcome, TouchKind
from tests.bot.crm.hubspot_account import TOKEN, Account
from tests.bot.crm.office import SECRETS, Office, office, until, with_hubspot
from tests.bot.ledger import RILEY, ROBIN


@pytest.fixture
def crm(database: Database, account: Account) -> Office:
    return office(database, with_hubspot(account.url))


def jane(crm: Office, number: int = 1) -> int:
    return crm.ledger.handoff_comes(external_id=f"x-{number}", email=f"jane{number}@acme.example")


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)
async def test_each_decision_is_written_to_the_contact(crm: Office, account: Account) -> None:
    contact = account.has(email="Jane1@acme.example", hs_lead_status="NEW")
    async with crm.telling():
        handoff = await asyncio.to_thread(jane, crm)
        await until(crm.told)
        assert account.contacts[contact]["hs_lead_status"] == "OPEN"
        assert account.contacts[contact]["baton_next_step"].startswith("Accept or reject by 20")
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
        assert account.contacts[contact]["hubspot_owner_id"] == "11"
        assert account.contacts[contact]["baton_note"] == "Accepted by Riley in Slack"
        await crm.does(lambda: crm.ledger.does(RILEY, touch, Touch(handoff, TouchKind.CALL)))
        won = Entered(amount="5000", currency="EUR")
        await crm.does(
            lambda: crm.ledger.does(RILEY, set_outcome, SetOutcome(handoff, Outcome.OPPORTUNITY, won))
        )
    row = account.contacts[contact]
    assert row["hs_lead_status"] == "OPEN_DEAL"
    assert row["baton_outcome"] == "opportunity"
    assert row["baton_amount"] == "5000.00"
    assert row["baton_first_touch"].endswith("Z")
    assert len(account.contacts) == 1
    written = [name for _, fields in account.writes for name in fields]
    assert written.count("hubspot_owner_id") == written.count("baton_first_touch") == 1


async def test_a_rejection_is_written_with_its_reason_and_who_gave_it(crm: Office, account: Account) -> None:
    contact = account.has(email="jane1@acme.example")
    async with crm.telling():
        handoff = await asyncio.to_thread(jane, crm)
        rejection = Reject(handoff, "bad_contact", note="The number is a fax")
        await crm.does(lambda: crm.ledger.does(ROBIN, reject, rejection))
    assert account.contacts[contact]["baton_reason"] == "Bad or missing contact data"
    assert account.contacts[contact]["baton_note"] == "Rejected by Robin in Slack: The number is a fax"


async def test_who_is_not_there_is_made_once_by_the_address(crm: Office, account: Account) -> None:
    async with crm.telling():
        handoff = await asyncio.to_thread(jane, crm)
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
    (row,) = account.contacts.values()
    assert (row["email"], row["firstname"], row["company"]) == ("jane1@acme.example", "Jane", "ACME")
    assert row["hs_lead_status"] == "IN_PROGRESS"


async def test_of_a_lead_that_sales_never_had_the_crm_hears_nothing(crm: Office, account: Account) -> None:
    async with crm.telling():
        await crm.does(lambda: crm.ledger.tells(external_id="x-9", email="low@acme.example"))
    assert account.contacts == {}
    assert account.calls == {}


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)
async def test_what_was_changed_there_meanwhile_is_a_conflict_and_stays(
    crm: Office, account: Account
) -> None:
    contact = account.has(email="jane1@acme.example")
    async with crm.telling():
        handoff = await asyncio.to_thread(jane, crm)
        await until(crm.told)
        account.sets(contact, hs_lead_status="BAD_TIMING")
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
        assert account.contacts[contact]["hs_lead_status"] == "BAD_TIMING"
        assert account.contacts[contact]["hubspot_owner_id"] == "11"
        event = crm.ledger.events(handoff)[-1]
        assert (event.kind, event.actor) == ("crm.conflict", "crm")
        assert event.detail["label"] == "lead status: “BAD_TIMING” in HubSpot, “IN_PROGRESS” here"
        await crm.does(lambda: crm.ledger.does(RILEY, touch, Touch(handoff, TouchKind.CALL)))
        assert crm.ledger.kinds(handoff).count("crm.conflict") == 1
        account.sets(contact, hs_lead_status="IN_PROGRESS")
        await crm.does(lambda: crm.ledger.does(RILEY, set_outcome, SetOutcome(handoff, Outcome.SQL)))
        link = crm.link(crm.ledger.handoff(handoff).lead_id)
        assert link is not None
        assert link.conflicts == {"hs_lead_status": ["CONNECTED", "IN_PROGRESS"]}
        account.sets(contact, hs_lead_status="CONNECTED")
        await crm.does(lambda: crm.ledger.does(RILEY, touch, Touch(handoff, TouchKind.CALL)))
    link = crm.link(crm.ledger.handoff(handoff).lead_id)
    assert link is not None
    assert link.conflicts == {}


async def test_an_owner_who_is_inactive_there_is_not_set_and_the_rest_is(
    crm: Office, account: Account
) -> None:
    contact = account.has(email="jane1@acme.example")
    async with crm.telling():
        handoff = await asyncio.to_thread(jane, crm)
        await crm.does(lambda: crm.ledger.does(ROBIN, accept, Accept(handoff)))
    assert "hubspot_owner_id" not in account.contacts[contact]
    assert account.contacts[contact]["baton_note"] == "Accepted by Robin in Slack"
    link = crm.link(crm.ledger.handoff(handoff).lead_id)
    assert link is not None
    assert link.trouble == "robin@acme-sales.example is inactive in HubSpot, so the owner was not set"


async def test_a_field_or_a_value_that_it_lacks_costs_that_field_only(
    database: Database, account: Account
) -> None:
    fields = '[crm.fields]\nnote = "batton_note"\n[crm.values.lead_status]\nsal = "HOT"\n'
    crm = office(database, with_hubspot(account.url, fields))
    contact = account.has(email="jane1@acme.example")
    async with crm.telling():
        handoff = await asyncio.to_thread(jane, crm)
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(handoff)))
    assert account.contacts[contact]["hubspot_owner_id"] == "11"
    link = crm.link(crm.ledger.handoff(handoff).lead_id)
    assert link is not None
    assert "HubSpot has no field batton_note; make it there, or change [crm.fields]" in (link.trouble or "")
    assert "does not take “HOT”; add it there, or change [crm.values]" in (link.trouble or "")
    assert crm.backlog().parked == 0


async def test_a_record_that_is_gone_is_parked_and_one_that_was_merged_is_followed(
    crm: Office, account: Account
) -> None:
    first, second = account.has(email="jane1@acme.example"), account.has(email="jane2@acme.example")
    other = account.has(email="j@acme.example")
    async with crm.telling():
        gone = await asyncio.to_thread(jane, crm, 1)
        merged = await asyncio.to_thread(jane, crm, 2)
        await until(crm.told)
        del account.contacts[first]
        account.merges(second, into=other)
        await asyncio.to_thread(crm.ledger.does, RILEY, accept, Accept(gone))
        await crm.does(lambda: crm.ledger.does(RILEY, accept, Accept(merged)))
    assert account.contacts[other]["hs_lead_status"] == "IN_PROGRESS"
    (parked,) = crm.parked()
    lead = crm.ledger.handoff(gone).lead_id
    assert parked.error == (
        f"HubSpot's record {first} for lead #{lead} is gone. Restore it there, then crm replay."
    )


async def test_two_records_of_one_person_are_parked_until_they_are_merged(
    database: Database, account: Account
) -> None:
    crm = office(database, with_hubspot(account.url, keys='system = "crm"'))
    one, two = account.has(email="jane@acme.example"), account.has(email="jane@home.example")
    async with crm.telling():
        crm.ledger.takes_in(external_id=one)
        await asyncio.to_thread(lambda: crm.ledger.takes_in(external_id=two, last_name="Doe"))
        await until(lambda: crm.backlog().parked > 0)
        assert f"HubSpot has several records for lead #1: {one} and {two}. Merge them there" in (
            crm.parked()[0].error or ""
        )


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (
            web.Response(status=200, text="<!DOCTYPE html><title>Log in</title>", content_type="text/html"),
            "web page",
        ),
        (web.Response(status=502, text="{}"), "HubSpot answered 502"),
        (web.Response(status=302, text=""), "redirects elsewhere"),
        (web.Response(status=200, text="ok"), "no JSON"),
        (web.Response(status=200, body=b"0" * 21_000_000), "more than 20 MB"),
    ],
)
async def test_what_is_no_answer_is_tried_again_and_named(
    crm: Office, account: Account, broken: web.Response, says: str
) -> None:
    account.broken = broken
    async with crm.telling():
        await asyncio.to_thread(jane, crm)
        await until(lambda: crm.trouble() is not None)
        assert says in (crm.trouble() or "")
    assert crm.backlog().pending >= 1
    assert crm.backlog().parked == 0


@pytest.mark.parametrize(
    "scope", ["crm.objects.contacts.write", "crm.objects.owners.read", "crm.schemas.contacts.read"]
)
async def test_a_scope_that_the_token_lacks_is_named_and_nothing_is_lost(
    crm: Office, account: Account, scope: str
) -> None:
    account.scopes.discard(scope)
    async with crm.telling():
        await asyncio.to_thread(jane, crm)
        await until(lambda: crm.trouble() is not None)
    assert f"it lacks the scope {scope}; add it in HubSpot under Settings" in (crm.trouble() or "")
    assert (crm.backlog().parked, crm.backlog().pending > 0) == (0, True)


async def test_a_token_that_is_not_known_is_said_by_its_variable(crm: Office, account: Account) -> None:
    account.broken = web.Response(status=401, text="{}", content_type="application/json")
    async with crm.telling():
        await asyncio.to_thread(jane, crm)
        await until(lambda: crm.trouble() is not None)
    assert crm.trouble() == "HubSpot rejected the token; put the app's access token into HUBSPOT_TOKEN"


async def test_after_a_day_away_everything_is_there_in_the_order_of_each_lead(
    crm: Office, account: Account
) -> None:
    contact = account.has(email="jane1@acme.example")
    account.broken = web.Response(status=503, text="{}")
    async with crm.telling():
        handoff = await asyncio.to_thread(jane, crm)
        await asyncio.to_thread(crm.ledger.does, RILEY, accept, Accept(handoff))
        await until(lambda: crm.trouble() is not None)
        crm.clock.jump(timedelta(days=1))
        account.broken = None
        await until(crm.told)
    assert account.contacts[contact]["hs_lead_status"] == "IN_PROGRESS"
    assert crm.backlog().parked == 0


@pytest.mark.parametrize("status", [400, 403, 409])
async def test_a_crm_that_quotes_the_token_puts_it_nowhere(
    crm: Office, account: Account, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    quoting = json.dumps({"message": f"The token {TOKEN} may not do that", "category": "MISSING_SCOPES"})
    account.broken = web.Response(status=status, text=quoting, content_type="application/json")
    async with crm.telling():
        await asyncio.to_thread(jane, crm)
        await until(lambda: crm.trouble() is not None or bool(crm.parked()))
    said = f"{crm.trouble()} {[each.error for each in crm.parked()]} {caplog.text}"
    assert "The token [secret] may not do that" in said
    assert TOKEN not in said


def test_no_log_may_show_its_secrets(crm: Office) -> None:
    assert secrets_of(crm.agreement.agreement, lambda name: SECRETS.get(name or "")) == (TOKEN,)
