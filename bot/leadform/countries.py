"""A country's ISO 3166 code, from its code or its name in any of eight languages.

The names are Unicode's (CLDR), as Babel ships them; loaded when the first name turns up that is none of the
usual ones.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from bot.memory import remembered

LANGUAGES = ("en", "de", "fr", "es", "pt", "nl", "it", "ja")
"""The languages that files of leads are understood in."""

_NO_COUNTRIES = frozenset(
    {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
)  # regions that CLDR names like countries
_LONGEST = 80

# What people write and Unicode does not list. Without case, accents and punctuation.
_OTHERWISE = {
    "GB": "uk, great britain, england, scotland, wales, northern ireland, britain, united kingdom of great"
    " britain and northern ireland, grossbritannien, england uk, royaume uni",
    "US": "usa, united states, united states of america, america, the states, us of a, vereinigte staaten von"
    " amerika, estados unidos de america, etats unis d amerique, eeuu, ee uu, eua, stati uniti d america",
    "NL": "holland, the netherlands, pays bas, nederland",
    "CZ": "czech republic, czechia, tschechische republik, republique tcheque, ceska republika, cesko",
    "KR": "korea, south korea, republic of korea, korea republic of, korea south",
    "KP": "north korea, korea democratic peoples republic of, democratic peoples republic of korea",
    "RU": "russia, russian federation",
    "VN": "vietnam, viet nam",
    "AE": "uae, emirates",
    "HK": "hong kong, hongkong, hong kong sar",
    "MO": "macau, macao",
    "TW": "taiwan, taiwan province of china, taiwan republic of china",
    "CN": "china, peoples republic of china, prc, mainland china",
    "CI": "ivory coast, cote divoire",
    "CD": "congo democratic republic of the, congo the democratic republic of the, dr congo, drc",
    "CG": "congo republic of the, republic of the congo",
    "TR": "turkey, turkiye",
    "MK": "macedonia, north macedonia",
    "IE": "republic of ireland, eire",
    "SZ": "swaziland",
    "MM": "burma",
    "CV": "cape verde",
    "DE": "germany, deutschland, brd, federal republic of germany",
    "AT": "austria, osterreich, oesterreich",
    "CH": "switzerland, schweiz, suisse, svizzera",
    "DK": "danmark",
    "SE": "sverige",
    "NO": "norge",
    "FI": "suomi",
    "PL": "polska",
    "HU": "magyarorszag",
    "PS": "palestine, palestinian territory occupied",
    "VA": "holy see, vatican",
    "LA": "laos",
    "SY": "syria",
    "MD": "moldova",
    "TZ": "tanzania",
    "VE": "venezuela",
    "BO": "bolivia",
    "IR": "iran",
}


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"['\u2019.]", "", plain)
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


_USUAL = {name.strip(): code for code, names in _OTHERWISE.items() for name in names.split(",")}


@cache
def _known() -> tuple[dict[str, str], frozenset[str]]:
    """All names and three-letter codes, and the two-letter codes that are a country's."""
    from babel import Locale
    from babel.core import get_global

    names: dict[str, str] = {}
    for language in reversed(LANGUAGES):  # English last: where two languages differ, it decides
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES:
                names[_fold(name)] = code
    codes = frozenset(names.values())
    for old, new in get_global("territory_aliases").items():
        if len(old) == 3 and old.isalpha() and len(new) == 1:
            names[old.casefold()] = new[0]
    return names | _USUAL, codes


@remembered(4096)
def country_code(text: str) -> str | None:
    """The two-letter code (ISO 3166) of a country, by code or by name; None where it names none.

    "Deutschland", "Allemagne", "DEU", "de" and "Germany (DE)" are DE. Never fails.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    folded = _fold(text)
    if folded in _USUAL:
        return _USUAL[folded]
    names, codes = _known()
    if text.upper() in codes:
        return text.upper()
    short = _fold(re.split(r"[,(/]", text)[0])
    for name in (folded, folded.removeprefix("the "), short, short.removeprefix("the ")):
        if name in names:
            return names[name]
    return None
