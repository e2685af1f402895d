"""Why a lead that a file brought did not go to sales, in words that many of them share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bot.context import Context
from bot.handoffs.taken import Door, Taken
from bot.rules.news import DOES_NOT_QUALIFY, QUALIFIES
from bot.rules.shortfall import shortfall

BELOW = "below the line"
"""The reason of those that do not qualify; what each lacks is told beside it."""


@dataclass(slots=True)
class Staying:
    """How many stayed, by reason; and of those below the line how many lack what."""

    reasons: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)

    def add(self, ctx: Context, door: Door, taken: Taken) -> None:
        """One more that was not handed off."""
        reason = _reason(door, taken)
        self.reasons[reason] += 1
        if reason == BELOW and taken.judged is not None:
            self.lacking[shortfall(ctx.book.current.qualification, taken.judged, ctx.now)] += 1


def _reason(door: Door, taken: Taken) -> str:
    if taken.handoff_id is not None:
        return "with sales already"
    judged = taken.judged
    if judged is None or taken.reason not in (judged.reason_qualified, QUALIFIES, DOES_NOT_QUALIFY):
        return taken.reason
    if not judged.qualifies:
        return BELOW
    return "no team matches" if door.hands_off else "good enough for sales, kept back by --no-handoff"
