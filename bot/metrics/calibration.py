"""Would another line for MQLs have been better? Proposed only where it costs next to nothing and is sure.

A line is held against all leads of a period: stricter ones against what they would have kept out, looser ones
against the leads below the line that went to sales all the same, by hand. It is proposed where

- acceptance differs by more than chance would make it in one of twenty *years*: one look a quarter, each at a
  quarter of 5 %, divided by the number of lines compared (Bonferroni), two proportions, one-sided;
- at least 95 % of the deals stay, won and open ones, with 95 % confidence (Clopper-Pearson).

The line is chosen by one half of the leads, and the change that is shown is measured on the other, so that
luck in the choice does not flatter it. Its interval is a prediction for a period with as many leads again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from math import exp, lgamma, log, sqrt
from statistics import NormalDist

from bot.metrics.values import FEWEST

LOOKS_A_YEAR = 4
FALSE_A_YEAR = 0.05
MOST_LOST = 0.05
"""The share of deals that a proposal may cost, at most."""
CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
LETTERS, DIGITS = "ABCD", "123"
LINES = tuple(letter + digit for letter in LETTERS for digit in DIGITS)


@dataclass(frozen=True, slots=True)
class Counts:
    """Leads and what is known of them. `deals` are won or open; `revenue` in hundredths of one currency."""

    leads: int = 0
    handed_off: int = 0
    accepted: int = 0
    rejected: int = 0
    won: int = 0
    deals: int = 0
    revenue: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Counts)))

    @property
    def decided(self) -> int:
        """Accepted or rejected."""
        return self.accepted + self.rejected

    @property
    def share(self) -> float:
        """Accepted ÷ decided; 0 where nothing was decided."""
        return self.accepted / self.decided if self.decided else 0.0


@dataclass(frozen=True, slots=True)
class Cell:
    """The leads of one grade. `exempt`: they go to sales whatever the line, by what they did.

    `by_hand`: somebody sent them there. So no stricter line keeps them out, and those below the line tell
    what a looser one would bring.
    """

    grade: str
    exempt: bool
    counts: Counts
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a share would change, with the interval in which 95 % of such periods would have it."""

    delta: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another line, and what it gives and costs.

    `volume` is the change in leads handed off as a share of those of today; negative for a stricter line.
    `won_lost` and `revenue_lost` (hundredths) are of the period.
    """

    now: str
    then: str
    acceptance: Change
    volume: float
    won_lost: int
    revenue_lost: int

    @property
    def lines(self) -> str:
        """What to write into the agreement."""
        return f'[qualification]\nmql = "{self.then}"'


class Why(StrEnum):
    """Why no other line is proposed."""

    FEW = "few"  # too few decisions to compare anything
    UNSURE = "unsure"  # acceptance differs no more than chance may make it
    COSTLY = "costly"  # a line that would raise acceptance would cost deals, or may
    EARLY = "early"  # this is no look that counts


@dataclass(frozen=True, slots=True)
class Verdict:
    """A proposal, or why there is none."""

    proposal: Proposal | None = None
    why: Why | None = None


def passes(grade: str, line: str) -> bool:
    """Whether a grade is at least as good as the line: an earlier letter and a smaller digit, or equal."""
    return grade[:1] <= line[:1] and grade[1:] <= line[1:]


def comparable(line: str) -> list[str]:
    """Every other line that is wholly stricter or wholly looser than this one."""
    return [each for each in LINES if each != line and (passes(each, line) or passes(line, each))]


def propose(line: str, chosen_by: Sequence[Cell], measured_on: Sequence[Cell]) -> Verdict:
    """The line that would change acceptance most for the better, if one may be proposed.

    The two halves of a period's leads, by what has nothing to do with them.
    """
    compared = [_Compared.of(line, candidate, chosen_by) for candidate in comparable(line)]
    measured = {each: _Compared.of(line, each.candidate, measured_on) for each in compared}
    enough = [each for each in compared if each.has_enough and measured[each].has_enough]
    if not enough:
        return Verdict(why=Why.FEW)
    level = FALSE_A_YEAR / LOOKS_A_YEAR / len(enough)
    sure = [each for each in enough if each.z >= NormalDist().inv_cdf(1 - level)]
    everything = [*chosen_by, *measured_on]
    kept = [each for each in sure if _Compared.of(line, each.candidate, everything).keeps_the_deals]
    if kept:
        best = max(kept, key=lambda each: each.change.delta)
        return Verdict(_Compared.of(line, best.candidate, everything).proposal(measured[best].change))
    return Verdict(why=Why.COSTLY if sure else Why.UNSURE)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A line beside the one in force: the leads that stay on their side of it, and those that change it."""

    line: str
    candidate: str
    stays: Counts
    moves: Counts

    @classmethod
    def of(cls, line: str, candidate: str, cells: Sequence[Cell]) -> _Compared:
        stays = moves = Counts()
        stricter = passes(candidate, line)
        for cell in cells:
            anyway = cell.exempt or (cell.by_hand and stricter)
            now, then = anyway or passes(cell.grade, line), anyway or passes(cell.grade, candidate)
            stays += cell.counts if now and then else Counts()
            moves += cell.counts if now is not then else Counts()
        return cls(line, candidate, stays, moves)

    @property
    def has_enough(self) -> bool:
        return min(self.stays.decided, self.moves.decided) >= FEWEST

    @property
    def stricter(self) -> bool:
        return passes(self.candidate, self.line)

    @property
    def z(self) -> float:
        """How many standard errors the change lies on the better side of none."""
        good, bad = (self.stays, self.moves) if self.stricter else (self.moves, self.stays)
        pooled = (good.accepted + bad.accepted) / (good.decided + bad.decided)
        error = sqrt(pooled * (1 - pooled) * (1 / good.decided + 1 / bad.decided))
        return (good.share - bad.share) / error if error else 0.0

    @property
    def keeps_the_deals(self) -> bool:
        """Whether at least 95 % of the deals stay, surely enough; a looser line loses none."""
        if not self.stricter:
            return True
        both = self.stays + self.moves
        return all(
            total > 0 and lost <= MOST_LOST / 2 * total and upper_bound(lost, total) <= MOST_LOST
            for lost, total in ((self.moves.won, both.won), (self.moves.deals, both.deals))
        )

    @property
    def change(self) -> Change:
        return _change(self.stays, self.moves, self.stricter)

    def proposal(self, change: Change) -> Proposal:
        today = self.stays.handed_off + self.moves.handed_off
        moved = -self.moves.handed_off if self.stricter else self.moves.leads - self.moves.handed_off
        return Proposal(
            now=self.line,
            then=self.candidate,
            acceptance=change,
            volume=moved / today if today else 0.0,
            won_lost=self.moves.won if self.stricter else 0,
            revenue_lost=self.moves.revenue if self.stricter else 0,
        )


