"""A rep accepts a lead: the first click wins."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Team
from bot.context import Context
from bot.handoffs import commitments, hand_off, posts
from bot.handoffs.assignment import passed_by_accepting
from bot.handoffs.shared import Decided, before, lock, record_and_announce, require_undecided
from bot.handoffs.turns import return_turn
from bot.ladder.passed_by import tell_company_owner
from bot.lookups.history import BEFORE
from bot.rules.lifecycle import Move, after
from bot.rules.roles import Permission, Role, roles_of
from storage import handoffs, leads
from storage.handoffs import LockedHandoff
from storage.models import ClockKind, DeliveryState, EventKind, HandoffState
from storage.models.details import Detail
from storage.models.values import HandoffValues


@dataclass(frozen=True, slots=True)
class Accept:
    """A person takes a lead on. The person is the context's actor."""

    handoff_id: int


def accept(tx: Connection, ctx: Context, command: Accept) -> Decided:
    """Make the lead a SAL of the person who clicked. The first click wins.

    Raises HandoffNotFound, NotAllowed, or AlreadyDecided naming who was first.
    """
    found = lock(tx, ctx, command.handoff_id, Permission.ACCEPT)
    if found.state == HandoffState.ACCEPTED and found.accepted_by == ctx.actor:
        return Decided(found.id, found.lead_id, again=True)
    require_undecided(found)
    take_on(tx, ctx, found, ctx.actor)
    return Decided(found.id, found.lead_id)


def _tell_company_owner(tx: Connection, ctx: Context, found: LockedHandoff, team: Team, taker: str) -> None:
    """The owner of the lead's company hears that a colleague has it, where anybody could take it."""
    lead = leads.get(tx, found.lead_id)
    passed = passed_by_accepting(tx, ctx, team, lead, found.priority, taker) if lead else None
    if passed is not None:
        tell_company_owner(tx, ctx, found.id, found.lead_id, passed)


def takes_from(book: AgreementBook, actor: str, owner: str | None, team: Team | None) -> bool:
    """Whether a manager accepts in the place of whose turn it was; a stand-in who sells is a colleague."""
    if team is None or actor == owner or (actor != team.manager and team.rep(actor) is not None):
        return False
    return Role.MANAGER in roles_of(book, actor, team)


def take_on(tx: Connection, ctx: Context, found: LockedHandoff, owner: str | None) -> None:
    """Let a held handoff that waits be accepted, by the context's actor, for this owner."""
    was = before(tx, found)
    team = ctx.book.current.team(found.team)
    if takes_from(ctx.book, ctx.actor, found.owner, team):
        return_turn(tx, found, was)
    stage = after(found.lead_stage, Move.ACCEPT)
    taken: HandoffValues = {
        "state": HandoffState.ACCEPTED,
        "accepted_at": ctx.now,
        "accepted_by": ctx.actor,
        "owner": owner,
        "owner_why": found.owner_why if owner == found.owner else None,
        "given_at": found.given_at if owner == found.owner else ctx.now,
        "pooled_at": None,
    }
    handoffs.change(tx, found.id, taken)
    leads.change(tx, found.lead_id, {"stage": stage, "owner": owner, "updated_at": ctx.now})
    commitments.meet_clock(tx, ctx, found, ClockKind.ACCEPT)
    hand_off.start_clock(
        tx,
        ctx,
        ClockKind.FIRST_TOUCH,
        found.id,
        found.lead_id,
        found.priority,
        team=team,
        owner=owner,
        agreement_id=found.agreement_id,
    )
    detail: Detail = {BEFORE: was}
    if owner != ctx.actor:
        detail["owner"] = owner
    record_and_announce(tx, ctx, found, EventKind.ACCEPTED, detail)
    if found.owner is None and owner is not None and team is not None:
        _tell_company_owner(tx, ctx, found, team, owner)
    if found.card_state == DeliveryState.LISTED:
        posts.own_card(tx, ctx, found.card_id)
