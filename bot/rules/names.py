"""Whether two names can be one person's: without case, accents, order, titles and degrees.

Nicknames and slips of the pen are other names. What follows from a likeness is decided in identity.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.memory import remembered
from bot.rules.name_words import (
    DEGREES,
    DEGREES_AFTER_A_COMMA,
    GENERATIONS,
    NO_NAMES,
    PARTICLES,
    TITLES,
    TITLES_WITH_A_DOT,
)
from bot.rules.scripts import letters_alike, script_of


@dataclass(frozen=True, slots=True)
class Name:
    """A person's first and last name as they were told, either of which may be missing.

    A name that is known only as a whole may stand in either of the two.
    """

    first: str | None = None
    last: str | None = None

    def __str__(self) -> str:
        return " ".join(" ".join(part.split()) for part in (self.first, self.last) if part and part.strip())


NO_NAME = Name()


class Likeness(StrEnum):
    """How alike two names are."""

    SAME = "same"
    """One person may bear both: they are equal, one says less than the other, or one is missing."""
    FAMILY = "family"
    """The same given name with another family name, as after a wedding."""
    PARTLY = "partly"
    """Another name that shares a word: a relative, a nickname, a slip of the pen."""
    OTHER = "other"
    """Nothing in common."""


_ASIDE = re.compile(r"\(.*?\)|\[.*?\]|[\"“„«].*?[\"”“»]")
_PRONOUNS = re.compile(r"\b(?:she|he|they|ze|sie|er|elle|il)/\w+(?:/\w+)?", re.IGNORECASE)
_CREDENTIAL = re.compile(r"[A-Z][A-Za-z]*[A-Z][A-Z0-9+-]*")
_APOSTROPHES = re.compile("['\u2019\u02bc`\u00b4]")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u0652]")  # accents, and the vowels that Arabic may leave out
_HYPHENS = re.compile("[-\u2010-\u2013\u30fb\u00b7_]")
_ALONE = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "å": "a"}
)
_AS_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Parts:
    """A name in comparable words; `generation` is "2" for Jr."""

    given: Words
    family: Words
    generation: str | None

    @property
    def words(self) -> Words:
        return self.given + self.family

    def __bool__(self) -> bool:
        return bool(self.given or self.family)


def says_who(name: Name | None) -> bool:
    """Whether the name names anybody: "[not provided]", an e-mail address or an initial alone do not."""
    return name is not None and any(len(word) > 1 or not _has_initials(word) for word in _parts(name).words)


def same_person_name(a: Name, b: Name) -> bool:
    """Whether one person may bear both names; a missing name, or a missing part of one, is no other name."""
    return likeness(a, b) is Likeness.SAME


def likeness(a: Name, b: Name) -> Likeness:
    """How alike two names are, in either order.

    Without case, accents ("Müller", "Mueller"), punctuation, titles and degrees; an initial is any name
    that it begins, a middle name may be missing, and so may one of two family names or a "van der". "Jr."
    and "Sr." are two people. Names in two scripts are compared by their sound, as far as letters tell it.
    """
    if a == b:
        return Likeness.SAME
    one, two = _in_one_script(_parts(a), _parts(b))
    if not one or not two:
        return Likeness.SAME
    if one.generation and two.generation and one.generation != two.generation:
        return Likeness.PARTLY
    if _compatible(one, two):
        return Likeness.SAME
    if one.family and two.family and _fit(one.given, two.given) and _share_a_word(one.given, two.given):
        return Likeness.FAMILY
    return Likeness.PARTLY if _share_a_word(one.words, two.words) else Likeness.OTHER


def normal_name(text: str) -> str:
    """One part of a name without case, accents, punctuation, titles and degrees: what two spellings share."""
    words, _ = _comparable(text, alone=True)
    return " ".join(_without_marks(word.translate(_ALONE)) for word in _spellings(words)[0])


@remembered(4096)
def _parts(name: Name) -> _Parts:
    """The words of a name; of a whole name in one part, the first word is the given one."""
    first, generation = _comparable(name.first or "", alone=not (name.last or "").strip())
    last, generation_too = _comparable(name.last or "", alone=not (name.first or "").strip())
    if not first and len(last) > 1 and last[0] not in PARTICLES:
        first, last = last[:1], last[1:]
    elif not last and len(first) > 1:
        first, last = first[:1], first[1:]
    return _Parts(first, last, generation_too or generation)


def _comparable(text: str, *, alone: bool) -> tuple[Words, str | None]:
    """The words of a part of a name, in lower case, and which of its generation the person is.

    `alone`: it is all that is known, so that "Doe, Jane" may be a whole name turned round.
    """
    text = " ".join(_PRONOUNS.sub(" ", _ASIDE.sub(" ", unicodedata.normalize("NFKC", text))).split())
    if "@" in text or text.casefold() in NO_NAMES:
        return (), None
    front, *behind = (part.split() for part in text.split(","))
    credentials = len(front) > 1 and not text.isupper()
    kept = [words for words in behind if not _is_credential(words, credentials)]
    marks = [GENERATIONS.get(_bare(word)) for words in behind if words not in kept for word in words]
    front, mark = _without_titles(front, alone=alone), None
    while len(front) > 1 and (_bare(front[-1]) in DEGREES or _bare(front[-1]) in GENERATIONS):
        mark = GENERATIONS.get(_bare(front.pop()), mark)
    turned = alone and kept
    words = [*(_without_titles(kept[0], alone=True) if turned else ()), *front]
    words += [word for part in kept[1 if turned else 0 :] for word in part]
    bare = (_APOSTROPHES.sub("", word).casefold().strip(".-") for word in words)
    split = tuple(piece for word in bare for piece in word.split(".") if any(map(str.isalpha, piece)))
    return split, next(filter(None, (mark, *marks)), None)


def _bare(word: str) -> str:
    return word.casefold().replace(".", "").strip(",-")


def _is_credential(words: Sequence[str], by_looks: bool) -> bool:
    """Whether words behind a comma are degrees: known ones, or by their looks behind a whole name."""
    return all(
        _bare(word) in DEGREES_AFTER_A_COMMA
        or _bare(word) in GENERATIONS
        or (by_looks and _CREDENTIAL.fullmatch(word.replace(".", "")))
        for word in words
    )


def _without_titles(words: list[str], *, alone: bool) -> list[str]:
    """Without titles in front; where the words are `alone`, the whole name, the last of them stays."""
    start = 0
    while start < len(words) - alone and _is_title(words[start]):
        start += 1
    return words[start:]


def _is_title(word: str) -> bool:
    plain = _bare(word)
    return plain in TITLES or (plain in TITLES_WITH_A_DOT and word.endswith("."))


def _in_one_script(one: _Parts, two: _Parts) -> tuple[_Parts, _Parts]:
    """Two names reduced to the script that both have, where one of them is written in two."""
    scripts = [{script_of(word) for word in parts.words} for parts in (one, two)]
    common = scripts[0] & scripts[1]
    if not common or scripts[0] == scripts[1]:
        return one, two
    return _only(one, common), _only(two, common)


def _only(parts: _Parts, scripts: set[str]) -> _Parts:
    kept = [
        tuple(word for word in words if script_of(word) in scripts) for words in (parts.given, parts.family)
    ]
    return _Parts(kept[0], kept[1], parts.generation)


def _compatible(one: _Parts, two: _Parts) -> bool:
    if bool(one.given) != bool(two.given) and bool(one.family) != bool(two.family):
        return True  # only the first name of the one and only the last of the other: nothing is contradicted
    return any(_fit(words, others) for words in _spellings(one.words) for others in _spellings(two.words))


@remembered(4096)
def _spellings(words: Words) -> tuple[Words, ...]:
    """A name's words as others may write them: with hyphens or joined, with and without "van der"."""
    found: dict[Words, None] = {}
    for each in (words, _without_particles(words)):
        found[tuple(piece for word in each for piece in _HYPHENS.split(word) if piece)] = None
        found[tuple(_HYPHENS.sub("", word) for word in each)] = None
    return tuple(found)


