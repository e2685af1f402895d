"""What a figure can be: a count, a rate, a time, sums of money, a quotient; each with the leads behind it.

`key` is the key of storage/figures/evidence.py that counts those leads, "" where there are none to show.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TypeAlias

FEWEST = 10
"""Below this many in the denominator there is no rate, only the counts."""
_Z = 1.96  # of a normal distribution, for 95 %


@dataclass(frozen=True, slots=True)
class Count:
    """So many handoffs, answers or reminders."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `n`. `key` names the leads behind `part`, or where `shows_rest` those behind the rest."""

    key: str
    part: int
    n: int
    shows_rest: bool = False

    @property
    def share(self) -> float | None:
        """Part ÷ n, from 0 to 1; None where n is below `FEWEST`: too few to say."""
        return self.part / self.n if self.n >= FEWEST else None

    @property
    def rest(self) -> int:
        """What is not in the part."""
        return self.n - self.part


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took: median and 90th percentile of `n` times, in seconds. `n` 0: it never was."""

    key: str
    n: int
    median: int
    p90: int


@dataclass(frozen=True, slots=True)
class Sum:
    """The deals in one currency. `currency` None: the deals name none.

    `without_amount` of the deals have no amount, so that the sum, in hundredths, is of the others.
    """

    key: str
    currency: str | None
    deals: int
    amount: int
    without_amount: int = 0


@dataclass(frozen=True, slots=True)
class Sums:
    """Money by currency; two currencies are never added."""

    sums: tuple[Sum, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    """One number over another: hundredths of the currency `unit`, or a share where that is "share".

    Where it cannot be given, `value` is None and `why_not` says why.
    """

    value: float | None
    unit: str
    why_not: str | None = None


Value: TypeAlias = Count | Rate | Took | Sums | Quotient


def under(root: str, value: Value) -> Value:
    """The value with its leads looked up among those of one campaign or rep: "campaign.fair."."""
    match value:
        case Sums(sums):
            return Sums(tuple(replace(each, key=_under(root, each.key)) for each in sums))
        case Quotient():
            return value
    return replace(value, key=_under(root, value.key))


def _under(root: str, key: str) -> str:
    return f"{root}{key}" if key else ""


def size(value: Value) -> int:
    """How many leads, answers or reminders stand behind the key of a value."""
    match value:
        case Count(_, count):
            return count
        case Rate():
            return value.rest if value.shows_rest else value.part
        case Took(_, n):
            return n
        case Sums(sums):
            return sum(each.deals for each in sums)
    return 0


def share_interval(count: int, n: int) -> tuple[float, float]:
    """A share's 95 % interval (Wilson's); of none it is anything."""
    if n == 0:
        return 0.0, 1.0
    share, square = count / n, _Z * _Z / n
    middle = share + square / 2
    wide = _Z * sqrt(share * (1 - share) / n + square / (4 * n))
    return max(0.0, (middle - wide) / (1 + square)), min(1.0, (middle + wide) / (1 + square))
