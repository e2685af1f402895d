"""What the CRM tells of a lead's stage: the lead follows it along legal moves, and the nagging here ends.

Forward only, through every stage between. A move that is not legal is no error: the lead stays where it is,
and its history says so.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from bot.agreement.vocabulary import Then
from bot.context import CRM, Context
from bot.errors import InvalidInput
from bot.handoffs import commitments, posts
from bot.handoffs.accept import take_on
from bot.handoffs.outcome import Progress, apply
from bot.handoffs.owners import owner_named
from bot.handoffs.reassign import pass_on
from bot.handoffs.shared import before, record_and_announce
from bot.ladder.nagging import Given, tell_given
from bot.leadform import LeadForm
from bot.lookups.history import BEFORE, shown
from bot.rules.lifecycle import IllegalMove, Move, after, path
from storage import handoffs, history, leads
from storage.handoffs import LockedHandoff
from storage.models import ClockKind, EventKind, HandoffState, Stage
from storage.models.details import Detail
from storage.models.values import HandoffValues, LeadValues, changes

_IN_WORK = (Stage.SAL, Stage.SQL, Stage.OPPORTUNITY)
_ASIDE = {Move.RECYCLE: Then.NURTURE, Move.DISQUALIFY: Then.CLOSE}
_REFUSED = EventKind.STAGE_REFUSED


def follow(tx: Connection, ctx: Context, lead_id: int, form: LeadForm, *, fresh: bool) -> None:
    """Move the lead to the stage that a record tells, and keep its deal in step.

    `fresh`: the lead was handed to sales by this very record. An end that the CRM tells of then lies before
    what handed it over, and is not followed.
    """
    as_crm = replace(ctx, actor=CRM)
    if form.stage is not None:
        _move(tx, as_crm, lead_id, form, form.stage, fresh=fresh)
    _amend(tx, as_crm, lead_id, form)


def hand_over(tx: Connection, ctx: Context, lead_id: int, user: str | None) -> bool:
    """Give a lead that is open to the rep who is its owner in the CRM; whether it is theirs now.

    So it is too where nothing is open that could be given.
    """
    open_handoff = handoffs.open_of_lead(tx, lead_id)
    found = handoffs.lock(tx, open_handoff.id) if open_handoff is not None else None
    if found is None or found.owner == user:
        return True
    if user is None:
        return False
    try:
        pass_on(tx, replace(ctx, actor=CRM), found, user)
    except InvalidInput:
        return False
    return True


def _move(tx: Connection, ctx: Context, lead_id: int, form: LeadForm, target: Stage, *, fresh: bool) -> None:
    lead = leads.get(tx, lead_id)
    latest = handoffs.latest_of_lead(tx, lead_id)
    if lead is None or lead.stage == target:
        return
    stage, open_id = lead.stage, latest.id if latest and latest.closed_at is None else None
    try:
        moves = path(stage, target)
    except IllegalMove:
        moves = ()
    if not moves or open_id is None or (fresh and target not in _IN_WORK):
        _refuse(tx, ctx, lead_id, stage, target)
        return
    for move in moves:
        found = handoffs.lock(tx, open_id)
        if found is not None:
            _step(tx, ctx, found, move, form, last=move is moves[-1])


def _refuse(tx: Connection, ctx: Context, lead_id: int, stage: Stage, target: Stage) -> None:
    """Note it once, not with each record that says the same."""
    detail: Detail = {"stage": stage.value, "told": target.value}
    last = history.last_of_lead(tx, lead_id, _REFUSED)
    if last is None or last.detail != detail:
        history.record(tx, ctx.stamp, _REFUSED, lead_id=lead_id, detail=detail)


def _step(
    tx: Connection, ctx: Context, found: LockedHandoff, move: Move, form: LeadForm, *, last: bool
) -> None:
    if move is Move.ACCEPT:
        owner = found.owner or _owner_named(tx, ctx, found)
        take_on(tx, ctx, found, owner)
        if owner is not None and found.owner is None:
            tell_given(tx, ctx, [Given(found.id, owner, "accepted there")])
    elif found.state == HandoffState.WAITING:
        _turn_down(tx, ctx, found, move)
    else:
        lead = leads.get(tx, found.lead_id)
        deal = move in (Move.OPEN_DEAL, Move.WIN, Move.LOSE)
        apply(
            tx,
            ctx,
            found,
            Progress(
                move,
                amount_minor=lead.amount_minor if deal and lead else None,
                currency=lead.currency if deal and lead else None,
                deal_at=(form.closed_at or ctx.now) if last and deal and move is not Move.OPEN_DEAL else None,
            ),
        )


def _owner_named(tx: Connection, ctx: Context, found: LockedHandoff) -> str | None:
    """The rep of the team whom the CRM names as the lead's owner, by e-mail address or name."""
    lead = leads.get(tx, found.lead_id)
    team = ctx.book.current.team(found.team)
    if lead is None or team is None:
        return None
    return owner_named(tx, [rep.user for rep in team.reps], lead.crm_owner)


def _turn_down(tx: Connection, ctx: Context, found: LockedHandoff, move: Move) -> None:
    """Sales put a lead aside in the CRM that nobody had accepted: a rejection, without a reason of ours."""
    then = _ASIDE[move]
    detail: Detail = {
        "label": "set in the CRM",
        "then": then,
        "note": None,
        BEFORE: before(tx, found),
    }
    commitments.meet_clock(tx, ctx, found, ClockKind.ACCEPT)
    handoffs.change(
        tx,
        found.id,
        {
            "state": HandoffState.REJECTED,
            "rejected_at": ctx.now,
            "rejected_by": ctx.actor,
            "closed_at": ctx.now,
        },
    )
    stage = after(found.lead_stage, move)
    moved: LeadValues = {"stage": stage, "updated_at": ctx.now}
    if stage is Stage.DISQUALIFIED:
        moved["closed_at"] = ctx.now
    leads.change(tx, found.lead_id, moved)
    record_and_announce(tx, ctx, found, EventKind.REJECTED, detail)
    posts.tell_marketing(tx, ctx, found, shown(detail))


def _amend(tx: Connection, ctx: Context, lead_id: int, form: LeadForm) -> None:
    """Bring the amount and the date of the lead's deal, open or won, in step with the CRM's."""
    latest = handoffs.latest_of_lead(tx, lead_id)
    if latest is None or (latest.opportunity_at is None and latest.won_at is None):
        return
    told: HandoffValues = {}
    if form.amount is not None:
        told["amount_minor"] = int(form.amount * 100)
    if form.currency is not None:
        told["currency"] = form.currency
    if form.closed_at is not None and latest.closed_at is not None:
        told["deal_at"] = form.closed_at
    if new := changes(latest, told):
        handoffs.change(tx, latest.id, new)
        posts.refresh_card(tx, ctx, latest.card_id)
