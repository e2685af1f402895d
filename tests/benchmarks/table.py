"""What a benchmark found, and the table that shows it beside what is promised."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `most` limits the figure itself or, where there is a yardstick to hold it to, the ratio.

    The yardstick was measured in the same run. Without `most` nothing is promised: it is there to be seen.
    """

    what: str
    figure: float
    unit: str
    yardstick: float | None = None
    most: float | None = None
    of_yardstick: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times the yardstick it is."""
        return self.figure / self.yardstick if self.yardstick else None

    @property
    def held(self) -> bool | None:
        """Whether the promise is kept; None where there is none."""
        if self.most is None:
            return None
        return ((self.ratio or 0) if self.of_yardstick else self.figure) <= self.most


def measured(name: str, quick: bool) -> list[Row]:
    """The rows of one benchmark; what else it says goes to standard error.

    One that broke off is a promise missed: the others are shown all the same.
    """
    with redirect_stdout(sys.stderr):
        try:
            rows: list[Row] = import_module(f"tests.benchmarks.{name}").rows(quick)
        except Exception as error:
            traceback.print_exc()
            return [Row(f"{name} broke off: {error}", 1, "faults", most=0)]
    return rows


_HELD = {True: "passed", False: "MISSED", None: ""}


def table(rows: Iterable[Row]) -> str:
    """The rows in columns, one line each."""
    cells = [("", "figure", "yardstick", "ratio", "at most", "")]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        yardstick = "" if row.yardstick is None else _amount(row.yardstick, row.unit)
        most = "" if row.most is None else (f"{row.most:g} times" if row.of_yardstick else _most(row))
        cells.append((row.what, _amount(row.figure, row.unit), yardstick, ratio, most, _HELD[row.held]))
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]
        ).rstrip()
        for line in cells
    )


def _most(row: Row) -> str:
    return f"{row.most:g} {row.unit}"


def _amount(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 4
    return f"{value:,.{digits}f} {unit}"
