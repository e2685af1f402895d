"""How a source's own words are carried out: paths, constants, tables; what is left out, what is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.agreement.intake import Intake
from bot.intake import PRESETS, Source, Unreadable, parsed, parsed_text, read_record, records_of
from bot.intake.explaining import explained
from bot.intake.functions import Unmapped, search
from bot.leadform import LeadFaults, LeadForm
from tests.bot.intake.signing import SECRET

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
ADA = {"email": "ada@fabrikam.example", "name": "Ada Lind"}


def source(preset: str = "plain", **more: Any) -> Source:
    return Source(Intake.model_validate({"name": "s", "preset": preset, "secret_env": "S", **more}), SECRET)


def lead(raw: Any, **more: Any) -> LeadForm:
    found = read_record(source(**more), raw, NOW).lead
    assert isinstance(found, LeadForm), found
    return found


def test_a_path_of_the_source_is_before_the_presets_and_that_before_the_senders_own_name() -> None:
    raw = {"Id": "1", "Company": "Theirs", "other": {"company": "Ours"}, "LastName": "Lind"}
    assert lead(raw, preset="salesforce_flow").company == "Theirs"
    assert lead(raw, preset="salesforce_flow", fields={"company": "other.company"}).company == "Ours"


def test_a_path_that_finds_nothing_takes_nothing_away() -> None:
    assert lead({**ADA, "company": "Fabrikam"}, fields={"company": "nowhere.at.all"}).company == "Fabrikam"


def test_a_path_that_breaks_costs_its_field_and_is_told() -> None:
    found = lead(ADA, fields={"company": "join(', ', email)"})
    assert (found.company, found.email) == (None, ADA["email"])
    assert any("company: join" in remark for remark in found.remarks)


def test_a_constant_is_the_same_for_every_lead() -> None:
    found = lead({**ADA, "campaign": "other"}, constants={"campaign": "q4", "activity": "demo_request"})
    assert (found.campaign, [each.type for each in found.activities]) == ("q4", ["demo_request"])


@pytest.mark.parametrize("name", ["country", "Country/Region", "land"])
def test_a_table_of_values_is_by_field_whatever_the_sender_calls_it(name: str) -> None:
    found = lead({**ADA, name: " deutschland "}, values={"country": {"Deutschland": "DE"}})
    assert found.country == "DE"


def test_a_table_of_values_may_be_of_the_senders_own_name() -> None:
    found = lead({**ADA, "plan": "p1"}, values={"plan": {"P1": "Professional"}})
    assert found.extra == {"plan": "Professional"}


def test_secrets_are_nowhere_whatever_key_bore_them() -> None:
    raw = {**ADA, "api_key": "x", "hint": f"it is {SECRET}!", "deep": {"access_token": "y", "z": [SECRET]}}
    read = read_record(source(), raw, NOW)
    for said in (str(read.raw), str(read.lead), str(read.mapped)):
        assert SECRET not in said
        assert "access_token" not in said
    assert isinstance(read.lead, LeadForm)
    assert read.lead.extra["hint"] == "it is [secret]!"


def test_a_list_is_many_leads_at_any_depth() -> None:
    assert records_of(source(), [ADA, [ADA], {"id": 1}]) == [ADA, ADA, {"id": 1}]
    assert records_of(source("salesforce_flow"), [{"records": [ADA, ADA]}, ADA]) == [ADA, ADA, ADA]
    assert records_of(source(), []) == []


@pytest.mark.parametrize("raw", [None, 7, "x", True, [1]])
def test_what_is_no_object_is_no_lead(raw: Any) -> None:
    assert isinstance(read_record(source(), raw, NOW).lead, LeadFaults)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"properties": 7, "form-submissions": "x"},
        {"payload": [], "data": "x", "current": 3, "meta": "m", "entry": {}},
        {"form_response": {"answers": {"a": 1}, "definition": None}, "user_column_data": [1, {}, None]},
        {"traits": [], "context": 1, "formResponse": {"answers": [{"answerDetails": 3}]}, "field_data": [{}]},
        {"Envelope": None, "records": None, "elements": 4, "leadgen_id": [], "is_test": "no"},
    ],
)
def test_no_preset_breaks_on_what_it_did_not_expect(preset: str, raw: Any) -> None:
    extra = {"verify_token_env": "V"} if preset == "meta_leadgen" else {}
    for each in records_of(source(preset, **extra), raw):
        read_record(source(preset, **extra), each, NOW)


def test_each_field_says_where_it_is_from() -> None:
    raw = {**ADA, "Job Title": "CTO", "shoe": "43"}
    told = {
        each.field: (each.value, each.origin)
        for each in explained(read_record(source(constants={"campaign": "q4"}), raw, NOW))
    }
    assert told["title"] == ("CTO", "as “Job Title”")
    assert told["first_name"] == ("Ada", "as “name”")
    assert told["campaign"] == ("q4", "the same for every lead")
    assert told["(shoe)"] == ("43", "as “shoe”")


# What a body is


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b'\xef\xbb\xbf{"a": 1}', "", {"a": 1}),
        (b'{"a": 1}', "application/x-www-form-urlencoded", {"a": 1}),
        (b"a=1&b=&a=2", "application/x-www-form-urlencoded", {"a": ["1", "2"], "b": ""}),
        (b"a=M%FCller", "application/x-www-form-urlencoded; charset=latin-1", {"a": "Müller"}),
        (b"<a><b>1</b><b>2</b><c/></a>", "text/xml", {"a": {"b": ["1", "2"], "c": None}}),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            {"a": "1"},
        ),
    ],
)
def test_a_body_is_read_by_what_it_is(body: bytes, kind: str, says: Any) -> None:
    assert parsed(body, kind) == says


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[NaN]", ""),
        (b"[" * 100_000, ""),
        (b"<a>" * 50_000, ""),
        (b"<a>" * 60 + b"</a>" * 60, ""),
        (b"&".join(b"a=1" for _ in range(1001)), "application/x-www-form-urlencoded"),
        (b"a=%FF", "application/x-www-form-urlencoded; charset=no-such-charset"),
        (b"nothing", "multipart/form-data"),
    ],
)
def test_a_body_that_cannot_be_read_is_said_to_be_none(body: bytes, kind: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parsed(body, kind)
    assert caught.value.faults[0].field == "body"


def test_a_text_that_was_kept_is_read_whatever_it_was() -> None:
    assert parsed_text("a=1&b=2") == {"a": "1", "b": "2"}
    assert parsed_text('{"a": 1}') == {"a": 1}


def test_functions_take_nothing_for_nothing() -> None:
    assert search("named(a, 'v', 'n')", {}) == {}
    assert search("answered(a, b)", {}) == {}
    assert search("merged(a, unwrapped(b), scalars(c))", {}) == {}
    with pytest.raises(Unmapped):
        search("named(@)", {})


def test_of_several_names_an_item_goes_by_the_one_that_is_a_field() -> None:
    items = [{"id": "q7", "label": "Email", "v": "a@b.c"}, {"id": "q8", "label": "Shoe", "v": ["1", "2"]}]
    assert search("named(@, 'v', 'id', 'label')", items) == {"Email": "a@b.c", "q8": "1, 2"}
