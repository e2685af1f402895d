"""Where a reason sends a lead, in words: in the form, on the card, to marketing.

One row for each `then` of the agreement. What happens to the lead is decided in bot/handoffs/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.agreement.vocabulary import Then
from bot.views.text import local_day


class Reply(Enum):
    """Whether marketing has anything to say to a rejection."""

    NONE = "it counts as none"
    POSSIBLE = "it can"
    OWED = "it has to"


@dataclass(frozen=True, slots=True)
class ThenWords:
    """What people read of one `then`; `{until}`, `{by}`, `{lead}`, `{team}` and `{owner}` are filled in.

    `chosen`: in the form, before it is sent, and `put_aside` in that of an outcome, where the reason is given
    after contact; these have `{until}` alone. `verb`: what sales did, to marketing. `told`: what happens
    next, to marketing, after a colon. `became`: on the card, afterwards.
    """

    chosen: str
    verb: str
    told: str
    became: str
    put_aside: str
    reply: Reply


_CLOSED = "It is closed for good."

THEN_WORDS: Mapping[Then, ThenWords] = {
    Then.FIX: ThenWords(
        chosen="Marketing is asked to fix it.",
        verb="was rejected",
        told="it is back with you. Please answer{by}: fix it, or contest the rejection.",
        became="Marketing was asked to fix it.",
        put_aside=_CLOSED,
        reply=Reply.OWED,
    ),
    Then.NURTURE: ThenWords(
        chosen="The lead goes back to nurture{until}.",
        verb="was rejected",
        told="nurtured{until}. You need not answer, but you can.",
        became="Nurtured{until}.",
        put_aside="It goes back to nurture{until}, then returns on its own.",
        reply=Reply.POSSIBLE,
    ),
    Then.REROUTE: ThenWords(
        chosen="The lead goes to another team, and its clock starts again.",
        verb="was rerouted to another team",
        told="it goes to {team}. There is nothing for you to do.",
        became="",
        put_aside=_CLOSED,
        reply=Reply.NONE,
    ),
    Then.OWNER: ThenWords(
        chosen="The lead goes to the account owner, else to your manager.",
        verb="belongs to an existing account",
        told="it goes to {owner}. There is nothing for you to do.",
        became="",
        put_aside=_CLOSED,
        reply=Reply.NONE,
    ),
    Then.MERGE: ThenWords(
        chosen="The lead is merged into another one.",
        verb="was merged into another lead",
        told="merged into lead #{lead}. There is nothing for you to do.",
        became="Merged into lead #{lead}.",
        put_aside=_CLOSED,
        reply=Reply.NONE,
    ),
    Then.CLOSE: ThenWords(
        chosen="The lead is closed for good.",
        verb="was rejected",
        told="closed for good. You need not answer, but you can.",
        became=_CLOSED,
        put_aside=_CLOSED,
        reply=Reply.POSSIBLE,
    ),
}


def until_words(until: datetime | None) -> str:
    """What fills `{until}`: until which day; nothing where there is none."""
    return f" until {local_day(until)}" if until else ""
