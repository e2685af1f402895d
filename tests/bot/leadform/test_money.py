from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform.money import amount, currency
from bot.leadform.text import BadValue


@pytest.mark.parametrize(
    ("written", "number", "code"),
    [
        ("12k", "12000", None),
        ("$12,000", "12000", None),
        ("$12k", "12000", None),
        ("12K USD", "12000", "USD"),
        ("USD 12k", "12000", "USD"),
        ("1.2E+08", "120000000", None),
        ("1,2E+08", "120000000", None),
        ("€ 1.234,56", "1234.56", "EUR"),
        ("1 234,56 €", "1234.56", "EUR"),
        ("12,000.-", "12000", None),
        ("CHF 12'000.\u2013", "12000", "CHF"),
        ("R$ 1.234,56", "1234.56", "BRL"),
        ("A$12k", "12000", "AUD"),
        ("US$1,200.50", "1200.50", "USD"),
        ("12 000 kr", "12000", None),
        ("12 zł", "12", "PLN"),
        ("500 Kč", "500", "CZK"),
        ("12 euros", "12", "EUR"),
        ("12,000 dollars", "12000", None),
        ("5 Swiss francs", "5", "CHF"),
        ("1.5 million", "1500000", None),
        ("12 Mio. €", "12000000", "EUR"),
        ("12mio", "12000000", None),
        ("$1.2bn", "1200000000", None),
        ("¥12,000", "12000", None),
    ],
)
def test_an_amount_is_read_as_deals_write_it(written: str, number: str, code: str | None) -> None:
    assert amount(written) == (Decimal(number), code)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("12.000", "can be read two ways"),
        ("12 dozen", "is not an amount"),
        ("$12k-$20k", "is not an amount"),
        ("EUR", "is not an amount"),
        ("€ 12 USD", "is not an amount"),
        ("-5", "is below zero"),
        ("(500)", "is below zero"),
        ("12000bn", "must be less than"),
    ],
)
def test_what_is_no_amount_is_refused_with_the_reason(written: str, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        amount(written)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("USD", "usd, US Dollar, U.S. Dollar, USD - U.S. Dollar, US-Dollar, dollar des États-Unis, US$"),
        ("EUR", "€, EUR, Euro, euro, euros, EUR (€), ユーロ"),
        ("GBP", "£, British Pound, Pound Sterling, pounds, GBP - British Pound"),
        ("CHF", "Swiss Franc, Schweizer Franken, Franken, Fr."),
        ("JPY", "yen, 円, Japanese Yen"),
        ("PLN", "zł, Zloty, Polish Zloty"),
    ],
)
def test_a_currency_is_known_by_code_symbol_and_name(code: str, names: str) -> None:
    assert {name: currency(name) for name in names.split(", ")} == dict.fromkeys(names.split(", "), code)


@pytest.mark.parametrize("written", ["$", "dollars", "kr", "¥", "", "Taler", "EUR or USD"])
def test_what_is_several_currencies_or_none_is_refused(written: str) -> None:
    with pytest.raises(BadValue, match="write its three letters"):
        currency(written)


@given(cents=st.integers(0, 10**10), form=st.sampled_from(["{:,.2f}", "${:,.2f}", "{:,.2f} EUR", "{:.2f}"]))
def test_both_ways_to_group_thousands_are_one_number(cents: int, form: str) -> None:
    english = form.format(Decimal(cents) / 100)
    german = english.translate(str.maketrans(",.", ".,"))
    assert amount(english)[0] == amount(german)[0] == Decimal(cents) / 100


@given(text=st.text(max_size=40))
def test_no_text_breaks_the_readers(text: str) -> None:
    with suppress(BadValue):
        assert amount(text)[0] >= 0
    with suppress(BadValue):
        assert len(currency(text)) == 3
