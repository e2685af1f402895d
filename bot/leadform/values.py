"""How one value is read: text, e-mail, link, count, amount, yes or no, moment, stage.

Each reader returns the clean value or raises BadValue with a sentence that says what to write instead. What
an empty value means, and how fields act on each other, is left to reading.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from bot.leadform.aliases import simplify
from bot.leadform.text import LONGEST_TEXT as LONGEST_TEXT
from bot.leadform.text import BadValue as BadValue
from bot.leadform.text import any_text as any_text
from bot.leadform.text import as_text as as_text
from bot.leadform.text import clean as clean
from bot.leadform.text import cut as cut
from bot.leadform.text import quoted as quoted
from storage.models import Stage

LONGEST_LINE = 255
_LONGEST_EMAIL = 320
_LONGEST_ID = 200
_LONGEST_URL = 2_000
_MOST_EMPLOYEES = 10**8
_MOST_MONEY = 10**13
_MILLISECONDS_FROM = 10**11  # as seconds that would be the year 5138
_LATEST = 253_402_300_800  # the year 10000, in epoch seconds

CRM_STAGES = (
    Stage.SAL,
    Stage.SQL,
    Stage.OPPORTUNITY,
    Stage.WON,
    Stage.LOST,
    Stage.RECYCLED,
    Stage.DISQUALIFIED,
)
"""The stages that another system may set; inquiry and MQL are for the agreement to judge."""

_STAGE_NAMES = {stage.value: stage for stage in CRM_STAGES} | {
    "salesaccepted": Stage.SAL,
    "salesacceptedlead": Stage.SAL,
    "salesqualified": Stage.SQL,
    "salesqualifiedlead": Stage.SQL,
    "closedwon": Stage.WON,
    "closedlost": Stage.LOST,
    "unqualified": Stage.DISQUALIFIED,
}
_YES_NO = dict.fromkeys(("true", "yes", "y", "t", "1", "on", "x", "ja", "oui", "si"), True) | dict.fromkeys(
    ("false", "no", "n", "f", "0", "off", "nein", "non"), False
)
_SYMBOLS = {"€": "EUR", "£": "GBP", "US$": "USD", "$": None, "¥": None}  # $ and ¥ are several currencies
_COMMON_CODES = (
    "USD EUR GBP CHF CAD AUD NZD JPY CNY INR SEK NOK DKK ISK PLN CZK HUF RON BGN TRY ILS AED SAR ZAR BRL MXN"
    " ARS CLP COP SGD HKD TWD KRW THB MYR IDR PHP UAH"
)
_CODES = frozenset(_COMMON_CODES.split())
_THOUSANDS = {"k": 1_000, "m": 1_000_000}


def line(value: Any) -> str:
    """One line of text, cut at LONGEST_LINE characters."""
    return cut(as_text(value), LONGEST_LINE)


def notes(value: Any) -> str:
    """Text of several lines, cut at LONGEST_TEXT characters."""
    return cut(as_text(value, lines=True), LONGEST_TEXT)


def external_id(value: Any) -> str:
    """Another system's id, kept to the letter: a cut one would be somebody else's."""
    text = as_text(value)
    if len(text) > _LONGEST_ID:
        raise BadValue(f"is longer than {_LONGEST_ID} characters; send the record's own id")
    return text


def email(value: Any) -> str:
    """An address checked for its syntax (RFC 5321, RFC 6531), not for its mailbox. No message quotes it."""
    text = as_text(value)
    if len(text) > _LONGEST_EMAIL:
        raise BadValue(f"is longer than {_LONGEST_EMAIL} characters; send one address")
    text = re.sub(r"^mailto:", "", re.sub(r"^[^<>]*<([^<>]+)>$", r"\1", text), flags=re.IGNORECASE)
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise BadValue("is not an e-mail address; write one, like jane@example.com") from None


def crm_url(value: Any) -> str:
    """A web link. Raises BadValue unless it is http(s) with a host."""
    text = as_text(value)
    if len(text) > _LONGEST_URL:
        raise BadValue(f"is longer than {_LONGEST_URL} characters; send a shorter link to the record")
    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and parts.hostname and not re.search(r'[\s<>"]', text)
    except ValueError:
        fine = False
    if not fine:
        raise BadValue(f"{quoted(value)} is not a web link; write it whole, starting with https://")
    return text


_COUNT = r"(\d{1,3}(?:[,.' \u2019]\d{3})+|\d+)(?:[.,]0{1,2})?\s?([km])?"
_EMPLOYEES = re.compile(
    rf"(<|under|below|less than|fewer than|up to)?\s?(>=?|~|≥|over|above|more than|at least|about)?"
    rf"\s?{_COUNT}(?:\s?(?:-|\u2013|\u2014|to|bis|\.\.)\s?{_COUNT})?\s?(\+?)\s?(?:employees|people|staff)?",
    re.IGNORECASE,
)


def _count(digits: str, suffix: str | None) -> int:
    return int(re.sub(r"\D", "", digits)) * _THOUSANDS.get((suffix or "").lower(), 1)


def employees(value: Any) -> tuple[int, str | None]:
    """A head count, and the text where it was a range: "200-500" and "200+" are 200, "under 50" is 1.

    Raises BadValue below 0, from 10**8 on, and for what is no number.
    """
    text = as_text(value)
    match = _EMPLOYEES.fullmatch(text) if len(text) <= 60 else None
    if not match:
        raise BadValue(f'{quoted(value)} is not a head count; write a whole number like 250, or "200-500"')
    below, above, low, low_k, high, high_k, plus = match.groups()
    count = 1 if below else _count(low, low_k)
    if high:
        count = min(count, _count(high, high_k))
    if count >= _MOST_EMPLOYEES:
        raise BadValue("is more than any company employs; write a whole number like 250")
    return count, text if below or above or high or plus else None


_MONEY = re.compile(r"([^\d\s.,'()+-]{0,4})\s?([-+(]?)([\d.,' \u2019]+)\)?\s?([^\d\s.,'()+-]{0,4})")
_NUMBERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    (r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?", str),
    (r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", lambda text: text.replace(",", "")),
    (r"[1-9]\d{0,2}(?:\.\d{3})+,\d*", lambda text: text.replace(".", "").replace(",", ".")),
    (r"[1-9]\d{0,2}(?:\.\d{3}){2,}", lambda text: text.replace(".", "")),
    (r"\d+,\d{1,2}", lambda text: text.replace(",", ".")),
)


def _number(text: str) -> Decimal:
    digits = re.sub(r"(?<=\d)[ '\u2019](?=\d)", "", text)
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
        raise BadValue(f"{quoted(text)} can be read two ways; write 12000 or 12.00")
    for pattern, plain in _NUMBERS:
        if re.fullmatch(pattern, digits):
            return Decimal(plain(digits))
    raise BadValue(f"{quoted(text)} is not an amount; write a plain number like 12000.50")


def _money(text: str) -> tuple[Decimal, str | None]:
    if re.fullmatch(_NUMBERS[0][0], text):
        return _number(text), None
    match = _MONEY.fullmatch(text) if len(text) <= 60 else None
    if not match:
        return _number(text), None  # which refuses it
    before, sign, digits, after = match.groups()
    unit = before or after
    if (before and after) or (unit and unit.upper() not in _CODES | _SYMBOLS.keys()):
        raise BadValue(f"{quoted(text)} is not an amount; write a plain number like 12000.50")
    number = _number(digits.strip())
    return -number if sign in ("-", "(") else number, _SYMBOLS.get(unit, unit.upper()) or None


def amount(value: Any) -> tuple[Decimal, str | None]:
    """An amount of money, rounded half up to two decimals, and its currency where the text names one.

    "12,000.50" and "€ 12.000,50" are the same number; "12.000", which could be twelve or twelve thousand, is
    refused. Raises BadValue below 0 and from 10**13 on.
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
    """A currency's three letters (ISO 4217), in capitals; the list of currencies is not checked."""
    text = as_text(value)
    text = _SYMBOLS.get(text) or text
    if not re.fullmatch("[A-Za-z]{3}", text):
        raise BadValue(f'{quoted(value)} is not a currency; write its three letters, like "USD"')
    return text.upper()


