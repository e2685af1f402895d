"""Where things stand in the text of a TOML file: its tables, and the items of its lists.

Only what changing a text needs. What the text means the TOML library says; whoever changes it here checks
afterwards that it means what it should.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Names = tuple[str, ...]
Span = tuple[int, int]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|'
    + r"'''.*?'{3,5}|"
    + r'"(?:\\.|[^"\\\n])*"|'
    + r"'[^'\n]*'|#[^\n]*|[\[\]{},\n]",
    re.DOTALL,
)
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'))\s*=\s*""")


@dataclass(frozen=True, slots=True)
class Block:
    """A table with a header of its own, from the header to the next one; before the first: the top, ().

    `filled` is where its last key ends: what comes after are blank lines and comments. `listed`: [[path]].
    """

    path: Names
    listed: bool
    start: int
    filled: int
    end: int
    keys: tuple[Span, ...]


def blocks(text: str) -> list[Block]:
    """The tables of a text in order, the top first."""
    found: list[Block] = []
    path, listed, start, filled, keys = Names(), False, 0, 0, list[Span]()
    for begin, end in _statements(text):
        line = text[begin:end].strip()
        if line.startswith("["):
            found.append(Block(path, listed, start, filled, begin, tuple(keys)))
            path, listed, start, filled, keys = _header(line), line.startswith("[["), begin, end, []
        elif line and not line.startswith("#"):
            keys.append((begin, end))
            filled = end
    return [*found, Block(path, listed, start, filled, len(text), tuple(keys))]


def items(text: str, opening: int) -> list[Span]:
    """The items of the list or inline table that opens here, without the space around them."""
    found: list[Span] = []
    depth, begin = 0, opening + 1
    for token in _TOKEN.finditer(text, opening):
        sign = token[0]
        if depth == 1 and sign in (",", "]", "}"):
            found += _bare(text, begin, token.start())
            begin = token.end()
        elif (
            depth == 1 and (sign == "\n" or sign.startswith("#")) and not text[begin : token.start()].strip()
        ):
            begin = token.end()
        depth += (sign in ("[", "{")) - (sign in ("]", "}"))
        if depth == 0:
            return found
    return found


def closing(text: str, opening: int) -> int:
    """Where the bracket is that closes the one that opens here."""
    depth = 0
    for token in _TOKEN.finditer(text, opening):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        if depth == 0:
            return token.start()
    return len(text)


def value_of(text: str, spans: Sequence[Span], key: str) -> int | None:
    """Where the value of a plain key begins among statements `key = value`."""
    for begin, end in spans:
        match = _KEY.match(text, begin, end)
        if match and next(iter(tomllib.loads(f"{match[1]} = 0"))) == key:
            return match.end()
    return None


def after_item(text: str, end: int) -> tuple[int, int | None]:
    """What follows an item of a list: where its own line ends, comment included, and where its comma is."""
    comma: int | None = None
    for token in _TOKEN.finditer(text, end):
        sign = token[0]
        if sign == "," and comma is None and not text[end : token.start()].strip():
            comma = token.start()
        elif sign.startswith("#"):
            return token.end(), comma
        else:
            return token.start(), comma
    return len(text), comma


def _bare(text: str, begin: int, end: int) -> Iterator[Span]:
    """The item between two commas, without comments before or behind it."""
    marks = [token for token in _TOKEN.finditer(text, begin, end) if token[0].startswith("#")]
    for mark in marks:
        if not text[begin : mark.start()].strip():
            begin = mark.end()
        else:
            end = mark.start()
            break
    inner = text[begin:end]
    if inner.strip():
        begin += len(inner) - len(inner.lstrip())
        yield begin, begin + len(inner.strip())


def _statements(text: str) -> Iterator[Span]:
    """Each header, key, comment or blank line, its line end included; a value may go over many lines."""
    begin = depth = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        depth += (sign in ("[", "{")) - (sign in ("]", "}"))
        if sign == "\n" and depth == 0:
            yield begin, token.end()
            begin = token.end()
    if begin < len(text):
        yield begin, len(text)


def _header(line: str) -> Names:
    found, here = [], tomllib.loads(line)
    while here:
        name, inner = next(iter(here.items()))
        found.append(name)
        here = inner[0] if isinstance(inner, list) else inner
    return tuple(found)
