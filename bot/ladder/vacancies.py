"""Leads that anybody of a pool may take while nobody of it can: who decides hears of it as it comes to that.

The team is called as soon as somebody is able again, with a fresh clock. That nobody can is what such a
handoff says in `owner_why`, as one does that Baton finds no owner for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.model import Agreement, Team
from bot.agreement.vocabulary import Assign
from bot.context import Context
from bot.ladder import nagging
from bot.ladder.release import start_for_all
from bot.ladder.roster import facts_of, has_room, needed
from bot.ladder.round import Round
from bot.rules.candidates import candidates_of
from bot.rules.vacancy import Vacancy, vacancy_of
from storage import clocks, handoffs
from storage.models import NagKind, SlaClock
from storage.outbox import nags, posts
from storage.outbox.posts import Rank

AT_ONCE = 50


def look_for_nobody(tx: Connection, ctx: Context) -> None:
    """Tell whoever decides of leads that wait in a pool in which nobody can take them now."""
    for team in _pools(ctx):
        ids = handoffs.waiting_for_anybody(tx, team.name, AT_ONCE)
        if ids:
            tell_if_nobody_can(tx, ctx, team, ids)


def tell_if_nobody_can(tx: Connection, ctx: Context, team: Team, ids: Sequence[int]) -> None:
    """Ask whoever decides to choose for these leads of a pool, if nobody in it can take one."""
    if has_room(tx, team, ctx.now):
        return
    found = vacancy_in(tx, ctx.book.current, team, ctx.now)
    rows = clocks.to_accept(tx, ids) if found is not None else ()
    if found is None or not rows:
        return
    pass_ = Round(tx, ctx, rows)
    for row in rows:
        if (handoff := pass_.handoffs.get(row.handoff_id)) is not None:
            handoffs.change(tx, handoff.id, {"owner_why": found.why})
            nagging.tell_manager(pass_, row, handoff, nagging.NO_STEP, NagKind.CHOOSE, why=found.why)
    _show(pass_)
    nagging.write(pass_)


def vacancy_in(tx: Connection, agreement: Agreement, team: Team, now: datetime) -> Vacancy | None:
    """Whether nobody in the team can take one more lead at `now`, whatever its priority, and why."""
    need = needed(agreement, team, agreement.priorities[-1].name, now)
    candidates = candidates_of(agreement, team, need, facts_of(tx, agreement, team, now))
    return vacancy_of(agreement, team, candidates, now)


def find_takers(tx: Connection, ctx: Context) -> int:
    """Call the team to the leads of pools that nobody could take, where somebody can now; gives how many."""
    pools = {team.name: team for team in _pools(ctx)}
    count = 0
    for name in sorted(handoffs.teams_with_nobody(tx) & pools.keys()):
        if vacancy_in(tx, ctx.book.current, pools[name], ctx.now) is None:
            rows = clocks.to_accept(tx, handoffs.nobody_could_take(tx, name, AT_ONCE))
            count += len(rows)
            _open(tx, ctx, pools[name], rows)
    return count


def _open(tx: Connection, ctx: Context, team: Team, rows: Sequence[SlaClock]) -> None:
    pass_ = Round(tx, ctx, rows)
    for row in rows:
        handoff = pass_.handoffs.get(row.handoff_id)
        if handoff is None:
            continue
        clocks.stop(tx, row.id, at=ctx.now)
        handoffs.change(tx, handoff.id, {"owner_why": None})
        start_for_all(pass_, row, handoff, team)
        nagging.open_to_all(pass_, row, handoff, nagging.NO_STEP)
    clocks.start_all(tx, pass_.started)
    _show(pass_)
    nagging.write(pass_)


def _show(pass_: Round) -> None:
    """Let the cards, and what was said of these leads before, show how things are."""
    shown = {each.card_id for each in pass_.handoffs.values() if each.card_id is not None}
    shown |= {row.id for row in nags.messages_about(pass_.tx, pass_.handoffs)}
    posts.rewrite_all(pass_.tx, pass_.stamp, shown, rank=Rank.FIRST)


def _pools(ctx: Context) -> Sequence[Team]:
    return [team for team in ctx.book.current.teams if team.assign is Assign.POOL]
