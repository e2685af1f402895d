"""Leads that qualify and matched no team are tried again: the agreement may have a team for them by now."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs import hand_off
from bot.handoffs.intake import facts_of
from bot.rules import routing
from bot.rules.lifecycle import LEGAL, Move
from bot.rules.qualification import judge
from storage import leads
from storage.models import Stage

AT_ONCE = 50


def route_held(tx: Connection, ctx: Context, after: int) -> int | None:
    """Hand off those of the next held leads that a team matches now.

    `after` is the id of the lead to go on after, at first 0; gives the next such id, None at the end.
    """
    held = leads.held(tx, after, AT_ONCE)
    for lead in held:
        facts = facts_of(lead._asdict())
        may_go = (Stage(lead.stage), Move.QUALIFY) in LEGAL and lead.merged_into is None
        if may_go and routing.team_for(ctx.book.current, facts) is not None:
            judged = judge(ctx.book.current, facts, leads.activities_of(tx, lead.id), ctx.now)
            hand_off.hand_off(tx, ctx, lead, facts, judged)
    return held[-1].id if len(held) == AT_ONCE else None
