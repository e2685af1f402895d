"""Where the table of a file begins and what divides its cells: the line that most known names stand in.

Above it there may be titles, dates, another table. What the columns mean is columns.py's.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from bot.leadform.columns import IDENTIFYING, find
from bot.leadform.csv_records import LONGEST_LINE, CsvUnreadable, Lines, records
from bot.leadform.pastcolumns import past_names
from bot.leadform.text import simplify

DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 60  # records
_BYTE_BY_BYTE = "baton-cp1252"


@dataclass(frozen=True, slots=True)
class Header:
    """Where a header was found: `line` counts from 1, `names` are as written, `above` are the lines before it
    that have text, with their numbers."""

    delimiter: str
    line: int
    names: tuple[str, ...]
    above: tuple[tuple[int, str], ...] = ()


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Reads the bytes that an encoding does not know as Windows does, or else as Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    if error.encoding.startswith("utf-16"):
        return "\ufffd", error.end
    return "".join(_cp1252(byte) for byte in wrong), error.end


def _cp1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def open_text(path: Path, codec: str) -> TextIO:
    """The file as text; bytes that are not in its encoding are read one by one as Windows-1252."""
    codecs.register_error(_BYTE_BY_BYTE, _as_cp1252)
    return path.open(encoding=codec, errors=_BYTE_BY_BYTE, newline="")


def find_header(
    path: Path, codec: str, mapping: Mapping[str, str] | None = None, *, past: bool = False
) -> Header | None:
    """The header under the delimiter by which it names the most fields; None for a file without text.

    `mapping` gives fields to names of columns that nobody knows; with `past` those of a history are known.
    """
    explained: Mapping[str, str] = {simplify(name): field for name, field in (mapping or {}).items()}
    if past:
        explained = {**past_names(), **explained}
    declared = _declared_delimiter(path, codec)
    found: list[tuple[_Rank, bool, Header]] = []
    for delimiter in (declared,) if declared else DELIMITERS:
        with open_text(path, codec) as text:
            lines = Lines(text)
            if declared:
                next(lines)
            if header := _header_at(lines, delimiter, explained):
                found.append((_rank(header.names, explained), delimiter == ",", header))
    return max(found, key=lambda each: each[:2])[2] if found else None


def _declared_delimiter(path: Path, codec: str) -> str | None:
    """The delimiter that a first line like "sep=;" names, as Excel writes it."""
    with open_text(path, codec) as text:
        match = re.fullmatch(r"sep=(.)", text.readline(LONGEST_LINE).rstrip("\r\n").strip('"'))
    return match[1] if match and match[1] in DELIMITERS else None


_Rank = tuple[bool, int, int]
"""Whether a line names a field that tells who a record is about; how many fields it names; how many cells."""


def _rank(names: Sequence[str], explained: Mapping[str, str]) -> _Rank:
    fields = {explained.get(simplify(name)) or ((known := find(name)) and known.field) for name in names}
    return bool(fields & IDENTIFYING), len(fields - {None}), sum(map(bool, names))


def _header_at(lines: Lines, delimiter: str, explained: Mapping[str, str]) -> Header | None:
    """The first line with text, unless a later one among the first ranks before it.

    A line that fills no more cells than a header has names may be a row below it.
    """
    best: Header | None = None
    most: _Rank = (False, 0, 0)
    above: list[tuple[int, str]] = []
    for number, cells in _first_of(lines, delimiter):
        if not any(map(str.isalnum, "".join(cells))):
            continue
        names = tuple(cell.strip() for cell in cells)
        rank = _rank(names, explained)
        beside = not most[0] or rank[2] > most[2]
        if best is None or (rank > most and beside and is_header(names, explained, sure=most[0])):
            best, most = Header(delimiter, number, names, tuple(above)), rank
        above.append((number, shown_line(cells)))
    return best


def _first_of(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The first records of a file; a line without end is for the reading to complain of."""
    with suppress(CsvUnreadable):
        for number, cells, _ in islice(records(lines, delimiter), _LOOKED_AT):
            yield number, cells


def is_header(cells: Sequence[str], explained: Mapping[str, str] | None = None, *, sure: bool = True) -> bool:
    """Whether a line holds names and no values; if it is to be `sure`, half of them are known ones."""
    filled = [cell for cell in cells if cell.strip()]
    known = sum(find(cell) is not None or simplify(cell) in (explained or ()) for cell in filled)
    half = known * 2 >= len(filled) or not sure
    return len(filled) > 1 and half and not any("@" in cell for cell in filled)


def shown_line(cells: Sequence[str]) -> str:
    """A line as a summary shows it."""
    text = " · ".join(cell.strip() for cell in cells if cell.strip())
    return text if len(text) <= 60 else text[:59] + "…"
