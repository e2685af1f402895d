"""How much may go through each lane, and through all lanes of an operation together, at one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.models import Lane

ANY_NUMBER = 1_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a lane may go: one every `every`, and up to `burst` of them saved up."""

    every: timedelta = timedelta(0)
    burst: int = 1


@dataclass(slots=True)
class Gates:
    """How much may pass through each lane now.

    By the generic cell rate algorithm (ITU-T I.371): `ready_at` is when a lane has caught up with its pace,
    and a burst may run ahead of that.
    """

    known: dict[str, Lane]
    pace: Mapping[str, Pace]
    now: datetime
    lease: timedelta
    taken: Counter[str] = field(default_factory=Counter)
    _allowed: dict[str, int] = field(default_factory=dict)

    def room(self, lane: str) -> int:
        """How many more may go now in a lane."""
        return min(self._left(lane), self._left(_shared(lane)))

    def take(self, lane: str) -> None:
        """Let one go."""
        self.taken[lane] += 1
        self.taken[_shared(lane)] += 1

    def opens(self, lane: str) -> datetime:
        """From when one may go in a lane, were it for this lane alone."""
        return self.opens_at(lane, self.known[lane].ready_at)

    def opens_at(self, lane: str, ready_at: datetime) -> datetime:
        """The same, once it has caught up with its pace then."""
        if self.known[lane].parked_at is not None:
            return ready_at
        own = self._pace(lane)
        return ready_at - own.every * (own.burst - 1)

    def is_open(self, op: str) -> bool:
        """Whether one more of this operation may go now anywhere."""
        return self._left(f"{op}:*") > 0

    def shut(self) -> list[datetime]:
        """When operations open again of which none may go now anywhere."""
        return [self.opens(lane) for lane in self.known if lane.endswith(":*") and self._left(lane) <= 0]

    def after(self, gone: Sequence[str]) -> dict[str, datetime]:
        """When each lane will have caught up, once these have gone: a lane is named for each of them."""
        counts = Counter(gone) + Counter(_shared(lane) for lane in gone)
        return {lane: self._caught_up(lane, count) for lane, count in counts.items()}

    def _left(self, lane: str) -> int:
        if lane not in self._allowed:  # asked for every row and lane of a claim
            self._allowed[lane] = self._allow(lane)
        return self._allowed[lane] - self.taken[lane]

    def _allow(self, lane: str) -> int:
        opens, own = self.opens(lane), self._pace(lane)
        if opens > self.now:
            return 0
        if self.known[lane].parked_at is not None:
            return 1
        saved_up = (self.now - opens) // own.every + 1 if own.every else ANY_NUMBER
        return min(saved_up, own.burst if own.every else ANY_NUMBER)

    def _caught_up(self, lane: str, count: int) -> datetime:
        if self.known[lane].parked_at is not None:
            return self.now + self.lease
        ready_at = self.known[lane].ready_at
        return max(ready_at, self.now) + self._pace(lane).every * count

    def _pace(self, lane: str) -> Pace:
        return self.pace[lane if lane.endswith(":*") else lane.partition(":")[0]]


def _shared(lane: str) -> str:
    """The lane of all places together, for the same operation."""
    return lane.partition(":")[0] + ":*"
