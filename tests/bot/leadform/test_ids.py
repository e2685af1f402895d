from __future__ import annotations

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform.ids import ReadId, RepeatedIds, read_id
from bot.leadform.keys import email_key

SHORTENED = "is a number that a spreadsheet has shortened; several records may share it"
SHEET = "is a spreadsheet's error"
ZERO = "is zero, which tools write when there is no record"
UNFILLED = "is a placeholder that nobody filled in"
NOTHING = "stands for no id"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.23457E+11", SHORTENED),
        ("1,23457E+11", SHORTENED),
        ("1.23457e+11", SHORTENED),
        ("1E+15", SHORTENED),
        ("-1.2E+08", SHORTENED),
        ("1.23457E11", SHORTENED),
        ("'1.23457E+11", SHORTENED),
        ("#N/A", SHEET),
        ("#n/a", SHEET),
        ("#REF!", SHEET),
        ("#VALUE!", SHEET),
        ("#NAME?", SHEET),
        ("#DIV/0!", SHEET),
        ("#NUM!", SHEET),
        ("#NULL!", SHEET),
        ("#SPILL!", SHEET),
        ("#ERROR!", SHEET),
        ("#NV", SHEET),
        ("#BEZUG!", SHEET),
        ("#¡REF!", SHEET),
        ("#N/D", SHEET),
        ("########", SHEET),
        ("Err:502", SHEET),
        ("0", ZERO),
        ("000", ZERO),
        ("0.0", ZERO),
        ("00000000-0000-0000-0000-000000000000", ZERO),
        ("TBD", NOTHING),
        ("tba", NOTHING),
        ("unknown", NOTHING),
        ("Unbekannt", NOTHING),
        ("null", NOTHING),
        ("NULL", NOTHING),
        ("None", NOTHING),
        ("NaN", NOTHING),
        ("N/A", NOTHING),
        ("undefined", NOTHING),
        ("-", NOTHING),
        ("--", NOTHING),
        ("—", NOTHING),
        ("?", NOTHING),
        (".", NOTHING),
        ("(blank)", NOTHING),
        ("not set", NOTHING),
        ("-1", NOTHING),
        ("[object Object]", NOTHING),
        ("{{contact.id}}", UNFILLED),
        ("{!Lead.Id}", UNFILLED),
        ("${id}", UNFILLED),
        ("[[ID]]", UNFILLED),
        ("*|LEADID|*", UNFILLED),
        ("%contact_id%", UNFILLED),
        ("=VLOOKUP(A2,B:C,2)", "is a formula"),
        ("x" * 201, "is longer than 200 characters"),
    ],
)
def test_what_stands_where_an_id_should_is_not_always_one(text: str, reason: str) -> None:
    assert read_id(text) == ReadId(None, reason)


@pytest.mark.parametrize(
    ("text", "record_id"),
    [
        ("123457", "123457"),
        (" 123457 ", "123457"),
        ("\ufeff123457", "123457"),
        ("'00123", "00123"),
        ('="00123"', "00123"),
        ('"00123"', "00123"),
        ("123.0", "123"),
        ("12.50", "12.50"),
        ("00Q5e000001XyZaEAK", "00Q5e000001XyZaEAK"),
        ("00q5e000001xyzaeak", "00q5e000001xyzaeak"),
        ("5E10", "5E10"),  # a hexadecimal id, which no spreadsheet writes so
        ("12e45", "12e45"),
        ("1e5f-22", "1e5f-22"),
        ("#12345", "#12345"),
        ("hs/1", "hs/1"),
        ("sf 2", "sf 2"),
        ("jane@acme.com", "jane@acme.com"),
        ("d9428888-122b-11e1-b85c-61cd3cbb3210", "d9428888-122b-11e1-b85c-61cd3cbb3210"),
        ("100", "100"),
        ("007", "007"),
        ("Null-7", "Null-7"),
        ("z" * 200, "z" * 200),
    ],
)
def test_an_id_is_kept_to_the_letter_without_what_a_spreadsheet_puts_around_it(
    text: str, record_id: str
) -> None:
    assert read_id(text) == ReadId(record_id)


@pytest.mark.parametrize("text", ["", "   ", "'", '=""', '""', "\u200b"])
def test_where_nothing_was_written_nothing_is_said(text: str) -> None:
    assert read_id(text) == ReadId(None)


@given(st.text(max_size=300))
def test_any_text_is_an_id_or_has_a_reason_or_is_empty(text: str) -> None:
    read = read_id(text)
    assert read.id is None or read.reason is None
    if read.id is not None:
        assert read.id == read.id.strip()
        assert set(read.id) <= set(text)
    elif read.reason is None:
        assert not any(map(str.isalnum, text))


EXCEL = """Record ID,First Name,Last Name,Email
1.23457E+11,Ada,Stone,ada@acorn.example
1.23457E+11,Ben,Marsh,ben@birch.example
"""
ONE_ID = """Record ID,Email
7,ada@acorn.example
7,Ada+fair@Acorn.example
7,ben@birch.example
8,cleo@cedar.example
8,
9,dov@dale.example
,eve@elm.example
,fay@fir.example
"""


def rows(text: str) -> list[tuple[str | None, str | None]]:
    return [
        (read_id(row["Record ID"]).id, email_key(row["Email"]) if row["Email"] else None)
        for row in csv.DictReader(io.StringIO(text))
    ]


def test_an_id_that_stands_beside_several_addresses_names_nobody() -> None:
    repeated = RepeatedIds(rows(ONE_ID))
    assert [each for each in ("7", "8", "9") if each in repeated] == ["7"]
    assert None not in repeated
    assert len(repeated) == 1


def test_a_shortened_number_is_none_before_it_is_compared() -> None:
    assert [each for each, _ in rows(EXCEL)] == [None, None]
    assert len(RepeatedIds(rows(EXCEL))) == 0


def test_in_a_file_in_which_every_row_has_one_id_it_names_nobody() -> None:
    repeated = RepeatedIds(("acct-1", f"p{n}@example.com") for n in range(50))
    assert "acct-1" in repeated


def test_without_addresses_names_show_that_an_id_is_shared() -> None:
    assert "1" in RepeatedIds([("1", "ray finn"), ("1", "luc roi")])
    assert "1" not in RepeatedIds([("1", "ray finn"), ("1", None), ("1", "ray finn")])


@given(
    st.lists(st.tuples(st.sampled_from("abc") | st.none(), st.sampled_from("xyz") | st.none()), max_size=20),
    st.randoms(),
)
def test_the_order_of_the_rows_does_not_matter(
    pairs: list[tuple[str | None, str | None]], random: object
) -> None:
    shuffled = sorted(pairs, key=lambda _: random.random())  # type: ignore[attr-defined]  # Hypothesis' Random
    for each in "abc":
        several = len({who for record_id, who in pairs if record_id == each and who}) > 1
        assert (each in RepeatedIds(pairs)) == (each in RepeatedIds(shuffled)) == several


def test_a_large_file_is_held_in_two_numbers_a_row() -> None:
    tracemalloc.start()
    repeated = RepeatedIds((f"record-{n:020}", f"{'long' * 20}{n}@example.com") for n in range(20_000))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(repeated) == 0
    assert size < 20_000 * 200  # the texts alone would take more than this
