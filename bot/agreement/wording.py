"""How faults are put into words: a value as it stands in the file, and the word that was probably meant."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

_LONGEST = 80


def shown(value: object) -> str:
    """A value as it might stand in the file, cut short; a list or table only by what it is."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list | tuple):
        return "a table" if isinstance(value, dict) else "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def near(word: str, known: Sequence[str]) -> str | None:
    """The known word that `word` was probably meant to be, whatever its case."""
    by_lower = {item.lower(): item for item in known}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def remedy(word: str, known: Sequence[str]) -> str:
    """Ask for the near match, or else name what there is."""
    match = near(word, known)
    return f'did you mean "{match}"?' if match else f"write one of {', '.join(known)}"
