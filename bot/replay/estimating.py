"""What people would have done is not known: it is estimated from their own past times, with its interval."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import inf, sqrt
from statistics import median

from bot.replay.record import Record
from bot.replay.state import Pass
from storage.models import ClockKind
from storage.replaying import Passed

_Z = 1.96  # of a normal distribution, for 95 %
_ENOUGH = 5
"""So many past times of one's own speak for somebody; with fewer their team's do."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many of `n` are expected, and between which bounds with 95 % certainty."""

    n: int
    mean: float
    low: float
    high: float

    def to_json(self) -> dict[str, float | int]:
        """The figures, rounded to tenths."""
        figures = {"mean": self.mean, "low": self.low, "high": self.high}
        return {"n": self.n, **{name: round(value, 1) for name, value in figures.items()}}


class PastTimes:
    """How long each person took for each kind of commitment, in seconds of working time; endless for what
    was never done."""

    def __init__(self, record: Record) -> None:
        self._of: dict[tuple[str, ClockKind], list[float]] = defaultdict(list)
        self._all: dict[ClockKind, list[float]] = defaultdict(list)
        for rows in record.clocks.values():
            for row in rows:
                took = _took(row.worked, missed=row.met_at is None and row.breached_at is not None)
                if took is None:
                    continue
                kind = ClockKind(row.kind)
                self._all[kind].append(took)
                if who := row.met_by or row.owner:
                    self._of[who, kind].append(took)
        for times in (*self._of.values(), *self._all.values()):
            times.sort()

    def misses(self, user: str | None, kind: ClockKind, length: timedelta) -> tuple[float, int] | None:
        """How likely it is that they take longer, and by how many past times; None if nobody ever did one."""
        own = self._of.get((user, kind), []) if user is not None else []
        times = own if len(own) >= _ENOUGH else self._all.get(kind, [])
        if not times:
            return None
        longer = len(times) - bisect_right(times, length.total_seconds())
        return (longer + 0.5) / (len(times) + 1), len(times)


def _took(worked: int | None, *, missed: bool) -> float | None:
    if worked is not None:
        return float(worked)
    return inf if missed else None


def expected(chances: Iterable[tuple[float, int, str]]) -> Estimate:
    """What so many chances come to: each is how likely, by how many past times, and whose.

    The chances of one person rest on the same past times, and so go wrong together.
    """
    mean = spread = 0.0
    count = 0
    of: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for chance, times, whose in chances:
        count += 1
        mean += chance
        spread += chance * (1 - chance)
        of[whose].append((chance, times))
    for each in of.values():
        likely = sum(chance for chance, _ in each) / len(each)
        spread += len(each) ** 2 * likely * (1 - likely) / max(1, each[0][1])
    wide = _Z * sqrt(spread)
    return Estimate(count, mean, max(0.0, mean - wide), min(float(count), mean + wide))


@dataclass(frozen=True, slots=True)
class Typical:
    """How long after the handoff leads were accepted, and were off their owner's hands, at the median."""

    accepted: timedelta
    closed: timedelta

    @classmethod
    def of(cls, rows: Iterable[Passed]) -> Typical:
        """What the recorded handoffs say; without any, an hour and a week."""
        accepted: list[float] = []
        closed: list[float] = []
        for row in rows:
            if row.accepted_at is not None and not row.history:
                accepted.append((row.accepted_at - row.handed_at).total_seconds())
            if row.closed_at is not None and not row.history:
                closed.append((row.closed_at - row.handed_at).total_seconds())
        hour, week = 3600.0, 7 * 86400.0
        return cls(
            timedelta(seconds=median(accepted) if accepted else hour),
            timedelta(seconds=median(closed) if closed else week),
        )


def guessed_kinds(found: Pass) -> frozenset[ClockKind]:
    """The commitments of a handoff that nobody knows how somebody would have kept."""
    return frozenset((ClockKind.ACCEPT, ClockKind.FIRST_TOUCH)) if not found.ids else frozenset(found.guessed)
