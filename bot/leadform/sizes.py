"""A company's head count: from a number, a range, a band's name, or what a spreadsheet made of them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from bot.leadform.months import month_named
from bot.leadform.text import BadValue, as_text, quoted, simplify

_LONGEST = 80
_MOST_EMPLOYEES = 10**8

_ALONE = """
justme onlyme myself myselfonly selfemployed selfemployed1 solo solopreneur soloentrepreneur freelancer
freelance soletrader soleproprietor oneperson nurich einzelunternehmer selbststandig selbständig freiberufler
moiuniquement justemoi independant indépendant autoentrepreneur soloyo autonomo autónomo soeu sóeu apenaseu
alleenik zzp zzper soloio liberoprofessionista 自分のみ 個人事業主 1人
"""
_JUST_ONE = frozenset(_ALONE.split())


def _any(words: str) -> str:
    """Any of the words that stand between bars, in a regular expression."""
    return "|".join(sorted(words.split("|"), key=len, reverse=True))


_BELOW = _any(
    r"<|<=|≤|under|below|less than|fewer than|up to|unter|weniger als|bis zu|bis|moins de|jusqu'à|menos de"
    r"|hasta|até|minder dan|tot|meno di|fino a"
)
_ABOVE = _any(
    r">|>=|≥|over|above|more than|at least|über|mehr als|mindestens|ab|plus de|más de|mais de|meer dan|più di"
    r"|oltre"
)
_ABOUT = _any(r"~|about|around|approx\.?|approximately|circa|ca\.?|etwa|rund|environ|cerca de")
_UNITS = _any(
    r"employees|employee|people|person|persons|staff|ftes?|headcount|mitarbeiter[\w:*]*"
    r"|mitarbeitende|beschäftigte|angestellte|personen|salariés|employés|personnes|collaborateurs|empleados"
    r"|personas|trabajadores|funcionários|colaboradores|pessoas|medewerkers|werknemers|dipendenti|addetti"
    r"|persone|人|名|社員"
)
_BANDS = _any(
    r"micro|very small|small|smb|sme|startup|medium|mid-?\s?market|mid-?size[d]?|large|enterprise|corporate"
    r"|size"
)
_OR_MORE = _any(
    r"\+|or more|and more|and above|and up|plus|oder mehr|und mehr|et plus|ou plus|o más|y más|ou mais"
    r"|of meer|o più|e oltre|以上"
)

_NUMBER = r"(\d{1,3}(?:[,.' \u2019]\d{3})+|\d+)([.,]\d{1,2})?\s?(k|m|tsd\.?|thousand|mio\.?|million)?"
_DASHES = "-|\u2010|\u2011|\u2012|\u2013|\u2014|~|\u301c|\uff5e"
_TO = rf"\s?(?:{_DASHES}|to|bis|à|a|al|ate|até|tot|through|and|und|et|y|en|\.\.+)\s?"
_FROM = "de|from|von|van|da|entre|between|zwischen|tussen|tra"


@cache
def _size() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?:{_FROM}) )?(?:(?P<below>{_BELOW})|(?P<above>{_ABOVE})|(?:{_ABOUT}))?\s?{_NUMBER}"
        rf"(?:{_TO}{_NUMBER})?\s?(?P<plus>{_OR_MORE})?",
        re.IGNORECASE,
    )


@cache
def _words() -> re.Pattern[str]:
    """What stands around a number: the word for people, the name of a band."""
    return re.compile(
        rf"\s?(?:{_UNITS})\b\.?|^(?:{_BANDS})\b\s?(?:business|company|companies)?\s?[:(-]?\s?", re.IGNORECASE
    )


_IN_BRACKETS = re.compile(r"(.*?)\s?[(\[]([^()\[\]]*)[)\]]\s?(.*)")
_DAY_AND_MONTH = re.compile(r"(\d{1,2})[.]?[\s-]+([^\W\d_]{3,10})\.?")
_MONTH_AND_YEAR = re.compile(r"([^\W\d_]{3,10})\.?[\s-]+(\d{2})")
_TIMES = {"k": 1_000, "tsd": 1_000, "thousand": 1_000, "m": 10**6, "mio": 10**6, "million": 10**6}


def employees(value: Any) -> tuple[int, str | None]:
    """A head count, and the text where it was a range: "200-500" and "200+" are 200, "under 50" is 1.

    "Just me" is 1, "Mid-Market (200-999)" 200; "Nov-50" and "1-Oct" are what a spreadsheet makes of 11-50 and
    1-10, and come back as those. Raises BadValue below 0, from 10**8 on, and for what is no number.
    """
    text = as_text(value)
    if text.isdecimal() and len(text) <= 8:
        return int(text), None
    if simplify(text) in _JUST_ONE:
        return 1, text
    repaired = _repaired(text)
    match = _size().fullmatch(_number_of(repaired or text)) if len(text) <= _LONGEST else None
    if not match:
        raise BadValue(f'{quoted(value)} is not a head count; write a whole number like 250, or "200-500"')
    low = _count(match[3], match[4], match[5], text)
    high = _count(match[6], match[7], match[8], text) if match[6] else None
    count = 1 if match["below"] else low if high is None else min(low, high)
    if count >= _MOST_EMPLOYEES:
        raise BadValue("is more than any company employs; write a whole number like 250")
    vague = match["below"] or match["above"] or match[6] or match["plus"]
    return count, (repaired or text) if vague else None


def _number_of(text: str) -> str:
    """The text without the band's name and the word for people: "Mid-Market (200-999)" is "200-999"."""
    if brackets := _IN_BRACKETS.fullmatch(text):
        outside, inside = f"{brackets[1]} {brackets[3]}", brackets[2]
        text = inside if re.search(r"\d", inside) and not re.search(r"\d", outside) else outside
    return " ".join(_words().sub("", text.strip()).split())


def _count(digits: str, fraction: str | None, times: str | None, text: str) -> int:
    number = float(re.sub(r"\D", "", digits) + (fraction or "").replace(",", "."))
    number *= _TIMES[times.rstrip(".").casefold()] if times else 1
    if not number.is_integer():
        raise BadValue(f'{quoted(text)} is not a head count; write a whole number like 250, or "200-500"')
    return int(number)


def _repaired(text: str) -> str | None:
    """The range that a spreadsheet took for a date; None for anything else."""
    if match := _MONTH_AND_YEAR.fullmatch(text):
        word, other = match.groups()
    elif match := _DAY_AND_MONTH.fullmatch(text):
        other, word = match.groups()
    else:
        return None
    month = month_named(word)
    return f"{min(month, int(other))}-{max(month, int(other))}" if month else None
