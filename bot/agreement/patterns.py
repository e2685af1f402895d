"""Regular expressions of the agreement, by an engine that cannot be held up: RE2, linear in the text.

A pattern that repeats nothing cannot hold up Python's own, which then spares a start RE2's 4 MB.

It knows neither back references nor looking ahead or behind, and counts only letters of ASCII as a word's;
so that `\\b` and `\\w` mean in every script what they say, a pattern with those sees other letters spelt out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re2

_OF_WORDS = re.compile(r"\\[bBwW]")
_OTHER_SET = re.compile(r"\[[^\]]*[^\x00-\x7f]")  # letters beyond ASCII in a set
_LETTER = re.compile(r"[^\W\d_]|\d")
_NUMBERED = re.compile(r"\\u([0-9A-Fa-f]{4})")  # a letter by its number, as RE2 does not write it
_ASCII_END = 0x80
_REPEATS_NOTHING = re.compile(r"(?!.*\(\?)(?:[A-Za-z0-9 _/|()^$-]|\\b|\[[a-z]-[a-z]]|(?<!\?)\?)+", re.ASCII)
_MAYBES = 8
"""So many parts may be there or not; each doubles the ways in which a text is tried at worst."""


def searching(pattern: str) -> Callable[[str], bool]:
    """A test whether a text has the pattern in it, whatever its case.

    Raises ValueError, which says what of the pattern RE2 does not know.
    """
    if (simple := _repeating_nothing(pattern)) is not None:
        return lambda text: simple.search(text) is not None
    found = _compiled(pattern)
    if not _OF_WORDS.search(pattern) or _OTHER_SET.search(pattern):
        return lambda text: found.search(text) is not None
    spelt = _compiled(_spelt_out(pattern))

    def test(text: str) -> bool:
        if text.isascii():
            return found.search(text) is not None
        return spelt.search(_spelt_out(text)) is not None

    return test


def _repeating_nothing(pattern: str) -> re.Pattern[str] | None:
    """The pattern for Python's engine, where both take it alike; None for those that RE2 is for."""
    if pattern.count("?") > _MAYBES or not _REPEATS_NOTHING.fullmatch(pattern):
        return None
    try:
        return re.compile(pattern.replace("$", r"\Z"), re.IGNORECASE)
    except re.error:
        return None  # RE2 says what is wrong with it


def _compiled(pattern: str) -> re2._Regexp:
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 1 << 20
    plain = _NUMBERED.sub(r"\\x{\1}", pattern).replace(r"\Z", r"\z")
    try:
        return re2.compile(plain, options)
    except (re2.error, UnicodeError) as error:
        why = error.args[0] if error.args else ""
        said = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        raise ValueError(said or "it cannot be read") from None


def _spelt_out(text: str) -> str:
    """The text with each letter beyond ASCII written as some of ASCII, its capital as the small one."""
    return _LETTER.sub(_spell, text)


def _spell(letter: re.Match[str]) -> str:
    found = letter[0]
    return found if ord(found) < _ASCII_END else "".join(f"q{ord(each):x}q" for each in found.lower())
