"""Cells that people open in a spreadsheet: none may begin like a formula, and none is lost by that.

What is written with a quote in front is read without it. Which cells a file has is left to others.
"""

from __future__ import annotations

import re

_STARTS_A_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"-\d{1,15}(?:\.\d{1,15})?")
_PLAIN_TEXT = re.compile(r'="[^"&(]*"')
_QUOTED = re.compile(r"'(?='*(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20\d]|[\t\r\n]))")


def guarded(text: str) -> str:
    """A cell that opens nothing: with a quote in front where it begins like a formula and is no number.

    A phone number is quoted too, for a spreadsheet would take it for a sum.
    """
    if _QUOTED.match(text):
        return f"'{text}"  # a quote of its own is to be told from ours
    return f"'{text}" if _STARTS_A_FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """A cell as it was before `guarded`; also without the quote that keeps a number as text in a sheet."""
    return text[1:] if is_guarded(text) else text


def is_guarded(text: str) -> bool:
    """Whether a quote in front says that the cell is text, whatever it looks like."""
    return text[:1] == "'" and _QUOTED.match(text) is not None


def guarded_again(text: str) -> str:
    """A cell of somebody else's file, to be written back: `="00123"` is the text that it says, and stays."""
    return text if _PLAIN_TEXT.fullmatch(text) else guarded(unguarded(text))
