from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agreement.matching import Condition, compile_when, number_range

TITLE = r"~\b(c[a-z]o|vp|head|chief|director)\b"


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (TITLE, "Chief of Staff", True),
        (TITLE, "cto", True),
        (TITLE, "VP Sales", True),
        (TITLE, "Vparental", False),
        (TITLE, "", False),
        (TITLE, None, False),
        (">=200", 200, True),
        (">=200", 199, False),
        (">=200", "1,200", True),
        (">=200", "1 200", True),
        (">=200", "1.200,50", True),
        (">=200", "200-500", True),
        (">=300", "200-500", False),
        ("<=500", "200 - 500", True),
        ("<=499", "200 to 500", False),
        (">=200", "500+", True),
        ("<=1000", "500+", False),
        (">=200", "about two hundred", False),
        (">=200", True, False),
        (">= 10k", "12,000 employees", True),
        (">1,000", "1000", False),
        ("<10", 9.5, True),
        ("in US, ca", "Ca", True),
        ("in US, ca", "Canada", False),
        ("in 1, 2", 2, True),
        ("indigo", "Indigo", True),
        ("Webinar", " webinar ", True),
        ("webinar", "webinar-2", False),
        ("200", 200, True),
        ("007", "7", False),
        (200, "200", True),
        (200, "1,200", False),
        (200.0, 200, True),
        (True, True, True),
        (True, "true", True),
        (True, 1, False),
        (False, False, True),
    ],
)
def test_a_condition_means_what_it_says(condition: Condition, value: object, expected: bool) -> None:
    assert compile_when({"key": condition})({"key": value}) is expected


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        ("Lead Score", {"lead_score": "80"}, True),
        ("lead_score", {"Lead Score": "80"}, True),
        ("LEAD-SCORE", {"leadScore": "80"}, True),
        ("lead_score", {"lead_score": "10", "Lead Score": "80"}, False),
        ("lead_score", {"lead_score": None, "Lead Score": "80"}, False),
        ("lead_score", {"lead_scores": "80"}, False),
        ("#", {"!": "80"}, False),
    ],
)
def test_a_key_is_found_without_case_and_punctuation_but_first_as_it_is_written(
    key: str, values: dict[str, object], expected: bool
) -> None:
    assert compile_when({key: ">=50"})(values) is expected


def test_all_keys_must_match_and_a_missing_one_matches_nothing() -> None:
    matches = compile_when({"title": "~cto", "employees": ">=200"})
    assert matches({"title": "CTO", "employees": 300, "country": "US"})
    assert not matches({"title": "CTO", "employees": 100})
    assert not matches({"title": "CTO"})


def test_an_empty_table_takes_all() -> None:
    assert compile_when({})({})


def test_true_and_one_are_different_conditions() -> None:
    assert compile_when({"key": 1})({"key": "1"})
    assert not compile_when({"key": True})({"key": "1"})


def test_a_value_is_cut_before_it_is_searched() -> None:
    assert compile_when({"title": "~needle"})({"title": "x" * 490 + "needle"})
    assert not compile_when({"title": "~needle"})({"title": "x" * 600 + "needle"})


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("~(vp", "not a regular expression"),
        ("~", "has no pattern"),
        (r"~(a)\1", "RE2 knows (invalid escape sequence"),
        ("~(?=cto)", "invalid perl operator"),
        ("~a{5000}", "invalid repetition size"),
        ("~\bcto\b", "single quotes"),
        (">=many", '"many", which is not a number; write ">=200"'),
        (">=", 'compares with ""'),
        (">=200-500", "not a number"),
        ("=>200", 'write ">=200"'),
        ("!=US", "means nothing here"),
        ("in ,", "names nothing"),
        ("  ", "match nothing"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_in_words(condition: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        compile_when({"key": condition})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1,200", (1200, 1200)),
        ("1,5", (1.5, 1.5)),
        ("1.234.567", (1_234_567, 1_234_567)),
        ("1'200", (1200, 1200)),
        ("$10k", (10_000, 10_000)),
        ("1.5M", (1_500_000, 1_500_000)),
        ("10-50k", (10_000, 50_000)),
        ("51\u2013200", (51, 200)),
        ("10,001+ employees", (10_001, math.inf)),
        ("500-200", None),
        ("1,2,3", None),
        ("-5", None),
        ("n/a", None),
        ([], None),
    ],
)
def test_numbers_are_read_as_people_write_them(value: object, expected: tuple[float, float] | None) -> None:
    assert number_range(value) == expected


@given(st.text(max_size=40) | st.integers() | st.floats() | st.none())
def test_no_value_breaks_a_comparison(value: object) -> None:
    above, below = compile_when({"key": ">=200"}), compile_when({"key": "<200"})
    assert not (above({"key": value}) and below({"key": value}))


@given(st.integers(0, 10**12))
def test_a_number_reads_the_same_with_marks_between_its_thousands(number: int) -> None:
    assert number_range(f"{number:,}") == number_range(number)


@pytest.mark.parametrize(
    ("pattern", "value", "found"),
    [
        (r"\bökonom", "Leitender Ökonom", True),
        (r"\bökonom", "Makroökonom", False),
        (r"geschäftsführer\b", "Geschäftsführer, Vertrieb", True),
        (r"\bдиректор\b", "Главный ДИРЕКТОР", True),  # noqa: RUF001 - Cyrillic is meant
        (r"\bдиректор\b", "Директора", False),  # noqa: RUF001 - Cyrillic is meant
        (r"[äö]konom", "Ökonom", True),
        (r"^\w+$", "Ärztin", True),
        (r"c.o", "CÄO", True),
        (r"\bcto\b", "CTO für Zürich", True),
        (r"社長", "代表取締役社長", True),
    ],
)
def test_a_pattern_means_in_every_script_what_it_says(pattern: str, value: str, *, found: bool) -> None:
    assert compile_when({"title": f"~{pattern}"})({"title": value}) is found


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)*b", r"(\s*\w+\s*)*x", r"(.*)*,(.*)*;"])
def test_what_held_other_engines_up_is_answered(pattern: str) -> None:
    for hostile in ("a" * 500, "a " * 250, "," * 500):
        compile_when({"title": f"~{pattern}"})({"title": hostile})


def test_a_number_among_blanks_is_read_or_not_but_answered() -> None:
    assert number_range("1" + " " * 480) == (1.0, 1.0)
    assert number_range("1" + " " * 480 + "x") is None
    assert number_range("1 " * 240 + "x") is None
