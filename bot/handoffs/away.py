"""The open leads of somebody who is away go to their colleagues, by the rules that every lead goes by.

Where nobody can take one it stays, and the manager is asked to choose.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs import hand_off, posts
from bot.handoffs.reassign import give
from bot.handoffs.shared import BEFORE, before, tell
from bot.ladder.nagging import GIVEN, tell_one
from storage import boards, handoffs, leads
from storage.database.sql import Record
from storage.models import HandoffState

AT_ONCE = 25
"""Leads in one transaction: all of them fit into the three seconds that Slack waits for an answer."""


@dataclass(frozen=True, slots=True)
class HandedOn:
    """How many went to somebody else, and for how many nobody was found.

    `last` is the handoff to go on after, None when all were looked at.
    """

    passed: int
    stuck: int
    last: int | None


def hand_on(tx: Connection, ctx: Context, after: int) -> HandedOn:
    """Hand on the next open leads of the context's actor, who is marked as away already."""
    ids = boards.open_handoffs_of(tx, ctx.actor, after=after, limit=AT_ONCE)
    passed = sum(_pass_on(tx, ctx, each) for each in ids)
    return HandedOn(passed, len(ids) - passed, ids[-1] if len(ids) == AT_ONCE else None)


def _pass_on(tx: Connection, ctx: Context, handoff_id: int) -> bool:
    found = handoffs.lock(tx, handoff_id)
    lead = leads.get(tx, found.lead_id) if found is not None else None
    if found is None or lead is None:
        return False
    team = ctx.book.current.team(found.team)
    choice = hand_off.choose(tx, ctx, ctx.book.current, team, lead) if team is not None else None
    if team is None or choice is None or choice.user is None:
        _leave(tx, ctx, found)
        return False
    detail = {
        **{"owner": choice.user, "from": ctx.actor, "label": f"Away: {choice.why}", "why": choice.why},
        BEFORE: before(tx, found),
    }
    clock = give(tx, ctx, found, choice.user, team)
    handoffs.change(tx, found.id, {"owner_why": choice.why})
    tell(tx, ctx, found, "lead.reassigned", detail)
    if clock is not None:
        tell_one(tx, ctx, clock, GIVEN, choice.user)
    return True


def _leave(tx: Connection, ctx: Context, found: Record) -> None:
    """It stays with whoever is away; one that nobody has accepted goes back to the queue."""
    if found.state == HandoffState.WAITING:
        handoffs.change(tx, found.id, {"owner": None, "owner_why": None})
        for clock in handoffs.running_clocks(tx, found.id):
            handoffs.change_clock(tx, clock.id, {"owner": None})
        posts.refresh_card(tx, ctx, found.card_id)
    hand_off.tell_nobody_can(tx, ctx, found.id)
