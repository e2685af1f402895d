"""Regular expressions of the agreement, by an engine that cannot be held up: RE2, linear in the text.

It knows neither back references nor looking ahead or behind, and counts only letters of ASCII as a word's;
so that `\\b` and `\\w` mean in every script what they say, a pattern with those sees other letters spelt out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re2

_OF_WORDS = re.compile(r"\\[bBwW]")
_OTHER_SET = re.compile(r"\[[^\]]*[^\x00-\x7f]")  # letters beyond ASCII in a set
_LETTER = re.compile(r"[^\W\d_]|\d")
_NUMBERED = re.compile(r"\\u([0-9A-Fa-f]{4})")  # a letter by its number, as RE2 does not write it
_ASCII_END = 0x80


def searching(pattern: str) -> Callable[[str], bool]:
    """A test whether a text has the pattern in it, whatever its case.

    Raises ValueError, which says what of the pattern RE2 does not know.
    """
    found = _compiled(pattern)
    if not _OF_WORDS.search(pattern) or _OTHER_SET.search(pattern):
        return lambda text: found.search(text) is not None
    spelt = _compiled(_spelt_out(pattern))

    def test(text: str) -> bool:
        if text.isascii():
            return found.search(text) is not None
        return spelt.search(_spelt_out(text)) is not None

    return test


@cache
def linear(pattern: str) -> re2._Regexp:
    """A pattern of our own, compiled for `fullmatch` and its groups, whatever its case."""
    return _compiled(pattern)


def _compiled(pattern: str) -> re2._Regexp:
    import re2  # 2.5 MB, which an agreement without a pattern does without

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
