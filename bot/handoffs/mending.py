"""A rejected lead that comes to sales again because its record was put right: that answers the rejection."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs import settling
from storage import disputes
from storage.database.sql import Record
from storage.models import Answer, ClockKind, DeliveryKind, HandoffState
from storage.outbox import caused, posts
from storage.outbox.posts import Rank


def answered_by_coming(tx: Connection, ctx: Context, rejected: Record | None, again_id: int) -> None:
    """Meet marketing's clock of an earlier handoff, if it runs, and let its notice say what became of it."""
    if rejected is None or rejected.state != HandoffState.REJECTED:
        return
    if not settling.meet_clock(tx, ctx, rejected, ClockKind.ANSWER):
        return
    values = {"by": ctx.actor, "at": ctx.now, "again_id": again_id}
    disputes.add(tx, {"handoff_id": rejected.id, "answer": Answer.RESUBMITTED, **values})
    for message in caused.about(tx, rejected.id, DeliveryKind.REJECTION):
        posts.rewrite(tx, message, rank=Rank.CLICK, now=ctx.wire, trace=ctx.trace)
    settling.settle(tx, ctx, rejected.id)
