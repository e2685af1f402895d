"""Somebody is away, or will be, or is back: said by themselves, by their manager, or by an admin.

New leads stop by that alone. What becomes of the open ones is decided in bot/handoffs/away_leads.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import AmbiguousTime, InvalidInput, NotPossible, Obstacle
from bot.handoffs import posts
from bot.ladder.moments import absence_changed
from bot.ladder.vacancies import look_for_nobody
from bot.lookups.away import away_form, back_offer, planned_of, winds_down_at, words_of
from bot.rules.absence import joined
from bot.rules.in_charge import in_place_of
from bot.rules.moments import Ambiguous, NoMoment, instant
from bot.rules.prefs import timezone_of
from bot.rules.roles import require_absence
from bot.rules.spans import Span, span
from bot.views.away import AwayAnswer, BackAnswer
from storage import absences, history
from storage.models import Absence, AbsenceNotice, EventKind
from storage.models.details import Detail
from storage.models.values import AbsenceValues

MONDAY_AT = time(9)
"""When somebody who is away without an end is reminded, in their own time zone."""


@dataclass(frozen=True, slots=True)
class GoAway:
    """Somebody takes no leads for a time in words; empty: from now until they are back.

    `user` is who, None for the context's actor.
    """

    text: str = ""
    user: str | None = None


@dataclass(frozen=True, slots=True)
class ComeBack:
    """Somebody takes leads again; None: the context's actor."""

    user: str | None = None


def go_away(tx: Connection, ctx: Context, command: GoAway) -> AwayAnswer:
    """Keep the absence, joined with those that it overlaps; one from now on sets when the present one ends.

    Raises NotPossible for who is no rep, NotAllowed, AmbiguousTime where the time may mean two things, or
    InvalidInput for one that cannot be taken.
    """
    user = command.user or ctx.actor
    require_absence(ctx.book, ctx.actor, user)
    wanted = _span(tx, ctx, command.text, user)
    absence_id, whole = _keep(tx, ctx, user, wanted)
    detail: Detail = {
        "user": user,
        "begins": whole.begins.isoformat(),
        "until": whole.ends.isoformat() if whole.ends else None,
    }
    history.record(tx, ctx.stamp, EventKind.PERSON_AWAY, detail=detail)
    if user != ctx.actor:
        posts.tell_absence(tx, ctx, absence_id, AbsenceNotice.SET, user)
    _changed(tx, ctx, user)
    look_for_nobody(tx, ctx)
    ahead = whole.begins > ctx.now
    planned = planned_of(tx, ctx.book, user, ctx.now)
    return AwayAnswer(
        user,
        own=user == ctx.actor,
        words=words_of(tx, ctx.book, user, whole, ctx.now),
        ahead=ahead,
        form=None if ahead else away_form(tx, ctx, user),
        planned=planned,
        winds_down=winds_down_at(ctx.book.current, user, whole, ctx.now) if ahead else None,
        instead=in_place_of(tx, ctx.book, user, whole.begins),
    )


def come_back(tx: Connection, ctx: Context, command: ComeBack) -> BackAnswer:
    """End the present absence; what is ahead stays. Raises NotPossible for who is no rep, or NotAllowed."""
    user = command.user or ctx.actor
    require_absence(ctx.book, ctx.actor, user)
    present = [row for row in _of(tx, ctx, user) if row.begins <= ctx.now]
    for row in present:
        absences.change(tx, row.id, {"ends": ctx.now, "speak_at": None})
    if present:
        history.record(tx, ctx.stamp, EventKind.PERSON_BACK, detail={"user": user})
        _changed(tx, ctx, user)
    last = absences.last_begun(tx, user, ctx.now)
    return BackAnswer(
        user,
        own=user == ctx.actor,
        was_away=bool(present),
        offer=back_offer(tx, ctx.book, last) if last is not None else None,
        planned=planned_of(tx, ctx.book, user, ctx.now),
    )


