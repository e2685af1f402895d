"""Letters of several scripts: which one a word is written in, and whether two words sound alike across them.

Only for names. `anyascii`, which knows how letters are read, is loaded at the first name that needs it.
"""

from __future__ import annotations

import re

from bot.memory import remembered

_RANGES = (
    ("latin", 0x0000, 0x036F),
    ("greek", 0x0370, 0x03FF),
    ("cyrillic", 0x0400, 0x052F),
    ("armenian", 0x0530, 0x058F),
    ("hebrew", 0x0590, 0x05FF),
    ("arabic", 0x0600, 0x08FF),
    ("indic", 0x0900, 0x0DFF),
    ("thai", 0x0E00, 0x0E7F),
    ("georgian", 0x10A0, 0x10FF),
    ("hangul", 0x1100, 0x11FF),
    ("latin", 0x1E00, 0x1EFF),
    ("greek", 0x1F00, 0x1FFF),
    ("kana", 0x3040, 0x30FF),
    ("han", 0x3400, 0x9FFF),
    ("hangul", 0xAC00, 0xD7FF),
)
_WITHOUT_VOWELS = frozenset({"arabic", "hebrew"})

# What different ways of writing a foreign name in Latin letters have in common.
_SOUNDS = (
    *(("ph", "f"), ("kh", "h"), ("x", "ks"), ("w", "v"), ("tz", "c"), ("ts", "c")),
    *(("ou", "u"), ("y", "i"), ("j", "i")),
)
_LIKE_ENOUGH = 0.75  # of the letters; two spellings of "Khrushchev" differ by more than one


@remembered(8192)
def script_of(word: str) -> str:
    """The script of a word's first letter: "latin", "cyrillic", "han" …; "other" for the rest."""
    letter = next((ord(char) for char in word if char.isalpha()), 0)
    return next((name for name, low, high in _RANGES if low <= letter <= high), "other")


@remembered(4096)
def letters_alike(a: str, b: str) -> bool:
    """Whether two words in different scripts sound alike, letter by letter: "Хрущёв" and "Khrushchev".

    Chinese characters are read as Mandarin; names that are translated ("Γιώργος", "George") are not alike.
    """
    one, two = _in_latin(a), _in_latin(b)
    if not one or not two:
        return False
    if {script_of(a), script_of(b)} & _WITHOUT_VOWELS:
        return _consonants(one) == _consonants(two)
    from rapidfuzz.distance import OSA  # a start does without it

    return OSA.normalized_similarity(_sounds(one), _sounds(two)) >= _LIKE_ENOUGH


def _in_latin(word: str) -> str:
    from anyascii import anyascii

    return re.sub("[^a-z]", "", anyascii(word).lower())


def _sounds(word: str) -> str:
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return re.sub(r"(.)\1+", r"\1", word)


def _consonants(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", re.sub("[aeiouyw]", "", word))
