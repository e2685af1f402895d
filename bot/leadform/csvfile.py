"""Lead files as spreadsheets and other systems write them, read row by row in constant memory.

Finds out encoding, delimiter and where the table begins and ends, keeps line numbers right, and writes the
rows that were refused. What the cells mean is left to others.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from bot.leadform.columns import IDENTIFYING, BadMapping, Columns, nearest
from bot.leadform.csv_header import DELIMITERS as DELIMITERS
from bot.leadform.csv_header import find_header, is_header, open_text, shown_line
from bot.leadform.csv_records import CsvUnreadable as CsvUnreadable
from bot.leadform.csv_records import Lines, is_empty, records
from bot.leadform.encodings import Encoding, EncodingUnclear, check_encoding, find_encoding
from bot.leadform.groups import NUMBER, TOTAL, TOTAL_ALONE, Groups, is_total, leading
from bot.leadform.sheets import guarded, guarded_again
from bot.leadform.text import clean, cut

ERROR_COLUMN = "baton_error"
"""The column, in front of the others, that says in FILE.rejected.csv why a row was refused."""

_WORKBOOK = b"PK\x03\x04"  # .xlsx is a zip archive
_MOST_SKIPPED = 20


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that is no record of a lead: its number, what stands in it, and why it was passed over."""

    line: int
    text: str
    why: str


@dataclass(slots=True)
class Skips:
    """The lines that were passed over: how many, and the first of them."""

    count: int = 0
    first: list[Skipped] = field(default_factory=list)

    def skip(self, line: int, text: str, why: str) -> None:
        """One more line."""
        self.count += 1
        if len(self.first) < _MOST_SKIPPED:
            self.first.append(Skipped(line, text, why))


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file found readable. `path` is how people call it, `data` where its bytes are; `size` is in bytes;
    `header` is as written; `header_line` counts from 1; `above` are the lines with text before it."""

    path: Path
    data: Path
    size: int
    encoding: Encoding
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    columns: Columns
    above: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `line` is where it starts, from 1; `cells` are as written, as many as the file has columns;
    `offset` is how many bytes of the file have been read, give or take a buffer. With a `fault`, in words,
    the cells are whatever stands there."""

    line: int
    cells: tuple[str, ...]
    offset: int
    columns: Columns
    fault: str | None = None

    @property
    def values(self) -> dict[str, str]:
        """The cells under the names of their columns; none for a row with a fault."""
        if self.fault is not None:
            return {}
        names = zip(self.columns.all, self.cells, strict=True)
        return {column.name: cell for column, cell in names if column.name != ERROR_COLUMN}


def _check_file(path: Path, data: Path) -> int:
    """The size of an ordinary file that can be read, in bytes."""
    try:
        if data.is_dir():
            raise CsvUnreadable(f"{path} is a directory; name the CSV file in it.")
        if data.exists() and not data.is_file():
            raise CsvUnreadable(f"{path} is not an ordinary file; save it to one and import that.")
        with data.open("rb") as file:
            start = file.read(len(_WORKBOOK))
        size = data.stat().st_size
    except FileNotFoundError:
        raise CsvUnreadable(f"There is no file {path}; check the name and the directory.") from None
    except OSError as problem:
        raise CsvUnreadable(
            f"{path} cannot be read ({problem}); check the file and its permissions."
        ) from None
    if start == _WORKBOOK:
        raise CsvUnreadable(f"{path} is an Excel workbook or a zip archive; save it as CSV and import that.")
    return size


def _encoding_of(path: Path, data: Path, wanted: str | None) -> Encoding:
    try:
        found = check_encoding(data, wanted) if wanted else find_encoding(data)
    except EncodingUnclear as problem:
        raise CsvUnreadable(f"I cannot tell how {path} is encoded. {problem}.") from None
    if found is None:
        raise CsvUnreadable(f"{path} is not a text file; export the leads as CSV and import that.")
    return found


def _check_names(path: Path, columns: Columns) -> None:
    if columns.fields & (IDENTIFYING | ({"contact", "contact_id"} if columns.past else set())):
        return
    names = [column.name for column in columns.all]
    shown = ", ".join(cut(clean(name), 40) for name in names[:20]) + (" …" if len(names) > 20 else "")
    if len(names) == 1:
        raise CsvUnreadable(
            f"In {path} I found a single column, {shown}; separate columns by commas, semicolons or "
            "tabs, and name one of them Email or External ID."
        )
    likely = next(((name, known) for name in names if (known := nearest(name))), None)
    hint = f" Perhaps {cut(likely[0], 40)} is meant as {likely[1]}." if likely else ""
    raise CsvUnreadable(
        f"In {path} I found the columns {shown}; one of them must be an e-mail or an external id, "
        f"so name that one Email or External ID, or say which it is with --map.{hint}"
    )


def open_csv(
    path: Path,
    *,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    past: bool = False,
    data: Path | None = None,
) -> CsvFile:
    """Looks at a file and its header. `encoding` and `mapping` (name of a column → field) overrule what it
    finds; with `past` it is a history; `data` is where its bytes are, if not at `path`. Raises CsvUnreadable,
    in sentences, for what is no list of leads."""
    data = data or path
    size = _check_file(path, data)
    try:
        decoding = _encoding_of(path, data, encoding)
        found = find_header(data, decoding.codec, mapping, past=past)
    except OSError as problem:
        raise CsvUnreadable(f"{path} cannot be read ({problem}); check the file.") from None
    if found is None:
        raise CsvUnreadable(f"{path} is empty; it needs a header line and a line for each lead.")
    try:
        columns = Columns(found.names, mapping, past=past)
    except BadMapping as problem:
        raise CsvUnreadable(f"In {path}: {problem}.") from None
    _check_names(path, columns)
    above = tuple(Skipped(line, text, "stands above the header") for line, text in found.above)
    return CsvFile(path, data, size, decoding, found.delimiter, found.names, found.line, columns, above)


