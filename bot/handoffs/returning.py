"""A lead that sales had turned down or put to rest comes to sales again, as a new handoff that says why."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.agreement.model import Team
from bot.context import BATON, Context
from bot.errors import NotPossible, Obstacle
from bot.handoffs import hand_off
from bot.rules import routing
from bot.rules.lifecycle import LEGAL, Move
from bot.rules.qualification import facts_of, judge
from storage import handoffs, history, leads
from storage.database.sql import columns_of
from storage.handoffs import LockedHandoff
from storage.models import EventKind


def is_present(tx: Connection, found: LockedHandoff) -> bool:
    """Whether a rejected handoff is still the last word on its lead."""
    newest = handoffs.latest_of_lead(tx, found.lead_id)
    resting = (found.lead_stage, Move.REINSTATE) in LEGAL and found.lead_merged_into is None
    return resting and newest is not None and bool(newest.id == found.id)


def require_present(tx: Connection, found: LockedHandoff) -> None:
    """Let pass what `is_present`. Raises NotPossible for a lead that has gone on since."""
    if not is_present(tx, found):
        raise NotPossible(Obstacle.MOVED_ON)


def hand_off_again(
    tx: Connection, ctx: Context, found: LockedHandoff, because: str, *, team: Team | None = None
) -> int:
    """Hand the lead of a held handoff to sales whatever its grade, and give the new handoff's id.

    Raises NotPossible where no team matches it.
    """
    leads.change(tx, found.lead_id, {"closed_at": None, "updated_at": ctx.now})
    handoff_id = _hand_off(tx, ctx, found.lead_id, because, Move.REINSTATE, team)
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
        _hand_off(tx, ctx, lead_id, f"Back from nurture, as agreed {_since(tx, lead_id)}", Move.QUALIFY, None)
    return len(due)


def _since(tx: Connection, lead_id: int) -> str:
    last = handoffs.latest_of_lead(tx, lead_id)
    moment = last.closed_at if last is not None else None
    return f"on {moment:%d %b %Y}" if moment else "before"


def _hand_off(
    tx: Connection, ctx: Context, lead_id: int, because: str, move: Move, team: Team | None
) -> int | None:
    lead = leads.get(tx, lead_id)
    if lead is None:
        return None
    facts = facts_of(columns_of(lead))
    judged = judge(ctx.book.current, facts, leads.activities_of(tx, lead_id), ctx.now)
    return hand_off.hand_off(tx, ctx, lead, facts, judged, because=because, move=move, team=team)


AT_ONCE = 50


def route_unrouted(tx: Connection, ctx: Context, after: int) -> int | None:
    """Hand off those of the next held leads that a team matches now.

    `after` is the id of the lead to go on after, at first 0; gives the next such id, None at the end.
    """
    unrouted = leads.unrouted_after(tx, after, AT_ONCE)
    for lead in unrouted:
        facts = facts_of(columns_of(lead))
        may_go = (lead.stage, Move.QUALIFY) in LEGAL and lead.merged_into is None
        if may_go and routing.team_for(ctx.book.current, facts) is not None:
            judged = judge(ctx.book.current, facts, leads.activities_of(tx, lead.id), ctx.now)
            hand_off.hand_off(tx, ctx, lead, facts, judged)
    return unrouted[-1].id if len(unrouted) == AT_ONCE else None
