"""Whom a lead goes to: what is known of the team is looked up, the rules choose, and the turn is counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from bot.agreement.model import Team
from bot.agreement.vocabulary import Assign
from bot.context import Context
from bot.ladder import roster
from bot.ladder.passed_by import PassedBy, passed_by
from bot.ladder.reassigning import is_able
from bot.rules.assigning import assigned
from bot.rules.candidates import Facts, Need, candidates_of
from bot.rules.rotation import RotationState
from bot.rules.routing import Choice, in_the_running
from bot.rules.verdicts import decided, why_each
from storage import history, rotations
from storage.companies import CompanyOwner
from storage.models import EventKind, Lead
from storage.models.details import Detail

_FIRST = "they accepted it first"


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who gets a lead, None for nobody, and why in words.

    `choice` is how that was decided, as the handoff keeps it; None where nobody was to be chosen. `passed_by`
    is the owner of the lead's company, where a colleague has it, and why.
    """

    user: str | None = None
    why: str | None = None
    choice: dict[str, Any] | None = None
    passed_by: PassedBy | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be assigned, and what bears on it besides how the team stands."""

    lead: Lead
    need: Need
    handoff_id: int | None
    knows: str | None
    barred: Collection[str]


def assign(
    tx: Connection,
    ctx: Context,
    team: Team,
    lead: Lead,
    priority: str,
    *,
    handoff_id: int | None = None,
    knows: Sequence[str] = (),
    barred: Collection[str] = (),
) -> Assigned:
    """Whom a lead goes to. In a pool nobody, unless somebody knows it or owns its company.

    The first of `knows` who is in the team had the lead in an earlier handoff and gets it again, if able;
    `barred` are not to have it. Who had it in this handoff does not get it either.
    """
    agreement = ctx.book.current
    owners = roster.company_owners(tx, agreement, team, lead)
    again = next((user for user in knows if team.rep(user) and user not in barred), None)
    if team.assign is Assign.POOL and again is None and not owners:
        return Assigned()
    need = roster.needed(agreement, team, priority, ctx.now)
    wanted = _Wanted(lead, need, handoff_id, again, barred)
    facts = _facts(tx, ctx, team, wanted, owners)
    return _chosen(tx, ctx, team, wanted, facts, pooled=team.assign is Assign.POOL)


def choose(
    tx: Connection,
    ctx: Context,
    team: Team,
    lead: Lead,
    priority: str,
    *,
    handoff_id: int | None = None,
) -> Assigned:
    """Whom a lead goes to that has to go to somebody, also in a pool."""
    agreement = ctx.book.current
    need = roster.needed(agreement, team, priority, ctx.now)
    wanted = _Wanted(lead, need, handoff_id, None, ())
    owners = roster.company_owners(tx, agreement, team, lead)
    return _chosen(tx, ctx, team, wanted, _facts(tx, ctx, team, wanted, owners), pooled=False)


def passed_by_accepting(
    tx: Connection, ctx: Context, team: Team, lead: Lead, priority: str, taker: str
) -> PassedBy | None:
    """The owner of the lead's company, where somebody else of a pool accepted it, and why they did not."""
    agreement = ctx.book.current
    owners = roster.company_owners(tx, agreement, team, lead)
    if not any(each.owner != taker for each in owners):
        return None
    need = roster.needed(agreement, team, priority, ctx.now)
    facts = _facts(tx, ctx, team, _Wanted(lead, need, None, None, ()), owners)
    owner = next((user for user, each in facts.items() if each.owns_company), taker)
    if owner == taker:
        return None
    candidates = candidates_of(agreement, team, need, facts)
    choice = Choice(taker, _FIRST, RotationState(), instead_of=owner)
    kept = decided(choice, need, why_each(agreement, team, candidates, choice, need))
    found = passed_by(agreement, team, candidates, kept)
    able = in_the_running([each for each in candidates if is_able(team, each)], need)
    return replace(found, why=_FIRST) if found is not None and owner in able else found


def _facts(
    tx: Connection, ctx: Context, team: Team, wanted: _Wanted, owners: Collection[CompanyOwner]
) -> dict[str, Facts]:
    agreement = ctx.book.current
    facts = roster.facts_of(tx, agreement, team, ctx.now)
    facts = roster.with_company_owner(tx, agreement, wanted.lead, owners, facts, ctx.now)
    return roster.without_holders(tx, facts, wanted.handoff_id, wanted.barred)


def _chosen(
    tx: Connection, ctx: Context, team: Team, wanted: _Wanted, facts: dict[str, Facts], *, pooled: bool
) -> Assigned:
    """The choice, with its turn counted and kept in the history. `pooled` is as for `assigned`."""
    agreement, lead, need = ctx.book.current, wanted.lead, wanted.need
    state = RotationState.from_json(rotations.rotation(tx, team.name))
    found = assigned(
        agreement, team, facts, state, need, company=lead.company, knows=wanted.knows, pooled=pooled
    )
    if found is None:
        return Assigned()
    candidates, choice = found
    if choice.among:
        rotations.set_rotation(tx, team.name, choice.state.to_json())
        turn: Detail = {
            "team": team.name,
            "user": choice.user,
            "among": dict(choice.among),
            "why": choice.why,
        }
        history.record(tx, ctx.stamp, EventKind.ASSIGNED, lead_id=lead.id, detail=turn)
    each = why_each(agreement, team, candidates, choice, need)
    kept = decided(choice, need, each)
    return Assigned(choice.user, choice.why or None, kept, passed_by(agreement, team, candidates, kept))
