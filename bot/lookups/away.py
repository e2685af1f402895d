"""Looks up what is asked and told of an absence: open leads, what can be had back, what is ahead.

What an absence changes is the business of bot/handoffs/away.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Agreement, MarketingSide, Team
from bot.context import Context
from bot.errors import InvalidInput
from bot.lookups.cards import lead_facts
from bot.lookups.rows import rows_of
from bot.rules.absence import LONG
from bot.rules.prefs import timezone_of
from bot.rules.presence import away_at
from bot.rules.roles import require_absence
from bot.rules.spans import Span, reading
from bot.rules.worktime import WorkCalendar, hours_for
from bot.views.away import AbsenceState, AwayForm, AwayLead, BackAnswer, BackOffer, Planned, absences_answer
from bot.views.message import Rendered
from storage import absences, boards, people
from storage.boards import BoardRow
from storage.models import Absence, AbsenceNotice, Person, Stage

UNTOUCHED_SHOWN = 50
OTHERS_SHOWN = 30
_MOST = 1000
_MINUTE = timedelta(minutes=1)


def is_untouched(row: BoardRow) -> bool:
    """Whether nobody has contacted an open lead yet, nor said how far it came."""
    return row.touched_at is None and row.stage in (Stage.MQL, Stage.SAL)


def untouched_of(tx: Connection, user: str) -> Sequence[BoardRow]:
    """The open leads of somebody that nobody has contacted, the first due first."""
    return [row for row in boards.open_of(tx, user, limit=_MOST) if is_untouched(row)]


def away_form(tx: Connection, ctx: Context, user: str) -> AwayForm:
    """The open leads of somebody who is away, for the context's actor to choose from.

    Raises NotPossible or NotAllowed for whoever has no say in it.
    """
    require_absence(ctx.book, ctx.actor, user)
    rows = boards.open_of(tx, user, limit=_MOST)
    untouched = [row for row in rows if is_untouched(row)]
    others = [row for row in rows if not is_untouched(row)]
    shown = [*untouched[:UNTOUCHED_SHOWN], *others[:OTHERS_SHOWN]]
    return AwayForm(
        user,
        ctx.actor == user,
        tuple(AwayLead(row.handoff_id, lead_facts(row), is_untouched(row)) for row in shown),
        rest=max(0, len(untouched) - UNTOUCHED_SHOWN),
        kept=max(0, len(others) - OTHERS_SHOWN),
    )


def words_of(tx: Connection, book: AgreementBook, user: str, span: Span, now: datetime) -> str:
    """An absence in words, in the time zone of whose it is: "until Monday 30 November"."""
    return reading(span, now, timezone_of(tx, book, user)).words


def planned_of(tx: Connection, book: AgreementBook, user: str, now: datetime) -> tuple[Planned, ...]:
    """The absences of somebody that are to come, the first first."""
    rows = absences.ahead(tx, [user], now).get(user, ())
    return tuple(
        Planned(row.id, words_of(tx, book, user, Span(row.begins, row.ends), now))
        for row in rows
        if row.begins > now
    )


def back_offer(tx: Connection, book: AgreementBook, absence: Absence) -> BackOffer:
    """What went to colleagues because of an absence and can be had back: what nobody has contacted yet."""
    found = boards.these_open(tx, absence.handed_on)
    rows = [row for row in found if is_untouched(row) and row.handoff_owner != absence.user_id]
    return BackOffer(absence.id, rows_of(tx, book, rows, absence.user_id))


def absence_state(
    tx: Connection, book: AgreementBook, absence_id: int, what: AbsenceNotice, now: datetime
) -> AbsenceState | None:
    """What a message of its own says of an absence; None where it was cancelled before it began."""
    absence = absences.get(tx, absence_id)
    if absence is None:
        return None
    return AbsenceState(
        what=what,
        absence=absence.id,
        user=absence.user_id,
        set_by=absence.set_by,
        words=words_of(tx, book, absence.user_id, Span(absence.begins, absence.ends), now),
        begins=absence.begins,
        begun=absence.begins <= now,
        over=absence.ends is not None and absence.ends <= now,
        untouched=rows_of(tx, book, untouched_of(tx, absence.user_id), absence.user_id),
        offer=back_offer(tx, book, absence),
    )


def winds_down_at(agreement: Agreement, user: str, span: Span, now: datetime) -> datetime | None:
    """From when on a long absence ahead keeps new leads away before it begins; None where it does not."""
    found = [
        moment
        for team in agreement.teams
        if (rep := team.rep(user)) is not None
        and (wind_down := agreement.hours_of(team, rep).wind_down) is not None
        and (span.ends is None or span.ends - span.begins > LONG)
        for hours in [hours_for(agreement, team, rep)]
        for moment in [_before(hours, span.begins, wind_down.working(hours.day), now)]
    ]
    return min(found, default=None)


def _before(hours: WorkCalendar, end: datetime, working: timedelta, earliest: datetime) -> datetime:
    """The first moment from which on no more than so much working time is left until `end`."""
    low, high = earliest, end
    if hours.between(low, high) <= working:
        return earliest
    while high - low > _MINUTE:
        middle = low + (high - low) / 2
        low, high = (middle, high) if hours.between(middle, end) > working else (low, middle)
    return high.replace(second=0, microsecond=0)


def back_now(tx: Connection, ctx: Context, _asked: None = None) -> BackAnswer:
    """What the context's actor, who is back, can still have back."""
    last = absences.last_begun(tx, ctx.actor, ctx.now)
    offer = back_offer(tx, ctx.book, last) if last is not None else None
    planned = planned_of(tx, ctx.book, ctx.actor, ctx.now)
    return BackAnswer(ctx.actor, own=True, was_away=True, offer=offer, planned=planned)


