"""What every decision about a handoff shares: holding it, remembering how it was, telling what happened.

What is decided, and what follows from it, stands in the files beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import AlreadyDecided, HandoffNotFound, NotPossible, Obstacle
from bot.handoffs import commitments, posts
from bot.lookups.history import shown
from bot.lookups.strays import successor
from bot.pressed import require_own
from bot.rules.roles import Permission, require
from storage import clocks, handoffs, history
from storage.handoffs import LockedHandoff
from storage.models import ClockKind, EventKind, Handoff, HandoffState, Lead, SlaClock
from storage.models.details import Before, Detail

LEAD_COLUMNS = ("stage", "owner", "recycled_until", "closed_at", "amount_minor", "currency", "merged_into")
HANDOFF_COLUMNS = (
    *("state", "team", "owner", "owner_why", "card_id", "snoozed_at", "reassigned", "closed_at"),
    *("given_at", "pooled_at"),
    *("accepted_at", "accepted_by", "rejected_at", "rejected_by", "reason", "note"),
    *("touched_at", "touched_by", "touch", "sql_at", "opportunity_at", "won_at", "lost_at"),
    *("recycled_at", "disqualified_at", "amount_minor", "currency", "deal_at"),
)
CLOCK_COLUMNS = (
    *("owner", "due_at", "next_at", "next_step", "breached_at", "cause"),
    *("paused_at", "paused_until", "remaining"),
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that holds. `again`: the same person had made it before, and nothing changed."""

    handoff_id: int
    lead_id: int
    again: bool = False


def require_handoff(tx: Connection, handoff_id: int) -> tuple[Handoff, Lead]:
    """The handoff and its lead. Raises HandoffNotFound, also for a person who was erased."""
    found = handoffs.with_lead(tx, handoff_id)
    if found is None or found[1].forgotten_at is not None:
        raise HandoffNotFound(handoff_id)
    require_own(handoff_id, found[0].token)
    return found


def require_locked(tx: Connection, handoff_id: int) -> LockedHandoff:
    """The handoff, locked until the commit. Raises HandoffNotFound, also for a person who was erased."""
    found = handoffs.lock(tx, handoff_id)
    if found is None or found.lead_forgotten_at is not None:
        raise HandoffNotFound(handoff_id)
    require_own(handoff_id, found.token)
    return found


def lock(tx: Connection, ctx: Context, handoff_id: int, permission: Permission) -> LockedHandoff:
    """The handoff, locked until the commit, if the context's actor may do that to it.

    Raises HandoffNotFound or NotAllowed.
    """
    found = require_locked(tx, handoff_id)
    require(ctx.book, ctx.actor, permission, successor(ctx.book, found.team), found.owner)
    return found


def lock_clock(tx: Connection, ctx: Context, handoff_id: int) -> tuple[LockedHandoff, SlaClock]:
    """The handoff, locked, and its running clock, if the actor manages whoever has to keep that.

    That is the team's manager, or marketing's where marketing owes an answer. Raises HandoffNotFound,
    NotAllowed, or NotPossible where no clock runs.
    """
    found = require_locked(tx, handoff_id)
    row = next(iter(clocks.running(tx, found.id)), None)
    return found, require_time_giver(ctx, found, row)


def require_time_giver(ctx: Context, found: Handoff, clock: SlaClock | None) -> SlaClock:
    """The clock, if the actor manages whoever has to keep it. Raises NotAllowed; NotPossible without one."""
    of_marketing = clock is not None and clock.kind == ClockKind.ANSWER
    permission = Permission.MORE_TIME_TO_ANSWER if of_marketing else Permission.MORE_TIME
    require(ctx.book, ctx.actor, permission, ctx.book.current.team(found.team), found.owner)
    if clock is None:
        raise NotPossible(Obstacle.NOTHING_RUNS)
    return clock


def require_undecided(found: Handoff) -> None:
    """Let pass a handoff that nobody has decided. Raises AlreadyDecided naming who did."""
    if found.state == HandoffState.WAITING:
        return
    accepted = found.state == HandoffState.ACCEPTED
    by, at = (found.accepted_by, found.accepted_at) if accepted else (found.rejected_by, found.rejected_at)
    raise AlreadyDecided(found.state, by, at or found.closed_at)


def require_accepted(found: Handoff) -> None:
    """Let pass a handoff that sales has accepted and not closed. Raises NotPossible or AlreadyDecided."""
    if found.state == HandoffState.WAITING:
        raise NotPossible(Obstacle.NOT_ACCEPTED)
    if found.state != HandoffState.ACCEPTED:
        raise AlreadyDecided(found.state, found.rejected_by, found.closed_at)


def require_open(found: Handoff) -> None:
    """Let pass a handoff that waits or is being worked. Raises AlreadyDecided."""
    if found.state not in (HandoffState.WAITING, HandoffState.ACCEPTED):
        raise AlreadyDecided(found.state, found.rejected_by, found.closed_at)


def before(tx: Connection, found: LockedHandoff) -> Before:
    """How a held handoff, its lead and its running clocks stand now; what is empty is left out."""
    return {
        "lead": _told({name: getattr(found, f"lead_{name}") for name in LEAD_COLUMNS}),
        "handoff": _told({name: getattr(found, name) for name in HANDOFF_COLUMNS}),
        "clocks": {
            str(row.id): _told({name: getattr(row, name) for name in CLOCK_COLUMNS})
            for row in clocks.running(tx, found.id)
        },
    }


def _told(values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if value is not None
    }


def announce_to_thread(
    tx: Connection, ctx: Context, handoff_id: int, kind: EventKind, detail: Detail
) -> None:
    """Add a line of history to the thread of a handoff's card, and let its reminders show how things are."""
    found = handoffs.lock(tx, handoff_id)
    if found is not None:
        posts.tell_thread(tx, ctx, found, kind, shown(detail))
        commitments.refresh_reminders(tx, ctx, handoff_id)


def record_and_announce(
    tx: Connection, ctx: Context, found: LockedHandoff, kind: EventKind, detail: Detail
) -> None:
    """Write it into the history, the card and the card's thread, and let its reminders show it."""
    history.record(tx, ctx.stamp, kind, lead_id=found.lead_id, handoff_id=found.id, detail=detail)
    posts.refresh_card(tx, ctx, found.card_id)
    posts.tell_thread(tx, ctx, found, kind, shown(detail))
    commitments.refresh_reminders(tx, ctx, found.id)
