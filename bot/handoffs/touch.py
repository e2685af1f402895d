"""Contact with a lead that sales has accepted: the first meets the clock, every later one is history.

A rep reports it in Slack, or another system tells of a call, an e-mail or a meeting as an activity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.book import named_in
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs import commitments, hand_off
from bot.handoffs.shared import Decided, before, lock, record_and_announce, require_accepted
from bot.leadform import ActivityForm
from bot.lookups.history import BEFORE
from bot.rules.evidence import touches
from bot.rules.roles import Permission
from storage import handoffs, leads, people
from storage.handoffs import LockedHandoff
from storage.models import ClockKind, EventKind, TouchKind
from storage.models.details import Detail


@dataclass(frozen=True, slots=True)
class Touch:
    """A person was in contact with the lead: `touch` says how, None if they chose nothing."""

    handoff_id: int
    touch: TouchKind | None
    note: str | None = None


def touch(tx: Connection, ctx: Context, command: Touch) -> Decided:
    """Note a contact now. The first one ends the clock for it and starts the one for an outcome.

    Raises HandoffNotFound, NotAllowed, NotPossible or AlreadyDecided for a lead that is not being worked, or
    InvalidInput.
    """
    found = lock(tx, ctx, command.handoff_id, Permission.TOUCH)
    require_accepted(found)
    if command.touch is None:
        raise InvalidInput({"touch": "Was it a call, an e-mail or a meeting? Please choose one."})
    detail: Detail = {"touch": command.touch, "note": command.note, BEFORE: before(tx, found)}
    first_contact(tx, ctx, found, command.touch, at=ctx.now, by=ctx.actor)
    own(tx, ctx, found)
    record_and_announce(tx, ctx, found, EventKind.TOUCHED, detail)
    return Decided(found.id, found.lead_id)


def own(tx: Connection, ctx: Context, found: LockedHandoff) -> None:
    """Let a rep who works a lead that nobody holds have it."""
    team = ctx.book.current.team(found.team)
    if found.owner is None and team is not None and team.rep(ctx.actor):
        handoffs.change(tx, found.id, {"owner": ctx.actor, "given_at": ctx.now})
        leads.change(tx, found.lead_id, {"owner": ctx.actor, "updated_at": ctx.now})


def first_contact(
    tx: Connection, ctx: Context, found: LockedHandoff, kind: TouchKind | None, *, at: datetime, by: str
) -> None:
    """Meet the clock of the first contact and start the outcome's; nothing if there was contact before."""
    if found.touched_at is not None:
        return
    handoffs.change(tx, found.id, {"touched_at": at, "touched_by": by, "touch": kind})
    commitments.meet_clock(tx, ctx, found, ClockKind.FIRST_TOUCH, at=at, by=by)
    team = ctx.book.current.team(found.team)
    hand_off.start_clock(
        tx,
        ctx,
        ClockKind.OUTCOME,
        found.id,
        found.lead_id,
        found.priority,
        team=team,
        owner=found.owner or (by if team and team.rep(by) else None),
        agreement_id=found.agreement_id,
    )


def hear_of_contact(tx: Connection, ctx: Context, lead_id: int, activities: Iterable[ActivityForm]) -> None:
    """Count those of the new activities that are contact of a person with a lead that sales has accepted.

    What lies before the accept is none, and a lead that nobody accepted stays so.
    """
    contacts = [each for each in activities if each.is_touch]
    open_handoff = handoffs.open_of_lead(tx, lead_id) if contacts else None
    if open_handoff is None or open_handoff.accepted_at is None:
        return
    for each in touches(contacts, open_handoff.accepted_at, ctx.now):
        found = handoffs.lock(tx, open_handoff.id)
        if found is not None:
            _note_contact(tx, ctx, found, each)


def _note_contact(tx: Connection, ctx: Context, found: LockedHandoff, activity: ActivityForm) -> None:
    """Whose contact it is, the record says; where it does not, only the other system reports it."""
    by, at = _person(tx, ctx, activity.by), min(activity.at, ctx.now)
    first_contact(tx, ctx, found, TouchKind(activity.type), at=at, by=by or ctx.actor)
    detail: Detail = {"touch": activity.type, "note": activity.detail, "at": at.isoformat()}
    if by is not None:
        detail["by"] = by
    record_and_announce(tx, ctx, found, EventKind.TOUCHED, detail)


def _person(tx: Connection, ctx: Context, named: str | None) -> str | None:
    """The person of the agreement whom a record names by Slack id or e-mail address."""
    if named is None:
        return None
    users, _ = named_in(ctx.book.current)
    known = people.among(tx, users)
    return next(
        (
            user
            for user in users
            if user == named or (user in known and (known[user].email or "").casefold() == named.casefold())
        ),
        None,
    )
