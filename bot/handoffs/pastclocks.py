"""The clock of a handoff of the past that still runs: one that has not fallen due, and no other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.vocabulary import Then
from bot.context import Context
from bot.handoffs.hand_off import write_clock
from bot.ladder.clock_rows import team_and_rep
from bot.rules import sla
from storage import clocks
from storage.models import ClockKind, Handoff, HandoffState


def start_what_runs(tx: Connection, ctx: Context, handoff: Handoff) -> bool:
    """Start the clock that a handoff of the past is under, from its own moment; False if it has none.

    One that is due has run out before Baton and starts no more. The rungs of its ladder that lie behind are
    passed over: nobody is reminded of what happened elsewhere.
    """
    kind, began = _running(ctx, handoff)
    if kind is None or began is None or clocks.running_of_kind(tx, handoff.id, kind) is not None:
        return False
    clocks.stop_all(tx, handoff.id, at=ctx.now)
    agreement = ctx.book.current
    team, rep = team_and_rep(ctx.book, agreement, handoff.team, handoff.owner)
    if kind is ClockKind.ANSWER:
        team = rep = None
    clock = sla.start(agreement, kind, handoff.priority, team, rep, began)
    if clock is None or clock.due_at <= ctx.now:
        return False
    on = sla.course(agreement, kind, handoff.priority, team, rep)
    passed = sla.due_steps(clock, on, ctx.now).clock
    owner = handoff.owner if kind is not ClockKind.ANSWER else None
    write_clock(tx, ctx, passed, kind, handoff.id, handoff.lead_id, owner=owner)
    return True


def _running(ctx: Context, handoff: Handoff) -> tuple[ClockKind | None, datetime | None]:
    """What is awaited of a handoff, and since when."""
    if handoff.state == HandoffState.WAITING:
        return ClockKind.ACCEPT, handoff.handed_at
    if handoff.state == HandoffState.REJECTED:
        reason = ctx.book.current.reason(handoff.reason) if handoff.reason else None
        fixes = reason is not None and reason.then is Then.FIX
        return (ClockKind.ANSWER, handoff.rejected_at) if fixes else (None, None)
    if handoff.state != HandoffState.ACCEPTED:
        return None, None
    if handoff.touched_at is None and handoff.sql_at is None:
        return ClockKind.FIRST_TOUCH, handoff.accepted_at
    return ClockKind.OUTCOME, handoff.touched_at or handoff.sql_at
