"""A field of a lead is declared once, and stands at every door and wherever all of a lead is shown."""

from __future__ import annotations

from dataclasses import Field, fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column

from bot.agreement.intake import LEAD_KEYS
from bot.leadform import LEAD_FIELDS, LeadForm, field_of, read_lead
from bot.lookups.api_lead import SUMMARY, LeadDetails
from bot.lookups.cards import AS_STORED
from bot.views.people import contact
from bot.views.states import LeadFacts
from handlers.http.shapes import lead_schema
from storage.erasing import ERASED
from storage.models import LeadFields, leads
from tests.bot.views import samples

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
ELSEWHERE = {"external_id", "activities", "stage", "closed_at"}  # tables of their own, or moves
STORED_AS = {"amount": "amount_minor", "owner": "crm_owner"}


@pytest.mark.parametrize("name", [name for name in LEAD_FIELDS if name not in ELSEWHERE])
def test_a_declared_field_is_stored_written_and_read_by_other_systems(name: str) -> None:
    assert STORED_AS.get(name, name) in leads.c
    assert STORED_AS.get(name, name) in LeadDetails.model_fields or name == "amount"
    assert name in {*SUMMARY, "amount", "extra"}, "other tools are told with each event"
    assert name in {*LEAD_KEYS, "extra"}, "a source may set it"


@pytest.mark.parametrize("name", LeadFields.model_fields)
def test_a_field_that_is_stored_as_it_comes_stands_at_every_door_by_its_declaration(name: str) -> None:
    assert name in LeadForm.model_fields
    assert name in LEAD_FIELDS
    assert {name, *SUMMARY} == {*SUMMARY}
    assert name in LEAD_KEYS
    assert (name in ERASED[leads.name]) is (name not in ("employees", "source", "campaign", "currency"))


@pytest.mark.parametrize("name", AS_STORED)
def test_a_fact_of_a_lead_is_read_from_its_column(name: str) -> None:
    assert fits_together(leads.c[name], next(each for each in fields(LeadFacts) if each.name == name))


def fits_together(column: Column[Any], fact: Field[Any]) -> bool:
    return column.nullable == str(fact.type).endswith("| None")


@pytest.mark.parametrize("name", LEAD_FIELDS)
def test_a_declared_field_is_known_by_its_aliases_and_described(name: str) -> None:
    assert lead_schema()["properties"][name]["description"] == LEAD_FIELDS[name].about
    for alias in filter(None, LEAD_FIELDS[name].aliases.split(",")):
        assert field_of(alias.strip()) == name, alias


def test_every_field_of_the_form_is_declared() -> None:
    assert LEAD_FIELDS.keys() == LeadForm.model_fields.keys()


@pytest.mark.parametrize("column", ["linkedin_url", "LinkedIn Profile", "Person Linkedin Url"])
def test_a_linkedin_profile_is_taken_from_files_and_stands_on_the_card(column: str) -> None:
    form = read_lead({"email": "jane@acme.example", column: "linkedin.com/in/jane"}, now=NOW)
    assert form.linkedin_url is not None
    shown = contact(replace(samples.JANE, linkedin_url=form.linkedin_url))
    assert "|LinkedIn>" in shown
