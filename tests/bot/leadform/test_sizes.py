from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform.sizes import employees
from bot.leadform.text import BadValue


@pytest.mark.parametrize(
    ("written", "count", "range_"),
    [
        ("Just me", 1, "Just me"),
        ("Myself Only", 1, "Myself Only"),
        ("Self-employed", 1, "Self-employed"),
        ("Mid-Market (200-999)", 200, "Mid-Market (200-999)"),
        ("Enterprise (1000+)", 1000, "Enterprise (1000+)"),
        ("11-50 employees (small)", 11, "11-50 employees (small)"),
        ("B (11-50)", 11, "B (11-50)"),
        ("SMB 1-50", 1, "SMB 1-50"),
        ("1.2k", 1200, None),
        ("1,2k", 1200, None),
        ("5k-10k", 5000, "5k-10k"),
        ("1 million", 1_000_000, None),
        ("1,250", 1250, None),
        ("1.250", 1250, None),
        ("1 250", 1250, None),
        ("1\u202f250", 1250, None),
        ("1\u00a0250", 1250, None),
        ("501-1,000", 501, "501-1,000"),
        ("1,001-5,000 employees", 1001, "1,001-5,000 employees"),
        ("10,001+ employees", 10_001, "10,001+ employees"),
        ("10.001+", 10_001, "10.001+"),
        ("2\u201310", 2, "2\u201310"),
        ("0-1 employees", 0, "0-1 employees"),
        ("1 employee", 1, None),
        ("1000 or more", 1000, "1000 or more"),
        ("> 1000", 1000, "> 1000"),
        ("<10", 1, "<10"),
        ("~500", 500, None),
        ("500 (est.)", 500, None),
        ("11 - 50 Mitarbeiter", 11, "11 - 50 Mitarbeiter"),
        ("weniger als 10 Mitarbeiter:innen", 1, "weniger als 10 Mitarbeiter:innen"),
        ("de 11 à 50 salariés", 11, "de 11 à 50 salariés"),
        ("Entre 11 et 50", 11, "Entre 11 et 50"),
        ("más de 500 empleados", 500, "más de 500 empleados"),
        ("201-500人", 201, "201-500人"),
        (250, 250, None),
        (250.0, 250, None),
        ("250.0", 250, None),
        ("0", 0, None),
    ],
)
def test_a_head_count_is_read_in_the_words_of_forms(written: Any, count: int, range_: str | None) -> None:
    assert employees(written) == (count, range_)


@pytest.mark.parametrize(
    ("written", "range_"),
    [
        ("Nov-50", "11-50"),
        ("1-Oct", "1-10"),
        ("10-Jan", "1-10"),
        ("2-Oct", "2-10"),
        ("Oct-02", "2-10"),
        ("nov.-50", "11-50"),
        ("Okt 50", "10-50"),
        ("1. Okt", "1-10"),
        ("may-50", "5-50"),
        ("11-nov", "11-11"),
    ],
)
def test_a_range_that_a_spreadsheet_took_for_a_date_is_a_range_again(written: str, range_: str) -> None:
    assert employees(written) == (int(range_.split("-")[0]), range_)


@pytest.mark.parametrize(
    "written",
    ["", "lots", "Enterprise", "12.5", "1e3", "-1", "2026-11-05", "Suite 500", "50 Acme", "x" * 200],
)
def test_what_is_no_head_count_is_refused(written: str) -> None:
    with pytest.raises(BadValue, match="is not a head count; write a whole number"):
        employees(written)


@pytest.mark.parametrize("written", [10**8, "100000000", "900 million"])
def test_no_company_is_that_large(written: Any) -> None:
    with pytest.raises(BadValue, match="is more than any company employs"):
        employees(written)


@given(low=st.integers(0, 10**6), more=st.integers(0, 10**6), grouped=st.sampled_from(["", ",", ".", " "]))
def test_a_range_is_its_lower_end_however_its_thousands_are_grouped(
    low: int, more: int, grouped: str
) -> None:
    text = f"{low:,}-{low + more:,} employees".replace(",", grouped)
    assert employees(text) == (low, text)


@given(text=st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        count, _ = employees(text)
    except BadValue:
        return
    assert 0 <= count < 10**8
