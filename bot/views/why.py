"""Why somebody has a lead and why nobody else has, as it was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.views import people
from bot.views.blocks import section
from bot.views.history import history_words
from bot.views.message import Rendered, rendered
from bot.views.people import first_few, joined
from bot.views.states import HistoryLine, LeadFacts
from bot.views.status import ESTIMATED, Told, history_lines, older_words
from bot.views.text import local_time, mention, short

WHICH = "Which lead? Give its number, like `/lead why #12`, and whom you ask about: `/lead why #12 @sam`."
IMPORTED = (
    f"_{ESTIMATED} came with an import: its moments are estimated, as the file has them. So is the grade._"
)
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rep has a lead, or has it not, in words."""

    user: str
    words: str


@dataclass(frozen=True, slots=True)
class Why:
    """How a lead's owner was chosen. `at` is when: None where nobody was chosen.

    `chosen` is who, None for nobody, and `because` why. `others` are the reps who were not; `about` is whom
    alone the reader asks about. `since` is what changed its owner after that. `told` is what happened to the
    lead, oldest first; `older` says that there is more.
    """

    lead: LeadFacts
    team: str
    pool: bool
    at: datetime | None = None
    chosen: str | None = None
    because: str = ""
    others: Sequence[Reason] = ()
    about: str | None = None
    since: HistoryLine | None = None
    told: Sequence[Told] = ()
    older: bool = False


def why_answer(why: Why) -> Rendered:
    """The answer: whose it is and why, then a line for each of the others."""
    named = people.who_and_where(why.lead)
    lines = [f"*{named}*", _chosen(why), *_others(why)]
    if why.since is not None:
        lines.append(f"Since then: {history_words(why.since)}")
    older = older_words(why.lead) if why.older else ""
    told = joined((older, history_lines(why.told)), "\n")
    if any(each.imported for each in why.told):
        told = joined((told, IMPORTED), "\n")
    happened = [section(f"*What happened*\n{told}")] if told else []
    return rendered(f"Why: {named}", [section(joined(lines, "\n")), *happened])


def never_handed_off(lead: LeadFacts) -> Rendered:
    """For a lead that sales never had."""
    text = f"{people.who_and_where(lead)} was never handed off to sales, so nobody was chosen."
    return rendered(text, [section(text)])


def _chosen(why: Why) -> str:
    if why.at is None:
        if why.pool:
            return f"Team {short(why.team, 75)} is a pool: the first to accept gets it."
        return "Nobody was chosen by Baton, or it was before the reasons were kept."
    whose = f"Assigned to {mention(why.chosen)}" if why.chosen else "Assigned to nobody"
    return f"{whose} {local_time(why.at)} — {short(why.because, 200)}"


def _others(why: Why) -> list[str]:
    if why.about is not None and why.about == why.chosen:
        return []
    lines = [f"• {mention(each.user)}: {short(each.words, 200)}" for each in why.others]
    if why.about is not None and not lines and why.at is not None:
        return [f"• {mention(why.about)}: not in team {short(why.team, 75)} then"]
    return first_few(lines, _SHOWN)
