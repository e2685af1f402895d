"""How somebody is written in texts of others: their addresses, numbers and profiles, and in notes their name.

Each as a whole: "joann@acme.com" is not "ann@acme.com", and a longer number is another's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.rules.names import Name
from storage.mentions import BETWEEN_DIGITS, DASHES, SPACES, Spelling

_SHORTEST_NUMBER = 7
"""Digits; a shorter one stands in other texts by chance."""
_BETWEEN = f"[{re.escape(BETWEEN_DIGITS)}]{{0,3}}"
_AFTER_DIGIT = f"[{re.escape(SPACES + DASHES)}./(]"
_DASH = f"[{re.escape(DASHES)}]"
_KINDS = (_DASH, "['\u2019\u02bc]", r"\s+")
"""What stands between the words of a name, whichever of its kind somebody writes."""
_BETWEEN_WORDS = re.compile("|".join(_KINDS))
_ALONE, _ENDS = rf"(?<!\w)(?<!{_DASH})", rf"(?!\w|{_DASH})"
_NOT_WITHIN = rf"(?<!\d{_AFTER_DIGIT})(?<!\d[{SPACES}]\()"
"""Not behind another country's code, whose number it would be."""


def of_address(address: str) -> Spelling:
    """An address, with whatever plus-tag, and as it stands in a web address."""
    local, _, domain = address.strip().rpartition("@")
    local = local.partition("+")[0] or local
    mailbox = rf"(?<![\w.+-]){re.escape(local)}(?:\+[\w.+-]{{0,64}})?"
    return Spelling(rf"{mailbox}(?:@|%40){re.escape(domain)}(?![\w-]|\.\w)", (local, domain))


def of_number(number: str, country_code: str | None = None) -> Iterator[Spelling]:
    """A phone number in whatever grouping; none for one that is too short to be anybody's.

    With its country's code it is an international one: it is also written as it is dialled at home.
    """
    digits = "".join(each for each in number if each.isdecimal())
    if len(digits) < _SHORTEST_NUMBER:
        return
    if country_code is None or not digits.startswith(country_code):
        yield Spelling(rf"(?<!\d)\+?{_grouped(digits)}(?!\d)", (digits,), digits=True)
        return
    at_home = digits.removeprefix(country_code)
    abroad = rf"(?:\+|00)?{_grouped(country_code)}{_BETWEEN}(?:0{_BETWEEN})?"
    prefix = rf"(?:{abroad}|{_NOT_WITHIN}(?:0{_BETWEEN})?)"
    yield Spelling(rf"(?<!\d){prefix}{_grouped(at_home)}(?!\d)", (at_home,), digits=True)


def of_profile(url: str) -> Spelling:
    """A page at a social network, with or without its scheme."""
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", url.strip(), flags=re.IGNORECASE).rstrip("/")
    return Spelling(rf"(?:https?://)?(?<![\w-])(?:www\.)?{re.escape(bare)}/?(?![\w-])", (bare,))


def of_names(names: Iterable[Name]) -> Iterator[Spelling]:
    """Whole names, either part first, for notes."""
    for name in names:
        first, last = " ".join((name.first or "").split()), " ".join((name.last or "").split())
        if first and last:
            one, other = _written(first), _written(last)
            firsts, lasts = _words(first), _words(last)
            yield Spelling(rf"{_ALONE}{one}\s+{other}{_ENDS}", (*firsts, *lasts), name=True)
            yield Spelling(rf"{_ALONE}{other},?\s+{one}{_ENDS}", (*lasts, *firsts), name=True)


def _words(name: str) -> list[str]:
    return [each for each in _BETWEEN_WORDS.split(name) if each]


def _written(name: str) -> str:
    """A name with whatever kind of apostrophe, hyphen or space."""
    kinds = (next((kind for kind in _KINDS if re.fullmatch(kind, each)), re.escape(each)) for each in name)
    return "".join(kinds)


def _grouped(digits: str) -> str:
    return _BETWEEN.join(digits)
