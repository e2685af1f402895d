"""The physical lines of a delimited file and the records that stand on them.

Line numbers stay right, and a quote that is never closed costs its own line alone. What the cells mean is
left to others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

LONGEST_LINE = 1 << 20  # characters; far more than one record of leads


class CsvUnreadable(ValueError):
    """The file cannot be read as a list of leads; the text is one sentence that says what to do."""


class Lines:
    """The physical lines of a file, with the ones of the current record at hand to be read again."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: list[str] = []
        self.taken: list[str] = []
        self.ended = False
        self.number = 0  # of the last line given out, from 1

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._text.readline(LONGEST_LINE)
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        if len(line) >= LONGEST_LINE:
            raise CsvUnreadable(
                f"Line {self.number} is longer than {LONGEST_LINE:,} characters; save the file as CSV with "
                "one lead a line."
            )
        self.taken.append(line)
        return line

    def start(self) -> int:
        """Begins a record; returns the number of its first line."""
        self.taken = []
        return self.number + 1

    def give_back(self) -> str:
        """Returns the record's first line and makes the lines after it the next ones to be read."""
        first, *rest = self.taken
        self.number -= len(rest)
        self._again += reversed(rest)
        return first


def records(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    """Line number, cells and fault of each record.

    A quote that is never closed would swallow the rows after it: then its line alone is refused, and reading
    goes on with the next.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = lines.start()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield number, *_mended(lines, delimiter)
            lines.ended = False
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        else:
            yield number, cells, None


def _mended(lines: Lines, delimiter: str) -> tuple[list[str], str | None]:
    """What can be made of a record that breaks the rules: a stray quote within one line does no harm."""
    alone = len(lines.taken) == 1 and not lines.ended
    first = lines.give_back()
    if alone:
        try:
            return next(csv.reader([first], delimiter=delimiter)), None
        except csv.Error:
            return [first.rstrip("\r\n")], (
                f"has a cell longer than {csv.field_size_limit():,} characters; shorten it"
            )
    return [first.rstrip("\r\n")], "opens a quote that is never closed; close it or remove it"


def is_empty(cells: list[str]) -> bool:
    """Whether nothing stands in any of the cells."""
    return not any(cell.strip() for cell in cells)
