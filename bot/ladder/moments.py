"""When somebody may be told of something: in their hours, not within the quiet, not while they are away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.context import Context
from bot.ladder.round import Line, Round
from bot.rules import sla
from bot.rules.absence import absence_at
from bot.rules.candidates import NEVER
from bot.rules.prefs import known_zone, prefs_of, quiet_until
from bot.rules.presence import absences_of
from bot.rules.spans import Span
from bot.rules.worktime import WorkCalendar, hours_for, is_p1, runs_after_hours
from storage.database import announce
from storage.models import Delivery, DeliveryKind, NagKind
from storage.outbox import nags, posts
from storage.outbox.nags import Hurry

GATHER_FOR = timedelta(seconds=3)
"""How long a message waits for more lines while the ladder catches up on many clocks."""

_DECIDES = frozenset({NagKind.BREACH, NagKind.CHOOSE})
"""What is told to somebody because nobody else is there to decide; all else waits for who is away."""


def first_moment(
    pass_: Round, lines: Iterable[Line], waiting: Delivery | None = None, ping: datetime | None = None
) -> datetime:
    """The first moment, in the wire's time, at which one of these lines may be told.

    `waiting` is the message that they join, `ping` is when whoever gets it was reminded last.
    """
    ping_until = None if ping is None else ping + pass_.current.quiet.wall()
    said = {
        (line.place, line.priority, hours, line.what in _DECIDES) for line in lines for hours in line.hours
    }
    moments = (_pingable(pass_, *each, ping_until) for each in said)
    first = pass_.ctx.wire + (min(moments) - pass_.ctx.now)
    if pass_.full:
        first = max(first, pass_.ctx.wire + GATHER_FOR)
    return min(first, waiting.due_at) if waiting is not None else first


def _pingable(
    pass_: Round,
    place: str,
    priority: str,
    hours: WorkCalendar,
    decides: bool,
    ping_until: datetime | None,
) -> datetime:
    """When one person, or a thread, may be told: in working hours, back from an absence, and not in hours
    that they want quiet. Who has to decide in everybody's place is asked all the same."""
    p1, after_hours = is_p1(pass_.current, priority), runs_after_hours(pass_.current, priority)
    at = sla.pingable_at(pass_.ctx.now, hours, quiet_until=ping_until, p1=p1, after_hours=after_hours)
    absences = () if decides else pass_.absences.get(place, ())
    at = _back(absences, hours, at)
    person = pass_.people.get(place)
    if p1 or person is None:
        return at
    zone = known_zone(person.timezone) or pass_.current.timezone
    quiet = quiet_until(prefs_of(person), zone, at)
    return at if quiet is None else _back(absences, hours, hours.opens_next(quiet))


def _back(absences: Sequence[Span], hours: WorkCalendar, at: datetime) -> datetime:
    """The first moment from `at` on at which somebody is at work and not away."""
    while (gone := absence_at(absences, at)) is not None:
        if gone.ends is None:
            return at + NEVER
        at = hours.opens_next(gone.ends)
    return at


def absence_changed(tx: Connection, ctx: Context, user: str) -> None:
    """Let what waits to be told to somebody wait until they are back, or no longer than that."""
    _put_off_news(tx, ctx, user)
    waiting = nags.waiting_at(tx, [user]).get((user, None))
    rows = nags.lines_of(tx, waiting.id) if waiting is not None else ()
    pass_ = Round(tx, ctx, rows) if rows else None
    if waiting is None or pass_ is None:
        return
    lines = [
        Line(user, None, row.what, row.id, found.id, row.step, found.priority, (pass_.hours(team, user),))
        for row in rows
        if (found := pass_.handoffs.get(row.handoff_id)) is not None
        for team in [pass_.team(found)]
    ]
    if lines:
        due = first_moment(pass_, lines)
        nags.hurry(tx, [Hurry(waiting.id, due, waiting.rank, None)])
        nags.pinged(tx, {user: ctx.now + (due - ctx.wire)})
        announce(tx, posts.TOPIC)


def _put_off_news(tx: Connection, ctx: Context, user: str) -> None:
    """What is only for them to know comes as they are at work again."""
    team = next((each for each in ctx.book.current.teams if each.rep(user)), None)
    hours = hours_for(ctx.book.current, team, team.rep(user) if team is not None else None)
    there = _back(absences_of(tx, [user], ctx.now).get(user, ()), hours, hours.opens_next(ctx.now))
    posts.put_off(tx, user, DeliveryKind.HISTORY, ctx.wire, ctx.wire + (there - ctx.now))