def _without_particles(words: Words) -> Words:
    """Without "van der" and the like inside a name; at its ends, and beside one word, they may be names."""
    inner = tuple(word for word in words[1:-1] if word not in PARTICLES)
    return (words[0], *inner, words[-1]) if len(words) > 2 else words


@remembered(8192)
def _forms(word: str) -> frozenset[str]:
    """A word without accents, in each way that they are left out: "müller" is "muller" and "mueller"."""
    if word.isascii():
        return frozenset({word})
    composed = unicodedata.normalize("NFC", word)
    return frozenset(_without_marks(composed.translate(table).translate(_ALONE)) for table in ({}, _AS_TWO))


def _without_marks(word: str) -> str:
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", word)))


def _has_initials(word: str) -> bool:
    return script_of(word) in ("latin", "greek", "cyrillic")


def _is_one_word(a: str, b: str) -> bool:
    return a == b or not _forms(a).isdisjoint(_forms(b))


def _may_be_one_word(a: str, b: str) -> bool:
    """Whether two words are one, or one is the other's initial, or they sound alike in two scripts."""
    if min(len(a), len(b)) == 1 and _has_initials(a) and _has_initials(b):
        return _is_one_word(a[0], b[0])
    return _is_one_word(a, b) or (script_of(a) != script_of(b) and letters_alike(a, b))


def _fit(words: Words, others: Words) -> bool:
    """Whether each word of the shorter name has its own in the longer, or both are one when run together."""
    few, many = sorted((words, others), key=len)
    left = list(many)
    for word in sorted(few, key=len, reverse=True):  # whole words first: initials take what they leave
        match = next((each for each in left if _is_one_word(word, each)), None) or next(
            (each for each in left if _may_be_one_word(word, each)), None
        )
        if match is None:
            return _run_together(words, others)
        left.remove(match)
    return True


def _run_together(words: Words, others: Words) -> bool:
    turned, turned_too = (
        ["".join(each[n:] + each[:n]) for n in range(len(each))] for each in (words, others)
    )
    return any(
        _is_one_word(one, two) or (script_of(one) != script_of(two) and letters_alike(one, two))
        for one in turned
        for two in turned_too
    )


def _share_a_word(words: Words, others: Words) -> bool:
    return any(
        _is_one_word(word, other)
        for word in _spellings(words)[0]
        for other in _spellings(others)[0]
        if word not in PARTICLES and (len(word) > 1 or not _has_initials(word))
    )


def fullness(name: Name) -> int:
    """How much a name says: its letters, without titles and degrees."""
    return sum(map(len, _parts(name).words))
