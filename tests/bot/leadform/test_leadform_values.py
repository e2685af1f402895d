from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform import LeadFaults, LeadForm, read_lead, to_columns
from bot.leadform.text import BadValue
from bot.leadform.values import email
from storage.models import Stage

NOW = datetime(2026, 11, 5, 14, 30, tzinfo=UTC)
WHO = {"email": "jane@example.com"}


def lead(**told: Any) -> LeadForm:
    return read_lead(WHO | told, now=NOW)


def faults(raw: object) -> dict[str, str]:
    with pytest.raises(LeadFaults) as caught:
        read_lead(raw, now=NOW)
    return {fault.field: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("written", "count", "as_written"),
    [
        (250, 250, None),
        (250.0, 250, None),
        ("1,200", 1200, None),
        ("1.200", 1200, None),
        ("1 200", 1200, None),
        ("250.0", 250, None),
        ("5k", 5000, None),
        ("200-500", 200, "200-500"),
        ("1,001 \u2013 5,000 employees", 1001, "1,001 \u2013 5,000 employees"),
        ("500 to 200", 200, "500 to 200"),
        ("201+", 201, "201+"),
        ("> 1000", 1000, "> 1000"),
        ("under 50", 1, "under 50"),
    ],
)
def test_a_head_count_may_be_a_range(written: Any, count: int, as_written: str | None) -> None:
    form = lead(employees=written)
    assert form.employees == count
    assert form.extra.get("employees") == as_written


def test_a_size_in_words_is_kept_and_costs_nobody_the_lead() -> None:
    form = lead(**{"Employee Range": "Mid-market", "Website": "coming soon"})
    assert form.extra == {"Employee Range": "Mid-market", "Website": "coming soon"}
    assert lead(**{"Employee Range": "11-50"}).employees == 11


@pytest.mark.parametrize(
    ("written", "number", "unit"),
    [
        (12000, "12000.00", None),
        (0.1 + 0.2, "0.30", None),
        ("12,000.50", "12000.50", None),
        ("12,000", "12000.00", None),
        ("€ 12.000,50", "12000.50", "EUR"),
        ("12 000,5 EUR", "12000.50", "EUR"),
        ("CHF 1'200.00", "1200.00", "CHF"),
        ("$1,234,567", "1234567.00", None),
        ("1.234.567", "1234567.00", None),
        ("0.005", "0.01", None),
        ("12.3456", "12.35", None),
        ("1.2e4", "12000.00", None),
        ("9999999999999.99", "9999999999999.99", None),
    ],
)
def test_an_amount_is_read_however_it_is_written(written: Any, number: str, unit: str | None) -> None:
    form = lead(amount=written)
    assert (form.amount, form.currency) == (Decimal(number), unit)
    assert to_columns(form)["amount_minor"] == Decimal(number) * 100


def test_a_currency_that_is_told_outweighs_the_one_in_the_amount() -> None:
    assert lead(amount="€ 5", currency="usd").currency == "USD"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-05T14:30:00Z", NOW),
        ("2026-11-05T15:30:00.000+0100", NOW),
        ("2026-11-05 14:30", NOW),
        ("2026-11-05 14:30 UTC", NOW),
        ("2026-11-05", NOW.replace(hour=0, minute=0)),
        ("2026/11/05", NOW.replace(hour=0, minute=0)),
        (1793889000, NOW),
        ("1793889000", NOW),
        (1793889000000, NOW),
        (NOW, NOW),
    ],
)
def test_a_moment_is_read_as_utc(written: Any, moment: datetime) -> None:
    assert lead(closed_at=written).closed_at == moment


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("https://crm.example/lead/1", "https://crm.example/lead/1"),
        ("acme.lightning.force.com/00Q1", "https://acme.lightning.force.com/00Q1"),
        ("crm.example:8443?lead=1", "https://crm.example:8443?lead=1"),
    ],
)
def test_a_link_may_lack_its_scheme(written: str, link: str) -> None:
    assert lead(crm_url=written).crm_url == link


@pytest.mark.parametrize(
    ("written", "answer"),
    [("yes", True), ("TRUE", True), (1, True), ("1", True), ("x", True), ("No", False), (0, False)],
)
def test_yes_and_no_come_in_many_words(written: Any, answer: bool) -> None:
    assert lead(qualified=written).qualified is answer


