from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.leadform import (
    ActivityForm,
    LeadFaults,
    LeadForm,
    field_of,
    read_lead,
    to_columns,
)
from bot.leadform.reading import MOST_OTHERS
from storage.models import Lead
from storage.models.values import LeadValues

NOW = datetime(2026, 11, 5, 14, 30, tzinfo=UTC)
WHO = {"email": "jane@example.com"}


def lead(**told: Any) -> LeadForm:
    return read_lead(WHO | told, now=NOW)


@pytest.mark.parametrize("order", [1, -1])
def test_a_record_is_about_the_invitee_and_not_about_who_invited(order: int) -> None:
    told = {
        "User Email": "riley@acme-sales.example",
        "User Name": "Riley Ross",
        "Invitee Email": "ines@lumen.example",
        "Invitee Name": "Ines Moreau",
    }
    form = read_lead(dict([*told.items()][::order]), now=NOW)
    assert (form.email, form.first_name, form.last_name) == ("ines@lumen.example", "Ines", "Moreau")
    assert form.extra == {"User Email": "riley@acme-sales.example", "User Name": "Riley Ross"}


def faults(raw: object) -> dict[str, str]:
    with pytest.raises(LeadFaults) as caught:
        read_lead(raw, now=NOW)
    return {fault.field: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Email Address", "email"),
        ("E-mail", "email"),
        ("EMAIL_ADDRESS", "email"),
        ("First Name", "first_name"),
        ("firstname", "first_name"),
        ("Surname", "last_name"),
        ("Company Name", "company"),
        ("Account", "company"),
        ("Job Title", "title"),
        ("Lead Source", "source"),
        ("utm_campaign", "campaign"),
        ("# Employees", "employees"),
        ("Number of Employees", "employees"),
        ("No. of Employees", "employees"),
        ("Country/Region", "country"),
        ("State/Province", "region"),
        ("Website URL", "domain"),
        ("Company Domain Name", "domain"),
        ("Mobile Phone Number", "phone"),
        ("Record ID - Contact", "external_id"),
        ("Lead ID", "external_id"),
        ("CRM URL", "crm_url"),
        ("Lead Owner", "owner"),
        ("Close Date", "closed_at"),
        ("Favourite colour", None),
        ("#", None),
        ("e" * 1000, None),
    ],
)
def test_a_field_is_known_by_the_names_that_exports_give_it(name: str, field: str | None) -> None:
    assert field_of(name) == field


def test_a_whole_record_is_read_under_human_names() -> None:
    form = read_lead(
        {
            "Email Address": " Jane+q4@Example.COM ",
            "First Name": "Jane",
            "Company Name": "Müller & Söhne",
            "# Employees": "1,200",
            "Lead Source": "Web",
            "Favourite colour": "green",
            "Phone": "",
        },
        now=NOW,
    )
    assert form == LeadForm(
        email="Jane+q4@example.com",
        first_name="Jane",
        company="Müller & Söhne",
        employees=1200,
        source="Web",
        extra={"Favourite colour": "green"},
    )
    assert form.model_fields_set == {"email", "first_name", "company", "employees", "source", "extra"}


@pytest.mark.parametrize("empty", [None, "", "  ", "\0", "\u200b", [], {}])
def test_an_empty_value_is_an_unset_field(empty: Any) -> None:
    form = lead(title=empty, employees=empty, activities=empty, colour=empty)
    assert form.model_fields_set == {"email"}


@pytest.mark.parametrize(
    "written",
    [
        *("Select", "Select…", "-- Select --", "Please choose", "Please select one...", "Choose an option"),
        *("N/A", "#N/A", "n/a", "None", "--None--", "-", "--", "—", "?", "Unknown", "[not provided]", "null"),
    ],
)
@pytest.mark.parametrize(
    "field", ["title", "company", "source", "phone", "employees", "closed_at", "qualified", "activities", "x"]
)
def test_what_forms_and_exports_write_for_nothing_is_no_value(field: str, written: str) -> None:
    assert lead(**{field: written}).model_fields_set == {"email"}


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("last_name", "Null"),
        ("last_name", "Nan"),
        ("country", "NA"),
        ("company", "Select Comfort"),
        ("x", "0"),
    ],
)
def test_a_value_that_only_looks_like_none_is_kept(field: str, written: str) -> None:
    form = lead(**{field: written})
    assert written in (getattr(form, field, None), form.extra.get(field))


def test_no_and_zero_are_told() -> None:
    form = lead(qualified=False, employees=0, amount=0)
    assert (form.qualified, form.employees, form.amount) == (False, 0, Decimal("0.00"))


@pytest.mark.parametrize(
    ("raw", "phone", "extra"),
    [
        ({"Mobile": "555-0101", "Phone": "555-0102"}, "555-0102", {"Mobile": "555-0101"}),
        ({"Phone": "555-0102", "Mobile": "555-0101"}, "555-0102", {"Mobile": "555-0101"}),
        ({"Mobile": "555-0101", "Tel": "555-0102"}, "555-0101", {"Tel": "555-0102"}),
        ({"Mobile": "", "Tel": "555-0102"}, "555-0102", {}),
        ({"Phone": " ", "Tel": "555-0102"}, "555-0102", {}),
        ({"Tel": "555-0102", "phone": "555-0102"}, "555-0102", {}),
    ],
)
def test_of_two_names_of_one_field_its_own_wins_then_the_first_that_is_told(
    raw: dict[str, str], phone: str, extra: dict[str, str]
) -> None:
    form = lead(**raw)
    assert (form.phone, form.extra) == (phone, extra)


