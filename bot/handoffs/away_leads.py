"""The open leads of somebody who is away: those that were chosen go to colleagues, and can be had back.

To whom each goes is decided by the rules that every lead goes by. Where nobody can take one it stays, and the
manager is asked to choose.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import AlreadyDecided, NotPossible, Obstacle
from bot.handoffs import hand_off, posts
from bot.handoffs.assignment import choose
from bot.handoffs.reassign import give
from bot.handoffs.shared import Decided, before, record_and_announce, require_locked
from bot.ladder.nagging import Given, tell_given
from bot.lookups.away import is_untouched, untouched_of, words_of
from bot.lookups.history import BEFORE
from bot.rules.absence import absence_at
from bot.rules.roles import require_absence
from bot.rules.spans import Span
from bot.views.away import HandedOn
from storage import absences, boards, clocks, handoffs, leads
from storage.handoffs import LockedHandoff
from storage.models import OPEN_HANDOFF, Absence, EventKind, HandoffState
from storage.models.details import Detail

AT_ONCE = 25
"""Leads in one transaction: all of them fit into the three seconds that Slack waits for an answer."""


@dataclass(frozen=True, slots=True)
class HandOn:
    """These open leads of somebody who is away go to colleagues.

    `beyond`: so do all that nobody has contacted, except these.
    """

    user: str
    handoffs: tuple[int, ...]
    beyond: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reclaim:
    """The context's actor, who was away, has a lead again that went to a colleague."""

    handoff_id: int


def hand_on(tx: Connection, ctx: Context, command: HandOn) -> HandedOn:
    """Give the first of these leads to colleagues, and tell each of them in one message.

    Raises NotPossible for who is no rep or is not away, or NotAllowed.
    """
    require_absence(ctx.book, ctx.actor, command.user)
    absence = _present(tx, ctx, command.user)
    wanted = list(dict.fromkeys(command.handoffs))
    if command.beyond is not None:
        rest = (row.handoff_id for row in untouched_of(tx, command.user))
        wanted += [each for each in rest if each not in {*wanted, *command.beyond}]
    why = f"away {words_of(tx, ctx.book, command.user, Span(absence.begins, absence.ends), ctx.now)}"
    done = HandedOn({})
    given: list[Given] = []
    for handoff_id in wanted[:AT_ONCE]:
        found = handoffs.lock(tx, handoff_id)
        if found is None or found.state not in OPEN_HANDOFF or found.owner != command.user:
            done = replace(done, gone=done.gone + 1)
        elif (user := _pass_on(tx, ctx, found, why)) is None:
            done = replace(done, stuck=done.stuck + 1)
        else:
            given.append(Given(handoff_id, user, why))
    tell_given(tx, ctx, given, more=len(wanted) > AT_ONCE)
    known = {*absence.handed_on, *(each.handoff_id for each in given)}
    absences.change(tx, absence.id, {"handed_on": sorted(known)})
    posts.refresh_absence(tx, ctx, command.user)
    to = dict(Counter(each.user for each in given))
    return replace(done, to=to, left=tuple(wanted[AT_ONCE:]))


def _present(tx: Connection, ctx: Context, user: str) -> Absence:
    rows = absences.ahead(tx, [user], ctx.now).get(user, ())
    if absence_at([Span(row.begins, row.ends) for row in rows], ctx.now) is None:
        raise NotPossible(Obstacle.NOT_AWAY, by=user)
    return rows[0]


def _pass_on(tx: Connection, ctx: Context, found: LockedHandoff, why: str) -> str | None:
    """Give a held lead of somebody who is away to a colleague; None where nobody can take it."""
    lead, team, away = leads.get(tx, found.lead_id), ctx.book.current.team(found.team), found.owner
    given = choose(tx, ctx, team, lead, found.priority, handoff_id=found.id) if team and lead else None
    if team is None or given is None or given.user is None or given.user == away:
        _leave(tx, ctx, found, given.why if given is not None and given.user is None else None)
        return None
    detail: Detail = {"owner": given.user, "from": away, "away": why, "why": given.why}
    detail[BEFORE] = {**before(tx, found), "choice": found.choice}
    give(tx, ctx, found, given.user, team)
    handoffs.change(tx, found.id, hand_off.columns_of_choice(ctx, given))
    record_and_announce(tx, ctx, found, EventKind.REASSIGNED, detail)
    return given.user


def _leave(tx: Connection, ctx: Context, found: LockedHandoff, why: str | None) -> None:
    """It stays with whoever is away; one that nobody has accepted goes back to the queue. `why`: what keeps
    all others, in words."""
    if found.state == HandoffState.WAITING:
        handoffs.change(tx, found.id, {"owner": None, "owner_why": why, "given_at": None})
        for clock in clocks.running(tx, found.id):
            clocks.change(tx, clock.id, {"owner": None})
        posts.refresh_card(tx, ctx, found.card_id)
    hand_off.tell_nobody_can(tx, ctx, found.id, why)


def reclaim(tx: Connection, ctx: Context, command: Reclaim) -> Decided:
    """Give the lead back to the context's actor, from whom it went because they were away.

    Raises HandoffNotFound, NotPossible for a lead that did not go so or was contacted since, or
    AlreadyDecided.
    """
    found = require_locked(tx, command.handoff_id)
    if found.owner == ctx.actor:
        return Decided(found.id, found.lead_id, again=True)
    if found.state not in OPEN_HANDOFF:
        raise AlreadyDecided(found.state, found.rejected_by, found.closed_at)
    last = absences.last_begun(tx, ctx.actor, ctx.now)
    rows = boards.these_open(tx, [found.id])
    if last is None or found.id not in last.handed_on or not all(is_untouched(row) for row in rows):
        raise NotPossible(Obstacle.MOVED_ON)
    detail: Detail = {
        "owner": ctx.actor,
        "from": found.owner,
        "why": "back from an absence",
        BEFORE: before(tx, found),
    }
    give(tx, ctx, found, ctx.actor, ctx.book.current.team(found.team))
    record_and_announce(tx, ctx, found, EventKind.REASSIGNED, detail)
    return Decided(found.id, found.lead_id)


def reclaim_all(tx: Connection, ctx: Context, absence_id: int) -> int:
    """Give back every lead that went because of this absence and nobody has contacted; gives how many.

    Raises NotPossible for an absence that is not the context's actor's.
    """
    absence = absences.get(tx, absence_id)
    if absence is None or absence.user_id != ctx.actor:
        raise NotPossible(Obstacle.ABSENCE_OVER)
    rows = [row for row in boards.these_open(tx, absence.handed_on) if is_untouched(row)]
    mine = [row.handoff_id for row in rows if row.handoff_owner != ctx.actor]
    for handoff_id in mine[:AT_ONCE]:
        reclaim(tx, ctx, Reclaim(handoff_id))
    return len(mine[:AT_ONCE])
