"""Leads that nobody could take: each goes to somebody by the first tick at which anybody is able to.

Nothing has to be told for that: whoever is back, has room again or joined the team is seen by looking, and
looking costs next to nothing while no lead is without an owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Agreement, Rep, Team
from bot.agreement.vocabulary import Assign
from bot.context import Context
from bot.ladder import nagging, reassigning
from bot.ladder.roster import AbleNow, facts_of
from bot.ladder.round import Passing, Round
from bot.rules import routing
from bot.rules.candidates import Candidate, Facts, Need, counted_from
from bot.rules.qualification import rank_of
from bot.rules.rotation import RotationState
from storage import clocks, handoffs, history
from storage.clocks import ClockChange, Standing
from storage.models import NagKind, SlaClock

_LABEL = "the first who can take it"


def find_owners(tx: Connection, ctx: Context, limit: int, able: AbleNow) -> int:
    """Give up to `limit` of these leads to whoever is able now, the most urgent first; gives how many."""
    rows = clocks.ownerless(tx, _with_somebody_able(tx, ctx, able), limit)
    if not rows:
        return 0
    pass_ = Round(tx, ctx, rows)
    found = [(row, pass_.handoffs[row.handoff_id]) for row in rows if row.handoff_id in pass_.handoffs]
    found.sort(key=lambda one: rank_of(pass_.current, one[1].priority))
    pass_.passings += [_passing(row, handoff) for row, handoff in found]
    reassigning.pass_on_each(pass_, _choose, companies=True)
    clocks.change_all(tx, [each.change for each in pass_.passings if each.user])
    reassigning.write(pass_, first=True)
    history.record_all(tx, pass_.events)
    nagging.write(pass_)
    able.forget()
    return sum(each.user is not None for each in pass_.passings)


def _with_somebody_able(tx: Connection, ctx: Context, able: AbleNow) -> set[str]:
    """The teams that take turns, have such leads, and have somebody who could take one."""
    agreement = ctx.book.current
    waiting = handoffs.teams_with_ownerless(tx) & _rotating(agreement)
    teams = [team for team in agreement.teams if team.name in waiting]
    return {team.name for team in teams if able.in_(team)}


def next_able(tx: Connection, book: AgreementBook, now: datetime) -> datetime | None:
    """The next moment at which somebody may be able who is not now, because of the time alone.

    An absence ends, or a day or a week begins that a cap counts anew. None while no lead waits for that.
    """
    agreement = book.current
    rotating = _rotating(agreement)
    names = handoffs.teams_with_ownerless(tx) & rotating | handoffs.teams_with_nobody(tx) - rotating
    names |= clocks.teams_of_stayed(tx)
    found = [
        moment
        for team in agreement.teams
        if team.name in names
        for moment in _moments(agreement, team, facts_of(tx, agreement, team, now), now)
    ]
    return min(found, default=None)


def _moments(agreement: Agreement, team: Team, facts: dict[str, Facts], now: datetime) -> Sequence[datetime]:
    ends = [span.ends for each in facts.values() for span in each.absences]
    fresh = [moment for rep in team.reps for moment in _counted_anew(agreement, team, rep, now)]
    return [moment for moment in (*ends, *fresh) if moment is not None and moment > now]


def _counted_anew(agreement: Agreement, team: Team, rep: Rep, now: datetime) -> Sequence[datetime]:
    """The coming midnight where the rep is, for one who has a cap; Monday's is one of them."""
    if rep.per_day is None and rep.per_week is None:
        return ()
    today, _ = counted_from(now, agreement.timezone_of(team, rep))
    return (counted_from(today + timedelta(hours=36), agreement.timezone_of(team, rep))[0],)


def _rotating(agreement: Agreement) -> set[str]:
    return {team.name for team in agreement.teams if team.assign is Assign.ROTATE}


def _passing(row: SlaClock, handoff: Standing) -> Passing:
    change: ClockChange = {
        "clock": row.id,
        "next_at": row.next_at,
        "next_step": row.next_step,
        "breached_at": row.breached_at,
        "cause": row.cause,
        "stopped_at": None,
    }
    return Passing(row, handoff, nagging.NO_STEP, change, _LABEL, NagKind.ABLE)


def _choose(
    pass_: Round, each: Passing, team: Team, need: Need, candidates: list[Candidate], turns: RotationState
) -> routing.Choice:
    company = each.lead.company if each.lead is not None else None
    return routing.choose(pass_.current, team, candidates, turns, company=company, need=need)