def rows(file: CsvFile, skips: Skips | None = None, groups: Groups | None = None) -> Iterator[Row]:
    """The records after the header, in order and in constant memory; with what `groups` fill into them.

    Blank lines, a header that is repeated, lines of a report below the table and what follows another
    table's header are passed over and noted in `skips`. Missing cells are empty; cells beyond the header are
    a fault of that row alone, as is a quote that is never closed. Raises CsvUnreadable when the file goes
    away underneath, or a line is over 2**20 characters.
    """
    noted = Skips() if skips is None else skips
    try:
        with open_text(file.data, file.encoding.codec) as text:
            table = records(Lines(text), file.delimiter)
            for line, cells, fault in table:
                if line <= file.header_line or is_empty(cells):
                    continue
                why = None if fault else _no_record(file, cells)
                if why is None:
                    row_ = _row(file, line, cells, text.buffer.tell(), fault)
                    yield _filled(row_, groups) if groups else row_
                    continue
                noted.skip(line, shown_line(cells), why)
                if groups and why == _NO_ROW:
                    groups.pass_over(cells)
                if why == _ANOTHER_TABLE:
                    break
            for line, cells, _ in table:
                if not is_empty(cells):
                    noted.skip(line, shown_line(cells), _ANOTHER_TABLE)
    except OSError as problem:
        raise CsvUnreadable(f"{file.path} cannot be read any further ({problem}); import it again.") from None


_ANOTHER_TABLE = "belongs to another table"
_NO_ROW = "is not a row of the table"


def _no_record(file: CsvFile, cells: list[str]) -> str | None:
    """Why a line is no record: the header once more, another table's, or text or totals below the table."""
    width = len(file.header)
    if (
        len(cells) == width
        and cells[0].strip() == file.header[0]
        and tuple(map(str.strip, cells)) == file.header
    ):
        return "is the header again"
    if width > 2 and _is_below_the_table(file, cells):
        return _NO_ROW
    return _ANOTHER_TABLE if 2 < len(cells) != width and is_header(cells) else None


def _is_below_the_table(file: CsvFile, cells: list[str]) -> bool:
    """Whether one text, or totals beside numbers, are all that a line says, padded with empty cells or not.

    A single value in a padded line may be a poor record, which is refused and kept; but no id is a sentence.
    """
    if "@" in "".join(cells):
        return False
    filled = [(place, cell.strip()) for place, cell in enumerate(cells[: len(file.header)]) if cell.strip()]
    (place, text), *others = filled or [(0, "")]
    if not others:
        field = file.columns.all[place].field
        if TOTAL_ALONE.fullmatch(text):
            return True
        if field not in IDENTIFYING:
            return len(cells) == 1 or place < leading(file.columns.all, file.header)
        if re.search(r"\s", text) and (len(cells) == 1 or field != "email"):
            return True
    if TOTAL.match(text) is not None and all(NUMBER.fullmatch(other) for _, other in others):
        return True
    return is_total(cells, file.columns.all)


def _filled(row: Row, groups: Groups) -> Row:
    cells = row.cells if row.fault is not None else groups.fill(row.cells)
    return row if cells is row.cells else replace(row, cells=cells)


def _row(file: CsvFile, line: int, cells: list[str], offset: int, fault: str | None) -> Row:
    width = len(file.header)
    if fault is None and len(cells) > width:
        if not is_empty(cells[width:]):
            fault = (
                f"has {len(cells)} cells, the header {width}; put quotes around text with a delimiter in it"
            )
        else:
            del cells[width:]
    if fault is None and len(cells) < width:
        cells += [""] * (width - len(cells))
    return Row(line, tuple(cells), offset, file.columns, fault)


class RejectedWriter:
    """Writes refused rows beside the file they came from: leads.csv → leads.rejected.csv.

    The file begins with the first refused row, has the reasons in front, and can be mended and imported as it
    is: UTF-8 with a byte order mark, so that spreadsheets read it right, and the delimiter of the original.
    """

    def __init__(self, file: CsvFile) -> None:
        stem = file.path.stem if file.path.suffix.casefold() == ".csv" else file.path.name
        self.path = file.path.with_name(f"{stem}.rejected.csv")
        self.count = 0
        self._file = file
        self._old_error = file.header.index(ERROR_COLUMN) if ERROR_COLUMN in file.header else None
        self._text: TextIO | None = None
        self._writer: Any = None  # csv's writer type has no public name

    def __enter__(self) -> RejectedWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._text is not None:
            self._text.close()

    def write(self, row: Row, error: str) -> None:
        """Adds one row with the reason for its refusal. Raises OSError where the file cannot be written."""
        if self._text is None:
            alone = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # people's data
            self.path.chmod(0o600)  # it may have been there before
            self._text = os.fdopen(alone, "w", encoding="utf-8-sig", errors="replace", newline="")
            self._writer = csv.writer(self._text, delimiter=self._file.delimiter)
            header = self._without_old_error(self._file.header)
            self._writer.writerow([ERROR_COLUMN, *map(guarded_again, header)])
        cells = self._without_old_error(row.cells)
        self._writer.writerow([guarded(error), *map(guarded_again, cells)])
        self.count += 1

    def _without_old_error(self, cells: tuple[str, ...]) -> list[str]:
        return [cell for place, cell in enumerate(cells) if place != self._old_error]
