from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.sameness import is_another, phone_key, region_of, same_phone


@pytest.mark.parametrize(
    ("one", "two", "region"),
    [
        ("+1 555 0101", "+15550101", None),
        ("+1 617 555 0101", "+1 (617) 555-0101", None),
        ("617-555-0101", "(617) 555 0101", "US"),
        ("617-555-0101", "+16175550101", "US"),
        ("617-555-0101", "+1 617 555 0101", None),  # without its country, by the whole national number
        ("020 7946 0958", "+44 20 7946 0958", None),
        ("+49 (0)30 1234-56", "00 49 30 123456", None),
        ("030 123456", "+4930123456", "DE"),
        ("p:+491701234567", "0170 1234567", "DE"),
        ("tel:+16175550101", "'+1 617-555-0101", None),
        ('="+16175550101"', "+1 617 555 0101", None),
        ("\u202a+1 617 555 0101\u202c", "+1 617 555 0101", None),
        ("617.555.0101 ext. 23", "617-555-0101 x23", "US"),
        ("ask for Jane", "Ask for Jane!", None),
        ("4.91512E+12", "4.91512E+12 ", "DE"),
    ],
)
def test_a_phone_number_written_otherwise_is_no_other(one: str, two: str, region: str | None) -> None:
    assert same_phone(one, two, region)
    assert same_phone(two, one, region)
    assert not is_another("phone", one, two, region)


@pytest.mark.parametrize(
    ("one", "two", "region"),
    [
        ("+1 617 555 0101", "+1 617 555 0102", None),
        ("+1 617 555 0101", "+44 617 555 0101", None),
        ("617.555.0101 ext. 23", "617-555-0101", "US"),
        ("617.555.0101 ext. 23", "617.555.0101 ext. 24", None),
        ("555 0101", "555-0102", None),
        ("5550101", "+1 617 555 0101", None),
        ("030 123456", "+4930123456", "FR"),
    ],
)
def test_another_number_is_another(one: str, two: str, region: str | None) -> None:
    assert not same_phone(one, two, region)
    assert not same_phone(two, one, region)


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from([None, "US", "DE"]))
def test_comparing_phone_numbers_never_fails_and_has_no_order(one: str, two: str, region: str | None) -> None:
    assert same_phone(one, two, region) == same_phone(two, one, region)
    assert same_phone(one, one, region)


def test_a_number_has_a_key_only_where_its_country_is_known() -> None:
    assert phone_key("617 555 0101") is None
    assert phone_key("617 555 0101", "US") == phone_key("+1 617 555 0101") == "+16175550101"
    assert phone_key("617 555 0101 x23", "US") == "+16175550101;ext=23"
    assert phone_key("12", "US") is None


def test_a_number_is_dialled_in_the_first_country_that_is_told() -> None:
    assert region_of({"country": "Deutschland"}, {"country": "France"}) == "DE"
    assert region_of({"country": None}, {"country": "France"}) == "FR"
    assert region_of({}, {"country": "Atlantis"}) is region_of() is None


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("email", "Jane.Doe@Example.com", "jane.doe+fair@example.COM"),
        ("first_name", "Jané", "JANE"),
        ("first_name", "Dr. Jane", "Jane"),
        ("last_name", "Doe, PhD", "Doe"),
        ("last_name", "O'Brien", "O\u2019brien"),
        ("company", "ACME, Inc.", "Acme"),
        ("company", "Müller & Co. KG", "Muller"),
        ("domain", "https://www.acme.com/about", "acme.com"),
        ("domain", "coming soon", "Coming  Soon"),
        ("title", "Head of  Sales", "head of sales"),
        ("phone", None, ""),
        ("title", "", None),
        ("external_ids", [["crm", "1"], ["hs", "2"]], (("hs", "2"), ("crm", "1"))),
        ("employees", 500, 500),
    ],
)
def test_a_value_written_otherwise_is_not_another(field: str, old: Any, new: Any) -> None:
    assert not is_another(field, old, new)
    assert not is_another(field, new, old)


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("email", "jane@example.com", "jane@example.org"),
        ("email", "jane@example.com", "j.ane@example.com"),
        ("first_name", "Jane", "Joan"),
        ("last_name", "Doe", "Smith"),
        ("company", "Acme", "Apex"),
        ("domain", "acme.com", "emea.acme.com"),
        ("title", "CTO", "CEO"),
        ("phone", None, "+1 617 555 0101"),
        ("title", "CTO", None),
        ("external_ids", [["crm", "1"]], [["crm", "1"], ["hs", "1"]]),
        ("external_ids", [["crm", "1"]], [["hs", "1"]]),
        ("employees", 500, 50),
    ],
)
def test_another_value_is_another(field: str, old: Any, new: Any) -> None:
    assert is_another(field, old, new)
    assert is_another(field, new, old)