def yes_no(value: Any) -> bool:
    """Yes or no, in the words that exports use for it."""
    try:
        return _YES_NO[as_text(value).casefold()]
    except KeyError:
        raise BadValue(f"{quoted(value)} is neither yes nor no; write true or false") from None


def stage(value: Any) -> Stage:
    """A stage that another system may set, by Baton's name or a common one ("Closed Won")."""
    try:
        return _STAGE_NAMES[simplify(as_text(value))]
    except KeyError:
        names = ", ".join(each.value for each in CRM_STAGES)
        raise BadValue(
            f"{quoted(value)} is not a stage that can be set from outside; write one of {names}"
        ) from None


def _epoch(seconds: float) -> datetime:
    if seconds >= _MILLISECONDS_FROM:
        seconds /= 1000
    if not 0 <= seconds < _LATEST:  # false for NaN too
        raise ValueError("outside the calendar")
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)


def _calendar(text: str) -> datetime:
    if re.match(r"\d{4}/", text):
        text = text.replace("/", "-")
    return datetime.fromisoformat(re.sub(r" ?(?:UTC|GMT)$", "Z", text))


def moment(value: Any) -> datetime:
    """A moment as aware UTC: ISO 8601 (without offset: UTC; a date alone: its midnight UTC), or epoch seconds
    or milliseconds. Raises BadValue for anything else, and before 1970."""
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found = _epoch(value)
        else:
            text = as_text(value)
            found = _epoch(float(text)) if re.fullmatch(r"\d{9,13}(?:\.\d+)?", text) else _calendar(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue(f"{quoted(value)} is not a date or time; write it like 2026-11-05T14:30:00Z") from None
    if found.year < 1970:
        raise BadValue(f"{quoted(value)} lies before 1970; write it like 2026-11-05T14:30:00Z")
    return found


def activity_type(value: Any) -> str:
    """What happened, in lower snake case: "Demo Request" and "DemoRequest" are `demo_request`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", as_text(value))
    name = re.sub(r"[\W_]+", "_", words.casefold()).strip("_")
    if not name or len(name) > 64:
        raise BadValue(f"{quoted(value)} is not a type of activity; write a short name like demo_request")
    return name
