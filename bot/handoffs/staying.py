"""Why a lead that a file brought did not go to sales, in words that many of them share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bot.context import Context
from bot.handoffs.restoring import WITH_SALES
from bot.handoffs.taken import KNOWN_RECORD, Door, Taken
from bot.rules.news import DOES_NOT_QUALIFY, NO_NEWS, QUALIFIES
from bot.rules.shortfall import shortfall
from storage.models import Stage

BELOW = "below the line"
"""The reason of those that do not qualify; what each lacks is told beside it."""
HERE = "with sales already"
HELD = "good enough for sales, kept back by --no-handoff"
CAME_BEFORE = "came before, nothing new"
EXPORTED = "with sales when exported"
NO_TEAM = "no team matches"
CUSTOMER = "existing customer, owner told"
NO_NEWS_OF = "no news, "
"""What goes before where a lead stands, and what came of it."""

_WORDS = {
    BELOW: ("below the MQL threshold", "below the MQL threshold"),
    HERE: ("already with sales", "already with sales"),
    CAME_BEFORE: ("came before, and nothing in it is new", "came before, and nothing in them is new"),
    EXPORTED: ("was with sales when it was exported", "were with sales when they were exported"),
    NO_TEAM: ("matches no team", "match no team"),
    CUSTOMER: (
        "is an existing customer who raised a hand; the owner was told",
        "are existing customers who raised a hand; their owners were told",
    ),
}
"""How a reason goes on after a count: of one, and of more. Those that are not here suit both."""


@dataclass(slots=True)
class Staying:
    """How many stayed, by reason; and of those below the line how many lack what."""

    reasons: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)

    def add(self, ctx: Context, door: Door, taken: Taken) -> None:
        """One more that was not handed off."""
        reason = _reason(ctx, door, taken)
        self.reasons[reason] += 1
        if reason == BELOW and taken.judged is not None:
            self.lacking[shortfall(ctx.book.current.qualification, taken.judged, ctx.now)] += 1


def counted(reason: str, count: int) -> str:
    """A reason with how many stayed for it, as a phrase: "2 match no team"."""
    if reason.startswith(NO_NEWS_OF):
        leads = "had nothing new for a lead that is" if count == 1 else "had nothing new for leads that are"
        return f"{count:,} {leads} {reason.removeprefix(NO_NEWS_OF)}"
    one, many = _WORDS.get(reason, (reason, reason))
    return f"{count:,} {one if count == 1 else many}"


def _reason(ctx: Context, door: Door, taken: Taken) -> str:
    if taken.handoff_id is not None:
        return HERE
    if taken.reason in _OF_A_RECORD:
        return _OF_A_RECORD[taken.reason]
    if taken.reason.startswith(NO_NEWS):
        return f"{NO_NEWS_OF}{taken.reason.removeprefix(NO_NEWS)}"
    judged = taken.judged
    if judged is None or taken.reason not in (judged.reason_qualified, QUALIFIES, DOES_NOT_QUALIFY):
        return _of_news(ctx, door, taken)
    if not judged.qualifies:
        return BELOW
    return NO_TEAM if door.hands_off else HELD


_OF_A_RECORD = {KNOWN_RECORD: CAME_BEFORE, WITH_SALES: EXPORTED}


def _of_news(ctx: Context, door: Door, taken: Taken) -> str:
    """Why news that asks for a handoff led to none."""
    if taken.stage is Stage.WON and ctx.book.current.qualification.customers != "handoff":
        return CUSTOMER
    return NO_TEAM if door.hands_off else HELD
