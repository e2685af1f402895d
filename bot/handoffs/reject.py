"""A rep rejects a lead, for a reason that says where it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement.model import Reason, Team
from bot.agreement.vocabulary import ReasonKind, Then
from bot.context import Context
from bot.errors import HandoffNotFound, InvalidInput
from bot.handoffs import commitments, hand_off, posts
from bot.handoffs.account import account_owner
from bot.handoffs.assignment import assign
from bot.handoffs.reassign import give
from bot.handoffs.shared import Decided, before, lock, record_and_announce, require_undecided
from bot.handoffs.turns import return_turn
from bot.ladder.nagging import Given, tell_given
from bot.lookups.finding import find_lead
from bot.lookups.history import BEFORE, shown
from bot.rules.lifecycle import Move, after
from bot.rules.qualification import rank_of
from bot.rules.roles import Permission
from storage import clocks, handoffs, leads
from storage.handoffs import LockedHandoff
from storage.models import ClockKind, EventKind, HandoffState
from storage.models.details import Detail
from storage.models.values import HandoffValues


@dataclass(frozen=True, slots=True)
class Reject:
    """A person turns a lead down.

    `team` goes with a reason that reroutes, `merge_into` with one that merges.
    """

    handoff_id: int
    reason: str
    note: str | None = None
    team: str | None = None
    merge_into: str | None = None


@dataclass(frozen=True, slots=True)
class _Rejection:
    """A rejection under way: of which handoff, why, as commanded, and what the history is to keep of it."""

    found: LockedHandoff
    reason: Reason
    command: Reject
    detail: Detail


def reject(tx: Connection, ctx: Context, command: Reject) -> Decided:
    """Turn the lead down for a reason of the agreement it was handed off under, and send it where that says.

    Marketing is told. Raises HandoffNotFound, NotAllowed, AlreadyDecided, or InvalidInput naming the fields.
    """
    found = lock(tx, ctx, command.handoff_id, Permission.REJECT)
    if found.state in (HandoffState.REJECTED, HandoffState.MERGED) and found.rejected_by == ctx.actor:
        return Decided(found.id, found.lead_id, again=True)
    require_undecided(found)
    reason = _reason(tx, ctx, found, command)
    was = before(tx, found)
    if reason.gives_turn_back:
        return_turn(tx, found, was)
    detail: Detail = {
        "reason": reason.code,
        "label": reason.label,
        "then": reason.then,
        "note": command.note,
        BEFORE: was,
    }
    THEN_HANDLERS[reason.then](tx, ctx, _Rejection(found, reason, command, detail))
    return Decided(found.id, found.lead_id)


def _reason(tx: Connection, ctx: Context, found: LockedHandoff, command: Reject) -> Reason:
    reason = ctx.book.of(tx, found.agreement_id).reason(command.reason)
    if reason is None or reason.kind is not ReasonKind.REJECT:
        raise InvalidInput({"reason": "Please choose one of the reasons in the list."})
    if reason.needs_note and not (command.note or "").strip():
        raise InvalidInput({"note": f"“{reason.label}” needs a note: one sentence on what you saw."})
    return reason


def _count_as_rejection(tx: Connection, ctx: Context, rejection: _Rejection) -> None:
    found, command = rejection.found, rejection.command
    commitments.meet_clock(tx, ctx, found, ClockKind.ACCEPT)
    rejected: HandoffValues = {
        "state": HandoffState.REJECTED,
        "rejected_at": ctx.now,
        "rejected_by": ctx.actor,
        "reason": command.reason,
        "note": command.note,
        "closed_at": ctx.now,
    }
    handoffs.change(tx, found.id, rejected)


def _fix(tx: Connection, ctx: Context, rejection: _Rejection) -> None:
    """Back to marketing, whose clock to answer starts now; what sales was late with is marketing's too."""
    found = rejection.found
    _count_as_rejection(tx, ctx, rejection)
    clocks.blame_data(tx, found.id)
    stage = after(found.lead_stage, Move.SEND_BACK)
    leads.change(tx, found.lead_id, {"stage": stage, "updated_at": ctx.now})
    hand_off.start_clock(
        tx,
        ctx,
        ClockKind.ANSWER,
        found.id,
        found.lead_id,
        found.priority,
        team=None,
        owner=None,
        agreement_id=found.agreement_id,
    )
    _tell_both(tx, ctx, rejection, EventKind.REJECTED)


def _nurture(tx: Connection, ctx: Context, rejection: _Rejection) -> None:
    """Recycled until the reason's date."""
    found, detail = rejection.found, rejection.detail
    _count_as_rejection(tx, ctx, rejection)
    until = ctx.now + rejection.reason.recycle.wall() if rejection.reason.recycle else None
    stage = after(found.lead_stage, Move.RECYCLE)
    leads.change(tx, found.lead_id, {"stage": stage, "recycled_until": until, "updated_at": ctx.now})
    detail["until"] = until.isoformat() if until else None
    _tell_both(tx, ctx, rejection, EventKind.REJECTED)


def _close(tx: Connection, ctx: Context, rejection: _Rejection) -> None:
    """Disqualified for good."""
    found = rejection.found
    _count_as_rejection(tx, ctx, rejection)
    stage = after(found.lead_stage, Move.DISQUALIFY)
    leads.change(tx, found.lead_id, {"stage": stage, "closed_at": ctx.now, "updated_at": ctx.now})
    _tell_both(tx, ctx, rejection, EventKind.REJECTED)


