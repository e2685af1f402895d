"""Late leads that stayed where they are, because nobody could have them next: they go on once somebody can.

As for leads without an owner, nothing has to be told for that: who comes to work, is back or has room is seen
by looking.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.context import Context
from bot.ladder import nagging, reassigning
from bot.ladder.roster import AbleNow
from bot.ladder.round import Passing, Round
from bot.rules.worktime import hours_for
from storage import clocks, history
from storage.clocks import ClockChange, Standing
from storage.models import SlaClock


def pass_on_stayed(tx: Connection, ctx: Context, limit: int, able: AbleNow) -> int:
    """Let up to `limit` of these leads go to whoever can have them now; gives how many went."""
    at_work = _at_work(tx, ctx, able)
    rows = clocks.stayed(tx, at_work, ctx.now, limit)
    if not rows:
        return 0
    pass_ = Round(tx, ctx, rows)
    had = clocks.holders(tx, pass_.handoffs)
    for row in rows:
        handoff = pass_.handoffs.get(row.handoff_id)
        if handoff is not None and at_work[handoff.team] - had[handoff.id]:
            pass_.passings.append(_passing(row, handoff))
    reassigning.pass_on_each(pass_, reassigning.choose_next)
    went = [each.change for each in pass_.passings if each.user]
    if went:
        clocks.change_all(tx, went)
        reassigning.write(pass_)
        history.record_all(tx, pass_.events)
        nagging.write(pass_)
    return len(went)


def next_opening(tx: Connection, book: AgreementBook, now: datetime) -> datetime | None:
    """The next moment at which somebody comes to work in a team with such a lead; None without one."""
    agreement = book.current
    names = clocks.teams_of_stayed(tx)
    reps = [(team, rep) for team in agreement.teams if team.name in names for rep in team.reps]
    hours = {hours_for(agreement, team, rep) for team, rep in reps}
    return min((each.opens_next(now) for each in hours if not each.is_open(now)), default=None)


def _at_work(tx: Connection, ctx: Context, able: AbleNow) -> dict[str, set[str]]:
    """Who is at work and able, in each team with such leads in which somebody is."""
    agreement, names = ctx.book.current, clocks.teams_of_stayed(tx)
    teams = [team for team in agreement.teams if team.name in names]
    there = {team.name: {each.user for each in able.in_(team) if each.on_shift} for team in teams}
    return {name: found for name, found in there.items() if found}


def _passing(row: SlaClock, handoff: Standing) -> Passing:
    change: ClockChange = {
        "clock": row.id,
        "next_at": row.next_at,
        "next_step": row.next_step,
        "breached_at": row.breached_at,
        "cause": row.cause,
        "stopped_at": None,
    }
    return Passing(row, handoff, nagging.NO_STEP, change, reassigning.LATE_WORDS[row.kind])
