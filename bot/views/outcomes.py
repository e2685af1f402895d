"""What became of a lead, in words: in the form, and on the card.

One row for each outcome. What happens to the lead is decided in bot/handoffs/outcome.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.models import Outcome


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """What people read of one outcome.

    `label`: in the menu. `follows`: what comes of it, once it is chosen; empty where its reason says that.
    `sign` and `became`: on the card, afterwards.
    """

    label: str
    follows: str
    sign: str
    became: str


OUTCOME_WORDS: Mapping[Outcome, OutcomeWords] = {
    Outcome.SQL: OutcomeWords(
        label="SQL: qualified by sales", follows="You keep it.", sign="🏁", became="Qualified (SQL)"
    ),
    Outcome.OPPORTUNITY: OutcomeWords(
        label="Opportunity: there is a deal",
        follows="You keep it. Its amount counts as pipeline.",
        sign="🏁",
        became="Opportunity",
    ),
    Outcome.WON: OutcomeWords(
        label="Won",
        follows="It is closed, and counts as revenue for its campaign.",
        sign="🏆",
        became="Won",
    ),
    Outcome.LOST: OutcomeWords(label="Lost", follows="It is closed.", sign="🏁", became="Lost"),
    Outcome.RECYCLED: OutcomeWords(
        label="Not now: back to nurture",
        follows="Nurtured until that day; it comes back then, or earlier if they show new interest.",
        sign="🏁",
        became="Back in nurture",
    ),
    Outcome.DISQUALIFIED: OutcomeWords(label="Disqualified", follows="", sign="🏁", became="Disqualified"),
}
