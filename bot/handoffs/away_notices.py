"""What is said of absences in the course of time: one begins, one has no end yet, one is over."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs import posts
from bot.handoffs.away import speaks_at
from bot.lookups.away import back_offer, untouched_of
from bot.rules.in_charge import in_charge
from bot.rules.prefs import timezone_of
from bot.rules.spans import Span
from storage import absences
from storage.models import Absence, AbsenceNotice

AT_ONCE = 50


def speak_of_absences(tx: Connection, ctx: Context) -> int:
    """Say what is due of the first absences of which something is; gives how many were looked at."""
    rows = absences.to_speak_of(tx, ctx.now, AT_ONCE)
    for row in rows:
        _speak(tx, ctx, row)
        zone = ZoneInfo(timezone_of(tx, ctx.book, row.user_id))
        absences.change(tx, row.id, {"speak_at": speaks_at(Span(row.begins, row.ends), zone, ctx.now)})
    return len(rows)


def _speak(tx: Connection, ctx: Context, row: Absence) -> None:
    if row.ends is not None and row.ends <= ctx.now:
        if back_offer(tx, ctx.book, row).rows:
            posts.tell_absence(tx, ctx, row.id, AbsenceNotice.OVER, row.user_id)
    elif row.speak_at == row.begins:
        teams = [team for team in ctx.book.current.teams if team.rep(row.user_id)]
        places = {place for team in teams for place in in_charge(tx, ctx.book, team, ctx.now)}
        if untouched_of(tx, row.user_id):
            for place in sorted(places - {row.user_id}):
                posts.tell_absence(tx, ctx, row.id, AbsenceNotice.BEGINS, place)
    elif row.ends is None:
        posts.tell_absence(tx, ctx, row.id, AbsenceNotice.STILL, row.user_id)
