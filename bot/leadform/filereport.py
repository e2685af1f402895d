"""What is said of a file once it is read: what was understood, what was passed over, what was set aside.

Pure figures and sentences; who prints them, and what became of the leads, is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.leadform.aliases import field_of
from bot.leadform.columns import SKIP, Column, Columns, nearest
from bot.leadform.csvfile import CsvFile, Skips
from bot.leadform.fields import LEAD_FIELDS
from bot.leadform.text import cut

_MOST_REASONS = 50
_MOST_SHOWN = 12
_VALUE_IN_FRONT = re.compile(r'^"[^"]*" ')


@dataclass(slots=True)
class Aside:
    """Values of one column that were set aside for one reason: how many, and the first of them."""

    column: str
    why: str
    example: str
    line: int
    count: int = 1

    def __str__(self) -> str:
        times = f"{self.count:,} values" if self.count > 1 else "one value"
        return f'{self.column}, {times}: "{self.example}" in line {self.line} {self.why}'


@dataclass(frozen=True, slots=True)
class UnderstoodColumn:
    """A column and the field that it was read as; without one, the name it may be a slip of."""

    name: str
    field: str | None
    nearest: str | None = None


@dataclass(slots=True)
class FileReport:
    """All that there is to say of one file. `system` is the sender that its columns betray; `filled` says by
    column in how many rows its value is that of their group; `told_by` is how many bytes of a file too long
    to be read twice were looked at beforehand."""

    encoding: str
    strays: int
    delimiter: str
    header_line: int
    system: str | None
    columns: tuple[UnderstoodColumn, ...]
    skips: Skips
    rows: int = 0
    created: int = 0
    updated: int = 0
    refused: int = 0
    more_reasons: int = 0
    filled: Mapping[str, int] = field(default_factory=dict)
    told_by: int | None = None
    _aside: dict[tuple[str, str], Aside] = field(default_factory=dict)

    @classmethod
    def of(cls, file: CsvFile, skips: Skips) -> FileReport:
        """The report of a file that is about to be read; `skips` will hold what is passed over."""
        for line in file.above:
            skips.skip(line.line, line.text, line.why)
        return cls(
            encoding=file.encoding.name,
            strays=file.encoding.strays,
            delimiter=file.delimiter,
            header_line=file.header_line,
            system=file.columns.system,
            columns=_understood(file.columns),
            skips=skips,
        )

    def set_aside(self, column: str, value: str, problem: str, line: int) -> None:
        """One value that could not be read as what its column holds, and why, in words."""
        key = (column, _VALUE_IN_FRONT.sub("", problem))
        if key in self._aside:
            self._aside[key].count += 1
        elif len(self._aside) < _MOST_REASONS:
            self._aside[key] = Aside(column, key[1], cut(" ".join(value.split()), 40), line)
        else:
            self.more_reasons += 1

    @property
    def aside(self) -> tuple[Aside, ...]:
        """What was set aside, the most frequent first."""
        return tuple(sorted(self._aside.values(), key=lambda each: -each.count))

    @property
    def unknown(self) -> tuple[UnderstoodColumn, ...]:
        """The columns that hold no field of a lead; they are kept under their own names."""
        return tuple(column for column in self.columns if column.field is None)

    def sentences(self) -> Iterator[str]:
        """The report in lines of text, without the counts of rows."""
        written = f"Read as {self.encoding}"
        if self.strays:
            stray = (
                "one byte that is not was" if self.strays == 1 else f"{self.strays:,} bytes that are not were"
            )
            written += f" ({stray} read as Windows-1252)"
        yield f"{written}, sent by {self.system}." if self.system else f"{written}."
        if self.told_by is not None:
            begin = f"its first {self.told_by / 1_000_000:,.0f} MB"
            yield f"A long file: {begin} tell encoding and dates; look at what its last rows came to."
        known = [
            f"{column.name} → {column.field}" for column in self.columns if column.field not in (None, SKIP)
        ]
        yield f"Columns: {', '.join(known)}."
        if self.unknown:
            yield f"Kept as they are: {', '.join(map(_with_nearest, self.unknown))}."
        for passed in self.skips.first[:_MOST_SHOWN]:
            yield f'Line {passed.line} {passed.why}: "{passed.text}".'
        if self.skips.count > _MOST_SHOWN:
            yield _more(self.skips.count - _MOST_SHOWN, "line that is not a row", "lines that are not rows")
        for name, count in self.filled.items():
            rows = "one row" if count == 1 else f"{count:,} rows"
            yield f"{name} is filled down into {rows}: it stands once for each group."
        for each in self.aside[:_MOST_SHOWN]:
            yield f"Set aside in {each}."
        if len(self.aside) > _MOST_SHOWN or self.more_reasons:
            rest = len(self.aside[_MOST_SHOWN:]) + self.more_reasons
            yield _more(rest, "value for another reason", "values for other reasons")

    def as_json(self) -> dict[str, Any]:
        """The report as JSON takes it."""
        return {
            "encoding": self.encoding,
            "strays": self.strays,
            "delimiter": self.delimiter,
            "header_line": self.header_line,
            "told_by": self.told_by,
            "system": self.system,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "refused": self.refused,
            "columns": [
                {"name": column.name, "field": column.field, "nearest": column.nearest}
                for column in self.columns
            ],
            "skipped": {
                "count": self.skips.count,
                "first": [{"line": s.line, "text": s.text, "why": s.why} for s in self.skips.first],
            },
            "filled_down": dict(self.filled),
            "set_aside": [
                {"column": a.column, "why": a.why, "count": a.count, "example": a.example, "line": a.line}
                for a in self.aside
            ],
        }


def _more(count: int, one: str, many: str) -> str:
    return f"… and one more {one}." if count == 1 else f"… and {count:,} more {many}."


def _understood(columns: Columns) -> tuple[UnderstoodColumn, ...]:
    return tuple(
        UnderstoodColumn(column.name, field, None if field else nearest(column.name))
        for column, field in ((column, _field_of(column)) for column in columns.all)
    )


def _field_of(column: Column) -> str | None:
    """The field that a column comes to: by its label in some tool, or by a name that every record may use."""
    if column.is_ours:
        return None
    known = column.field or field_of(column.name)
    return known if column.field or known in LEAD_FIELDS else None


def _with_nearest(column: UnderstoodColumn) -> str:
    return f"{column.name} (did you mean {column.nearest}?)" if column.nearest else column.name
