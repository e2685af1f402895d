"""How somebody is written in texts of others: their addresses, numbers and profiles, and in notes their name.

Each as a whole: "joann@acme.com" is not "ann@acme.com", and a longer number is another's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.rules.names import Name
from storage.mentions import BETWEEN_DIGITS, Spelling

_SHORTEST_NUMBER = 7
"""Digits; a shorter one stands in other texts by chance."""
_BETWEEN = f"[{re.escape(''.join(each for each in BETWEEN_DIGITS if len(each) == 1))}]{{0,3}}"
_NOT_WITHIN = r"(?<!\d[ ./(-])(?<!\d \()"
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
            one, other = _words(first), _words(last)
            yield Spelling(rf"(?<![\w-]){one}\s+{other}(?![\w-])", (first, last), name=True)
            yield Spelling(rf"(?<![\w-]){other},?\s+{one}(?![\w-])", (last, first), name=True)


def _words(text: str) -> str:
    return r"\s+".join(map(re.escape, text.split()))


def _grouped(digits: str) -> str:
    return _BETWEEN.join(digits)
