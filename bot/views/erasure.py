"""The card that asks an admin whether a person may be erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.views import people
from bot.views.blocks import actions, section
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
    lines = [
        f"*{news}*",
        f"{people.who_and_where(facts.lead)} (#{facts.lead.lead_id})",
        f"Another admin has to agree, until {local_time(facts.until)}. It cannot be undone.",
    ]
    buttons = [
        labelled_button(action, str(facts.lead.lead_id), about=f"lead {facts.lead.lead_id}")
        for action in facts.may
    ]
    return rendered(f"{news}.", [section(cut("\n".join(lines), _LIMIT)), actions(buttons)])
