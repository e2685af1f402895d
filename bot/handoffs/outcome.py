"""What became of a lead that sales has accepted: set by a person here, or told of by the CRM.

How the fields of the form are read stands in deals.py, where a stage of the CRM leads in crm.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from bot.agreement.model import Reason
from bot.agreement.vocabulary import Then
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs import commitments, hand_off
from bot.handoffs.outcome_fields import Entered, Read, read
from bot.handoffs.shared import Decided, before, lock, record_and_announce, require_accepted
from bot.handoffs.touch import first_contact, own
from bot.lookups.history import BEFORE
from bot.rules.lifecycle import LEGAL, Move, after
from bot.rules.roles import Permission
from storage import clocks, handoffs, history, leads
from storage.handoffs import LockedHandoff
from storage.models import ClockKind, EventKind, Handoff, HandoffState, Outcome, Stage
from storage.models.details import Detail, without_empty
from storage.models.values import HandoffValues, LeadValues

OUTCOME_MOVES: Mapping[Outcome, Move] = {
    Outcome.SQL: Move.VERIFY,
    Outcome.OPPORTUNITY: Move.OPEN_DEAL,
    Outcome.WON: Move.WIN,
    Outcome.LOST: Move.LOSE,
    Outcome.RECYCLED: Move.RECYCLE,
    Outcome.DISQUALIFIED: Move.DISQUALIFY,
}
OUTCOME_EVENTS: Mapping[Outcome, EventKind] = {
    Outcome.SQL: EventKind.SQL,
    Outcome.OPPORTUNITY: EventKind.OPPORTUNITY,
    Outcome.WON: EventKind.WON,
    Outcome.LOST: EventKind.LOST,
    Outcome.RECYCLED: EventKind.RECYCLED,
    Outcome.DISQUALIFIED: EventKind.DISQUALIFIED,
}
THEN_MOVES: Mapping[Then, Move] = {
    Then.FIX: Move.DISQUALIFY,
    Then.NURTURE: Move.RECYCLE,
    Then.REROUTE: Move.DISQUALIFY,
    Then.OWNER: Move.DISQUALIFY,
    Then.MERGE: Move.DISQUALIFY,
    Then.CLOSE: Move.DISQUALIFY,
}
"""Where a reason given after contact sends the lead; all but nurture close it."""

_ENDS = (Outcome.WON, Outcome.LOST, Outcome.RECYCLED, Outcome.DISQUALIFIED)
# Whoever reached a stage went through those before it, whether or not anybody said so.
_Milestone = Literal["sql_at", "opportunity_at", "won_at", "lost_at", "recycled_at", "disqualified_at"]
REACHED: Mapping[Outcome, tuple[_Milestone, ...]] = {
    Outcome.SQL: ("sql_at",),
    Outcome.OPPORTUNITY: ("sql_at", "opportunity_at"),
    Outcome.WON: ("sql_at", "opportunity_at", "won_at"),
    Outcome.LOST: ("lost_at",),
    Outcome.RECYCLED: ("recycled_at",),
    Outcome.DISQUALIFIED: ("disqualified_at",),
}


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """A person says what became of a lead: `outcome`, None if they chose none, and what the form held."""

    handoff_id: int
    outcome: Outcome | None
    entered: Entered = field(default_factory=Entered)


@dataclass(frozen=True, slots=True)
class Progress:
    """A move of a lead that is worked, and what is known of it. Amounts are in hundredths of the currency."""

    move: Move
    amount_minor: int | None = None
    currency: str | None = None
    deal_at: datetime | None = None
    until: datetime | None = None
    reason: Reason | None = None
    note: str | None = None


def move_for(stage: Stage, outcome: Outcome) -> Move | None:
    """The legal move that an outcome is for a lead of this stage; None where there is none."""
    if (stage, outcome) == (Stage.OPPORTUNITY, Outcome.OPPORTUNITY):
        return Move.AMEND_DEAL
    move = OUTCOME_MOVES[outcome]
    return move if (stage, move) in LEGAL else None


def set_outcome(tx: Connection, ctx: Context, command: SetOutcome) -> Decided:
    """Note what became of the lead and move it there.

    Raises HandoffNotFound, NotAllowed, NotPossible or AlreadyDecided for a lead that is not being worked, or
    InvalidInput naming the fields.
    """
    found, outcome = lock(tx, ctx, command.handoff_id, Permission.OUTCOME), command.outcome
    if outcome is not None and _set_before(tx, ctx, found, outcome):
        return Decided(found.id, found.lead_id, again=True)
    require_accepted(found)
    move = move_for(found.lead_stage, outcome) if outcome is not None else None
    if outcome is None or move is None:
        raise InvalidInput({"outcome": "Please choose an outcome."})
    told = read(command.entered, outcome, ctx.book.of(tx, found.agreement_id), ctx.now)
    own(tx, ctx, found)
    apply(tx, ctx, found, _progress(move, told))
    return Decided(found.id, found.lead_id)


def _set_before(tx: Connection, ctx: Context, found: LockedHandoff, outcome: Outcome) -> bool:
    """Whether this person closed the lead with this outcome before."""
    if found.state != HandoffState.CLOSED:
        return False
    last = history.last_of_handoff(tx, found.lead_id, found.id, OUTCOME_EVENTS.values())
    return last is not None and last.actor == ctx.actor and last.detail.get("outcome") == outcome


def _progress(move: Move, told: Read) -> Progress:
    return Progress(
        THEN_MOVES[told.reason.then] if told.reason else move,
        amount_minor=told.amount_minor,
        currency=told.currency,
        deal_at=told.deal_at,
        until=told.until,
        reason=told.reason,
        note=told.note,
    )


def apply(tx: Connection, ctx: Context, found: LockedHandoff, progress: Progress) -> Stage:
    """Move a held handoff that is accepted, meet its clocks and tell it; gives the lead's new stage.

    Raises IllegalMove where the lead cannot make that move.
    """
    stage = after(found.lead_stage, progress.move)
    outcome = Outcome(stage.value)
    detail: Detail = {**_detail(progress, outcome), BEFORE: before(tx, found)}
    first_contact(tx, ctx, found, None, at=ctx.now, by=ctx.actor)
    commitments.meet_clock(tx, ctx, found, ClockKind.OUTCOME)
    if outcome in _ENDS:
        clocks.stop_all(tx, found.id, at=ctx.now)
    else:
        _goes_on(tx, ctx, found)
    handoffs.change(tx, found.id, _of_handoff(ctx, found, progress, outcome))
    leads.change(tx, found.lead_id, _of_lead(ctx, progress, stage))
    record_and_announce(tx, ctx, found, OUTCOME_EVENTS[outcome], detail)
    return stage


def _goes_on(tx: Connection, ctx: Context, found: LockedHandoff) -> None:
    """A SQL or an opportunity has until then for what comes next, where the agreement says how long."""
    lasts = ctx.book.of(tx, found.agreement_id).targets(found.priority).opportunity
    if lasts is None:
        return
    team = ctx.book.current.team(found.team)
    owner = found.owner or (ctx.actor if team is not None and team.rep(ctx.actor) else None)
    hand_off.start_clock(
        tx,
        ctx,
        ClockKind.OUTCOME,
        found.id,
        found.lead_id,
        found.priority,
        team=team,
        owner=owner,
        agreement_id=found.agreement_id,
        lasts=lasts,
    )


def _of_handoff(ctx: Context, found: Handoff, progress: Progress, outcome: Outcome) -> HandoffValues:
    values: HandoffValues = {}
    for reached in REACHED[outcome]:
        values[reached] = getattr(found, reached) or ctx.now
    if progress.amount_minor is not None:
        values |= {"amount_minor": progress.amount_minor, "currency": progress.currency}
    if progress.deal_at is not None:
        values["deal_at"] = progress.deal_at
    if progress.reason is not None:
        values["reason"] = progress.reason.code
    if outcome in _ENDS:
        values |= {"note": progress.note, "state": HandoffState.CLOSED, "closed_at": ctx.now}
    return values


def _of_lead(ctx: Context, progress: Progress, stage: Stage) -> LeadValues:
    values: LeadValues = {"stage": stage, "recycled_until": progress.until, "updated_at": ctx.now}
    if progress.amount_minor is not None:
        values |= {"amount_minor": progress.amount_minor, "currency": progress.currency}
    if Outcome(stage.value) in _ENDS and stage is not Stage.RECYCLED:
        values["closed_at"] = ctx.now
    return values


def _detail(progress: Progress, outcome: Outcome) -> Detail:
    told: Detail = {
        "outcome": Outcome.DISQUALIFIED if progress.reason else outcome,
        "stage": outcome,
        "amount_minor": progress.amount_minor,
        "currency": progress.currency,
        "deal_at": progress.deal_at.isoformat() if progress.deal_at else None,
        "until": progress.until.isoformat() if progress.until else None,
        "reason": progress.reason.code if progress.reason else None,
        "label": progress.reason.label if progress.reason else None,
        "note": progress.note,
    }
    return without_empty(told)
