"""A lead that sales had turned down or put to rest comes to sales again, as a new handoff that says why."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.context import BATON, Context
from bot.errors import NotPossible, Obstacle
from bot.handoffs import hand_off
from bot.handoffs.hand_off import Again, who_knows
from bot.lookups.judgement import facts_about, judgement_of
from bot.rules import routing
from bot.rules.lifecycle import LEGAL, Move
from storage import handoffs, history, leads
from storage.handoffs import LockedHandoff
from storage.models import EventKind, Handoff


def is_present(tx: Connection, found: LockedHandoff) -> bool:
    """Whether a rejected handoff is still the last word on its lead."""
    newest = handoffs.latest_of_lead(tx, found.lead_id)
    resting = (found.lead_stage, Move.REINSTATE) in LEGAL and found.lead_merged_into is None
    return resting and newest is not None and bool(newest.id == found.id)


def require_present(tx: Connection, found: LockedHandoff) -> None:
    """Let pass what `is_present`. Raises NotPossible for a lead that has gone on since."""
    if not is_present(tx, found):
        raise NotPossible(Obstacle.MOVED_ON)


def hand_off_again(tx: Connection, ctx: Context, found: LockedHandoff, again: Again) -> int:
    """Hand the lead of a held handoff to sales whatever its grade, and give the new handoff's id.

    Raises NotPossible where no team matches it.
    """
    leads.change(tx, found.lead_id, {"closed_at": None, "updated_at": ctx.now})
    handoff_id = _hand_off(tx, ctx, found.lead_id, Move.REINSTATE, again)
    if handoff_id is None:
        raise NotPossible(Obstacle.NO_TEAM)
    return handoff_id


def return_due(tx: Connection, ctx: Context, limit: int = 100) -> int:
    """Hand off the recycled leads whose day has come, up to `limit`, the longest due first; gives how many.

    One that no team matches is held like every other, and its day is over.
    """
    due = leads.due_back(tx, ctx.now, limit)
    for lead_id in due:
        history.record(tx, ctx.stamp.by(BATON), EventKind.RETURNED, lead_id=lead_id)
        leads.change(tx, lead_id, {"recycled_until": None, "updated_at": ctx.now})
        last = handoffs.latest_of_lead(tx, lead_id)
        words = f"Back from nurture, as agreed {_since(last)}"
        _hand_off(tx, ctx, lead_id, Move.QUALIFY, Again(words, knows=who_knows(last)))
    return len(due)


def _since(last: Handoff | None) -> str:
    moment = last.closed_at if last is not None else None
    return f"on {moment:%d %b %Y}" if moment else "before"


def _hand_off(tx: Connection, ctx: Context, lead_id: int, move: Move, again: Again) -> int | None:
    lead = leads.get(tx, lead_id)
    if lead is None:
        return None
    judged = judgement_of(tx, ctx.book.current, lead, ctx.now)
    return hand_off.hand_off(tx, ctx, lead, facts_about(lead), judged, move=move, again=again)


AT_ONCE = 50


def route_unrouted(tx: Connection, ctx: Context, after: int) -> int | None:
    """Hand off those of the next held leads that a team matches now.

    `after` is the id of the lead to go on after, at first 0; gives the next such id, None at the end.
    """
    unrouted = leads.unrouted_after(tx, after, AT_ONCE)
    for lead in unrouted:
        facts = facts_about(lead)
        may_go = (lead.stage, Move.QUALIFY) in LEGAL and lead.merged_into is None
        if may_go and routing.team_for(ctx.book.current, facts) is not None:
            judged = judgement_of(tx, ctx.book.current, lead, ctx.now)
            hand_off.hand_off(tx, ctx, lead, facts, judged)
    return unrouted[-1].id if len(unrouted) == AT_ONCE else None