def test_a_bare_id_counts_only_where_nothing_else_says_who_it_is() -> None:
    assert read_lead({"Id": 7}, now=NOW).external_id == "7"
    with_mail = lead(Id=7)
    assert (with_mail.external_id, with_mail.extra) == (None, {"Id": "7"})


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ({"Name": "Mary Ann Smith"}, ("Mary Ann", "Smith")),
        ({"Full Name": "Smith, Jane"}, ("Jane", "Smith")),
        ({"Name": "Cher"}, ("Cher", None)),
        ({"Name": "J. Smith", "First Name": "Jane"}, ("Jane", None)),
    ],
)
def test_a_name_in_one_cell_is_taken_apart(raw: dict[str, str], names: tuple[str, str | None]) -> None:
    form = lead(**raw)
    assert (form.first_name, form.last_name) == names
    assert "Name" not in form.extra or "First Name" in raw


def test_every_bad_field_is_named_at_once() -> None:
    raw = {"E-mail": "nope", "Amount": "x", "Employees": "y", "activities": ["fine", {"at": "z"}, 7]}
    told = faults(raw)
    assert set(told) == {
        "email",
        "amount",
        "employees",
        "activities[1].type",
        "activities[1].at",
        "activities[2].type",
    }
    assert all(len(message) < 160 for message in told.values())


def test_a_fault_never_quotes_an_address() -> None:
    assert "jane" not in faults({"email": "jane.doe@@secret.example"})["email"].replace(
        "jane@example.com", ""
    )


@pytest.mark.parametrize("raw", [[], "text", 5, None])
def test_what_is_no_record_is_refused_in_words(raw: object) -> None:
    assert "must be an object" in faults(raw)["lead"]


def test_a_record_needs_an_e_mail_or_an_external_id() -> None:
    assert faults({"first_name": "Jane"}) == {"email": "is missing; give an e-mail address or an external_id"}


def test_activities_come_as_objects_text_or_json() -> None:
    expected = (
        ActivityForm(type="demo_request", at=NOW, dated=False),
        ActivityForm(type="webinar_attended", at=NOW - timedelta(days=1), detail="Q4\nroom: 3"),
    )
    items = [
        "Demo Request",
        {"Type": "WebinarAttended", "Date": "2026-11-04T14:30Z", "details": "Q4", "room": 3},
    ]
    assert lead(activities=items).activities == expected
    assert lead(activities=json.dumps(items)).activities == expected
    assert lead(activities=items[1]).activities == expected[1:]


def test_a_cell_may_name_activities_and_their_moments() -> None:
    yesterday = NOW - timedelta(days=1)
    form = lead(**{"Activity": "Demo Request; webinar @ 2026-11-01", "Activity Date": yesterday})
    assert [(each.type, each.at.day) for each in form.activities] == [("demo_request", 4), ("webinar", 1)]


def test_a_close_that_lies_ahead_is_a_forecast_unless_it_is_said_to_have_happened() -> None:
    form = lead(stage="opportunity", closed_at="2027-01-31")
    assert (form.closed_at, form.extra) == (None, {"closed_at": "2027-01-31"})
    assert "lies in the future" in faults(WHO | {"stage": "won", "closed_at": "2027-01-31"})["closed_at"]


def test_unknown_fields_are_kept_as_text_whatever_they_hold() -> None:
    form = lead(score=7.0, tags=["a", {"b": None}], extra={"seen": "before"}, huge=10**5000)
    assert form.extra == {"score": "7", "tags": '["a", {"b": null}]', "seen": "before", "huge": "…"}


def test_columns_are_the_told_fields_and_their_keys() -> None:
    form = lead(
        company="Müller GmbH", website="https://www.mueller.example/de", external_id="7", qualified="yes"
    )
    columns = to_columns(form)
    assert columns == {
        "email": "jane@example.com",
        "email_key": "jane@example.com",
        "company": "Müller GmbH",
        "company_key": "muller",
        "domain": "mueller.example",
        "company_domain": "mueller.example",
        "qualified": True,
    }
    assert columns.keys() <= Lead.model_fields.keys()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        *LeadForm.model_fields,
        "Name",
        "Id",
        "Company Size",
        "Last Activity",
        "Last Activity Date",
        "activity at",
    ]
)
NAMES = FIELDS | st.text(st.characters(), max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=8), st.sampled_from([{}, WHO]))
def test_no_record_raises_anything_but_faults_and_what_is_read_can_be_stored(
    raw: dict[str, Any], who: dict[str, str]
) -> None:
    columns: LeadValues = {}
    with suppress(LeadFaults):
        columns = to_columns(read_lead(raw | who, now=NOW))
    extra: dict[str, str] = columns.pop("extra", {})
    text = "".join([*map(str, columns.values()), *extra, *extra.values()])
    assert "\0" not in text
    assert text.encode("utf-8").decode() == text  # a lone surrogate has no UTF-8


def test_of_fields_that_nobody_knows_the_first_thousand_are_kept() -> None:
    form = read_lead(WHO | {f"k{n}": n for n in range(5_000)}, now=NOW)
    assert (len(form.extra), form.extra["k999"]) == (MOST_OTHERS, "999")
    assert form.remarks == (
        "Of the fields that Baton does not know the first 1,000 were kept, and 4,000 left out",
    )
    assert len(read_lead(WHO | {f"token {n}": n for n in range(5_000)}, now=NOW).remarks) == MOST_OTHERS


def test_a_record_as_deep_as_a_parser_lets_through_is_no_trouble() -> None:
    deep: Any = json.loads("[" * 500 + "]" * 500)
    assert lead(colour=deep).extra.keys() == {"colour"}
    assert faults(WHO | {"title": deep, "activities": deep}).keys() == {"title", "activities[0].type"}
