"""What became of a lead that sales has accepted: set by a person here, or told of by the CRM.

How the fields of the form are read stands in deals.py, where a stage of the CRM leads in crm.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.agreement.model import Reason
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs import commitments
from bot.handoffs.outcome_fields import Entered, Read, read
from bot.handoffs.shared import Decided, before, lock, record_and_announce, require_accepted
from bot.handoffs.touch import first_contact, own
from bot.lookups.history import BEFORE
from bot.rules.lifecycle import LEGAL, Move, after
from bot.rules.roles import Permission
from storage import clocks, handoffs, history, leads
from storage.database.sql import Record
from storage.models import ClockKind, HandoffState, Stage

OUTCOMES: dict[str, Move] = {
    "sql": Move.VERIFY,
    "opportunity": Move.OPEN_DEAL,
    "won": Move.WIN,
    "lost": Move.LOSE,
    "recycled": Move.RECYCLE,
    "disqualified": Move.DISQUALIFY,
}
"""What can be chosen, in order, and the move that it is."""

EVENTS = tuple(f"lead.{outcome}" for outcome in OUTCOMES)
_ENDS = (Stage.WON, Stage.LOST, Stage.RECYCLED, Stage.DISQUALIFIED)
# Whoever reached a stage went through those before it, whether or not anybody said so.
_REACHED = {
    Stage.SQL: ("sql_at",),
    Stage.OPPORTUNITY: ("sql_at", "opportunity_at"),
    Stage.WON: ("sql_at", "opportunity_at", "won_at"),
    Stage.LOST: ("lost_at",),
    Stage.RECYCLED: ("recycled_at",),
    Stage.DISQUALIFIED: ("disqualified_at",),
}


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """A person says what became of a lead: `outcome` is a key of OUTCOMES, `entered` what the form held."""

    handoff_id: int
    outcome: str
    entered: Entered = field(default_factory=Entered)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A move of a lead that is worked, and what is known of it. Amounts are in hundredths of the currency."""

    move: Move
    amount_minor: int | None = None
    currency: str | None = None
    deal_at: datetime | None = None
    until: datetime | None = None
    reason: Reason | None = None
    note: str | None = None


def move_for(stage: Stage, outcome: str) -> Move | None:
    """The legal move that an outcome is for a lead of this stage; None where there is none."""
    if (stage, outcome) == (Stage.OPPORTUNITY, "opportunity"):
        return Move.AMEND_DEAL
    move = OUTCOMES.get(outcome)
    return move if move is not None and (stage, move) in LEGAL else None


def set_outcome(tx: Connection, ctx: Context, command: SetOutcome) -> Decided:
    """Note what became of the lead and move it there.

    Raises HandoffNotFound, NotAllowed, NotPossible or AlreadyDecided for a lead that is not being worked, or
    InvalidInput naming the fields.
    """
    found = lock(tx, ctx, command.handoff_id, Permission.OUTCOME)
    if _set_before(tx, ctx, found, command.outcome):
        return Decided(found.id, found.lead_id, again=True)
    require_accepted(found)
    move = move_for(Stage(found.lead_stage), command.outcome)
    if move is None:
        raise InvalidInput({"outcome": "Please choose what became of the lead."})
    told = read(command.entered, command.outcome, ctx.book.of(tx, found.agreement_id), ctx.now)
    own(tx, ctx, found)
    apply(tx, ctx, found, _outcome(move, told))
    return Decided(found.id, found.lead_id)


def _set_before(tx: Connection, ctx: Context, found: Record, outcome: str) -> bool:
    """Whether this person closed the lead with this outcome before."""
    if found.state != HandoffState.CLOSED or outcome not in OUTCOMES:
        return False
    last = history.last_of_handoff(tx, found.lead_id, found.id, EVENTS)
    return last is not None and last.actor == ctx.actor and last.detail.get("outcome") == outcome


def _outcome(move: Move, told: Read) -> Outcome:
    nurture = told.reason is not None and told.reason.then == "nurture"
    return Outcome(
        Move.RECYCLE if nurture else move,
        amount_minor=told.amount_minor,
        currency=told.currency,
        deal_at=told.deal_at,
        until=told.until,
        reason=told.reason,
        note=told.note,
    )


def apply(tx: Connection, ctx: Context, found: Record, outcome: Outcome) -> Stage:
    """Move a held handoff that is accepted, meet its clocks and tell it; gives the lead's new stage.

    Raises IllegalMove where the lead cannot make that move.
    """
    stage = after(Stage(found.lead_stage), outcome.move)
    detail = {**_detail(outcome, stage), BEFORE: before(tx, found)}
    first_contact(tx, ctx, found, None, at=ctx.now, by=ctx.actor)
    commitments.meet_clock(tx, ctx, found, ClockKind.OUTCOME)
    reached = {name: getattr(found, name) or ctx.now for name in _REACHED[stage]}
    deal = _deal(outcome)
    closed: dict[str, Any] = {}
    if stage in _ENDS:
        closed = {"state": HandoffState.CLOSED, "closed_at": ctx.now}
        clocks.stop_clocks(tx, found.id, at=ctx.now)
    explained: dict[str, Any] = {"reason": outcome.reason.code} if outcome.reason else {}
    if stage in _ENDS:
        explained["note"] = outcome.note
    dated = {"deal_at": outcome.deal_at} if outcome.deal_at else {}
    handoffs.change(tx, found.id, {**reached, **deal, **dated, **explained, **closed})
    moved = {"stage": stage, "recycled_until": outcome.until, "updated_at": ctx.now, **deal}
    if stage in _ENDS and stage is not Stage.RECYCLED:
        moved["closed_at"] = ctx.now
    leads.change(tx, found.lead_id, moved)
    record_and_announce(tx, ctx, found, f"lead.{stage.value}", detail)
    return stage


def _deal(outcome: Outcome) -> dict[str, Any]:
    if outcome.amount_minor is None:
        return {}
    return {"amount_minor": outcome.amount_minor, "currency": outcome.currency}


def _detail(outcome: Outcome, stage: Stage) -> dict[str, Any]:
    chosen = next((name for name, move in OUTCOMES.items() if move is outcome.move), "opportunity")
    told = {
        "outcome": "disqualified" if outcome.reason else chosen,
        "stage": stage.value,
        "amount_minor": outcome.amount_minor,
        "currency": outcome.currency,
        "deal_at": outcome.deal_at and outcome.deal_at.isoformat(),
        "until": outcome.until and outcome.until.isoformat(),
        "reason": outcome.reason and outcome.reason.code,
        "label": outcome.reason and outcome.reason.label,
        "note": outcome.note,
    }
    return {name: value for name, value in told.items() if value is not None}
