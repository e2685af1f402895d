"""Passing a lead to sales: which team, whose turn, which clock, which card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from bot.agreement.model import Agreement, Team
from bot.agreement.vocabulary import Assign
from bot.context import Context
from bot.handoffs import posts
from bot.ladder import nagging
from bot.ladder.round import Round
from bot.rules import routing, sla
from bot.rules.lifecycle import Move, after
from bot.rules.qualification import Judgement, rank_of
from bot.rules.rotation import RotationState
from bot.rules.worktime import calendar_for
from storage import clocks, handoffs, history, leads, people, rotations
from storage.models import ClockKind, EventKind, HandoffState, Lead, NagKind
from storage.models.values import HandoffValues, LeadValues


def hand_off(
    tx: Connection,
    ctx: Context,
    lead: Lead,
    facts: Mapping[str, Any],
    judged: Judgement,
    *,
    because: str | None = None,
    move: Move = Move.QUALIFY,
    team: Team | None = None,
    last_owner: str | None = None,
) -> int | None:
    """Pass a lead to the team that it matches and give the handoff's id; None if no team matches.

    A lead without a team is held and the admins are told, so that it is never silently lost. `because` says
    first of all why it comes again; `team` is the one to have it, whatever it matches. `last_owner` had it
    before and gets it again, if able.
    """
    agreement = ctx.book.current
    team = team or routing.team_for(agreement, facts)
    if team is None:
        _hold(tx, ctx, lead)
        return None
    owner, why = assign(tx, ctx, agreement, team, lead, last_owner=last_owner)
    first = [because] if because else []
    values: HandoffValues = {
        "lead_id": lead.id,
        "agreement_id": ctx.book.current_id,
        "state": HandoffState.WAITING,
        "team": team.name,
        "priority": judged.priority,
        "grade": judged.grade,
        "why": [*first, *judged.reasons],
        "campaign": lead.campaign,
        "owner": owner,
        "owner_why": why,
        "handed_at": ctx.now,
    }
    handoff_id = handoffs.add(tx, values)
    stage = after(lead.stage, move)
    moved: LeadValues = {"stage": stage, "unrouted_at": None, "recycled_until": None, "closed_at": None}
    if owner:
        moved["owner"] = owner
    leads.change(tx, lead.id, moved)
    detail = {"team": team.name, "priority": judged.priority, "grade": judged.grade, "owner": owner}
    history.record(tx, ctx.stamp, EventKind.HANDED_OFF, lead_id=lead.id, handoff_id=handoff_id, detail=detail)
    start_clock(tx, ctx, ClockKind.ACCEPT, handoff_id, lead.id, judged.priority, team=team, owner=owner)
    posts.post_card(
        tx,
        ctx,
        handoff_id=handoff_id,
        lead_id=lead.id,
        channel=team.channel,
        rank=rank_of(agreement, judged.priority),
    )
    if owner is None and team.assign is Assign.ROTATE:
        tell_nobody_can(tx, ctx, handoff_id)
    return handoff_id


def _hold(tx: Connection, ctx: Context, lead: Lead) -> None:
    if lead.unrouted_at is not None:
        return
    leads.change(tx, lead.id, {"unrouted_at": ctx.now})
    history.record(tx, ctx.stamp, EventKind.UNROUTED, lead_id=lead.id)
    posts.tell_admins_unrouted(tx, ctx)


def start_clock(
    tx: Connection,
    ctx: Context,
    kind: ClockKind,
    handoff_id: int,
    lead_id: int,
    priority: str,
    *,
    team: Team | None,
    owner: str | None,
    agreement_id: int | None = None,
) -> None:
    """Start a clock at this moment, under the version of the agreement that the handoff goes by."""
    version = agreement_id or ctx.book.current_id
    agreement = ctx.book.of(tx, version)
    clock = sla.start(agreement, kind, priority, team, team.rep(owner) if team and owner else None, ctx.now)
    if clock is None:
        return
    write_clock(tx, ctx, clock, kind, handoff_id, lead_id, owner=owner, agreement_id=version)


def write_clock(
    tx: Connection,
    ctx: Context,
    clock: sla.Clock,
    kind: ClockKind,
    handoff_id: int,
    lead_id: int,
    *,
    owner: str | None,
    agreement_id: int | None = None,
) -> None:
    """Store a clock that runs, by the agreement in force unless told otherwise."""
    clocks.start(
        tx,
        {
            "handoff_id": handoff_id,
            "lead_id": lead_id,
            "agreement_id": agreement_id or ctx.book.current_id,
            "kind": kind,
            "owner": owner,
            "started_at": clock.started_at,
            "due_at": clock.due_at,
            "duration": int(clock.duration.total_seconds()),
            "wall": clock.wall,
            "next_at": clock.next_at,
            "next_step": clock.next_step,
        },
    )


def assign(
    tx: Connection,
    ctx: Context,
    agreement: Agreement,
    team: Team,
    lead: Lead,
    *,
    last_owner: str | None = None,
) -> tuple[str | None, str | None]:
    """Whom the lead goes to and why, in words. In a pool nobody, unless the company already has an owner.

    `last_owner` stands for the company's, where somebody had this very lead before.
    """
    again = last_owner if last_owner and team.rep(last_owner) else None
    known_owner = again or _company_owner(tx, lead, team)
    if team.assign is Assign.POOL and known_owner is None:
        return None, None
    choice = choose(tx, ctx, agreement, team, lead, company_owner=known_owner, again=again)
    return choice.user, choice.why or None


def choose(
    tx: Connection,
    ctx: Context,
    agreement: Agreement,
    team: Team,
    lead: Lead,
    *,
    company_owner: str | None = None,
    again: str | None = None,
) -> routing.Choice:
    """Who of the team gets the lead and why; a turn of the rotation is counted, and kept in the history.

    In a pool only `company_owner` is chosen where one is given: nobody else is to be surprised. That they had
    this lead before bars everybody but `again`, who had it in an earlier handoff and is to have it again.
    """
    candidates = [
        replace(each, held_before=each.held_before and each.user != again)
        for each in _candidates(tx, ctx, agreement, team, lead, company_owner)
    ]
    state = RotationState.from_json(rotations.rotation(tx, team.name))
    choice = routing.choose(agreement, team, candidates, state, company=lead.company)
    if team.assign is Assign.POOL and company_owner is not None and choice.user != company_owner:
        return routing.Choice(None, "", state)
    rotations.set_rotation(tx, team.name, choice.state.to_json())
    if choice.among:
        turn = {"team": team.name, "user": choice.user, "among": dict(choice.among), "why": choice.why}
        history.record(tx, ctx.stamp, EventKind.ASSIGNED, lead_id=lead.id, detail=turn)
    return choice


def tell_nobody_can(tx: Connection, ctx: Context, handoff_id: int) -> None:
    """Nobody of the team can take the lead: it waits in the queue, and the manager is asked to choose."""
    running = clocks.running(tx, handoff_id)
    if running:
        pass_ = Round(tx, ctx, running[:1])
        nagging.tell_manager(pass_, running[0], pass_.handoffs[handoff_id], nagging.NO_STEP, NagKind.CHOOSE)
        nagging.write(pass_)


def _company_owner(tx: Connection, lead: Lead, team: Team) -> str | None:
    if not lead.company_domain:
        return None
    return leads.owner_at_company(tx, lead.id, lead.company_domain, [rep.user for rep in team.reps])


def _candidates(
    tx: Connection, ctx: Context, agreement: Agreement, team: Team, lead: Lead, company_owner: str | None
) -> list[routing.Candidate]:
    users = {rep.user: rep for rep in team.reps}
    known = people.among(tx, users)
    loads = handoffs.open_counts(tx, users)
    held = clocks.holders(tx, {lead.id})[lead.id]
    found = []
    for user, rep in users.items():
        calendar = calendar_for(agreement, team, rep)
        person = known.get(user)
        found.append(
            routing.Candidate(
                user=user,
                open_leads=loads[user],
                away=bool(person and person.away_until and person.away_until > ctx.now),
                left=bool(person and person.left),
                on_shift=calendar.is_open(ctx.now),
                opens_at=calendar.opens_next(ctx.now),
                held_before=user in held,
                is_company_owner=user == company_owner,
            )
        )
    return found
