"""Made-up companies of which the truth is known: what sales accepts and wins, and what the score says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.metrics.calibration import Cell, Counts, passes
from bot.metrics.lifts import Group, Rule

FIT = ((("A", 60), ("B", 40), ("C", 20)), "D")
ENGAGEMENT = ((("1", 50), ("2", 25)), "3")


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead: what it meets, and what became of it; `accepted` None: nobody decided."""

    met: frozenset[int]
    grade: str
    exempt: bool
    handed_off: bool
    accepted: bool | None
    won: bool
    revenue: int


@dataclass(frozen=True)
class Company:
    """`points` and `worth` by rule: what the score gives, and the truth in log-odds of acceptance.

    `shares` is how often a lead meets each; the last half of the rules is engagement. A few leads are exempt,
    and a few more go to sales by hand.
    """

    points: Sequence[int]
    worth: Sequence[float]
    shares: Sequence[float]
    line: str = "B2"
    base: float = 0.0
    win: float = 0.3
    raised: float = 0.05
    by_hand: float = 0.05
    rng: random.Random = field(default_factory=random.Random)

    def lead(self) -> Lead:
        """One that comes in."""
        rng, half = self.rng, len(self.points) // 2
        met = frozenset(n for n, share in enumerate(self.shares) if rng.random() < share)
        fit = _band(sum(self.points[n] for n in met if n < half), *FIT)
        engagement = _band(sum(self.points[n] for n in met if n >= half), *ENGAGEMENT)
        grade = fit + engagement
        exempt = rng.random() < self.raised
        handed_off = exempt or passes(grade, self.line) or rng.random() < self.by_hand
        score = self.base + sum(self.worth[n] for n in met)
        likely = 1 / (1 + 2.718281828**-score)
        accepted = rng.random() < likely if handed_off and rng.random() < 0.95 else None
        won = bool(accepted) and rng.random() < self.win * likely * 2
        return Lead(
            met, grade, exempt, handed_off, accepted, won, rng.randrange(1, 9) * 100_000 if won else 0
        )

    def leads(self, count: int) -> list[Lead]:
        """As many."""
        return [self.lead() for _ in range(count)]


def _band(points: int, bands: Sequence[tuple[str, int]], rest: str) -> str:
    return next((name for name, least in bands if points >= least), rest)


def cells(leads: Sequence[Lead]) -> list[Cell]:
    """By grade, as the calibration reads them."""
    found: dict[tuple[str, bool], Counts] = {}
    for lead in leads:
        key = lead.grade, lead.exempt
        found[key] = found.get(key, Counts()) + _counts(lead)
    return [Cell(grade, exempt, counts) for (grade, exempt), counts in found.items()]


def _counts(lead: Lead) -> Counts:
    return Counts(
        1,
        int(lead.handed_off),
        int(lead.accepted is True),
        int(lead.accepted is False),
        int(lead.won),
        int(lead.won),
        lead.revenue,
    )


def groups(leads: Sequence[Lead]) -> list[Group]:
    """By what they meet, as the lifts read them."""
    counts: Counter[tuple[frozenset[int], bool | None]] = Counter((lead.met, lead.accepted) for lead in leads)
    return [
        Group(
            met, sum(counts[met, each] for each in (True, False, None)), counts[met, True], counts[met, False]
        )
        for met in {met for met, _ in counts}
    ]


def rules(company: Company) -> list[Rule]:
    """Its rules."""
    return [Rule(f"r{n}", f"Rule {n}", points) for n, points in enumerate(company.points)]


def useful(seed: int) -> Company:
    """Its score tells good from bad, more or less well, by drawn amounts."""
    rng = random.Random(seed)
    return Company(
        points=[rng.choice((20, 30, 40)) for _ in range(6)],
        worth=[rng.uniform(-0.2, 1.6) for _ in range(6)],
        shares=[rng.uniform(0.2, 0.7) for _ in range(6)],
        base=rng.uniform(-2.5, 0.5),
        win=rng.uniform(0.1, 0.4),
        by_hand=rng.uniform(0.0, 0.15),
        rng=rng,
    )


def idle(seed: int) -> Company:
    """Its score says nothing."""
    rng = random.Random(seed)
    return Company(
        points=[rng.choice((20, 30, 40)) for _ in range(6)],
        worth=[0.0] * 6,
        shares=[rng.uniform(0.2, 0.7) for _ in range(6)],
        base=rng.uniform(-1.0, 1.0),
        win=rng.uniform(0.1, 0.4),
        by_hand=rng.uniform(0.0, 0.15),
        rng=rng,
    )


def sharp(seed: int) -> Company:
    """Its score tells good from bad so well that a stricter line would often cost nothing."""
    rng = random.Random(seed)
    return Company(
        points=[rng.choice((20, 30, 40)) for _ in range(6)],
        worth=[rng.uniform(1.5, 4) for _ in range(6)],
        shares=[rng.uniform(0.3, 0.6) for _ in range(6)],
        line=rng.choice(("C3", "B3", "C2", "B2")),
        base=rng.uniform(-10, -8),
        win=rng.uniform(0.2, 0.45),
        raised=0.02,
        by_hand=rng.uniform(0, 0.1),
        rng=rng,
    )
