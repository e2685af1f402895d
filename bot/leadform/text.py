"""Text as anything else can rely on it: clean, short, one line; and how a value is shown in a message.

What a text means is left to the readers of values.
"""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

from bot.agreement.matching import simplify as simplify

LONGEST_TEXT = 10_000

# Control characters (PostgreSQL refuses NUL), zero-width spaces, and marks that reverse the text after them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\ufeff\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class BadValue(ValueError):
    """A value that cannot be read; the text says what to write instead."""


def clean(text: str, *, lines: bool = False) -> str:
    """Text without what a database or a reader trips over; on one line unless `lines` are kept."""
    if text.isprintable():  # most is, and needs no second look
        return text.strip() if lines else " ".join(text.split())
    text = _SURROGATE.sub("\ufffd", _UNSEEN.sub("", text))
    if lines:
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return " ".join(text.split())


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as fits into `limit` characters, the last of them "…"."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quoted(value: object) -> str:
    """A value as a message shows it."""
    if isinstance(value, (list, dict)):
        return "this"
    try:
        return f'"{cut(clean(str(value)), 40)}"'
    except ValueError:  # an integer of thousands of digits has no text
        return "this"


def as_text(value: Any, *, lines: bool = False) -> str:
    """Any scalar as clean text; whole floats lose their ".0". Raises BadValue for lists and objects."""
    if isinstance(value, str):
        return clean(value, lines=lines)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    if isinstance(value, (int, float, Decimal, date)):
        try:
            return str(value)
        except ValueError:
            raise BadValue("is a number of thousands of digits; send it as text") from None
    raise BadValue("must be text, not a list or an object")


def any_text(value: Any) -> str:
    """Whatever a sender attached, as text: scalars as they are, lists and objects as JSON. Never fails."""
    try:
        text = as_text(value, lines=True)
    except BadValue:
        try:
            text = clean(json.dumps(value, ensure_ascii=False, default=str), lines=True)
        except (ValueError, TypeError, RecursionError):
            text = "…"
    return cut(text, LONGEST_TEXT)
