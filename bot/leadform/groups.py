"""Reports that group their rows: the group's value stands once, above its rows or in the first of them.

Only what a report groups by is filled down, in its leading columns, and only where the file shows that it is
grouped: never a name, an address or an id.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile

from bot.leadform.columns import Column

GROUPING = frozenset({"owner", "source", "campaign", "status", "stage", "country", "region", "industry"})
"""By these a report groups its rows; alone in a leading column they head a group, and say who nobody is."""
_WHO = frozenset(
    {"email", "phone", "external_id", "id", "name", "first_name", "last_name", "title", "linkedin_url"}
)
_ARROW = re.compile("[\u2191\u2193\u25b2\u25bc]")  # a report's mark of what it is grouped or sorted by
_SUM = (
    r"(?:totals?|summe|sum|count|anzahl|gesamt|totaux|somme|suma|soma|totaal|totale|recuento|nombre"
    r"|record count|avg|average)"
)
TOTAL = re.compile(
    rf"(?:grand|report|overall)?\s*(?:(?:sub|zwischen|gesamt|sous|tussen)?-?{_SUM})\b", re.IGNORECASE
)
TOTAL_ALONE = re.compile(rf"(?:{TOTAL.pattern})\s*+(?:[:=(]\s*+)?[\d.,']*\)?", re.IGNORECASE)
NUMBER = re.compile(r"[.,'\s%€$£()-]*+\d[\d.,'\s%€$£()-]*+")
_SUBTOTAL = re.compile(r"\s*(?:sub-?total|zwischensumme|sous-?total|tussentotaal)", re.IGNORECASE)


def leading(columns: Sequence[Column], header: Sequence[str]) -> int:
    """How many columns at the left are such as a report groups by."""
    return len(list(takewhile(lambda column: _groups(column, header[column.place]), columns)))


def _groups(column: Column, written: str) -> bool:
    return column.field in GROUPING or (bool(_ARROW.search(written)) and column.field not in _WHO)


def is_total(cells: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether a line is a group's sum: words for one, numbers, and what the group is of."""
    filled = [(place, cell.strip()) for place, cell in enumerate(cells[: len(columns)]) if cell.strip()]
    numbers = [NUMBER.fullmatch(text) is not None for _, text in filled]
    sums = [TOTAL_ALONE.fullmatch(text) is not None for _, text in filled]
    if not any(numbers) or not any(sums):
        return False
    return all(
        number or total or columns[place].field in GROUPING
        for (place, _), number, total in zip(filled, numbers, sums, strict=True)
    )


class Groups:
    """The groups of one file, row by row. `filled` counts by column's name in how many rows a value was
    filled down."""

    def __init__(self, columns: Sequence[Column], header: Sequence[str]) -> None:
        self._columns = columns[: leading(columns, header)]
        self.sure = any(_ARROW.search(header[column.place]) for column in self._columns)
        self.filled: Counter[str] = Counter()
        self._now: dict[int, str] = {}

    def __bool__(self) -> bool:
        """Whether the file may be grouped at all."""
        return bool(self._columns)

    def look_for(self, passed_over: Iterable[tuple[int, str]], last: int) -> None:
        """The lines that were passed over, each with its number, and the last row's number: a subtotal with
        rows or a total below it shows that the file is grouped."""
        lines = [(line, text.split(" · ")) for line, text in passed_over]
        subtotals = [line for line, parts in lines if any(map(_SUBTOTAL.match, parts))]
        below = max((last, *(line for line, parts in lines if any(map(TOTAL_ALONE.fullmatch, parts)))))
        self.sure = self.sure or any(line < below for line in subtotals)

    def pass_over(self, cells: Sequence[str]) -> None:
        """A line that is no row: the head of a group, or the sum at its end."""
        filled = [place for place, cell in enumerate(cells) if cell.strip()]
        if len(filled) == 1 and filled[0] < len(self._columns) and not TOTAL.match(cells[filled[0]].strip()):
            self._start(filled[0], cells[filled[0]])
        else:
            ends = (place for place in filled if TOTAL_ALONE.fullmatch(cells[place].strip()))
            self._end(next(ends, 0))

    def fill(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        """A row with what its group has in the leading columns that the row leaves empty."""
        found: dict[int, str] = {}
        for column in self._columns:
            place = column.place
            if cells[place].strip():
                if self.sure:
                    self._start(place, cells[place])
                else:
                    self._end(place)  # every row says it: nothing stands above
            elif place in self._now:
                found[place] = self._now[place]
                self.filled[column.name] += 1
        return tuple(found.get(place, cell) for place, cell in enumerate(cells)) if found else cells

    def _start(self, place: int, value: str) -> None:
        self._end(place)
        self._now[place] = value

    def _end(self, place: int) -> None:
        self._now = {each: value for each, value in self._now.items() if each < place}
