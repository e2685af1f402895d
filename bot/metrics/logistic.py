"""A logistic regression by Newton's steps, with a faint ridge: shares that follow from what rows have.

Rows are sparse: the places that are not 0, and what stands there. A row may stand for many that are alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

RIDGE = 0.5
"""A faint pull of each coefficient towards none, so that what all or none have has one too."""
_STEPS = 30
_EXACT = 1e-9
_LONGEST = 5.0  # of a step, so that separable rows do not throw it
_EDGE = 30.0

Vector = list[float]
Matrix = list[Vector]


@dataclass(frozen=True, slots=True)
class Observed:
    """Rows that are alike: what they have by its place, how many they are, and how many of them came true."""

    has: Mapping[int, float]
    n: int
    true: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients, the constant first, and their covariance."""

    beta: Vector
    covariance: Matrix

    def share(self, has: Mapping[int, float]) -> float:
        """The share of rows of this kind that come true."""
        return _share(self.beta, has)


def fitted(count: int, rows: Sequence[Observed]) -> Fit:
    """The fit of `count` places to the rows; with no rows every share is a half."""
    size = range(count + 1)
    beta = [0.0] * (count + 1)
    hessian: Matrix = []
    for _ in range(_STEPS):
        gradient, hessian = _slopes(beta, rows)
        step = solved(hessian, gradient)
        beta = [a + max(min(b, _LONGEST), -_LONGEST) for a, b in zip(beta, step, strict=True)]
        if max(map(abs, step)) < _EXACT:
            break
    columns = [solved(hessian, [1.0 if a == b else 0.0 for a in size]) for b in size]
    return Fit(beta, columns)


def _slopes(beta: Vector, rows: Sequence[Observed]) -> tuple[Vector, Matrix]:
    """The gradient of the penalised likelihood, and the curvature."""
    gradient = [0.0, *(-RIDGE * each for each in beta[1:])]
    hessian = [[0.0] * len(beta) for _ in beta]
    for place in range(len(beta)):
        hessian[place][place] = RIDGE if place else _EXACT
    for row in rows:
        share = _share(beta, row.has)
        weight, rest = row.n * share * (1 - share), row.true - row.n * share
        found = [(0, 1.0), *((place + 1, value) for place, value in row.has.items())]
        for a, of_a in found:
            gradient[a] += rest * of_a
            heavy, line = weight * of_a, hessian[a]
            for b, of_b in found:
                line[b] += heavy * of_b
    return gradient, hessian


def _share(beta: Vector, has: Mapping[int, float]) -> float:
    score = beta[0] + sum(beta[place + 1] * value for place, value in has.items())
    return 1 / (1 + exp(-max(min(score, _EDGE), -_EDGE)))


def solved(matrix: Matrix, right: Vector) -> Vector:
    """x with matrix · x = right, by elimination with pivots."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for place in range(size):
        pivot = max(range(place, size), key=lambda each: abs(rows[each][place]))
        rows[place], rows[pivot] = rows[pivot], rows[place]
        for other in range(place + 1, size):
            factor = rows[other][place] / rows[place][place]
            if factor:
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[place], strict=True)]
    found = [0.0] * size
    for place in reversed(range(size)):
        known = sum(rows[place][each] * found[each] for each in range(place + 1, size))
        found[place] = (rows[place][size] - known) / rows[place][place]
    return found


def form(vector: Vector, matrix: Matrix) -> float:
    """vector · matrix · vector."""
    return sum(
        a * b * cell
        for a, row in zip(vector, matrix, strict=True)
        for b, cell in zip(vector, row, strict=True)
    )