def absences_shown(tx: Connection, ctx: Context, user: str) -> Rendered:
    """When somebody is away, now and ahead. Raises NotPossible or NotAllowed for who has no say in it."""
    require_absence(ctx.book, ctx.actor, user)
    now = away_at(tx, [user], ctx.now).get(user)
    present = words_of(tx, ctx.book, user, now, ctx.now) if now else None
    return absences_answer(user, ctx.actor == user, present, planned_of(tx, ctx.book, user, ctx.now))


def reps_led(tx: Connection, ctx: Context, _asked: None = None) -> tuple[tuple[str, str], ...]:
    """The reps whom the context's actor may set away, with their names."""
    agreement, actor = ctx.book.current, ctx.actor
    is_admin = actor in ctx.book.people_in(agreement.roles.admins)
    teams = [team for team in agreement.teams if is_admin or actor in team.deciders]
    users = dict.fromkeys(rep.user for team in teams for rep in team.reps)
    return tuple((user, name_of(tx, user)) for user in users)


def rep_named(tx: Connection, ctx: Context, name: str) -> str:
    """The rep or manager whom a name means, as it was typed after an @.

    Raises InvalidInput where it means nobody, or several.
    """
    agreement = ctx.book.current
    users = {rep.user for team in agreement.teams for rep in team.reps}
    sides: list[Team | MarketingSide] = [*agreement.teams, agreement.marketing]
    known = people.among(tx, users | {user for side in sides for user in side.deciders})
    wanted = name.casefold()
    whole = {user for user, person in known.items() if wanted in _called(person)}
    found = whole or {
        user
        for user, person in known.items()
        if wanted in {part for n in _called(person) for part in n.split()}
    }
    if len(found) == 1:
        return found.pop()
    why = f"Several people are called @{name}" if found else f"No rep is called @{name}"
    raise InvalidInput({"until": f"{why}. Pick the person from Slack's list after the @."})


def _called(person: Person) -> set[str]:
    """The names that somebody may be called by, in small letters."""
    mailbox = (person.email or "").partition("@")[0]
    name = (person.name or "").casefold()
    return {
        each for each in (name, name.replace(" ", ""), name.replace(" ", "."), mailbox.casefold()) if each
    }


def name_of(tx: Connection, user: str) -> str:
    """What a colleague is called; their id where Slack never told."""
    person = people.get(tx, user)
    return (person.name if person else None) or user
