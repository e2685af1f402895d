"""What looks like a secret in a body or a file, and how it is left out of all that is kept.

Keys are judged by their names, whoever sent them; what a configured secret is, its door knows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from bot.memory import remembered

STRUCK = "[secret]"
"""What stands in place of a secret's value."""

_SECRET = re.compile(
    r".*token.*|.*secret.*|.*passw(or)?d.*|passphrase|.*_key|api_?key|.*authorization|cookie|.*session_?id"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = r"[\w-]*(?:token|secret|passw(?:or)?d|[_-]key|apikey|authorization|session_?id)"
_IN_TEXT = re.compile(  # tried where a word begins only: at each letter of a long one it would take seconds
    rf"""(?i)(?<![\w-])({_WORD}["']?\s*[:=]\s*)"""
    r"""("[^"]*"?|'[^']*'?|(?:bearer|basic)\s+[^\s&;,]+|[^\s&;,}\]]+)"""
)
_IN_XML = re.compile(rf"(?i)(<(?:\w+:)?{_WORD}(?:\s[^<>]*)?>)[^<]*")
_DEEPEST = 20
_LONGEST = 10_000  # characters of one text
_MOST = 1_000  # entries of one list or object
_SHORTEST = 4  # characters of a secret's value that can be told from any other text
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that not every database takes."""


@remembered(2048)
def is_secret(key: str) -> bool:
    """Whether a key's name says that a secret stands under it: `apiKey`, `X-Auth-Token`, `password` …"""
    return _SECRET.fullmatch(re.sub(r"\W+", "_", _CAMEL.sub("_", key)).casefold()) is not None


def without_secrets(raw: object, known: Collection[str] = (), depth: int = 0) -> Any:
    """A body as JSON stores it, at any depth without what stands under a key that looks like a secret's.

    `known` are values that are secrets wherever they stand.
    """
    if depth > _DEEPEST:
        return "…"
    if isinstance(raw, Mapping):
        pairs = [(storable(str(key), known), value) for key, value in raw.items()][:_MOST]
        return {key: without_secrets(value, known, depth + 1) for key, value in pairs if not is_secret(key)}
    if isinstance(raw, list | tuple):
        return [without_secrets(each, known, depth + 1) for each in raw[:_MOST]]
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float) and not (known and str(raw) in known):
        return raw if _is_exact(raw) else storable(str(raw), known)
    return storable(str(raw), known)


def _is_exact(number: float) -> bool:
    """Whether every database gives a number back as it was."""
    return abs(number) < 1 << 53 if isinstance(number, int) else math.isfinite(number)


def storable(text: str, known: Collection[str] = ()) -> str:
    """A text as any database takes it, cut where it is a book, without what it tells of secrets."""
    text = struck(UNSTORABLE.sub("\ufffd", text)[:_LONGEST], known)
    return _IN_XML.sub(rf"\1{STRUCK}", _IN_TEXT.sub(rf"\1{STRUCK}", text))


def struck(text: str, known: Collection[str]) -> str:
    """The text with `STRUCK` in place of each of these values."""
    for value in known:
        if len(value) >= _SHORTEST:
            text = text.replace(value, STRUCK)
    return text