@pytest.mark.parametrize(
    ("written", "stage"), [("Closed Won", Stage.WON), ("SQL", Stage.SQL), ("recycled", Stage.RECYCLED)]
)
def test_a_stage_may_be_set_by_a_common_name(written: str, stage: Stage) -> None:
    assert lead(stage=written).stage is stage


BAD_VALUES: list[tuple[str, Any, str]] = [
    ("email", "nope", "write one, like jane@example.com"),
    ("email", "a@x.com; b@x.com", "is not an e-mail address"),
    ("email", "<!channel>", "is not an e-mail address"),
    ("email", "a" * 400 + "@example.com", "is longer than 320 characters"),
    ("email", ["jane@example.com"], "must be text"),
    ("external_id", "x" * 201, "is longer than 200 characters"),
    ("employees", "many", '"many" is not a head count; write a whole number like 250'),
    ("employees", -1, "is not a head count"),
    ("employees", 12.5, "is not a head count"),
    ("employees", 10**8, "is more than any company employs"),
    ("amount", "a lot", "write a plain number"),
    ("amount", -1, "is below zero"),
    ("amount", "(500)", "is below zero"),
    ("amount", "12.000", "can be read two ways; write 12000 or 12.00"),
    ("amount", "12 dozen", "is not an amount"),
    ("amount", float("nan"), "must be less than"),
    ("amount", 10**13, "must be less than"),
    ("amount", True, "must be a number"),
    ("currency", "dollars", 'write its three letters, like "USD"'),
    ("crm_url", "javascript:alert(1)", "is not a web link; write it whole, starting with https://"),
    ("crm_url", "https://", "is not a web link"),
    ("crm_url", "https://[oops", "is not a web link"),
    ("crm_url", "https://example.com/" + "x" * 2000, "send a shorter link"),
    ("qualified", "perhaps", "write true or false"),
    ("stage", "mql", "write one of sal, sql, opportunity, won, lost, recycled, disqualified"),
    ("closed_at", "next week", "write it like 2026-11-05T14:30:00Z"),
    ("closed_at", "1899-12-30", "lies before 1970"),
    ("closed_at", float("inf"), "is not a date or time"),
    ("first_name", {"given": "Jane"}, "must be text, not a list or an object"),
    ("activities", 5, "must be a list"),
    ("activities", "[oops", "is not valid JSON"),
    ("activities", [{"type": "x"}] * 20_001, "are more than 20,000"),
]


@pytest.mark.parametrize(("field", "value", "remedy"), BAD_VALUES)
def test_a_bad_value_is_named_with_its_remedy(field: str, value: Any, remedy: str) -> None:
    told = faults(WHO | {"external_id": "1", field: value})
    assert list(told) == [field]
    assert remedy in told[field]


def test_text_loses_what_a_database_or_a_reader_trips_over() -> None:
    form = lead(
        first_name="Ja\0ne\u202e", last_name="D\ud800oe\n", notes="one\r\ntwo\x07", **{"a\0b": "\ud800"}
    )
    assert (form.first_name, form.last_name, form.notes) == ("Jane", "D\ufffdoe", "one\ntwo")
    assert form.extra == {"ab": "\ufffd"}
    json.dumps(form.model_dump(mode="json")).encode("utf-8")


def test_long_text_is_cut_where_it_ends_in_dots() -> None:
    form = lead(company="x" * 300, notes="y" * 20_000, colour="z" * 20_000)
    assert form.company == "x" * 254 + "…"
    assert form.notes is not None
    assert (len(form.notes), len(form.extra["colour"])) == (10_000, 10_000)


@given(
    local=st.text("aZ9._+-", min_size=1, max_size=12),
    domain=st.text("aZ9-.", min_size=1, max_size=12),
    ending=st.sampled_from([".com", ".de", ".UK", ".io", ".local", ".test", ".example"]),
)
def test_plain_addresses_are_read_as_the_validator_reads_them(local: str, domain: str, ending: str) -> None:
    written = f"{local}@{domain}{ending}"
    try:
        expected = validate_email(written, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        with pytest.raises(BadValue):
            email(written)
    else:
        assert email(written) == expected
