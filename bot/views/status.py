"""The answer to "where does this lead stand?": stage, who has it, and what is due when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.views import people
from bot.views.blocks import section
from bot.views.clockface import clock_words, tone
from bot.views.message import Rendered, rendered
from bot.views.people import STAGE_WORDS, joined
from bot.views.states import LeadFacts, RunningClock
from bot.views.text import local_day, mention, short
from storage.models import HandoffState


@dataclass(frozen=True, slots=True)
class LeadStatus:
    """A lead and its newest handoff; without one, `state` is None. Moments are aware UTC."""

    lead: LeadFacts
    team: str | None = None
    owner: str | None = None
    state: HandoffState | None = None
    priority: str | None = None
    clock: RunningClock | None = None
    unrouted: bool = False  # it qualifies, and no team matches
    until: datetime | None = None  # in nurture until then


def status_answer(status: LeadStatus, now: datetime) -> Rendered:
    """Two or three lines at `now` (aware UTC)."""
    lead = status.lead
    first = f"*{people.who_and_where(lead)}* (#{lead.lead_id})"
    stage = STAGE_WORDS[lead.stage] + (f" until {local_day(status.until)}" if status.until else "")
    second = joined((f"{stage[:1].upper()}{stage[1:]}", short(status.priority, 30), _holder(status)))
    due = f"{tone(status.clock, now)} {clock_words(status.clock, now)}" if status.clock else ""
    text = joined((first, second, due), "\n")
    return rendered(f"{people.who_and_where(lead)}: {stage}", [section(text)])


def _holder(status: LeadStatus) -> str:
    if status.unrouted:
        return "it qualifies, but no team matches; the admins know"
    if status.state is None:
        return "not handed to sales yet"
    if status.owner:
        return f"with {mention(status.owner)}, team {short(status.team, 75)}"
    if status.state is HandoffState.WAITING:
        return f"team {short(status.team, 75)}: nobody has taken it yet"
    return f"team {short(status.team, 75)}"
