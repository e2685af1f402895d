"""A lead heats up while sales has it: its priority, its clock and whoever should act follow at once.

What becomes of it is decided in bot/rules/heat.py; here it is carried out.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs import hand_off, posts
from bot.handoffs.shared import announce_to_thread
from bot.ladder.nagging import tell_raised
from bot.rules.heat import Heat, Held, Tell, heat
from bot.rules.qualification import Judgement, rank_of
from storage import clocks, handoffs, history
from storage.models import ClockKind, EventKind, Handoff, HandoffState, SlaClock
from storage.models.details import Detail
from storage.models.values import HandoffValues

_CLOCKS = {HandoffState.WAITING: ClockKind.ACCEPT, HandoffState.ACCEPTED: ClockKind.FIRST_TOUCH}


def held_of(tx: Connection, ctx: Context, handoff: Handoff) -> tuple[Held, SlaClock | None]:
    """An open handoff as the rules of heat take it, and the clock that may be renewed."""
    clock = clocks.running_of_kind(tx, handoff.id, _CLOCKS[handoff.state])
    team = ctx.book.current.team(handoff.team)
    rep = team.rep(handoff.owner) if team is not None and handoff.owner else None
    due_at = clock.due_at if clock is not None else None
    present = clock.present if clock is not None else None
    return Held(handoff.state, handoff.grade, handoff.priority, team, rep, due_at, present), clock


def heat_up(tx: Connection, ctx: Context, handoff: Handoff, judged: Judgement, *, hand: bool) -> Heat:
    """Let an open handoff take a better grade and priority, with all that follows. Gives what became of it.

    `hand`: a hand was raised just now.
    """
    held, clock = held_of(tx, ctx, handoff)
    hotter = heat(ctx.book.current, held, judged, ctx.now, hand=hand)
    changed: HandoffValues = {"grade": hotter.grade, "priority": hotter.priority}
    if hotter.raised:
        changed |= {"raised_at": ctx.now, "raised_why": hotter.says}
    if (hotter.grade, hotter.priority) != (handoff.grade, handoff.priority) or hotter.raised:
        handoffs.change(tx, handoff.id, changed)
    if hotter.raised:
        _carry_out(tx, ctx, handoff, hotter, clock)
    return hotter


def _carry_out(tx: Connection, ctx: Context, handoff: Handoff, hotter: Heat, clock: SlaClock | None) -> None:
    if hotter.clock is not None and clock is not None:
        clocks.stop(tx, clock.id, at=ctx.now)
        hand_off.write_clock(
            tx,
            ctx,
            hotter.clock,
            clock.kind,
            handoff.id,
            handoff.lead_id,
            owner=clock.owner,
            present=clock.present,
        )
    detail: Detail = {
        "priority": hotter.priority,
        "from": handoff.priority,
        "grade": hotter.grade,
        "why": hotter.says,
    }
    history.record(
        tx, ctx.stamp, EventKind.RAISED, lead_id=handoff.lead_id, handoff_id=handoff.id, detail=detail
    )
    rank = rank_of(ctx.book.current, hotter.priority)
    posts.refresh_card(tx, ctx, handoff.card_id, rank=rank)
    announce_to_thread(tx, ctx, handoff.id, EventKind.RAISED, detail)
    if hotter.tell is not Tell.NOBODY:
        running = clocks.running(tx, handoff.id)
        if running:
            tell_raised(tx, ctx, running[0])
