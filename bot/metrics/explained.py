"""How well the points tell accepted leads from rejected ones, and how well the fields that are known could.

The measure is the chance that of two leads, one accepted and one rejected, the accepted one has the higher
score (the area under the ROC curve): 0.5 is chance, 1 is perfect. Beside the points stands a logistic
regression on the rules and the raw fields. It is a measure and never a judge: each lead's score comes from a
fit without that lead's fifth. Whether it is surely better is DeLong's test (DeLong et al., 1988).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p, sqrt
from statistics import NormalDist, fmean, pstdev

from bot.metrics.calibration import CONFIDENCE, Z
from bot.metrics.logistic import Fit, Observed, fitted

FEWEST_OF_EACH = 30
"""So many accepted and so many rejected leads at least; with fewer, chance alone explains them well."""
MOST_NAMED = 3
_FOLDS = 5
_LEAST_KNOWN = 20  # leads that have a value, or lack it
_WORDS_SHOWN = 5  # of a field, the most frequent ones

Value = float | str


@dataclass(frozen=True, slots=True)
class Decided:
    """A lead that sales decided on: its points, the rules that it met by their places, and what is known."""

    accepted: bool
    points: float
    met: frozenset[int]
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Explained:
    """What the points explain, and the best that these fields could: areas from 0 to 1, of `n` leads.

    `surely`: the fields tell more, beyond chance. `missed` are the fields that say more than the rules do.
    """

    n: int
    points: float
    fields: float
    surely: bool
    missed: tuple[str, ...]


def explained(rules: int, leads: Sequence[Decided]) -> Explained | None:
    """None with too few leads of either kind. The order of the leads decides which are fitted together."""
    accepted = sum(lead.accepted for lead in leads)
    if min(accepted, len(leads) - accepted) < FEWEST_OF_EACH:
        return None
    names, rows = _encoded(rules, leads)
    size = rules + len(names)
    scores = _unseen(size, rows)
    truth = [lead.accepted for lead in leads]
    by_points, by_fields = _Placed.of(truth, [lead.points for lead in leads]), _Placed.of(truth, scores)
    return Explained(
        n=len(leads),
        points=by_points.area,
        fields=by_fields.area,
        surely=by_fields.surely_above(by_points),
        missed=_missed(rules, names, fitted(size, rows)),
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """For each accepted lead the share of rejected ones below it, and the other way round."""

    accepted: list[float]
    rejected: list[float]

    @classmethod
    def of(cls, truth: Sequence[bool], scores: Sequence[float]) -> _Placed:
        good = sorted(score for score, true in zip(scores, truth, strict=True) if true)
        bad = sorted(score for score, true in zip(scores, truth, strict=True) if not true)
        pairs = list(zip(scores, truth, strict=True))
        return cls(
            [_below(bad, score) / len(bad) for score, true in pairs if true],
            [1 - _below(good, score) / len(good) for score, true in pairs if not true],
        )

    @property
    def area(self) -> float:
        return fmean(self.accepted)

    def surely_above(self, other: _Placed) -> bool:
        variance = sum(
            _variance([a - b for a, b in zip(own, others, strict=True)]) / len(own)
            for own, others in ((self.accepted, other.accepted), (self.rejected, other.rejected))
        )
        return self.area - other.area > Z * sqrt(variance)


def _below(ordered: Sequence[float], score: float) -> float:
    """How many are lower; a tie is half."""
    return (bisect_left(ordered, score) + bisect_right(ordered, score)) / 2


def _variance(values: Sequence[float]) -> float:
    return pstdev(values) ** 2


def _unseen(size: int, rows: Sequence[Observed]) -> list[float]:
    """The score of each row by a fit that has not seen it."""
    fits = [fitted(size, [row for n, row in enumerate(rows) if n % _FOLDS != fold]) for fold in range(_FOLDS)]
    return [fits[n % _FOLDS].share(row.has) for n, row in enumerate(rows)]


def _missed(rules: int, names: Sequence[str], fit: Fit) -> tuple[str, ...]:
    """The fields that surely say something beside the rules, the surest first, corrected for how many."""
    if not names:
        return ()
    sure = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / len(names))
    strength: dict[str, float] = {}
    for place, name in enumerate(names, start=rules + 1):
        error = sqrt(max(fit.covariance[place][place], 1e-12))
        strength[name] = max(strength.get(name, 0.0), abs(fit.beta[place]) / error)
    found = sorted((name for name, of in strength.items() if of >= sure), key=lambda name: -strength[name])
    return tuple(found[:MOST_NAMED])


# ---- fields as numbers


def _encoded(rules: int, leads: Sequence[Decided]) -> tuple[list[str], list[Observed]]:
    """The field of each column after those of the rules, and the rows."""
    rows: list[dict[int, float]] = [dict.fromkeys(lead.met, 1.0) for lead in leads]
    names: list[str] = []
    for name in sorted({name for lead in leads for name in lead.fields}):
        values = [lead.fields.get(name) for lead in leads]
        for column in _columns(values):
            place = rules + len(names)
            names.append(name)
            for row, number in zip(rows, column, strict=True):
                if number:
                    row[place] = number
    return names, [Observed(row, 1, int(lead.accepted)) for row, lead in zip(rows, leads, strict=True)]


def _columns(values: Sequence[Value | None]) -> list[list[float]]:
    """A number by its logarithm, else a column for each frequent word; and one for whether it is known."""
    known = [value for value in values if value is not None]
    if len(known) < _LEAST_KNOWN:
        return []
    found = [_numbers(values)] if all(isinstance(value, float) for value in known) else _words(values)
    if len(values) - len(known) >= _LEAST_KNOWN:
        found.append([0.0 if value is None else 1.0 for value in values])
    return [column for column in found if any(number != column[0] for number in column)]


def _numbers(values: Sequence[Value | None]) -> list[float]:
    logs = [log1p(max(value, 0.0)) if isinstance(value, float) else None for value in values]
    known = [value for value in logs if value is not None]
    middle, spread = fmean(known), pstdev(known) or 1.0
    return [0.0 if value is None else (value - middle) / spread for value in logs]


def _words(values: Sequence[Value | None]) -> list[list[float]]:
    plain = [None if value is None else str(value).casefold() for value in values]
    counts = Counter(value for value in plain if value is not None)
    frequent = [word for word, n in counts.most_common(_WORDS_SHOWN) if n >= _LEAST_KNOWN]
    return [[1.0 if value == word else 0.0 for value in plain] for word in frequent]
