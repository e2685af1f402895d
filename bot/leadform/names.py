"""A person's full name, taken apart into first and last.

`nameparser` knows titles, degrees and particles; here is what lists of leads have besides: pronouns, jobs and
companies behind the name, two scripts side by side, family names in front. Which column wins is left to
reading.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bot.leadform.legal_forms import EASTERN
from bot.leadform.name_lists import (
    AMBIGUOUS_LEGAL_FORMS,
    COMPANY_WORDS,
    JAPANESE_FAMILY_NAMES,
    KOREAN_FAMILY_NAMES,
    LEGAL_FORMS,
    MORE_TITLES,
    NOT_A_NAME,
    SHORT_JAPANESE_FAMILY_NAMES,
    SPANISH_FAMILY_NAMES,
    TITLES,
    VIETNAMESE_FAMILY_NAMES,
    VIETNAMESE_MIDDLE_NAMES,
)
from bot.leadform.text import clean
from bot.memory import remembered

if TYPE_CHECKING:
    from nameparser import ParsedName, Parser

_LONGEST = 200
_PARTICLES = frozenset({"von", "van", "de", "zu", "vom", "zum", "di", "du"})
_GENERATIONS = frozenset({"Filho", "Neto", "Sobrinho"})
_FAMILY_FIRST = frozenset({"CN", "HK", "JP", "KR", "MO", "TW", "VN"})

_PRONOUN = (
    "she|her|hers|he|him|his|they|them|theirs|ze|zir|hir|xe|xem|any|all"
    "|sie|ihr|er|ihm|elle|il|iel|ella|él|elu"
)
_PRONOUNS = re.compile(rf"[,(\[{{|\s]*\b(?:{_PRONOUN})(?:\s?/\s?(?:{_PRONOUN}))+\b\s*[)\]}}]?", re.IGNORECASE)
_AFTER_A_BAR = re.compile(r"(\S+ .*?\S)(?:\s+[|·•@\u2013\u2014-]\s+|\s*(?://|\|)).*")
_MARKS = re.compile("[®™©*]")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々"
_KANA = "\u3040-\u30ff"
_EASTERN = re.compile(f"[{_HAN}{_KANA}\uac00-\ud7a3]")
_HAN_NAME = re.compile(f"[{_HAN}]{{2,4}}")
_KANJI_THEN_KANA = re.compile(f"([{_HAN}]{{1,3}})([{_KANA}]{{2,6}})")
_LATIN_WORD = re.compile(r"[^\W\d_]*[A-Za-z\u00c0-\u024f][\w.'\u2019-]*")
_PLAIN = re.compile(r"([A-Z][a-z]{2,}) ([A-Z][a-z]{2,})")
_CREDENTIAL = re.compile(r"[A-Z][A-Za-z]*[A-Z][A-Z0-9.+-]*")
_KOREAN_GIVEN = re.compile(r"[A-Z][a-z]{1,5}-[a-z]{2,6}")
_VIETNAMESE_LETTER = re.compile("[\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
_EASTERN_COMPANY = re.compile(
    "|".join(EASTERN)
    + r"|\b(?:\u041e\u041e\u041e|\u0417\u0410\u041e|\u041e\u0410\u041e|\u041f\u0410\u041e)\b"
)
_TEST_LEAD = re.compile(r"<test lead\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PersonName:
    """First and last name. `first` has middle names and initials too; `last` its particles ("van der Berg").

    Titles, degrees, pronouns, "Jr." and nicknames belong to neither. One of the two may be missing.
    """

    first: str | None
    last: str | None


@remembered(4096)
def read_name(text: str, country: str | None = None) -> PersonName | None:
    """The person of a full name, in either order and in any script; None for what is no person's name.

    `country` (ISO 3166, two letters) settles what writing alone does not: where families stand in front, and
    whose kanji they are. A lone name is the first one, as it is used to address somebody.
    """
    text = _MARKS.sub("", clean(text)).strip("'\" ")
    if len(text) > _LONGEST or _is_no_name(text):
        return None
    if country not in _FAMILY_FIRST and (plain := _PLAIN.fullmatch(text)):
        first, last = plain.groups()
        if not {first.casefold(), last.casefold()} & (TITLES | COMPANY_WORDS):
            return PersonName(first, last)
    text = _AFTER_A_BAR.sub(r"\1", _without_pronouns(text)).strip(" ,;-")
    if is_company(text):
        return None
    text = _one_script(_without_job(text))
    return next((name for rule in _RULES if (name := rule(text, country))), None)


def _is_no_name(text: str) -> bool:
    return (
        "@" in text
        or not any(map(str.isalpha, text))
        or any(map(str.isdigit, text))
        or bool(_TEST_LEAD.search(text))
        or text.casefold() in NOT_A_NAME
        or "://" in text
    )


def is_company(text: str) -> bool:
    """Whether a name ends as companies do: in a legal form, or in a word like "Solutions"."""
    front, comma, behind = text.rpartition(",")
    if comma and len(front.split()) > 1 and len(behind.split()) > 1:
        return False  # somebody, and where they work
    if _EASTERN_COMPANY.search(text):
        return True
    *before, last = text.replace(",", " ").split() or [""]
    if not before:
        return False
    plain = last.replace(".", "")
    if plain.casefold() in LEGAL_FORMS | COMPANY_WORDS:
        return True
    if plain in AMBIGUOUS_LEGAL_FORMS and not text.isupper() and "," not in text:
        return True
    joined = "".join(text.casefold().replace(".", "").split()[-3:])
    return joined.endswith(("spzoo", "sro", "&co"))


def _without_pronouns(text: str) -> str:
    return _PRONOUNS.sub(" ", text).strip(" ,")


def _without_job(text: str) -> str:
    """Without what stands behind a whole name and a comma: a credential, a job, an employer.

    "Jane Doe, CSPO, Head of Sales" is Jane Doe; "van der Berg, Anna" and "DOE SMITH, JANE" are left alone.
    """
    name, *behind = (part.strip() for part in text.split(","))
    if len(name.split()) < 2 or not behind:
        return text
    if is_company(behind[-1]) or (not text.isupper() and _CREDENTIAL.fullmatch(behind[0])):
        return name
    words = behind[0].casefold().split()
    return name if {"of", "at", "for", "manager", "director", "engineer", "founder"} & set(words) else text


def _one_script(text: str) -> str:
    """One of two spellings that stand side by side: "Lee, Min-ho 이민호" is "Lee, Min-ho"."""
    if not _EASTERN.search(text) or not _LATIN_WORD.search(text):
        return text
    outside = re.sub(r"[(\[\uff08].*?[)\]\uff09]", " ", text).strip()
    if outside and not (_EASTERN.search(outside) and _LATIN_WORD.search(outside)):
        return outside
    latin = " ".join(word for word in text.split() if not _EASTERN.search(word)).strip(" ,()")
    return latin if len(_LATIN_WORD.findall(latin)) > 1 else re.sub(r"[A-Za-z().,]+", " ", text).strip()


def _in_kanji(text: str, country: str | None) -> PersonName | None:
    """A Chinese or Japanese name without a space. Where it cannot be told where it parts, it stays whole."""
    if mixed := _KANJI_THEN_KANA.fullmatch(text):
        return PersonName(mixed[2], mixed[1])
    if not _HAN_NAME.fullmatch(text):
        return None
    japanese = next((size for size in (3, 2) if text[:size] in JAPANESE_FAMILY_NAMES and text[size:]), 0)
    if country == "JP" or (japanese and country not in ("CN", "HK", "MO", "TW")):
        short = text[0] in SHORT_JAPANESE_FAMILY_NAMES
        cut = japanese or (1 if short else 2 if len(text) == 4 else 0)
        return PersonName(text[cut:], text[:cut]) if cut else PersonName(None, text)
    found = _parser("zh").parse(text)
    if found.given and found.family:
        return PersonName(found.given, found.family)
    return PersonName(text[2:], text[:2]) if len(text) == 4 else PersonName(None, text)


def _vietnamese(text: str, country: str | None) -> PersonName | None:
    """Family, middle, given, as on a passport. "An Nguyen" has been turned round for strangers already."""
    words = text.split()
    if len(words) < 2 or "," in text:
        return None
    known = _plain(words[0]) in VIETNAMESE_FAMILY_NAMES
    sure = (
        country == "VN"
        or _VIETNAMESE_LETTER.search(text)
        or (len(words) > 2 and _plain(words[1]) in VIETNAMESE_MIDDLE_NAMES)
    )
    turned = _plain(words[-1]) in VIETNAMESE_FAMILY_NAMES and len(words) == 2 and country != "VN"
    if not known or not sure or turned:
        return None
    return PersonName(" ".join(words[1:]), words[0])


def _plain(word: str) -> str:
    import unicodedata

    decomposed = unicodedata.normalize("NFD", word.casefold().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _korean(text: str, country: str | None) -> PersonName | None:
    """ "Lee Min-ho": a Korean family name before a given name of two syllables."""
    words = text.split()
    if len(words) != 2 or words[0].casefold() not in KOREAN_FAMILY_NAMES:
        return None
    return PersonName(words[1], words[0]) if country == "KR" or _KOREAN_GIVEN.fullmatch(words[1]) else None


def _family_in_capitals(text: str, country: str | None) -> PersonName | None:
    """ "DOE Jane": capitals mark the family name in front."""
    words = text.split()
    front = [word for word in words if word.isupper() and len(word) > 2 and "." not in word]
    behind = words[len(front) :]
    if not front or not behind or words[: len(front)] != front or "," in text or country in _FAMILY_FIRST:
        return None
    if not all(word[:1].isupper() and word[1:].islower() for word in behind):
        return None
    if front[0].casefold() in TITLES or _plain(front[0]) in TITLES:
        return None
    return PersonName(" ".join(behind), " ".join(front))


def _by_its_parts(text: str, _country: str | None) -> PersonName | None:
    """What nameparser makes of it, with two family names where the first of them is a Spanish one."""
    found = _parser("ru" if re.search("[\u0400-\u04ff]", text) else "").parse(text)
    first = " ".join(filter(None, (found.given, found.middle)))
    last = found.family
    if found.title.casefold() == "md." and not first:
        first = found.title
    if not first and not last:
        return None
    if found.title and found.given in _PARTICLES and not found.middle:
        return PersonName(None, f"{found.given} {last}")
    middle = found.middle.split()
    if middle and "," not in text and (_plain(middle[-1]) in SPANISH_FAMILY_NAMES or last in _GENERATIONS):
        first = " ".join([found.given, *middle[:-1]])
        last = f"{middle[-1]} {last}"
    return PersonName(first or None, last or None)


_RULES: tuple[Callable[[str, str | None], PersonName | None], ...] = (
    _in_kanji,
    _vietnamese,
    _korean,
    _family_in_capitals,
    _by_its_parts,
)


@cache
def _parser(language: str) -> Parser:
    """The parser for a script; made at its first use, because few files need it."""
    from nameparser import Lexicon, Parser, locales, parser_for

    packs = {"zh": (locales.ZH,), "ru": (locales.RU,)}.get(language, ())
    return parser_for(*packs, base=Parser(lexicon=Lexicon.default().add(titles=MORE_TITLES)))


def without_titles(part: str) -> str | None:
    """A first or last name that has a column of its own, without titles and degrees; None if nothing is left.

    "Dr. Erik" is Erik, "Holm, MBA" is Holm; a lone word is left alone unless it is a title ("Dr.").
    """
    if part.isalpha():
        return None if part.casefold() in TITLES else part
    text = _without_pronouns(clean(part)) if "/" in part else clean(part)
    if text.isalpha():
        return None if text.casefold() in TITLES else text
    if not re.search(r"[.,]|\s", text):
        return text or None
    front, *behind = (each.strip() for each in text.split(","))
    words = front.split()
    while words and words[0].rstrip(".").casefold() in TITLES:
        words.pop(0)
    if len(words) > 1 and _is_degree(words[-1]):
        words.pop()
    rest = [each for each in behind if each and not _is_degree(each)]
    return ", ".join([" ".join(words), *rest]).strip(" ,") or None


def _is_degree(word: str) -> bool:
    return _degrees_of("x y, " + word)


@remembered(1024)
def _degrees_of(name: str) -> bool:
    found: ParsedName = _parser("").parse(name)
    return bool(found.suffix) and found.family == "y"
