"""Which team and which rep get a lead, and why, in words for the card.

Pure: who might take it is candidates.py's, the turns themselves are counted in rotation.py, and what is said
of everybody else is in verdicts.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.agreement import Agreement, Rep, Team
from bot.agreement.matching import compile_when
from bot.agreement.vocabulary import WhenAway
from bot.rules.candidates import Bar, Candidate, Need, bar_of
from bot.rules.rotation import RotationState, pick
from bot.rules.vacancy import nobody_because
from bot.rules.value import value

__all__ = ["Candidate", "Choice", "choose", "in_the_running", "reassign", "team_for"]

_PATIENT = frozenset({None, Bar.AWAY, Bar.WINDING_DOWN})
"""What the lead of a company may wait for, with its owner."""


@value
class Choice:
    """Who gets the lead, None when nobody can, and why in words. `state` is the rotation after it.

    `among`: who was in the running for the turn, with their weights; empty when it was nobody's turn.
    `instead_of`: the owner of the lead's company, where somebody else has it.
    """

    user: str | None
    why: str
    state: RotationState
    among: tuple[tuple[str, int], ...] = ()
    instead_of: str | None = None


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
    need: Need | None = None,
    knows: str | None = None,
) -> Choice:
    """The rep who gets the lead: of those in the running who knows it, else the owner of its company, else by
    rotation.

    Out of it is who left, is away or about to go, had the lead before in this handoff, or is at a cap.
    `knows`: who had it in an earlier handoff. Without `need` the lead is not urgent, and only who could begin
    first is in the running.
    """
    reps = {rep.user: rep for rep in team.reps}
    members = [candidate for candidate in candidates if candidate.user in reps]
    able = [candidate for candidate in members if bar_of(candidate, reps[candidate.user]) is None]
    running = in_the_running(able, need)
    if knows in running:
        return Choice(knows, "Knows this lead: had it before", state)
    owner = _owner(agreement, members, need)
    if owner is not None and owner.user in running:
        return Choice(owner.user, f"Already owns {company or 'a lead at this company'}", state)
    if owner is not None and _waits(agreement, owner, reps[owner.user], need):
        whose = company or "this company"
        return Choice(owner.user, f"Already owns {whose}, and its leads wait for their owner", state)
    instead_of = owner.user if owner else None
    if not able:
        return Choice(None, nobody_because(members, reps), state, instead_of=instead_of)
    return _turn(agreement, team, running, state, instead_of)


def reassign(
    agreement: Agreement,
    team: Team,
    candidates: Sequence[Candidate],
    state: RotationState,
    *,
    holder: str | None,
    need: Need,
) -> Choice:
    """Who has a lead next that was not acted on in time; whoever holds it now is not among them.

    Somebody at work who will be until the clock falls due, else somebody at work, else who could act soonest.
    Nobody (`user` is None) where all of them start later than the holder could act: then the lead stays, and
    the manager is to choose.
    """
    reps = {rep.user: rep for rep in team.reps}
    members = [candidate for candidate in candidates if candidate.user in reps]
    present = next((candidate for candidate in members if candidate.user == holder), None)
    members = [candidate for candidate in members if candidate.user != holder]
    if present is not None and not members:
        return Choice(None, "Stays where it is: nobody else is in the team", state)
    able = [candidate for candidate in members if bar_of(candidate, reps[candidate.user]) is None]
    if not able:
        return Choice(None, nobody_because(members, reps), state)
    running = (
        _users([each for each in able if each.keeps_it_in_shift])
        or in_the_running([each for each in able if each.on_shift], need)
        or in_the_running(able, need)
    )
    if present is not None and not present.left:
        running = {user: each for user, each in running.items() if each.opens_at <= present.opens_at}
    if not running:
        return Choice(None, "Stays where it is: nobody else could act sooner", state)
    return _turn(agreement, team, running, state, None)


def in_the_running(able: Sequence[Candidate], need: Need | None) -> dict[str, Candidate]:
    """Who of the able could keep the promise best.

    For an urgent lead those at work whose clock would fall due within their present shift. If there is none,
    and for all others, those for whom it would fall due soonest, within one clock's length.
    """
    if not able:
        return {}
    if need is not None and need.urgent:
        awake = _users([candidate for candidate in able if candidate.keeps_it_in_shift])
        if awake:
            return awake
    latest = min(candidate.due for candidate in able) + (need.clock if need else timedelta(0))
    return _users([candidate for candidate in able if candidate.due <= latest])


def _users(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    return {candidate.user: candidate for candidate in candidates}


def _owner(agreement: Agreement, members: Sequence[Candidate], need: Need | None) -> Candidate | None:
    """Who owns the lead's company and has done something about it lately; has not left or lost it before."""
    rule = agreement.routing.company_owner
    owner = next((candidate for candidate in members if candidate.is_company_owner), None)
    if rule is None or owner is None or owner.left or owner.held_before:
        return None
    if need is None or owner.company_deed_at is None:
        return owner
    return owner if need.now - owner.company_deed_at <= rule.within.wall() else None


def _waits(agreement: Agreement, owner: Candidate, rep: Rep, need: Need | None) -> bool:
    rule = agreement.routing.company_owner
    if rule is None or rule.when_away is not WhenAway.WAIT or (need is not None and need.urgent):
        return False
    return bar_of(owner, rep) in _PATIENT and bar_of(_back(owner), rep) is None


def _back(owner: Candidate) -> Candidate:
    return replace(owner, away=False, leaves_at=None)


def _turn(
    agreement: Agreement,
    team: Team,
    running: Mapping[str, Candidate],
    state: RotationState,
    instead_of: str | None,
) -> Choice:
    weights = [(rep.user, rep.weight) for rep in team.reps]
    among = tuple((user, weight) for user, weight in weights if user in running)
    user, state = pick(state, weights, running)
    rep = next(rep for rep in team.reps if rep.user == user)
    why = _why(running[user], rep, agreement.timezone_of(team, rep), running)
    return Choice(user, why, state, among, instead_of)


def _why(candidate: Candidate, rep: Rep, zone: str, running: Mapping[str, Candidate]) -> str:
    place = zone.rpartition("/")[2].replace("_", " ")
    held = candidate.open_leads if rep.capacity is None else f"{candidate.open_leads} of {rep.capacity}"
    if candidate.on_shift:
        shift = f"{place} shift"
    elif any(each.on_shift for each in running.values()):
        shift = f"{place} shift opens soon"
    else:
        shift = f"{place} shift opens first"
    return f"Rotation: {shift}, {held} open"
