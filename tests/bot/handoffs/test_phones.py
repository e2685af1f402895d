"""A phone number without a country code is dialled where the lead is, whichever record says where that is."""

from __future__ import annotations

from typing import Any

import pytest

from bot.handoffs import Reject, reject, take_in
from bot.handoffs.dispute import correct
from bot.leadform import read_lead
from bot.lookups.details import details_of
from bot.views.details import details_modal
from storage import leads
from storage.database import Database
from storage.models import Lead
from tests.bot.ledger import JANE, MARKETER, RILEY, Ledger
from tests.bot.views.reading import texts

NAMED: dict[str, Any] = {"first_name": "Rosa", "last_name": "Kern"}
ROSA = {**NAMED, "external_id": "7", "email": "rosa@birke.example"}
NATIONAL, ABROAD = "030 1234567", "+49 30 1234567"


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def lead_of(ledger: Ledger, lead_id: int) -> Lead:
    lead = ledger.database.read_now(leads.get, lead_id)
    assert lead is not None
    return lead


@pytest.mark.parametrize(
    "records",
    [
        [{"phone": NATIONAL, "country": "DE"}],
        [{"country": "Deutschland"}, {"phone": NATIONAL}],
        [{"phone": NATIONAL}, {"country": "Germany"}],
        [{"phone": NATIONAL}, {"phone": ABROAD}],
        [{"phone": NATIONAL, "country": "FR"}, {"country": "DE"}, {"phone": ABROAD}],
    ],
)
def test_a_national_number_finds_the_person_who_calls_from_it(
    ledger: Ledger, records: list[dict[str, str]]
) -> None:
    for record in records:
        lead_id = ledger.tells(**ROSA, **record).id
    assert lead_of(ledger, lead_id).phone_key == "+49301234567"
    badge = read_lead({**NAMED, "phone": "0049 30 1234567"}, now=ledger.now, least=("phone",))
    assert ledger.does("api:fair", take_in, badge).id == lead_id


def test_the_number_written_otherwise_is_no_other_and_no_news(ledger: Ledger) -> None:
    lead_id = ledger.tells(**ROSA, country="DE", phone=ABROAD).id
    before = lead_of(ledger, lead_id)
    ledger.tells(**ROSA, phone=NATIONAL)
    assert lead_of(ledger, lead_id) == before


def test_a_rejection_of_the_number_is_not_answered_by_writing_it_otherwise(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(country="DE", phone=ABROAD)
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact", note="nobody there"))
    assert not ledger.tells(**JANE, phone=NATIONAL).handed_off
    assert "answer" in ledger.running(handoff_id)
    assert ledger.tells(**JANE, phone="030 7654321").handed_off


def test_a_number_that_a_person_corrects_is_found_by_it(ledger: Ledger) -> None:
    lead_id = ledger.tells(**ROSA, country="DE", phone="030 7654321").id
    ledger.does(MARKETER, correct, lead_id, {"phone": NATIONAL})
    assert lead_of(ledger, lead_id).phone_key == "+49301234567"


@pytest.mark.parametrize("written", ["call me", "ask for Rosa", "0170-CALLROSA-NOW", "+49 abc"])
def test_letters_in_place_of_a_number_cost_the_number_and_not_the_lead(ledger: Ledger, written: str) -> None:
    taken = ledger.tells(**ROSA, phone=written)
    said = f'phone: "{written}" is not a phone number; write it like +1 617 555 0101'
    assert taken.notes == (f"{said}; it was kept with the other fields",)
    assert lead_of(ledger, taken.id).phone is None
    shown = "\n".join(texts(details_modal(ledger.does(MARKETER, details_of, taken.id), ledger.now)))
    assert "rosa@birke.example" in shown
    assert "*Other fields*" in shown
    assert f"• phone: {written}" in shown


def test_a_number_spelt_in_letters_as_americans_do_is_a_number(ledger: Ledger) -> None:
    taken = ledger.tells(**ROSA, country="US", phone="1-800-FLOWERS")
    assert (lead_of(ledger, taken.id).phone, taken.notes) == ("+18003569377", ())
