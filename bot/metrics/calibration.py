"""Does the score tell good leads from bad? Acceptance by grade, the lift of each criterion, a better line.

A line is proposed only where the leads that it would drop were accepted so much less often that chance would
make such a difference in fewer than one of twenty quarters (two proportions, z of at least 1.96). Else it is
said how many more decisions it would take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from bot.metrics.values import FEWEST, Rate

SURE = 1.96
"""The z beyond which one of twenty differences is by chance."""
MOST_MORE = 10
"""A difference that takes more than so many times today's decisions to prove is none worth having."""


@dataclass(frozen=True, slots=True)
class GradeCell:
    """One grade: how many were accepted of those decided, and won of the deals that closed."""

    grade: str
    accepted: Rate
    won: Rate


@dataclass(frozen=True, slots=True)
class Criterion:
    """One scoring criterion: acceptance with it and without it."""

    words: str
    with_it: Rate
    without: Rate

    @property
    def lift(self) -> float | None:
        """Acceptance with it ÷ acceptance without it; None where there are too few of either."""
        if self.with_it.share is None or not self.without.share:
            return None
        return self.with_it.share / self.without.share


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Handoffs and what became of them."""

    handed_off: int = 0
    accepted: int = 0
    rejected: int = 0
    won: int = 0

    def __add__(self, other: Outcomes) -> Outcomes:
        return Outcomes(
            self.handed_off + other.handed_off,
            self.accepted + other.accepted,
            self.rejected + other.rejected,
            self.won + other.won,
        )

    @property
    def decided(self) -> int:
        """Accepted or rejected."""
        return self.accepted + self.rejected


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another line for MQLs, held against the handoffs of the last quarter."""

    now: str
    then: str
    volume: float
    acceptance_now: Rate
    acceptance_then: Rate
    won_lost: int

    @property
    def points(self) -> float:
        """By how many percentage points acceptance would have been higher."""
        return ((self.acceptance_then.share or 0.0) - (self.acceptance_now.share or 0.0)) * 100

    @property
    def lines(self) -> str:
        """What to write into the agreement."""
        return f'[qualification]\nmql = "{self.then}"'


@dataclass(frozen=True, slots=True)
class Verdict:
    """A proposal, or how many more decisions it takes to make one; neither: no other line would be better."""

    proposal: Proposal | None = None
    more_decisions: int | None = None


def passes(grade: str, line: str) -> bool:
    """Whether a grade is at least as good as the line: an earlier letter and a smaller digit, or equal."""
    return grade[:1] <= line[:1] and grade[1:] <= line[1:]


def stricter(line: str) -> list[str]:
    """Every line above this one: "A1", "A2" and "B1" for "B2"."""
    letters = [chr(code) for code in range(ord("A"), ord(line[0]) + 1)]
    return [f"{a}{n}" for a in letters for n in range(1, int(line[1:]) + 1) if f"{a}{n}" != line]


def propose(line: str, rows: Sequence[tuple[str, bool, Outcomes]]) -> Verdict:
    """The line that would have raised acceptance most, if the numbers carry one.

    `rows` are grade, exempt (handed off whatever the line) and what became of them.
    """
    everything = sum((outcomes for _, _, outcomes in rows), Outcomes())
    if everything.decided < FEWEST:
        return Verdict(more_decisions=FEWEST - everything.decided)
    best: Proposal | None = None
    nearest: int | None = None
    for candidate in stricter(line):
        dropped = _dropped(line, candidate, rows)
        kept = Outcomes(
            everything.handed_off - dropped.handed_off,
            everything.accepted - dropped.accepted,
            everything.rejected - dropped.rejected,
            everything.won - dropped.won,
        )
        if min(dropped.decided, kept.decided) < FEWEST:
            continue
        z = _z(kept, dropped)
        if z >= SURE:
            made = _proposal(line, candidate, everything, kept, dropped)
            best = made if best is None or made.points > best.points else best
        elif z > 0:
            more = ceil(everything.decided * ((SURE / z) ** 2 - 1))
            if more <= MOST_MORE * everything.decided:
                nearest = more if nearest is None else min(nearest, more)
    return Verdict(best, None if best else nearest)


def _dropped(line: str, candidate: str, rows: Sequence[tuple[str, bool, Outcomes]]) -> Outcomes:
    """What the candidate would have kept out: leads over the old line and under the new one."""
    return sum(
        (
            outcomes
            for grade, exempt, outcomes in rows
            if not exempt and passes(grade, line) and not passes(grade, candidate)
        ),
        Outcomes(),
    )


def _z(kept: Outcomes, dropped: Outcomes) -> float:
    """How many standard errors lie between the acceptance of two groups."""
    pooled = (kept.accepted + dropped.accepted) / (kept.decided + dropped.decided)
    error = sqrt(pooled * (1 - pooled) * (1 / kept.decided + 1 / dropped.decided))
    apart = kept.accepted / kept.decided - dropped.accepted / dropped.decided
    return apart / error if error else 0.0


def _proposal(line: str, candidate: str, all_: Outcomes, kept: Outcomes, dropped: Outcomes) -> Proposal:
    return Proposal(
        now=line,
        then=candidate,
        volume=-dropped.handed_off / all_.handed_off,
        acceptance_now=Rate("accepted", all_.accepted, all_.decided),
        acceptance_then=Rate("accepted", kept.accepted, kept.decided),
        won_lost=dropped.won,
    )
