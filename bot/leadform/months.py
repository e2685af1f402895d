"""Months by name, in eight languages, long and short."""

from __future__ import annotations

import unicodedata
from functools import cache

from bot.leadform.countries import LANGUAGES

_MONTHS = "january february march april may june july august september october november december"
_ENGLISH = _MONTHS.split()
_NUMBERS = {name: number for number, name in enumerate(_ENGLISH, 1)} | {
    name[:3]: number for number, name in enumerate(_ENGLISH, 1)
}
_NUMBERS["sept"] = 9


@cache
def _elsewhere() -> dict[str, int]:
    from babel import Locale

    found: dict[str, int] = {}
    for language in LANGUAGES:
        months = Locale(language).months
        for context in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                for number, name in months[context][width].items():
                    found[_fold(str(name))] = number
    return {name: number for name, number in found.items() if not name[0].isdigit()} | _NUMBERS


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip(". ")


def month_named(word: str) -> int | None:
    """1 to 12 for "November", "Nov", "nov.", "Okt", "août", "déc."; None for any other word."""
    name = word.casefold()
    return _NUMBERS.get(name) or _elsewhere().get(_fold(word))
