"""The tick: every clock that is due is looked at, and each rung that it has reached is taken.

One transaction claims some clocks and writes all that follows from them: their next moment, the history, the
messages. How the rungs work stands beside this file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.agreement.vocabulary import Verb
from bot.context import Context
from bot.ladder import nagging, ownerless, reassigning, release, stayed, vacancies
from bot.ladder.clock_rows import clock_of
from bot.ladder.roster import AbleNow
from bot.ladder.round import Round
from bot.rules import sla
from bot.rules.rungs import Follows, Reached, follows
from storage import clocks, history, leads
from storage.clocks import ClockChange, Standing
from storage.models import Cause, ClockKind, DeliveryState, EventKind, SlaClock, Stage
from storage.models.details import Detail
from storage.outbox import posts
from storage.outbox.posts import Rank

BATCH = {"sqlite": 250, "postgresql": 1000}
"""How many clocks one transaction looks at: so few that no click waits long for SQLite's one writer, or on
PostgreSQL for a handoff that is being looked at."""

WAIT_FOR_CARD = timedelta(seconds=30)
WAIT_AFTER_FAULT = timedelta(minutes=1)

_log = logging.getLogger("baton.ladder")


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a look at the clocks came to. `more`: others may be due still."""

    looked_at: int
    more: bool


def tick(tx: Connection, ctx: Context, limit: int | None = None) -> Ticked:
    """Look at up to `limit` clocks that are due, by default `BATCH`, and take every rung that is due."""
    limit = limit or BATCH[tx.dialect.name]
    waits, due = clocks.to_do(tx, ctx.now)
    if waits:
        _find_owners(tx, ctx, limit)
    rows = clocks.claim_due(tx, ctx.now, limit) if due else ()
    if not rows:
        return Ticked(0, False)
    pass_ = Round(tx, ctx, rows, full=len(rows) == limit)
    for row in rows:
        if (
            handoff := pass_.handoffs.get(row.handoff_id)
        ) is not None:  # else somebody is deciding it just now
            _look_at(pass_, row, handoff)
    reassigning.choose_all(pass_)
    _write(pass_)
    return Ticked(len(rows), pass_.full)


def _find_owners(tx: Connection, ctx: Context, limit: int) -> None:
    try:
        with tx.begin_nested():
            able = AbleNow(tx, ctx.book.current, ctx.now)
            ownerless.find_owners(tx, ctx, limit, able)
            vacancies.find_takers(tx, ctx)
            stayed.pass_on_stayed(tx, ctx, limit, able)
    except DBAPIError:
        raise
    except Exception:  # the clocks must not wait for it
        _log.exception("leads without an owner cannot be looked at")


def _look_at(pass_: Round, row: SlaClock, handoff: Standing) -> None:
    if row.kind == ClockKind.ACCEPT and not _is_shown(handoff):
        wait = min((pass_.ctx.now - row.started_at) / 4, WAIT_FOR_CARD)
        pass_.postponed.setdefault(pass_.ctx.now + wait, []).append(row.id)
        return
    try:
        due = sla.due_steps(clock_of(row), pass_.course(row, handoff), pass_.ctx.now)
    except Exception:  # one clock that cannot be reckoned with must not hold up all others
        _log.exception("clock %d of handoff %d cannot be looked at", row.id, handoff.id)
        pass_.postponed.setdefault(pass_.ctx.now + WAIT_AFTER_FAULT, []).append(row.id)
        return
    change: ClockChange = {
        "clock": row.id,
        "next_at": due.clock.next_at,
        "next_step": due.clock.next_step,
        "breached_at": due.clock.breached_at,
        "cause": row.cause,
        "stopped_at": None,
    }
    if due.breached:
        change["cause"] = cause = _cause(pass_, row, handoff)
        detail: Detail = {
            "clock": row.kind,
            "owner": row.owner,
            "due_at": row.due_at.isoformat(),
            "cause": cause,
        }
        pass_.note(EventKind.CLOCK_BREACHED, handoff, detail)
    if (due.breached or due.amber or due.woken) and handoff.card_id is not None:
        pass_.recoloured.add(handoff.card_id)
    for moment in sla.to_take(due.moments):
        found = follows(moment.do, _reached(pass_, row, handoff))
        VERB_HANDLERS[moment.do](pass_, row, handoff, moment, change, found)
    pass_.changes.append(change)


def _is_shown(handoff: Standing) -> bool:
    """Whether Slack has shown the lead. A card that was refused for what it says is not waited for."""
    if handoff.card_state in (None, DeliveryState.PARKED, DeliveryState.DROPPED) or handoff.card_reposts:
        return True
    return bool(handoff.card_ts or handoff.list_ts)


def _cause(pass_: Round, row: SlaClock, handoff: Standing) -> Cause:
    team = pass_.team(handoff)
    if row.owner is not None:
        able = not (pass_.has_left(row.owner) or pass_.is_away(row.owner))
    else:
        able = team is not None and reassigning.is_anybody_able(pass_, team, handoff)
    return sla.cause(row.kind, row.due_at, gaps=pass_.gaps, had_eligible_rep=able)


def _reached(pass_: Round, row: SlaClock, handoff: Standing) -> Reached:
    def stage() -> Stage | None:
        lead = leads.get(pass_.tx, handoff.lead_id)
        return lead.stage if lead is not None else None

    return Reached(
        now=pass_.ctx.now,
        kind=row.kind,
        owner=row.owner,
        state=handoff.state,
        pooled=handoff.pooled_at is not None,
        team_stands=pass_.team(handoff) is not None,
        agreement=pass_.agreement(row),
        stage=stage,
        is_gone=lambda user: pass_.has_left(user) or pass_.is_away(user),
        marketing_hears=lambda: bool(pass_.answerers(handoff)),
    )


_Do = Callable[[Round, SlaClock, Standing, sla.Moment, ClockChange, Follows], None]
VERB_HANDLERS: Mapping[Verb, _Do] = {
    Verb.NUDGE: nagging.nudge,
    Verb.NOTIFY_MANAGER: nagging.notify_manager,
    Verb.NOTIFY_CHANNEL: nagging.notify_channel,
    Verb.REASSIGN: reassigning.reassign,
    Verb.POOL: release.pool,
    Verb.MARKETING: release.marketing,
}
"""How that is written and said what follows of a rung (bot/rules/rungs.py). Where Baton cannot act by itself
the manager is told."""


def _write(pass_: Round) -> None:
    tx = pass_.tx
    for until, postponed in pass_.postponed.items():
        clocks.postpone(tx, postponed, until)
    clocks.change_all(tx, pass_.changes)
    reassigning.write(pass_)
    history.record_all(tx, pass_.events)
    nagging.write(pass_)
    posts.rewrite_all(tx, pass_.stamp, pass_.recoloured, rank=Rank.COLOUR)
