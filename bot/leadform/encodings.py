"""Which encoding a file is in: found out over the whole file, in constant memory, or not guessed at all.

UTF-8 and UTF-16 show themselves. For the older ones charset-normalizer says which leave a mess, and the words
that come out say which of the rest it is.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from bot.leadform.alphabets import EASTERN, HEADERS, LANGUAGES, SCRIPTS, VOWELS, letters_of, likelihood

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 20  # bytes read at a time
_MOST_READ = 1 << 28  # bytes of a file that are looked at
_MOST_KEPT = 1 << 17  # bytes of lines that are judged
_MARGIN = 0.06  # by which the likeliest must be likelier than the next
_POOR = 0.35  # below which nothing is likely

# In the order in which they are believed where they say the same, and how much rarer than the first they are.
_LEGACY = {
    "cp1252": 0.0,
    "cp1250": 0.0,
    "cp1251": 0.0,
    "gb18030": 0.0,
    "cp932": 0.0,
    "big5": 0.02,
    "cp949": 0.02,
    "cp1254": 0.03,
    "cp1253": 0.02,
    "cp1255": 0.04,
    "cp1256": 0.04,
    "cp1257": 0.08,
    "iso8859_2": 0.08,
    "euc_jp": 0.08,
    "koi8_r": 0.12,
    "mac_roman": 0.12,
    "cp850": 0.16,
    "cp852": 0.16,
    "cp866": 0.16,
}
_CALLED = {
    "utf_8": "UTF-8",
    "utf_8_sig": "UTF-8",
    "utf_16": "UTF-16",
    "utf_16_le": "UTF-16",
    "utf_16_be": "UTF-16",
    "utf_32": "UTF-32",
    "gb18030": "GBK",
    "gbk": "GBK",
    "cp932": "Shift_JIS",
    "shift_jis": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
    "euc_kr": "EUC-KR",
    "big5": "Big5",
    "koi8_r": "KOI8-R",
    "iso8859_1": "ISO-8859-1",
    "iso8859_2": "ISO-8859-2",
    "mac_roman": "Mac Roman",
}
_TYPOGRAPHY = frozenset("\u2018\u2019\u201a\u201c\u201d\u201e«»\u2013\u2014…•·°§©®™€£¥\u00b4½¼²³±\u00a0¿¡&")
# Polish writes "ni", Slovak hardly ever ĺ; Spanish has ñ before vowels, Portuguese ã before o and e,
# Icelandic þ in front only; nobody begins a word with ý.
_UNLIKELY = re.compile("ń[aeiouyó]|[ĺŕ]|ñ(?![aeiouáéíóúü])|[ãõ](?![oens]|$)|(?<=.)þ|^ý|ðz|ýz")
_TOKENS = re.compile(r"[^\s,;|\t\"@./<>()\[\]=:]+")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file is to be decoded. `codec` is Python's name; `strays` counts the bytes that are not in it."""

    codec: str
    strays: int = 0

    @property
    def name(self) -> str:
        """As people call it: "UTF-8", "Windows-1250"."""
        return called(self.codec)


class EncodingUnclear(ValueError):
    """The encoding cannot be told; the text is a sentence that says what to do."""


def called(codec: str) -> str:
    """A codec as people call it."""
    plain = codec.replace("-", "_")
    return _CALLED.get(plain, plain.replace("cp125", "Windows-125").replace("cp", "DOS "))


def find_encoding(file: Path) -> Encoding | None:
    """The encoding of a file; None for what is no text.

    Raises EncodingUnclear naming two encodings that are about as likely, and OSError where it cannot be read.
    """
    with file.open("rb") as data:
        start = data.read(1024)
        if marked := _marked(start):
            return Encoding(marked)
        if b"\0" in start:
            return None
        data.seek(0)
        if _is_utf8(data):
            return Encoding("utf-8")
        data.seek(0)
        found = _Lines(data)
    if b"\0" in found.sample:
        return None
    if found.stray <= found.fine:
        return Encoding("utf-8", found.stray)
    return Encoding(likeliest(found.sample, start))


def check_encoding(file: Path, name: str) -> Encoding:
    """The encoding that somebody named, if the file can be read in it. Raises EncodingUnclear otherwise."""
    try:
        codec = codecs.lookup(name.strip())
    except LookupError:
        raise EncodingUnclear(
            f'"{name}" is not an encoding that Baton knows; write one like utf-8, cp1250 or gbk'
        ) from None
    with file.open("rb") as data:
        marked = _marked(data.read(1024)) or codec.name
        data.seek(0)
        decoder = codecs.getincrementaldecoder(marked if marked.startswith(codec.name) else codec.name)()
        try:
            for chunk in iter(lambda: data.read(_CHUNK), b""):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeError:
            raise EncodingUnclear(
                f"It is not in {called(codec.name)}; leave the encoding out, or name another"
            ) from None
    return Encoding(marked if marked.startswith(codec.name) else codec.name)