def _merge(tx: Connection, ctx: Context, rejection: _Rejection) -> None:
    """Joins the lead that it turned out to be. This is no rejection: nobody's rate suffers for it."""
    found, command, detail = rejection.found, rejection.command, rejection.detail
    if not (command.merge_into or "").strip():
        raise InvalidInput({"merge_into": "Which lead is it? Give its e-mail address or its #number."})
    into = find_lead(tx, command.merge_into or "")
    if into is None:
        raise InvalidInput(
            {"merge_into": f"No lead found for “{command.merge_into}”. Give its e-mail address or #number."}
        )
    if into.id == found.lead_id:
        raise InvalidInput({"merge_into": "That is this lead itself. Give the other one."})
    clocks.stop_all(tx, found.id, at=ctx.now)
    merged: HandoffValues = {
        "state": HandoffState.MERGED,
        "rejected_by": ctx.actor,
        "rejected_at": ctx.now,
        "reason": command.reason,
        "note": command.note,
        "closed_at": ctx.now,
    }
    handoffs.change(tx, found.id, merged)
    detail[BEFORE]["merged"] = leads.merge(tx, found.lead_id, into.id, ctx.now)
    detail["merged_into"] = into.id
    _tell_both(tx, ctx, rejection, EventKind.MERGED)
    other = handoffs.open_of_lead(tx, into.id)
    if other is not None:
        posts.refresh_card(tx, ctx, other.card_id)


def _reroute(tx: Connection, ctx: Context, rejection: _Rejection) -> None:
    """The same handoff goes to another team, with a new card and a full new clock."""
    found, detail = rejection.found, rejection.detail
    team = _other_team(ctx, rejection)
    lead = leads.get(tx, found.lead_id)
    if lead is None:
        raise HandoffNotFound(found.id)
    detail |= {"team": team.name, "from_team": found.team}
    detail[BEFORE]["choice"] = found.choice
    _tell_both(tx, ctx, rejection, EventKind.REROUTED)
    clocks.stop_all(tx, found.id, at=ctx.now)
    assigned = assign(tx, ctx, team, lead, found.priority, handoff_id=found.id)
    chosen = hand_off.columns_of_choice(ctx, assigned)
    handoffs.change(tx, found.id, {"team": team.name, "pooled_at": None, **chosen})
    leads.change(tx, found.lead_id, {"owner": assigned.user})  # nobody of the team that gave it away keeps it
    hand_off.start_clock(
        tx,
        ctx,
        ClockKind.ACCEPT,
        found.id,
        found.lead_id,
        found.priority,
        team=team,
        owner=assigned.user,
        agreement_id=found.agreement_id,
    )
    rank = rank_of(ctx.book.current, found.priority)
    posts.post_card(tx, ctx, handoff_id=found.id, lead_id=found.lead_id, channel=team.channel, rank=rank)
    hand_off.tell_of_choice(tx, ctx, found.id, found.lead_id, team, assigned)


def _to_owner(tx: Connection, ctx: Context, rejection: _Rejection) -> None:
    """The same handoff goes to whoever owns the account, who is told, with a full new clock."""
    found, detail = rejection.found, rejection.detail
    lead = leads.get(tx, found.lead_id)
    if lead is None:
        raise HandoffNotFound(found.id)
    owner, team = account_owner(tx, ctx, found, lead)
    if owner == found.owner:
        raise InvalidInput({"reason": "The account owner has it already. Please choose another reason."})
    detail |= {"owner": owner, "team": team.name} if team.name != found.team else {"owner": owner}
    _tell_both(tx, ctx, rejection, EventKind.REASSIGNED)
    give(tx, ctx, found, owner, team)
    if team.name != found.team:
        rank = rank_of(ctx.book.current, found.priority)
        posts.post_card(tx, ctx, handoff_id=found.id, lead_id=found.lead_id, channel=team.channel, rank=rank)
    tell_given(tx, ctx, [Given(found.id, owner, rejection.reason.label)])


def _other_team(ctx: Context, rejection: _Rejection) -> Team:
    found, command = rejection.found, rejection.command
    others = [team for team in ctx.book.current.teams if team.name != found.team]
    if not others:
        raise InvalidInput({"reason": "There is no other team. Please choose another reason."})
    if command.team is None and len(others) == 1:
        return others[0]
    chosen = next((team for team in others if team.name == command.team), None)
    if chosen is None:
        raise InvalidInput({"team": "Which team should get it? Please choose one."})
    return chosen


_Then = Callable[[Connection, Context, _Rejection], None]
THEN_HANDLERS: Mapping[Then, _Then] = {
    Then.FIX: _fix,
    Then.NURTURE: _nurture,
    Then.REROUTE: _reroute,
    Then.OWNER: _to_owner,
    Then.MERGE: _merge,
    Then.CLOSE: _close,
}
"""What becomes of the lead for each `then`, of a reason given before contact."""


def _tell_both(tx: Connection, ctx: Context, rejection: _Rejection, kind: EventKind) -> None:
    record_and_announce(tx, ctx, rejection.found, kind, rejection.detail)
    posts.tell_marketing(tx, ctx, rejection.found, shown(rejection.detail))
