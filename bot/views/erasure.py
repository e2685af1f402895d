"""The card that asks an admin whether a person may be erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.views import people
from bot.views.blocks import Block, actions, section
from bot.views.ids import Action
from bot.views.labels import labelled_button
from bot.views.message import Rendered, rendered
from bot.views.states import LeadFacts
from bot.views.text import cut, local_time, mention, who

_LIMIT = 2900


@dataclass(frozen=True, slots=True)
class ErasureFacts:
    """Who asked for whom, until when it stands, and what the reader may do; none once it is settled.

    `ended_by` declined it; nobody: it was not agreed to in time.
    """

    lead: LeadFacts
    by: str
    until: datetime
    may: tuple[Action, ...] = ()
    ended_by: str | None = None


def erasure_card(facts: ErasureFacts) -> Rendered:
    """The card as a message. Once the person is erased, `removed_notice` takes its place."""
    news = f"🗑️ {mention(facts.by)} asks to remove a person from Baton"
    if not facts.may:
        ended = f"Declined by {who(facts.ended_by)}." if facts.ended_by else "Nobody agreed in time."
        text = f"{news}. {ended} Lead #{facts.lead.lead_id} stays as it is."
        return rendered(text, [section(text)])
    return rendered(f"{news}.", erasure_row(facts))


def erasure_row(facts: ErasureFacts) -> list[Block]:
    """A request that stands, with what its reader may do about it: on the card, and on an admin's Home."""
    number = facts.lead.lead_id
    lines = [
        f"*🗑️ {mention(facts.by)} asks to remove a person from Baton*",
        f"{people.who_and_where(facts.lead)} (#{number})",
        f"Another admin has to agree by {local_time(facts.until)}. It cannot be undone.",
    ]
    buttons = [labelled_button(action, str(number), about=f"lead {number}") for action in facts.may]
    return [section(cut("\n".join(lines), _LIMIT)), actions(buttons)]
