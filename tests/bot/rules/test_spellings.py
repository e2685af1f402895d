"""How somebody is written in texts, as a whole: what only contains it is somebody else's."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform import email_key
from bot.rules.names import Name
from bot.rules.sameness import country_code_of
from bot.rules.spellings import of_address, of_names, of_number, of_profile
from storage.mentions import BETWEEN_DIGITS, Spelling

LOCALS = st.from_regex(r"[ab1][ab1._-]{0,3}(\+[ab]{1,2})?", fullmatch=True)
DOMAINS = st.sampled_from(["acme.com", "a.acme.com", "acme.com.au", "xacme.com", "acme.co", "acme-x.com"])
ADDRESSES = st.builds("{}@{}".format, LOCALS, DOMAINS)
AROUND = ["{}", "<{}>", "mail {} now", "({}),", "{}.", "mailto:{}", "?to={}&x"]


def struck(text: str, *spellings: Spelling) -> str:
    return re.sub("|".join(each.pattern for each in spellings), "…", text, flags=re.IGNORECASE)


@given(ADDRESSES, ADDRESSES, st.sampled_from(AROUND))
def test_an_address_is_found_in_its_texts_and_in_no_other_addresss(own: str, other: str, around: str) -> None:
    text = around.format(other)
    found = struck(text, of_address(own)) != text
    assert found is (email_key(own) == email_key(other))


FORMATS = [getattr(phonenumbers.PhoneNumberFormat, each) for each in ("E164", "INTERNATIONAL", "NATIONAL")]
NUMBERS = [
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in ("US", "DE", "GB", "FR", "IT", "NL", "CH", "PL", "JP", "IN", "BR", "AU", "SE")
    if (number := phonenumbers.example_number(region))
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_found_however_it_is_written_and_in_no_longer_one(number: str) -> None:
    (spelling,) = of_number(number, country_code_of(number))
    for how in FORMATS:
        written = phonenumbers.format_number(phonenumbers.parse(number), how)
        assert struck(f"call {written} now", spelling).replace("(", "") == "call … now"
        assert struck(f"call {written}7 now", spelling) == f"call {written}7 now"
        without = re.sub(r"[\s().-]", "", written)
        assert spelling.parts[0] in without  # by which the rows are found
    for other in set(NUMBERS) - {number}:
        assert struck(other, spelling) == other


@pytest.mark.parametrize("between", ["\u2011", "\u2013", "\u202f", "\u00a0"])
def test_a_number_is_found_with_what_a_page_puts_between_its_digits(between: str) -> None:
    (spelling,) = of_number("+12125550104", "1")
    assert struck(f"+1 (212) 555{between}0104", spelling) == "…"
    assert between in BETWEEN_DIGITS  # by which the rows are found


@pytest.mark.parametrize(
    "text", ["Conan O\u2019Brien-Smith", "O'Brien\u2011Smith, Conan", "CONAN O'BRIEN-SMITH"]
)
def test_a_name_is_found_with_any_apostrophe_and_hyphen(text: str) -> None:
    for typed in ("O'Brien-Smith", "O\u2019Brien\u2011Smith"):
        spellings = list(of_names([Name("Conan", typed)]))
        assert struck(text, *spellings) == "…"
        assert any(_holds(text, each.parts) for each in spellings)  # by which the rows are found
        for other in ("Conan O'Brien", "Conan OBrien-Smith", "Conan O'Brien-Smithson"):
            assert struck(other, *spellings) == other


def _holds(text: str, parts: tuple[str, ...]) -> bool:
    return re.search(".*".join(map(re.escape, parts)), text, re.IGNORECASE) is not None


@pytest.mark.parametrize("text", ["+39 02 1234 5678", "+39 (02) 1234 5678", "+1 212345678"])
def test_anothers_number_behind_a_countrys_code_is_anothers(text: str) -> None:
    assert struck(text, *of_number("+41212345678", "41")) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ask jane  DOE first", "Ask … first"),
        ("Doe, Jane said so", "… said so"),
        ("Jane Doering and Mary-Jane Doe", "Jane Doering and Mary-Jane Doe"),
    ],
)
def test_a_name_is_found_either_way_round(text: str, left: str) -> None:
    assert struck(text, *of_names([Name("Jane", "Doe"), Name("Jane", None)])) == left


def test_a_profile_is_found_with_and_without_its_scheme() -> None:
    spelling = of_profile("https://www.linkedin.com/in/jane/")
    other = "http://linkedin.com/in/jane2"
    assert struck(f"see linkedin.com/in/Jane, {other}", spelling) == f"see …, {other}"


@pytest.mark.parametrize("number", ["12345", "x", ""])
def test_a_number_that_may_stand_anywhere_is_nobodys(number: str) -> None:
    assert list(of_number(number)) == []
