"""Looks up what a reminder shows: its lines from the database, as the plain values of bot/views/states.py.

Which lines it has was settled when it was claimed; how each of them stands is read anew every time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Team
from bot.lookups.cards import clock_facts, lead_facts
from bot.lookups.shifts import on_shift
from bot.rules.presence import away_at
from bot.views.nags import NAG_WORDS
from bot.views.states import NagLine, NagState, Settled, SettledAs
from storage import clocks, leads, people
from storage.models import OPEN_HANDOFF, Cause, ClockKind, Delivery, HandoffState, NagKind, SlaClock
from storage.outbox import nags

MOST = 200
"""Lines that are looked up; no message could show more."""

URGENCY = tuple(NagKind)
_TO_WHOM_IT_CONCERNS = (NagKind.NUDGE, NagKind.RAISED, NagKind.POOLED)
"""What, in a channel, is said to whoever has the lead, or to those at work of its pool."""
MET_AS: Mapping[ClockKind, SettledAs] = {
    ClockKind.ACCEPT: SettledAs.ACCEPTED,
    ClockKind.FIRST_TOUCH: SettledAs.CONTACTED,
    ClockKind.OUTCOME: SettledAs.REPORTED,
    ClockKind.ANSWER: SettledAs.ANSWERED,
}


def nag_state(
    tx: Connection, book: AgreementBook, message: Delivery, now: datetime, *, posting: bool
) -> NagState | None:
    """What the reminder that this delivery posts has to say at `now`; None if nothing.

    `posting`: it has not gone out, so what is settled already is left out.
    """
    lines: dict[int, NagLine] = {}
    rows = nags.lines_of(tx, message.id)
    repeated = nags.repeated(tx, message)
    newest = {(row.handoff_id, row.what): row for row in rows}
    for row in sorted(newest.values(), key=lambda row: URGENCY.index(row.what)):
        if len(lines) < MOST and (line := _line(tx, book, row, message, now)) is not None:
            if line.settled is None and row.handoff_id in repeated:
                line = replace(line, settled=Settled(SettledAs.REPEATED), choices=())
            known = lines.get(row.handoff_id)
            if known is None or known.settled is not None or line.settled is None:
                lines[row.handoff_id] = line
    shown = [line for line in lines.values() if not (posting and line.settled)]
    if not shown:
        return None
    shown.sort(key=lambda line: (_rank(book, line), line.clock.due_at if line.clock else now))
    if message.place[0] in "UW":
        return NagState(tuple(shown))
    due = [line for line in shown if line.what in _TO_WHOM_IT_CONCERNS and line.settled is None]
    owners = dict.fromkeys(line.clock.owner for line in due if line.clock and line.clock.owner)
    pool = {line.team for line in due if line.clock and not line.clock.owner}
    clicked = {row.given_by for row in rows if row.what is NagKind.RAISED}
    called = (user for user in (*owners, *on_shift(tx, book, pool, now)) if user not in clicked)
    return NagState(tuple(shown), tuple(called))


def _line(
    tx: Connection, book: AgreementBook, row: nags.NagLine, message: Delivery, now: datetime
) -> NagLine | None:
    if row.what is NagKind.GIVEN:
        return _given(tx, book, row, message)
    clock: SlaClock = row
    if row.what in (
        NagKind.ASSIGNED,
        NagKind.ABLE,
    ):  # the line is about the clock before
        clock = nags.next_clock(tx, row, owner=message.place) or row
    elif row.what is NagKind.POOLED:
        clock = nags.renewed_clock(tx, row, ClockKind.ACCEPT, owner=None) or row
    elif clock.stopped_at is not None and not NAG_WORDS[row.what].to_manager:
        # Renewed: the lead heated up, or whoever has it was given more time.
        clock = nags.renewed_clock(tx, row, row.kind, owner=row.owner) or row
    lead = leads.get(tx, row.lead_id)
    if lead is None:
        return None
    settled = _settled(row, clock, now)
    return NagLine(
        handoff_id=row.handoff_id,
        lead=lead_facts(lead),
        what=row.what,
        team=row.team,
        priority=row.priority,
        clock=clock_facts(tx, book, clock, row.team, row.priority),
        settled=settled,
        excused=clock.cause == Cause.OUTAGE,
        choices=() if settled else _choices(tx, book.current.team(row.team), row, now),
        why=row.given_why,
    )


def _given(tx: Connection, book: AgreementBook, row: nags.NagLine, message: Delivery) -> NagLine | None:
    """A lead that somebody was given: theirs until it goes elsewhere or ends, whether a clock runs or not."""
    lead = leads.get(tx, row.lead_id)
    if lead is None:
        return None
    begun: SlaClock = row
    if row.stopped_at is not None:  # it went elsewhere and came back, or heated up
        begun = nags.renewed_clock(tx, row, row.kind, owner=message.place) or row
    running = next((each for each in clocks.running(tx, row.handoff_id) if each.owner == message.place), None)
    settled = None
    if row.state not in OPEN_HANDOFF:
        settled = Settled(SettledAs.REJECTED if row.rejected_by else SettledAs.ENDED, by=row.rejected_by)
    elif row.holder != message.place:
        settled = Settled(SettledAs.PASSED_ON, to=row.holder)
    elif begun.met_at is not None and begun.met_at >= row.told_at:
        settled = Settled(MET_AS[begun.kind], by=begun.met_by, at=begun.met_at)
    return NagLine(
        handoff_id=row.handoff_id,
        lead=lead_facts(lead),
        what=row.what,
        team=row.team,
        priority=row.priority,
        clock=clock_facts(tx, book, running, row.team, row.priority) if running else None,
        settled=settled,
        by=row.given_by,
        why=row.given_why,
    )


def _settled(row: nags.NagLine, clock: SlaClock, now: datetime) -> Settled | None:
    """How it stands, if nothing is to be done now; None while it still waits for somebody."""
    if clock.met_at is not None:
        rejected = clock.kind == ClockKind.ACCEPT and row.rejected_by is not None
        how = SettledAs.REJECTED if rejected else MET_AS[clock.kind]
        return Settled(how, by=clock.met_by, at=clock.met_at)
    if clock.stopped_at is not None:
        if row.holder is None and row.state == HandoffState.WAITING:
            return Settled(SettledAs.OPENED, at=clock.stopped_at)
        elsewhere = row.holder is not None and row.holder != clock.owner and row.state != HandoffState.MERGED
        how = SettledAs.PASSED_ON if elsewhere else SettledAs.ENDED
        return Settled(how, at=clock.stopped_at, to=row.holder)
    if clock.paused_until is not None and clock.paused_until > now:
        return Settled(SettledAs.PAUSED, until=clock.paused_until)
    return None


def _choices(
    tx: Connection, team: Team | None, row: nags.NagLine, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Who else in the team is still in the workspace, by name, those who are away last and marked so."""
    if team is None or not NAG_WORDS[row.what].to_manager:
        return ()
    known = people.among(tx, [rep.user for rep in team.reps])
    others = [rep.user for rep in team.reps if rep.user != row.holder]
    there = [user for user in others if not (user in known and known[user].left)]
    away = away_at(tx, there, now)
    there.sort(key=lambda user: user in away)
    named = ((user, (known[user].name if user in known else None) or user) for user in there)
    return tuple((user, f"{name} (away)" if user in away else name) for user, name in named)


def _rank(book: AgreementBook, line: NagLine) -> int:
    names = [item.name for item in book.current.priorities]
    return names.index(line.priority) if line.priority in names else len(names)
