"""The card of a proposed change of the agreement: what would change, who signed, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.rules.signing import Side
from bot.views.blocks import actions, section
from bot.views.ids import Action
from bot.views.labels import labelled_button
from bot.views.message import Rendered, rendered
from bot.views.people import first_few, joined
from bot.views.text import cut, local_time, mention, quoted, short, who
from storage.models import UNSETTLED_PROPOSAL, ProposalState

_SHOWN = 12
_LIMIT = 2900
SIDE_WORDS: Mapping[Side, str] = {Side.MARKETING: "Marketing", Side.SALES: "Sales"}
STATE_WORDS: Mapping[ProposalState, str] = {
    ProposalState.OPEN: "Once both sides agree, it goes live {when}.",
    ProposalState.SIGNED: "Both sides agreed. It goes live {when}.",
    ProposalState.LIVE: "✅ In force since {at}. Running clocks keep their due times.",
    ProposalState.COUNTERED: "↩️ {by} made another proposal. Its card is below.",
    ProposalState.DECLINED: "🚫 Declined by {by}, {at}. The agreement stays as it is.",
    ProposalState.MOVED: "🔁 The agreement changed meanwhile. A new card asks for both signatures again.",
}
REPLAYING = "⏳ I am replaying the last 90 days under it. The result follows here."
_NO_LONGER_FITS = "🔁 The agreement changed meanwhile, so this is off."


@dataclass(frozen=True, slots=True)
class Signature:
    """Of a side: who gave it, and who is asked for it."""

    side: Side
    by: str | None
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """A proposal; `says` are lines of mrkdwn, `may` is what its reader can do about it."""

    number: int
    state: ProposalState
    by: str
    team: str
    says: tuple[str, ...]
    why: str | None
    live_at: datetime | None
    signatures: tuple[Signature, ...]
    ended_by: str | None
    ended_at: datetime | None
    trouble: str | None
    replayed: str | None
    may: tuple[Action, ...]


def proposal_card(facts: ProposalFacts) -> Rendered:
    """The card as a message."""
    news = f"📝 {mention(facts.by)} proposes to change the agreement"
    lines = [
        f"*{news}*",
        *(f"• {line}" for line in first_few(list(facts.says), _SHOWN)),
        *([quoted(facts.why, 300)] if facts.why else []),
        *_replayed(facts),
        *(_signature(each, facts.team) for each in facts.signatures),
        _state(facts),
    ]
    buttons = [
        labelled_button(
            action,
            str(facts.number),
            about=f"proposal {facts.number}",
            style="primary" if action is Action.AGREE else None,
        )
        for action in facts.may
    ]
    text = section(cut("\n".join(lines), _LIMIT))
    return rendered(f"{news}. {_state(facts)}", [text, *([actions(buttons)] if buttons else [])])


def _replayed(facts: ProposalFacts) -> list[str]:
    """What it would have meant; while nobody knows yet, that it is being looked into."""
    if facts.replayed:
        return [f"🔎 {short(line, 400)}" for line in facts.replayed.splitlines()[:3]]
    return [REPLAYING] if facts.state in UNSETTLED_PROPOSAL else []


def _signature(signature: Signature, team: str) -> str:
    side = SIDE_WORDS[signature.side]
    if signature.side is Side.SALES:
        side += f", team {short(team, 75)}"
    if signature.by:
        return f"{side}: ✅ {mention(signature.by)} agreed"
    return f"{side}: waiting for {joined(first_few([mention(user) for user in signature.asked], 4), ' or ')}"


def _state(facts: ProposalFacts) -> str:
    trouble = short(facts.trouble, 600)
    if facts.state == ProposalState.MOVED and trouble:
        return f"{_NO_LONGER_FITS} {trouble}"
    words = STATE_WORDS[facts.state].format(
        when=local_time(facts.live_at) if facts.live_at else "at once",
        by=who(facts.ended_by) if facts.ended_by else "Somebody",
        at=local_time(facts.ended_at) if facts.ended_at else "now",
    )
    return f"{words} ⚠️ I could not write it yet: {trouble}" if trouble else words