def _marked(start: bytes) -> str | None:
    """UTF-8, -16 or -32 by their byte order mark, and UTF-16 without one by its zeros."""
    for bom, codec in _BOMS:
        if start.startswith(bom):
            return codec
    head = start[:512]  # the header's names are mostly ASCII: every other byte is zero in UTF-16
    zeros = Counter(position % 2 for position, byte in enumerate(head) if not byte)
    for side, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        if zeros[side] * 10 > len(head) and zeros[side] > 3 * zeros[1 - side]:
            return codec
    return None


def _chunks(data: BinaryIO) -> Iterator[bytes]:
    for _ in range(_MOST_READ // _CHUNK):
        if not (chunk := data.read(_CHUNK)):
            return
        yield chunk


def _is_utf8(data: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(data):
            decoder.decode(chunk)
            if b"\0" in chunk:
                return False
    except UnicodeDecodeError:
        return False
    return len(decoder.getstate()[0]) == 0 or bool(data.read(1))


class _Lines:
    """The lines of a file that are not plain ASCII, thinned evenly to what is worth judging.

    `fine` and `stray` count the characters that are UTF-8 and the bytes that are not.
    """

    def __init__(self, data: BinaryIO) -> None:
        self.fine = self.stray = 0
        self._kept: list[bytes] = []
        self._size = self._seen = 0
        self._every = 1
        rest = b""
        for chunk in _chunks(data):
            *lines, rest = (rest + chunk).split(b"\n")
            if chunk.isascii() and len(lines) > 1:
                lines = lines[:1]
            for line in lines:
                self._add(line)
            rest = rest[-_CHUNK:]
        self._add(rest)

    @property
    def sample(self) -> bytes:
        """The lines that are judged."""
        return b"\n".join(self._kept)

    def _add(self, line: bytes) -> None:
        if line.isascii():
            if b"\0" in line:
                self._kept.append(b"\0")
            return
        text = line.decode("utf-8", "surrogateescape")
        stray = sum("\udc80" <= letter <= "\udcff" for letter in text)
        self.stray += stray
        self.fine += sum(letter > "\x7f" for letter in text) - stray
        self._seen += 1
        if self._seen % self._every == 0:
            self._kept.append(line[:4096])
            self._size += min(len(line), 4096)
        if self._size > _MOST_KEPT:
            self._kept = self._kept[::2]
            self._size = sum(map(len, self._kept))
            self._every *= 2


def likeliest(sample: bytes, start: bytes = b"") -> str:
    """The encoding, older than UTF-8, of a sample. Raises EncodingUnclear where none or two are likely.

    Between two that are about as likely the language of the header decides, which stands in `start`.
    """
    readings = _readings(sample)
    if not readings or readings[0].likely < _POOR:
        raise EncodingUnclear(
            "Baton cannot tell its encoding; save it as UTF-8, or name the encoding with --encoding"
        )
    best = readings[0]
    for other in readings[1:]:
        if best.words == other.words:
            continue
        mine, theirs = best.words - other.words, other.words - best.words
        if best.score(mine) - other.score(theirs) < _MARGIN:
            if spoken := _spoken(start, best, other):
                return spoken
            raise EncodingUnclear(
                f"It may be in {called(best.codec)} ({_example(mine)}) or in {called(other.codec)} "
                f"({_example(theirs)}); say which with --encoding {best.codec} or --encoding {other.codec}"
            )
    return best.codec


def _spoken(start: bytes, *readings: _Reading) -> str | None:
    """The one of these encodings in which a language of the header is written, if it is one alone."""
    words = set(re.findall("[a-z]{3,}", start.lower().decode("ascii", "ignore")))
    spoken = {language for language, names in HEADERS.items() if names & words}
    codecs_of = {each.codec for each in readings if spoken & set(LANGUAGES.get(each.codec, ()))}
    return codecs_of.pop() if len(codecs_of) == 1 else None


@dataclass(frozen=True, slots=True)
class _Reading:
    """A sample read in one encoding: the words beyond ASCII, and what speaks against the encoding."""

    codec: str
    words: Counter[str]
    against: float
    likely: float = 0.0

    def score(self, words: Counter[str]) -> float:
        """How likely the encoding is by some of the words."""
        return _plausibility(words, self.codec) - self.against


def _readings(sample: bytes) -> list[_Reading]:
    """The sample in each encoding that it can be in, the likeliest first."""
    mess = _mess(sample)
    found: list[_Reading] = []
    for codec, rarity in _LEGACY.items():
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError:
            continue
        if not re.search("[\x80-\x9f]", text):
            words = Counter(word for word in _TOKENS.findall(text) if not word.isascii())
            reading = _Reading(codec, words, mess.get(codec, 0.1) + rarity)
            found.append(replace(reading, likely=reading.score(words)))
    return sorted(found, key=lambda reading: -reading.likely)


def _mess(sample: bytes) -> dict[str, float]:
    """How much of a mess each encoding leaves, from 0 up, by charset-normalizer."""
    from charset_normalizer import from_bytes

    found = from_bytes(sample[: 1 << 15], cp_isolation=list(_LEGACY), preemptive_behaviour=False)
    return {name: match.chaos for match in found for name in match.could_be_from_charset}


def _example(words: Counter[str]) -> str:
    return next(iter(words), "…")[:20]


def _plausibility(words: Counter[str], codec: str) -> float:
    """How much like words they are, from 0 to 1: in any language of the encoding, and in the best of them."""
    if codec in EASTERN:
        return _eastern(words, codec)
    total, any_language = 0.0, 0.0
    by_language: dict[str, float] = dict.fromkeys(LANGUAGES[codec], 0.0)
    for word, count in words.items():
        weight = min(count, 5)
        fits = {language: _fits(word, language) for language in by_language}
        total += weight
        any_language += weight * max(fits.values())
        for language, fit in fits.items():
            by_language[language] += weight * fit
    return (0.7 * any_language + 0.3 * max(by_language.values())) / total if total else 0.0


def _eastern(words: Counter[str], codec: str) -> float:
    """The mean of how common the characters are. Against it speak Japanese without any kana, and Latin
    letters in the same word."""
    total = likely = 0.0
    for word, count in words.items():
        beyond = [c for c in word if c > "\x7f"]
        mixed = re.search("[A-Za-z]", word) is not None
        total += count * len(beyond)
        likely += count * sum(likelihood(c, codec) for c in beyond) * (0.7 if mixed else 1)
    if not total:
        return 0.0
    kana = any("\u3040" <= c <= "\u30ff" for word in words for c in word)
    return likely / total if kana or codec not in ("cp932", "euc_jp") else likely / total / 2


def _fits(word: str, language: str) -> float:
    """How well a word fits a language, from 0 to 1, by its letters, its capitals, its vowels."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", word)
    outside = [c for c in word if c > "\x7f" and not c.isalpha()]
    if any(c not in _TYPOGRAPHY for c in outside):
        return 0.0
    if core.isascii():
        return 0.6
    if any(c > "\x7f" and c not in "\u2019-" for c in re.sub(r"[^\W\d_]", "", core)):
        return 0.1  # a sign within a word: "\u00a3ukasz"
    letters = [c for c in core if c.isalpha()]
    if any(c.isdigit() for c in word):
        return 0.1  # "\u0141500", which was pounds
    if not {c for c in letters if c > "\x7f"} <= letters_of(language) or _misshapen(core):
        return 0.0
    if not letters:
        return 0.6
    if len(letters) == 1 and letters[0].isupper():
        return 0.2  # "12.000 \u00c4", which was a sign of money
    return _of_script(letters, language) if language in SCRIPTS else _of_latin(letters)


def _misshapen(core: str) -> bool:
    """Whether a capital follows a small letter, one of them beyond ASCII."""
    pairs = pairwise(core)
    return any(b.isupper() and a.islower() and not (a + b).isascii() for a, b in pairs)


def _of_script(letters: list[str], language: str) -> float:
    """By how many of a word's letters are among the dozen that the language uses most."""
    if any(c.isascii() for c in letters):
        return 0.2
    frequent = SCRIPTS[language][:12]
    return min(1.0, sum(c.casefold() in frequent for c in letters) / len(letters) / 0.5)


def _of_latin(letters: list[str]) -> float:
    """By what a word has too many of in a row: vowels, consonants, letters beyond ASCII."""
    small = "".join(letters).casefold()
    kinds = "".join("v" if c in VOWELS else "c" for c in re.sub("[ãõ][oe]", "ã", small))
    fit = 1.0
    if re.search(r"[^\x00-\x7f]{3}", small):
        fit -= 0.6
    if _UNLIKELY.search(small):
        fit -= 0.6
    if "vvv" in kinds:
        fit -= 0.2
    if "cccc" in kinds or (len(kinds) > 2 and "v" not in kinds):
        fit -= 0.3
    elif "ccc" in kinds:
        fit -= 0.1
    return max(fit, 0.0)
