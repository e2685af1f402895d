"""Lead files as spreadsheets and other systems write them, read row by row in constant memory.

Finds out encoding and delimiter, keeps line numbers right, and writes the rows that were refused. What the
cells mean is left to leadform.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from bot.leadform import IDENTIFYING, field_of
from bot.leadform.values import clean, cut

ERROR_COLUMN = "baton_error"
"""The column, in front of the others, that says in FILE.rejected.csv why a row was refused."""

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 18  # bytes
_LONGEST_LINE = 1 << 20  # characters; far more than one record of leads
_WORKBOOK = b"PK\x03\x04"  # .xlsx is a zip archive
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BYTE_BY_BYTE = "baton-cp1252"


class CsvUnreadable(ValueError):
    """The file cannot be read as a list of leads; the text is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file found readable. `size` is in bytes; `encoding` and `delimiter` are as detected; `header` is as
    written; `header_line` counts from 1."""

    path: Path
    size: int
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `line` is where it starts, from 1; `cells` are as written; `offset` is how many bytes of
    the file have been read, give or take a buffer. With a `fault`, in words, `values` is empty."""

    line: int
    values: dict[str, str]
    cells: tuple[str, ...]
    offset: int
    fault: str | None = None


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


def _encoding_of(sample: bytes) -> str | None:
    """The encoding that a sample seems to be in, None for what is no text.

    A lone Latin-1 byte in a file of UTF-8 does not turn the file into Latin-1: what there is more of decides.
    """
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return encoding
    start = sample[:512]  # the header's names are mostly ASCII: every other byte is zero in UTF-16
    zeros = Counter(position % 2 for position, byte in enumerate(start) if not byte)
    for side, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if zeros[side] * 10 > len(start) and zeros[side] > 3 * zeros[1 - side]:
            return encoding
    if b"\0" in sample:
        return None
    text = sample.decode("utf-8", "surrogateescape")
    wrong = len(re.findall("[\udc80-\udcff]", text))
    right = len(re.findall("[\u0080-\ud7ff\ue000-\U0010ffff]", text))
    cut_off = 3 if len(sample) == _SAMPLE else 0  # the sample may end within a character
    return "cp1252" if wrong > right + cut_off else "utf-8"


