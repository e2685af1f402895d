from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform.phones import Phone, read_phone
from bot.leadform.text import BadValue

FILE = Path(__file__).parent / "data" / "15_phones.csv"

OF_THE_FILE = {
    "P0": None,
    "P1": "+491701234567",
    "P2": "+16175550101",
    "P3": "+16175550101",
    "P4": "+4930123456",
    "P5": "+4930123456",
    "P6": "617.555.0101 ext. 23",
    "P7": "617-555-0101 x23",
    "P8": "+16175550101",
    "P9": "+16175550101",
    "P10": "+16175550101",
    "P11": "+16175550101",
    "P12": None,
    "P13": "(617) 555-0111",
}


def read(value: Any, country: str | None = None) -> str | None:
    try:
        return str(read_phone(value, country))
    except BadValue:
        return None


def test_every_number_that_forms_and_spreadsheets_make_of_one_is_read() -> None:
    with FILE.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert {row["Last Name"]: read(row["Phone"]) for row in rows} == OF_THE_FILE


@pytest.mark.parametrize(
    ("written", "country", "dialled"),
    [
        ("617.555.0101 ext. 23", "US", "+16175550101 ext. 23"),
        ("617-555-0101 x23", "US", "+16175550101 ext. 23"),
        ("617-555-0101, ext 5", "US", "+16175550101 ext. 5"),
        ("617.555.0101#23", "US", "+16175550101 ext. 23"),
        ("+33 6 12 34 56 78;ext=12", None, "+33612345678 ext. 12"),
        ("(617) 555-0111", "US", "+16175550111"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("1-800-FLOWERS", None, "1-800-FLOWERS"),
        ("030/1234567", "DE", "+49301234567"),
        ("030 / 1234567", "DE", "+49301234567"),
        ("1701234567", "DE", "+491701234567"),
        ("491701234567", "DE", "+491701234567"),
        ("491701234567", None, "491701234567"),
        ("00 49 30 123456", "US", "+4930123456"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("+39 06 1234567", None, "+39061234567"),
        ("+81 3-1234-5678", "US", "+81312345678"),
        ("\uff16\uff11\uff17\uff0d\uff15\uff15\uff15\uff0d\uff10\uff11\uff10\uff11", "US", "+16175550101"),
        ("Tel.: +49 30 123456", None, "+4930123456"),
        ("Mobile +49 170 1234567", None, "+491701234567"),
        ("\u200e+1 617 555 0101\u200f", None, "+16175550101"),
        ("'+1 617-555-0199", None, "+16175550199"),
        (16175550101, "US", "+16175550101"),
        (16175550101.0, "US", "+16175550101"),
        ("16175550101.0", "US", "+16175550101"),
        ("+1 555 0100", None, "+1 555 0100"),
        ("n/a; +1 617 555 0101", None, "+16175550101"),
    ],
)
def test_a_number_is_dialled_from_anywhere_where_its_country_is_known(
    written: Any, country: str | None, dialled: str
) -> None:
    assert read(written, country) == dialled


@pytest.mark.parametrize(
    ("written", "others"),
    [
        ("+1 617 555 0101; +1 617 555 0102", ("+16175550102",)),
        ("+1 617 555 0101 / +1 617 555 0102", ("+16175550102",)),
        ("+1 617 555 0101 or +1 617 555 0102 ext. 3", ("+16175550102 ext. 3",)),
        ("+1 617 555 0101, +16175550101", ()),
        ("+1 617 555 0101 ::: +1 617 555 0102, +1 617 555 0103", ("+16175550102", "+16175550103")),
    ],
)
def test_of_several_numbers_the_first_is_the_lead_s_and_the_rest_are_kept(
    written: str, others: tuple[str, ...]
) -> None:
    assert read_phone(written) == Phone("+16175550101", others=others)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("4.91512E+12", "a spreadsheet has shortened"),
        ("4,91512E+12", "a spreadsheet has shortened"),
        ("1.6176E+10", "a spreadsheet has shortened"),
        ("call me", "is not a phone number"),
        ("0000000000", "is not a phone number"),
        ("123", "is not a phone number"),
        ("jane4711@acme.example 12345", "is not a phone number"),
        ("p:<test lead: dummy data for phone_number>", "is not a phone number"),
        ("1" * 300, "is longer than 255 characters"),
        ("", "is missing"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(written: str, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        read_phone(written)


@given(text=st.text(max_size=40), country=st.sampled_from([None, "US", "DE", "JP"]))
def test_no_text_breaks_the_reader(text: str, country: str | None) -> None:
    assert read(text, country) != ""


def test_a_number_that_is_dialled_only_within_a_neighbour_stays_as_written() -> None:
    assert read("310-0000", "US") == "310-0000"  # an operator's in Canada, which shares the code 1


@given(
    digits=st.integers(2_000_000, 9_999_998),
    form=st.sampled_from(["{}", "+1 617 {}", "1-617-{}", "(617) {}"]),
)
def test_a_number_reads_the_same_however_it_is_written(digits: int, form: str) -> None:
    local = f"{digits // 10_000}-{digits % 10_000:04}"
    dialled = read(form.format(local), "US")
    assert dialled in {f"+1617{digits}", local}
    assert read(dialled, "US") == dialled
