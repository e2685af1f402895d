"""A lead goes to somebody else because a person says so: a manager passes it on, or takes it over.

What the ladder passes on by itself stands in bot/ladder/.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement.model import Team
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs import hand_off, posts
from bot.handoffs.accept import take_on
from bot.handoffs.shared import Decided, before, lock, record_and_announce, require_open
from bot.handoffs.turns import return_turn
from bot.ladder.nagging import Given, tell_given
from bot.lookups.history import BEFORE
from bot.rules.qualification import rank_of
from bot.rules.roles import Permission
from storage import clocks, handoffs, leads, people
from storage.handoffs import LockedHandoff
from storage.models import ClockKind, EventKind, HandoffState, SlaClock
from storage.models.details import Detail
from storage.models.values import HandoffValues


@dataclass(frozen=True, slots=True)
class Reassign:
    """A manager gives the lead to a rep of any team."""

    handoff_id: int
    owner: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """A manager takes the lead over; one that waits is accepted by that."""

    handoff_id: int


def reassign(tx: Connection, ctx: Context, command: Reassign) -> Decided:
    """Give the lead to somebody else, with a fresh and full clock of the kind that ran.

    A rep of another team takes the lead into theirs. Raises HandoffNotFound, NotAllowed, AlreadyDecided, or
    InvalidInput for somebody who cannot have it.
    """
    found = lock(tx, ctx, command.handoff_id, Permission.REASSIGN)
    require_open(found)
    if command.owner == found.owner:
        return Decided(found.id, found.lead_id, again=True)
    pass_on(tx, ctx, found, command.owner, (command.note or "").strip() or None)
    return Decided(found.id, found.lead_id)


def pass_on(tx: Connection, ctx: Context, found: LockedHandoff, owner: str, note: str | None = None) -> None:
    """Give a held handoff that is open to somebody else, and tell them.

    Raises InvalidInput for somebody who cannot have it.
    """
    team = _team_of(tx, ctx, found, owner)
    was = before(tx, found)
    return_turn(tx, found, was)
    detail: Detail = {
        **{"owner": owner, "from": found.owner, "note": note},
        **({"team": team.name} if team.name != found.team else {}),
        BEFORE: was,
    }
    give(tx, ctx, found, owner, team)
    record_and_announce(tx, ctx, found, EventKind.REASSIGNED, detail)
    if team.name != found.team:
        rank = rank_of(ctx.book.current, found.priority)
        posts.post_card(tx, ctx, handoff_id=found.id, lead_id=found.lead_id, channel=team.channel, rank=rank)
    tell_given(tx, ctx, [Given(found.id, owner, note)])


def take(tx: Connection, ctx: Context, command: Take) -> Decided:
    """Make the lead the manager's own.

    Raises HandoffNotFound, NotAllowed or AlreadyDecided.
    """
    found = lock(tx, ctx, command.handoff_id, Permission.TAKE)
    require_open(found)
    if found.state == HandoffState.WAITING:
        take_on(tx, ctx, found, ctx.actor)
        return Decided(found.id, found.lead_id)
    if found.owner == ctx.actor:
        return Decided(found.id, found.lead_id, again=True)
    was = before(tx, found)
    return_turn(tx, found, was)
    team = ctx.book.current.team(found.team)
    detail: Detail = {"owner": ctx.actor, "from": found.owner, BEFORE: was}
    give(tx, ctx, found, ctx.actor, team)
    record_and_announce(tx, ctx, found, EventKind.REASSIGNED, detail)
    return Decided(found.id, found.lead_id)


def _team_of(tx: Connection, ctx: Context, found: LockedHandoff, user: str) -> Team:
    """The team in which somebody gets the lead: the lead's own if they are in it."""
    agreement = ctx.book.current
    own = agreement.team(found.team)
    teams = [own, *agreement.teams] if own is not None else list(agreement.teams)
    team = next((team for team in teams if team.rep(user)), None)
    person = people.among(tx, [user]).get(user)
    if team is None:
        raise InvalidInput(
            {"owner": "They are not in any team of the agreement. Please choose somebody else."}
        )
    if person is not None and person.left:
        raise InvalidInput({"owner": "They have left the workspace. Please choose somebody else."})
    return team


def give(
    tx: Connection, ctx: Context, found: LockedHandoff, owner: str, team: Team | None
) -> SlaClock | None:
    """Let a held handoff change hands, with fresh clocks; gives the new owner's, if one ran."""
    running = [row for row in clocks.running(tx, found.id) if row.kind != ClockKind.ANSWER]
    for row in running:
        clocks.stop(tx, row.id, at=ctx.now)
    theirs: HandoffValues = {"owner": owner, "owner_why": None, "given_at": ctx.now, "pooled_at": None}
    handoffs.change(tx, found.id, {**theirs, "team": team.name if team else found.team})
    leads.change(tx, found.lead_id, {"owner": owner, "updated_at": ctx.now})
    for row in running:
        hand_off.start_clock(
            tx,
            ctx,
            row.kind,
            found.id,
            found.lead_id,
            found.priority,
            team=team,
            owner=owner,
            agreement_id=found.agreement_id,
        )
    fresh = clocks.running(tx, found.id) if running else ()
    return next(iter(fresh), None)
