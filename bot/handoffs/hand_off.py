"""Passing a lead to sales: which team, whose turn, which clock, which card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.agreement.durations import Duration
from bot.agreement.model import Team
from bot.agreement.vocabulary import Assign
from bot.context import Context
from bot.handoffs import posts
from bot.handoffs.assignment import Assigned, assign
from bot.ladder import nagging, vacancies
from bot.ladder.passed_by import tell_company_owner
from bot.ladder.roster import present_in
from bot.ladder.round import Round
from bot.rules import routing, sla
from bot.rules.lifecycle import Move, after
from bot.rules.presence import is_present
from bot.rules.qualification import Judgement, rank_of
from storage import clocks, handoffs, history, leads
from storage.models import ClockKind, EventKind, HandoffState, Lead, NagKind
from storage.models.details import Detail
from storage.models.values import HandoffValues, LeadValues
from storage.outbox.posts import Rank

_LATELY = timedelta(minutes=5)
_SHARE = 10  # of the most urgent cards, those of one sender that go as if it were the only one
_STEPS = 9  # later ranks that are still before those of less urgent cards


@dataclass(frozen=True, slots=True)
class Again:
    """How a lead comes to sales that was there before.

    `because` says first of all why it comes. `team` is the one to have it, whatever it matches. The first of
    `knows` who is in the team had it before and gets it again, if able; `barred` are not to have it again.
    `taker` takes it themselves: nobody is chosen, and it is nobody's turn.
    """

    because: str | None = None
    team: Team | None = None
    knows: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    taker: str | None = None


class Worked(Protocol):
    """Who had a handoff, and how it went at first."""

    @property
    def owner(self) -> str | None:
        """Who has it, or had it last."""

    @property
    def accepted_at(self) -> datetime | None:
        """When it was accepted."""

    @property
    def rejected_by(self) -> str | None:
        """Who rejected it."""


def who_knows(last: Worked | None) -> tuple[str, ...]:
    """Who had a lead in its last handoff, whoever worked on it first of all."""
    if last is None:
        return ()
    first = last.rejected_by if last.accepted_at is None else last.owner
    return tuple(user for user in (first, last.owner) if user is not None)


def hand_off(
    tx: Connection,
    ctx: Context,
    lead: Lead,
    facts: Mapping[str, Any],
    judged: Judgement,
    *,
    move: Move = Move.QUALIFY,
    again: Again | None = None,
) -> int | None:
    """Pass a lead to the team that it matches and give the handoff's id; None if no team matches.

    A lead without a team is held and the admins are told, so that it is never silently lost.
    """
    again = again or Again()
    team = again.team or routing.team_for(ctx.book.current, facts)
    if team is None:
        _hold(tx, ctx, lead)
        return None
    if again.taker is not None:
        assigned = Assigned(again.taker)
    else:
        assigned = assign(tx, ctx, team, lead, judged.priority, knows=again.knows, barred=again.barred)
    handoff_id = handoffs.add(tx, _values(ctx, lead, judged, team, assigned, again))
    stage = after(lead.stage, move)
    moved: LeadValues = {"stage": stage, "unrouted_at": None, "recycled_until": None, "closed_at": None}
    if assigned.user:
        moved["owner"] = assigned.user
    leads.change(tx, lead.id, moved)
    named: Detail = {
        "team": team.name,
        "priority": judged.priority,
        "grade": judged.grade,
        "owner": assigned.user,
    }
    history.record(tx, ctx.stamp, EventKind.HANDED_OFF, lead_id=lead.id, handoff_id=handoff_id, detail=named)
    start_clock(
        tx, ctx, ClockKind.ACCEPT, handoff_id, lead.id, judged.priority, team=team, owner=assigned.user
    )
    rank = _fair(tx, ctx, rank_of(ctx.book.current, judged.priority))
    posts.post_card(tx, ctx, handoff_id=handoff_id, lead_id=lead.id, channel=team.channel, rank=rank)
    tell_of_choice(tx, ctx, handoff_id, lead.id, team, assigned)
    return handoff_id


def _fair(tx: Connection, ctx: Context, rank: int) -> int:
    """Whoever sends many of the most urgent at once has the later ones wait behind those of others."""
    if rank != Rank.FIRST:
        return rank
    sent = history.count_by(tx, ctx.actor, EventKind.HANDED_OFF, ctx.now - _LATELY, most=_SHARE * _STEPS)
    return rank + min((sent - 1) // _SHARE, _STEPS - 1)


def _values(
    ctx: Context, lead: Lead, judged: Judgement, team: Team, assigned: Assigned, again: Again
) -> HandoffValues:
    return {
        "lead_id": lead.id,
        "agreement_id": ctx.book.current_id,
        "state": HandoffState.WAITING,
        "team": team.name,
        "priority": judged.priority,
        "grade": judged.grade,
        "why": [*([again.because] if again.because else []), *judged.reasons],
        "campaign": lead.campaign,
        "handed_at": ctx.now,
        **columns_of_choice(ctx, assigned),
    }


def columns_of_choice(ctx: Context, assigned: Assigned) -> HandoffValues:
    """Who has the lead, why, since when, and how that was decided."""
    return {
        "owner": assigned.user,
        "owner_why": assigned.why,
        "choice": assigned.choice,
        "given_at": ctx.now if assigned.user else None,
    }


def tell_of_choice(
    tx: Connection, ctx: Context, handoff_id: int, lead_id: int, team: Team, assigned: Assigned
) -> None:
    """Ask the manager where nobody can have the lead; tell the owner of its company where a colleague has."""
    if assigned.user is None and team.assign is Assign.ROTATE:
        tell_nobody_can(tx, ctx, handoff_id, assigned.why)
    elif assigned.user is None:
        vacancies.tell_if_nobody_can(tx, ctx, team, [handoff_id])
    elif not is_present(tx, assigned.user, ctx.now):  # it waits for the owner of its company
        nagging.tell_given(tx, ctx, [nagging.Given(handoff_id, assigned.user, assigned.why, by_rule=True)])
    if assigned.passed_by is not None:
        tell_company_owner(tx, ctx, handoff_id, lead_id, assigned.passed_by)


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
    lasts: Duration | None = None,
) -> None:
    """Start a clock at this moment, under the version of the agreement that the handoff goes by.

    `lasts`: how long it has in place of what its kind has.
    """
    version = agreement_id or ctx.book.current_id
    agreement = ctx.book.of(tx, version)
    rep = team.rep(owner) if team and owner else None
    anybody = team is not None and owner is None and team.assign is Assign.POOL
    present = present_in(tx, team, ctx.now) if team and anybody and kind is ClockKind.ACCEPT else None
    clock = sla.start(agreement, kind, priority, team, rep, ctx.now, present=present, lasts=lasts)
    if clock is None:
        return
    write_clock(tx, ctx, clock, kind, handoff_id, lead_id, owner=owner, agreement_id=version, present=present)


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
    present: list[str] | None = None,
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
            "present": present,
        },
    )


def tell_nobody_can(tx: Connection, ctx: Context, handoff_id: int, why: str | None) -> None:
    """Nobody of the team can take the lead: it waits in the queue, and the manager is asked to choose.

    `why`: what keeps all of them, in words.
    """
    running = clocks.running(tx, handoff_id)
    if running:
        pass_ = Round(tx, ctx, running[:1])
        handoff = pass_.handoffs[handoff_id]
        nagging.tell_manager(pass_, running[0], handoff, nagging.NO_STEP, NagKind.CHOOSE, why=why)
        nagging.write(pass_)
