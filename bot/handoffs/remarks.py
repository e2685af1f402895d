"""What was read otherwise than the sender of a file may expect: each remark once, for how many rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.handoffs.taken import KNOWN_RECORD

_MOST = 200  # different remarks that are kept apart


@dataclass(slots=True)
class Remarks:
    """Remarks by their words, and how many rows had others once there were too many."""

    counts: Counter[str] = field(default_factory=Counter)
    others: int = 0

    def add(self, notes: Iterable[str]) -> None:
        """Those of one more row."""
        for note in notes:
            if note == KNOWN_RECORD:
                continue
            if note in self.counts or len(self.counts) < _MOST:
                self.counts[note] += 1
            else:
                self.others += 1
