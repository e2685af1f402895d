"""How one value is read: text, e-mail, link, count, amount, yes or no, moment, stage.

Each reader returns the clean value or raises BadValue with a sentence that says what to write instead. What
an empty value means, and how fields act on each other, is left to reading.py.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.leadform.dates import read_moment
from bot.leadform.ids import read_id
from bot.leadform.keys import host_of
from bot.leadform.money import amount as amount
from bot.leadform.money import currency as currency
from bot.leadform.sizes import employees as employees
from bot.leadform.stages import CRM_STAGES as CRM_STAGES
from bot.leadform.stages import stage as stage
from bot.leadform.text import LONGEST_TEXT as LONGEST_TEXT
from bot.leadform.text import BadValue as BadValue
from bot.leadform.text import any_text as any_text
from bot.leadform.text import as_text as as_text
from bot.leadform.text import clean as clean
from bot.leadform.text import cut as cut
from bot.leadform.text import quoted as quoted

LONGEST_LINE = 255
LONGEST_TYPE = 64
_LONGEST_EMAIL = 320
_LONGEST_ID = 200
_LONGEST_URL = 2_000
# Most addresses, of which the validator says nothing else; it takes a fifth of the time of reading a file.
_PLAIN_ADDRESS = re.compile(
    r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[A-Za-z0-9]{2,}\.)+(?:com|org|net|edu|gov|io|de|fr|uk|nl|es|it|pl|ca|jp)"
)
_LONGEST_PLAIN = 60

_WITHOUT_SCHEME = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_YES_NO = dict.fromkeys(("true", "yes", "y", "t", "1", "on", "x", "ja", "oui", "si"), True) | dict.fromkeys(
    ("false", "no", "n", "f", "0", "off", "nein", "non"), False
)


def line(value: Any) -> str:
    """One line of text, cut at LONGEST_LINE characters."""
    return cut(as_text(value), LONGEST_LINE)


def notes(value: Any) -> str:
    """Text of several lines, cut at LONGEST_TEXT characters."""
    return cut(as_text(value, lines=True), LONGEST_TEXT)


def external_id(value: Any) -> str | None:
    """Another system's id, kept to the letter, because a cut one would be somebody else's; None for no id."""
    text = as_text(value)
    if len(text) > _LONGEST_ID:
        raise BadValue(f"is longer than {_LONGEST_ID} characters; send the record's own id")
    return read_id(text).id


def email(value: Any) -> str:
    """An address checked for its syntax (RFC 5321, RFC 6531), not for its mailbox. No message quotes it."""
    text = as_text(value)
    if len(text) > _LONGEST_EMAIL:
        raise BadValue(f"is longer than {_LONGEST_EMAIL} characters; send one address")
    if len(text) <= _LONGEST_PLAIN and _PLAIN_ADDRESS.fullmatch(text):
        local, _, domain = text.partition("@")
        return f"{local}@{domain.lower()}"
    text = re.sub(r"^mailto:", "", re.sub(r"^[^<>]*<([^<>]+)>$", r"\1", text), flags=re.IGNORECASE)
    from email_validator import EmailNotValidError, validate_email  # a start does without it

    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise BadValue("is not an e-mail address; write one, like jane@example.com") from None


def crm_url(value: Any) -> str:
    """A web link; without a scheme it is https. Raises BadValue unless it is http(s) with a host."""
    text = as_text(value)
    if _WITHOUT_SCHEME.fullmatch(text):
        text = f"https://{text}"
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


def yes_no(value: Any) -> bool:
    """Yes or no, in the words that exports use for it."""
    try:
        return _YES_NO[as_text(value).casefold()]
    except KeyError:
        raise BadValue(f"{quoted(value)} is neither yes nor no; write true or false") from None


def moment(value: Any) -> datetime:
    """A moment as aware UTC, on its own: a date that may be two days is refused. See dates.read_moment."""
    return read_moment(value)


def any_moment(value: Any) -> datetime:
    """A moment as `moment` reads it, of any year. Raises BadValue for what is none."""
    return read_moment(value, any_year=True)


def activity_type(value: Any) -> str:
    """What happened, in lower snake case: "Demo Request" and "DemoRequest" are `demo_request`."""
    name = snake_case(as_text(value))
    if not name or len(name) > LONGEST_TYPE:
        raise BadValue(f"{quoted(value)} is not a type of activity; write a short name like demo_request")
    return name


def snake_case(text: str) -> str:
    """The words of a text in small letters with "_" between them; empty where it has no letter or digit."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[\W_]+", "_", words.casefold()).strip("_")


def domain(value: Any) -> str | None:
    """A company's host in its wire form; None for a website that is none, such as "coming soon"."""
    return host_of(as_text(value))
