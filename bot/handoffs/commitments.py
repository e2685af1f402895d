"""How a commitment ends: its clock is met, and whoever was reminded of it sees that it is settled.

Every decision about a handoff calls `refresh_reminders` once its clocks stand as they should.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.context import BATON, Context
from bot.ladder.clock_rows import clock_of, course_of, worked
from bot.rules import sla
from storage import clocks, disputes, heartbeats, history
from storage.database.sql import known
from storage.models import Answer, Cause, ClockKind, DeliveryKind, EventKind, Handoff, HandoffState, SlaClock
from storage.models.values import ClockValues, DisputeValues
from storage.outbox import caused, nags, posts
from storage.outbox.posts import Rank


def refresh_reminders(tx: Connection, ctx: Context, handoff_id: int) -> None:
    """Let every reminder of this handoff show how things stand now.

    One that has not gone out yet needs nothing: it is written when it goes, or not at all if nothing is left.
    """
    for message in nags.messages_about(tx, [handoff_id]):
        posts.rewrite(tx, ctx.stamp, message, rank=Rank.CLICK)


def meet_clock(
    tx: Connection,
    ctx: Context,
    handoff: Handoff,
    kind: ClockKind,
    *,
    at: datetime | None = None,
    by: str | None = None,
) -> bool:
    """End the handoff's running clock of this kind as met; False if none runs.

    `handoff` needs `id`, `team` and `priority`. `at` is the context's moment unless told otherwise, `by` its
    actor. Met late is a breach, whether or not a tick has seen it; met in time, and heard of late, is none.
    At the very moment that it was due, what a tick has said stands.
    """
    earlier = [row for row in clocks.of_handoff(tx, handoff.id) if row.kind == kind]
    row = next((row for row in earlier if row.met_at is None and row.stopped_at is None), None)
    if row is None:
        return False
    at = at or ctx.now
    before, on = clock_of(row), course_of(tx, ctx.book, row, team=handoff.team, priority=handoff.priority)
    told = at == before.due_at and before.breached_at is not None  # a tick was there at that moment
    breached_at, cause = (before.due_at, row.cause) if told or at > before.due_at else (None, None)
    if breached_at is not None and before.breached_at is None:
        cause = sla.cause(kind, breached_at, gaps=heartbeats.outages_within(tx, breached_at, breached_at))
        _note_breach(tx, ctx, row, cause)
    values: ClockValues = {
        "met_at": at,
        "met_by": by or ctx.actor,
        "next_at": None,
        "breached_at": breached_at,
        "cause": cause,
        "worked": worked(before, on, at) + _worked_by_others(tx, ctx, handoff, earlier),
    }
    clocks.change(tx, row.id, values)
    return True


def _worked_by_others(tx: Connection, ctx: Context, handoff: Handoff, rows: Sequence[SlaClock]) -> int:
    """The seconds of business time before the lead came to who has it now: from the handoff to the accept,
    whoever held it meanwhile. Every other commitment is its holder's own."""
    before = [row for row in rows if row.kind == ClockKind.ACCEPT and row.stopped_at is not None]
    return sum(
        worked(
            clock_of(row),
            course_of(tx, ctx.book, row, team=handoff.team, priority=handoff.priority),
            known(row.stopped_at),
        )
        for row in before
    )


def _note_breach(tx: Connection, ctx: Context, clock: SlaClock, cause: Cause) -> None:
    history.record(
        tx,
        ctx.stamp.by(BATON),
        EventKind.CLOCK_BREACHED,
        lead_id=clock.lead_id,
        handoff_id=clock.handoff_id,
        detail={
            "clock": clock.kind,
            "owner": clock.owner,
            "due_at": clock.due_at.isoformat(),
            "cause": cause,
        },
    )


def answered_by_coming(tx: Connection, ctx: Context, rejected: Handoff | None, again_id: int | None) -> None:
    """Meet marketing's clock of an earlier handoff, if it runs, and let its notice say what became of it."""
    if rejected is None or rejected.state != HandoffState.REJECTED:
        return
    if not meet_clock(tx, ctx, rejected, ClockKind.ANSWER):
        return
    answer: DisputeValues = {"handoff_id": rejected.id, "answer": Answer.RESUBMITTED, "again_id": again_id}
    disputes.add(tx, {**answer, "by": ctx.actor, "at": ctx.now})
    _refresh_notices(tx, ctx, rejected.id)


def stop_answer(tx: Connection, ctx: Context, rejected: Handoff) -> None:
    """End marketing's clock without its being met: nobody answered, and the lead is with sales again."""
    clock = clocks.running_of_kind(tx, rejected.id, ClockKind.ANSWER)
    if clock is not None:
        clocks.stop(tx, clock.id, at=ctx.now)
        _refresh_notices(tx, ctx, rejected.id)


def _refresh_notices(tx: Connection, ctx: Context, handoff_id: int) -> None:
    for message in caused.about(tx, handoff_id, DeliveryKind.REJECTION):
        posts.rewrite(tx, ctx.stamp, message, rank=Rank.CLICK)
    refresh_reminders(tx, ctx, handoff_id)