def _change(stays: Counts, moves: Counts, stricter: bool) -> Change:
    """The change in acceptance; one lead of each kind is added to both sides (Agresti and Caffo, 2000)."""
    moved = moves.decided if stricter else moves.leads  # of those that would come only some were decided on
    weight = moved / (stays.decided + moved)
    apart = stays.share - moves.share
    delta = weight * apart if stricter else -weight * apart
    variance = weight**2 * sum(map(_variance, (stays, moves))) + apart**2 * weight * (1 - weight) / (
        stays.decided + moved
    )
    reach = Z * sqrt(
        1.5 * variance
    )  # half of the leads were measured, and as many as both halves are to come
    return Change(delta, max(delta - reach, -1.0), min(delta + reach, 1.0))


def _variance(counts: Counts) -> float:
    n = counts.decided + 2
    share = (counts.accepted + 1) / n
    return share * (1 - share) / n


def upper_bound(part: int, n: int) -> float:
    """The share below which the truth lies with 95 % confidence, given `part` of `n` (Clopper-Pearson)."""
    if part >= n:
        return 1.0
    low, high = part / n, 1.0 - 1e-12
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(part, n, middle) > 1 - CONFIDENCE else (low, middle)
    return high


def _at_most(part: int, n: int, share: float) -> float:
    """The chance of at most `part` of `n` where each has this share, above 0 and below 1."""
    return sum(
        exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(share) + (n - k) * log(1 - share))
        for k in range(part + 1)
    )