class _Lines:
    """The physical lines of a file, with the ones of the current record at hand to be read again."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: list[str] = []
        self.taken: list[str] = []
        self.ended = False
        self.number = 0  # of the last line given out, from 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._text.readline(_LONGEST_LINE)
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        if len(line) >= _LONGEST_LINE:
            raise CsvUnreadable(
                f"Line {self.number} is longer than {_LONGEST_LINE:,} characters; save the file as CSV with "
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


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
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


def _mended(lines: _Lines, delimiter: str) -> tuple[list[str], str | None]:
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


def _is_empty(cells: list[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _header_at(lines: _Lines, delimiter: str) -> tuple[int, tuple[str, ...]] | None:
    for number, cells, _ in _records(lines, delimiter):
        if any(map(str.isalnum, "".join(cells))):
            return number, tuple(cell.strip() for cell in cells)
    return None


def _named(delimiter: str, header: tuple[str, ...]) -> tuple[bool, int, int, bool]:
    fields = [field_of(name) for name in header]
    known = len(set(fields) - {None})
    return bool(IDENTIFYING & set(fields)), known, len(header), delimiter == ","


def _open(path: Path, encoding: str) -> TextIO:
    codecs.register_error(_BYTE_BY_BYTE, _as_cp1252)
    return path.open(encoding=encoding, errors=_BYTE_BY_BYTE, newline="")


def _sample_of(path: Path) -> tuple[bytes, int]:
    try:
        if path.is_dir():
            raise CsvUnreadable(f"{path} is a directory; name the CSV file in it.")
        if path.exists() and not path.is_file():
            raise CsvUnreadable(f"{path} is not an ordinary file; save it to one and import that.")
        with path.open("rb") as file:
            sample = file.read(_SAMPLE)
        size = path.stat().st_size
    except FileNotFoundError:
        raise CsvUnreadable(f"There is no file {path}; check the name and the directory.") from None
    except OSError as problem:
        raise CsvUnreadable(
            f"{path} cannot be read ({problem}); check the file and its permissions."
        ) from None
    if sample.startswith(_WORKBOOK):
        raise CsvUnreadable(f"{path} is an Excel workbook or a zip archive; save it as CSV and import that.")
    return sample, size


def _declared_delimiter(path: Path, encoding: str) -> str | None:
    """The delimiter that a first line like "sep=;" names, as Excel writes it."""
    with _open(path, encoding) as text:
        match = re.fullmatch(r"sep=(.)", text.readline(_LONGEST_LINE).rstrip("\r\n").strip('"'))
    return match[1] if match and match[1] in DELIMITERS else None


def _find_header(path: Path, encoding: str) -> tuple[str, int, tuple[str, ...]] | None:
    """Delimiter, line and names of the header: the reading under which it names the most fields of a lead."""
    declared = _declared_delimiter(path, encoding)
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for delimiter in (declared,) if declared else DELIMITERS:
        with _open(path, encoding) as text:
            lines = _Lines(text)
            if declared:
                next(lines)
            header = _header_at(lines, delimiter)
        if header:
            found[delimiter] = header
    if not found:
        return None
    best = max(found, key=lambda delimiter: _named(delimiter, found[delimiter][1]))
    return best, *found[best]


def _check_names(path: Path, header: tuple[str, ...]) -> None:
    names = [name for name in header if name]
    if not IDENTIFYING & {field_of(name) for name in names}:
        shown = ", ".join(cut(clean(name), 40) for name in names[:20]) + (" …" if len(names) > 20 else "")
        if len(names) == 1:
            raise CsvUnreadable(
                f"In {path} I found a single column, {shown}; separate columns by commas, semicolons or "
                "tabs, and name one of them Email or External ID."
            )
        raise CsvUnreadable(
            f"In {path} I found the columns {shown}; one of them must be an e-mail or an external id, "
            "so name that one Email or External ID."
        )
    counts = Counter(name.casefold() for name in names)
    twice = sorted({name for name in names if counts[name.casefold()] > 1})
    if twice:
        raise CsvUnreadable(
            f"In {path} several columns are called {', '.join(twice)}; give each column a name of its own."
        )


def open_csv(path: Path) -> CsvFile:
    """Looks at a file and its header. Raises CsvUnreadable, in one sentence, for what is no list of leads."""
    sample, size = _sample_of(path)
    encoding = _encoding_of(sample)
    if encoding is None:
        raise CsvUnreadable(f"{path} is not a text file; export the leads as CSV and import that.")
    try:
        found = _find_header(path, encoding)
    except OSError as problem:
        raise CsvUnreadable(f"{path} cannot be read ({problem}); check the file.") from None
    if found is None:
        raise CsvUnreadable(f"{path} is empty; it needs a header line and a line for each lead.")
    delimiter, line, header = found
    _check_names(path, header)
    return CsvFile(path, size, encoding, delimiter, header, line)


def rows(file: CsvFile) -> Iterator[Row]:
    """The records after the header, in order and in constant memory; blank lines are skipped.

    Missing cells are empty; cells beyond the header are a fault of that row alone, as is a quote that is
    never closed. Raises CsvUnreadable when the file goes away underneath, or a line is over 2**20 characters.
    """
    names = [name or f"Column {number}" for number, name in enumerate(file.header, 1)]
    try:
        with _open(file.path, file.encoding) as text:
            for line, cells, fault in _records(_Lines(text), file.delimiter):
                if line > file.header_line and not _is_empty(cells):
                    yield _row(names, line, cells, text.buffer.tell(), fault)
    except OSError as problem:
        raise CsvUnreadable(f"{file.path} cannot be read any further ({problem}); import it again.") from None


def _row(names: list[str], line: int, cells: list[str], offset: int, fault: str | None) -> Row:
    if fault is None and not _is_empty(cells[len(names) :]):
        fault = (
            f"has {len(cells)} cells, the header {len(names)}; put quotes around text with a delimiter in it"
        )
    if fault is not None:
        return Row(line, {}, tuple(cells), offset, fault)
    filled = cells + [""] * (len(names) - len(cells))
    told = {name: cell for name, cell in zip(names, filled, strict=False) if name != ERROR_COLUMN}
    return Row(line, told, tuple(cells), offset)


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
            self._text = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
            self._writer = csv.writer(self._text, delimiter=self._file.delimiter)
            self._writer.writerow([ERROR_COLUMN, *self._without_old_error(self._file.header)])
        self._writer.writerow([error, *self._without_old_error(row.cells)])
        self.count += 1

    def _without_old_error(self, cells: tuple[str, ...]) -> list[str]:
        return [cell for place, cell in enumerate(cells) if place != self._old_error]