def cancel_absence(tx: Connection, ctx: Context, absence_id: int) -> BackAnswer:
    """Forget an absence ahead, end one that has begun. Raises NotPossible where it is over, or NotAllowed."""
    found = absences.get(tx, absence_id)
    if found is None or (found.ends is not None and found.ends <= ctx.now):
        raise NotPossible(Obstacle.ABSENCE_OVER)
    if found.begins <= ctx.now:
        return come_back(tx, ctx, ComeBack(found.user_id))
    require_absence(ctx.book, ctx.actor, found.user_id)
    absences.remove(tx, found.id)
    told: Detail = {"user": found.user_id, "begins": found.begins.isoformat()}
    history.record(tx, ctx.stamp, EventKind.ABSENCE_CANCELLED, detail=told)
    _changed(tx, ctx, found.user_id)
    own = found.user_id == ctx.actor
    planned = planned_of(tx, ctx.book, found.user_id, ctx.now)
    return BackAnswer(found.user_id, own, was_away=False, cancelled=True, planned=planned)


def _changed(tx: Connection, ctx: Context, user: str) -> None:
    """Show it, and let what waits to be told to them wait for their return."""
    posts.refresh_absence(tx, ctx, user)
    absence_changed(tx, ctx, user)


def speaks_at(absence: Span, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When something is to be said of it next: as it begins, each Monday where it has no end, as it ends."""
    if absence.begins > now:
        return absence.begins
    if absence.ends is not None:
        return absence.ends if absence.ends > now else None
    today = now.astimezone(zone).date()
    monday = today + timedelta(days=-today.weekday() % 7)
    first = instant(datetime.combine(monday, MONDAY_AT), zone)
    return first if first > now else instant(datetime.combine(monday + timedelta(days=7), MONDAY_AT), zone)


def _span(tx: Connection, ctx: Context, text: str, user: str) -> Span:
    try:
        return span(text, ctx.now, timezone_of(tx, ctx.book, user))
    except Ambiguous as unclear:
        readings = [(each.words, each.text) for each in unclear.readings]
        raise AmbiguousTime("until", text, readings, str(unclear)) from None
    except NoMoment as unclear:
        raise InvalidInput({"until": str(unclear)}) from None


def _of(tx: Connection, ctx: Context, user: str) -> Sequence[Absence]:
    return absences.ahead(tx, [user], ctx.now).get(user, ())


def _keep(tx: Connection, ctx: Context, user: str, wanted: Span) -> tuple[int, Span]:
    """Store a span as one absence with those that it overlaps; gives its id, and the whole."""
    known = list(_of(tx, ctx, user))
    if wanted.begins <= ctx.now:  # said again while away: until when is what holds now
        present = [row for row in known if row.begins <= ctx.now]
        begins = min((row.begins for row in present), default=wanted.begins)
        wanted = Span(begins, wanted.ends)
    else:
        present = []
    others = [row for row in known if row not in present]
    whole = next(
        each
        for each in joined([wanted, *(Span(row.begins, row.ends) for row in others)])
        if each.begins <= wanted.begins and (each.ends is None or wanted.begins < each.ends)
    )
    inside = [
        row
        for row in others
        if whole.begins <= row.begins and (whole.ends is None or row.begins < whole.ends)
    ]
    zone = ZoneInfo(timezone_of(tx, ctx.book, user))
    joins = [*present, *inside]
    values: AbsenceValues = {
        "user_id": user,
        "begins": whole.begins,
        "ends": whole.ends,
        "set_by": ctx.actor,
        "set_at": ctx.now,
        "speak_at": speaks_at(whole, zone, ctx.now),
        "handed_on": sorted({one for row in joins for one in row.handed_on}),
    }
    for row in joins[1:]:
        absences.remove(tx, row.id)
    if joins:
        absences.change(tx, joins[0].id, values)
    return joins[0].id if joins else absences.add(tx, values), whole
