"""Amounts and currencies, as deals and forms write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from bot.leadform.text import BadValue, as_text, quoted

_LONGEST = 60
_MOST_MONEY = 10**13

_COMMON_CODES = (
    "USD EUR GBP CHF CAD AUD NZD JPY CNY INR SEK NOK DKK ISK PLN CZK HUF RON BGN TRY ILS AED SAR ZAR BRL MXN"
    " ARS CLP COP SGD HKD TWD KRW THB MYR IDR PHP UAH VND NGN KES EGP MAD PEN QAR KWD PKR RSD"
)
_CODES = frozenset(_COMMON_CODES.split())
_SEVERAL = frozenset({"$", "¥", "\uffe5", "kr", "kr.", "dollar", "dollars", "peso", "pesos"})
_SYMBOL_TABLE = """
€ EUR, £ GBP, ₹ INR, ₩ KRW, ₽ RUB, ₺ TRY, ₪ ILS, ₫ VND, ₴ UAH, ₦ NGN, ฿ THB, ₱ PHP, zł PLN,
kč CZK, ft HUF, 円 JPY, 元 CNY, us$ USD, au$ AUD, a$ AUD, ca$ CAD, c$ CAD, nz$ NZD, hk$ HKD, s$ SGD,
mx$ MXN, nt$ TWD, r$ BRL,
fr. CHF, sfr. CHF, sfr CHF, euros EUR, yen JPY, pounds GBP, pound GBP, sterling GBP, pound sterling GBP,
franken CHF, rand ZAR, zloty PLN, złoty PLN, rmb CNY, yuan CNY
"""
_SYMBOLS = {
    symbol: code for symbol, _, code in (each.strip().rpartition(" ") for each in _SYMBOL_TABLE.split(","))
}
_TIMES = {
    **dict.fromkeys(("k", "tsd", "thousand", "mille", "tausend", "mil"), 10**3),
    **dict.fromkeys(
        ("m", "mm", "mn", "mio", "million", "millions", "millionen", "millones", "milhões"), 10**6
    ),
    **dict.fromkeys(("bn", "b", "billion", "mrd", "milliarden", "milliards"), 10**9),
}
_MULTIPLES = "|".join(sorted(_TIMES, key=len, reverse=True))
_UNIT = r"[^\W\d_]{2,12} [^\W\d_]{4,12}|[^\d\s.,'()+-]{1,3}\.?|[^\W\d_]{4,12}"


@cache
def _form() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<before>{_UNIT})?\s?(?P<sign>[-+(]?)(?P<before2>{_UNIT})?\s?(?P<digits>\d[\d.,' \u2019]*)"
        rf"(?:(?<=[.,])[-\u2013\u2014]{{1,2}})?\s?(?:(?P<times>{_MULTIPLES})(?![^\W\d_])\.?)?"
        rf"\)?\s?(?P<after>{_UNIT})?",
        re.IGNORECASE,
    )


_PLAIN = r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?"
_NUMBERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    (_PLAIN, str),
    (r"\d,\d+[eE][+]?\d{1,2}", lambda text: text.replace(",", ".")),
    (r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", lambda text: text.replace(",", "")),
    (r"[1-9]\d{0,2}(?:\.\d{3})+,\d*", lambda text: text.replace(".", "").replace(",", ".")),
    (r"[1-9]\d{0,2}(?:\.\d{3}){2,}", lambda text: text.replace(".", "")),
    (r"\d+,\d{1,2}", lambda text: text.replace(",", ".")),
)
_NO_AMOUNT = "is not an amount; write a plain number like 12000.50"


def _number(text: str) -> Decimal:
    digits = re.sub(r"(?<=\d)[ '\u2019](?=\d)", "", text)
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
        raise BadValue(f"{quoted(text)} can be read two ways; write 12000 or 12.00")
    for pattern, plain in _NUMBERS:
        if re.fullmatch(pattern, digits):
            return Decimal(plain(digits))
    raise BadValue(f"{quoted(text)} {_NO_AMOUNT}")


def _money(text: str) -> tuple[Decimal, str | None]:
    if re.fullmatch(rf"{_PLAIN}|\d,\d+[eE]\+?\d{{1,2}}", text):
        return _number(text), None
    match = _form().fullmatch(text) if len(text) <= _LONGEST else None
    if not match:
        return _number(text), None  # which refuses it
    units = [unit for unit in match.group("before", "before2", "after") if unit]
    code = _currency_of(units[0]) if units else None
    if len(units) > 1 or (units and code is None and units[0].casefold() not in _SEVERAL):
        raise BadValue(f"{quoted(text)} {_NO_AMOUNT}")
    number = _number(match["digits"].strip().rstrip(".,"))
    number *= _TIMES[match["times"].casefold()] if match["times"] else 1
    return -number if match["sign"] in ("-", "(") else number, code


def _currency_of(unit: str) -> str | None:
    """The code of a symbol, a code, or a name; None for what is none or stands for several, like "$"."""
    plain = unit.casefold().strip()
    if plain in _SEVERAL:
        return None
    if unit.upper() in _CODES:
        return unit.upper()
    return _SYMBOLS.get(plain) or _names().get(plain) or _names().get(plain.removesuffix("s"))


@cache
def _names() -> dict[str, str]:
    """The names of today's currencies in eight languages."""
    from babel import Locale

    from bot.leadform.countries import LANGUAGES

    return {
        str(name).casefold(): code
        for language in reversed(LANGUAGES)
        for code, name in Locale(language).currencies.items()
        if code in _CODES
    }


def amount(value: Any) -> tuple[Decimal, str | None]:
    """An amount of money, rounded half up to two decimals, and its currency where the text names one.

    "12,000.50" and "€ 12.000,50" are the same number, "12k" and "1.2E+04" are 12000; "12.000", which could be
    twelve or twelve thousand, is refused. Raises BadValue below 0 and from 10**13 on.
    """
    if isinstance(value, bool):
        raise BadValue("must be a number, not yes or no")
    if isinstance(value, (int, float, Decimal)):
        number, unit = Decimal(value if isinstance(value, Decimal) else as_text(value)), None
    else:
        number, unit = _money(as_text(value))
    if not number.is_finite() or number >= _MOST_MONEY:
        raise BadValue(f"must be less than {_MOST_MONEY:,}; write a plain number like 12000.50")
    if number < 0:
        raise BadValue("is below zero; write an amount of 0 or more")
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP), unit


def currency(value: Any) -> str:
    """A currency's three letters (ISO 4217), in capitals, by its code, its symbol or its name.

    Any three letters are believed; "$" and "dollars" are several currencies and refused.
    """
    text = as_text(value)
    if re.fullmatch("[A-Za-z]{3}", text) and text.casefold() not in _SYMBOLS:
        return text.upper()
    codes = {code for code in re.findall(r"\b[A-Z]{3}\b", text) if code in _CODES}
    code = codes.pop() if len(codes) == 1 else _currency_of(re.sub(r"(?<=\b\w)\.", "", text))
    if code is None:
        raise BadValue(f'{quoted(value)} is not a currency; write its three letters, like "USD"')
    return code
