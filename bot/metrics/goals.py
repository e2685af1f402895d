"""The shared goals of a quarter: what is due by when, where the rates of today lead, what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

Stretch = tuple[datetime, datetime]


def pro_rata(goal: float, stretch: Stretch, quarters: Iterable[Stretch]) -> float:
    """The part of a quarterly goal that falls into a stretch, evenly over the time of each quarter."""
    since, until = stretch
    parts = (
        max(0.0, (min(until, end) - max(since, begin)).total_seconds()) / (end - begin).total_seconds()
        for begin, end in quarters
    )
    return goal * sum(parts)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where one goal stands. Figures are counts, or hundredths of `currency`.

    `so_far` since the quarter began, `recent` in the last `recent_days` days, from which the rest of the
    quarter is reckoned.
    """

    goal_name: str
    goal: float
    so_far: float
    recent: float
    recent_days: float
    days_left: float
    currency: str | None = None

    @property
    def expected(self) -> float:
        """At the quarter's end, if every day brings what the recent ones brought."""
        if self.recent_days <= 0:
            return self.so_far
        return self.so_far + self.recent / self.recent_days * self.days_left

    @property
    def short(self) -> float:
        """What will be missing; 0 where the goal is reached."""
        return max(0.0, self.goal - self.expected)


def mqls_needed(short: float, won_by: float, mqls: int) -> int | None:
    """How many more MQLs bring what is missing if each brings `won_by` ÷ `mqls`; None if none brings any."""
    if short <= 0:
        return 0
    if mqls <= 0 or won_by <= 0:
        return None
    return ceil(short / (won_by / mqls) - 1e-9)
