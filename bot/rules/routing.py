"""Which team and which rep get a lead, and why, in words for the card.

Pure: who is away, on shift or full is told by the caller. The turns themselves are counted in
`bot.rules.rotation`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.agreement import Agreement, Rep, Team
from bot.agreement.matching import compile_when
from bot.rules.rotation import RotationState, pick


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rep of the team as things stand now. `opens_at` is when their next shift begins; now, if on shift."""

    user: str
    open_leads: int
    opens_at: datetime
    on_shift: bool
    away: bool = False
    left: bool = False
    held_before: bool = False
    is_company_owner: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets the lead, None when nobody can, and why in words. `state` is the rotation after it.

    `among`: who was in the running for the turn, with their weights; empty when it was nobody's turn.
    """

    user: str | None
    why: str
    state: RotationState
    among: tuple[tuple[str, int], ...] = ()


def team_for(agreement: Agreement, lead: Mapping[str, Any]) -> Team | None:
    """The first team whose `match` fits the lead; None: the lead is unrouted."""
    return next((team for team in agreement.teams if compile_when(team.match)(lead)), None)


def choose(
    agreement: Agreement,
    team: Team,
    candidates: Sequence[Candidate],
    state: RotationState,
    *,
    company: str | None = None,
) -> Choice:
    """The rep who gets the lead.

    Out of the running: whoever left, is away, had this lead before, or is at capacity. Of the rest, whoever
    already owns the company has it, on shift or not, and it is no turn. Else it goes by rotation among those
    on shift; with nobody on shift, among those whose shift opens first.
    """
    reps = {rep.user: rep for rep in team.reps}
    members = [candidate for candidate in candidates if candidate.user in reps]
    able = [candidate for candidate in members if _bar(candidate, reps[candidate.user]) is None]
    if not able:
        return Choice(None, _nobody(members, reps), state)
    owner = next((candidate for candidate in able if candidate.is_company_owner), None)
    if owner:
        return Choice(owner.user, f"Already owns {company or 'a lead at this company'}", state)
    running = _first_on_shift(able)
    among = tuple((rep.user, rep.weight) for rep in team.reps if rep.user in running)
    user, state = pick(state, [(rep.user, rep.weight) for rep in team.reps], running)
    why = _turn(running[user], reps[user], agreement.timezone_of(team, reps[user]))
    return Choice(user, why, state, among)


def _first_on_shift(able: Sequence[Candidate]) -> dict[str, Candidate]:
    on_shift = {candidate.user: candidate for candidate in able if candidate.on_shift}
    if on_shift:
        return on_shift
    first = min(candidate.opens_at for candidate in able)
    return {candidate.user: candidate for candidate in able if candidate.opens_at == first}


def _bar(candidate: Candidate, rep: Rep) -> str | None:
    """What keeps a rep from taking the lead, as the end of a sentence about so many people."""
    full = rep.capacity is not None and candidate.open_leads >= rep.capacity
    bars = (
        (candidate.left, "left the workspace"),
        (candidate.away, "away"),
        (candidate.held_before, "had it before"),
        (full, "at capacity"),
    )
    return next((words for holds, words in bars if holds), None)


def _nobody(members: Sequence[Candidate], reps: Mapping[str, Rep]) -> str:
    if not members:
        return "Nobody can take it: the team is empty"
    bars = Counter(_bar(candidate, reps[candidate.user]) for candidate in members)
    return "Nobody can take it: " + ", ".join(f"{count} {words}" for words, count in bars.items())


def _turn(candidate: Candidate, rep: Rep, zone: str) -> str:
    place = zone.rpartition("/")[2].replace("_", " ")
    shift = f"{place} shift" if candidate.on_shift else f"{place} shift opens first"
    held = candidate.open_leads if rep.capacity is None else f"{candidate.open_leads} of {rep.capacity}"
    return f"Rotation: {shift}, {held} open"
