"""The weekly report is posted: once a week and channel, at the agreed time, or late rather than never.

The agreement and the table of what was posted say when it is due, so nothing is forgotten over a
restart and any number of replicas may ask. Counting is done beside the writer; the posting is one short
transaction. What makes a report is loaded when one is due.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Agreement
from bot.clock import Clock
from bot.context import BATON, Context
from bot.digest.periods import Span, week_of
from bot.logs import begin_trace
from bot.rules.in_charge import in_charge
from bot.rules.prefs import prefs_of
from storage import agreements, history, people, reports
from storage.database import Database
from storage.models import DeliveryKind, EventKind
from storage.models.details import Detail
from storage.outbox import posts
from storage.outbox.bodies import DetailBody, ReportBody
from storage.outbox.posts import Rank

if TYPE_CHECKING:
    from bot.digest.report import DigestReport

DIGEST = "digest"
REPS = "reps"
LOOK_EVERY = timedelta(seconds=5)
MOST_AT_ONCE = 4
THREAD = ("reasons", "times", "campaigns", "breaches", "goals", "calibration")
"""The parts that stand in the thread, in their order."""


@dataclass(frozen=True, slots=True)
class DueDigest:
    """A digest to be posted: of which week, where, and since when."""

    span: Span
    channel: str
    since: datetime


def due_digest(agreement: Agreement, now: datetime) -> DueDigest | None:
    """The digest whose agreed time came last, whether or not it was posted; None if none is agreed.

    It covers the week before the one in which it is posted. `now` is aware UTC.
    """
    digest = agreement.digest
    if digest is None:
        return None
    zone = ZoneInfo(agreement.timezone)
    today = now.astimezone(zone).date()
    day = today - timedelta(days=(today.weekday() - digest.weekday) % 7)
    at = datetime.combine(day, digest.time, zone).astimezone(UTC)
    if at > now:
        day -= timedelta(days=7)
        at = datetime.combine(day, digest.time, zone).astimezone(UTC)
    return DueDigest(week_of(day, agreement.timezone).back(), digest.channel, at)


def wanted(tx: Connection, due: DueDigest) -> list[DueDigest]:
    """What still has to be posted, the oldest first.

    This one, and after an outage those that fell due since the channel's last one, four weeks back at most.
    """
    found = [due]
    last = reports.latest(tx, DIGEST, due.channel, before=due.span.since)
    while last is not None and last.to_at < found[0].span.since and len(found) < MOST_AT_ONCE:
        found.insert(0, DueDigest(found[0].span.back(), due.channel, found[0].since - timedelta(days=7)))
    return [one for one in found if _is_wanted(tx, one)]


def _is_wanted(tx: Connection, due: DueDigest) -> bool:
    """Not there yet, and Baton was at work here when it fell due."""
    began = agreements.first_seen(tx)
    if began is None or began > due.since:
        return False
    return not reports.is_present(tx, DIGEST, period=due.span.label, channel=due.channel)


async def post_due_digest(database: Database, clock: Clock, book: AgreementBook) -> None:
    """Post the digest that is due and not there, and any that an outage kept back. Raises DatabaseAway."""
    latest = due_digest(book.current, clock.now())
    for due in await database.read(wanted, latest) if latest is not None else ():
        report = await database.read(weekly_report, book, due.span, due.channel, clock.now())
        context = Context(clock.now(), clock.wire(), book, BATON, begin_trace())
        await database.write(post_digest, context, report, due.channel)


def weekly_report(
    tx: Connection, book: AgreementBook, span: Span, channel: str, now: datetime
) -> DigestReport:
    """The report of a week, with the reps of every team and what was decided over the one before."""
    from bot.digest.calibration import calibration_of
    from bot.digest.deciding import agreed_between, decided_since
    from bot.digest.foretelling import foretold_by
    from bot.digest.making import Question, make_report

    question = Question(span, teams_of_reps=tuple(team.name for team in book.current.teams))
    decided = decided_since(tx, reports.latest(tx, DIGEST, channel, before=span.since), question.scope(now))
    calibration = calibration_of(tx, book, question, now)
    return replace(
        make_report(tx, book, question, now, decided),
        agreed=agreed_between(tx, span.since, span.until),
        calibration=tuple(calibration.lines),
        advised_line=calibration.advised_line,
        foretold=foretold_by(tx, span.until, now),
    )


def post_digest(tx: Connection, ctx: Context, report: DigestReport, channel: str) -> bool:
    """Post a report, its details in the thread, and reps to their managers; False if it is there already."""
    from bot.digest.report import to_json

    about = report.about
    report_id = reports.add(
        tx,
        DIGEST,
        period=about.label,
        channel=channel,
        since=about.since,
        until=about.until,
        made_at=about.made_at,
        body=to_json(report),
    )
    if report_id is None:
        return False
    told: Detail = {"report": report_id, "period": about.label, "channel": channel}
    history.record(tx, ctx.stamp, EventKind.DIGEST_POSTED, detail=told)
    root = _post(tx, ctx, DeliveryKind.REPORT, channel, {"report": report_id})
    reports.posted_as(tx, report_id, root)
    for part in THREAD:
        _post(tx, ctx, DeliveryKind.DETAIL, channel, {"report": report_id, "part": part}, root)
    for reader, teams in _readers(tx, ctx).items():
        if prefs_of(people.among(tx, [reader]).get(reader)).digest:
            _post(tx, ctx, DeliveryKind.DETAIL, reader, {"report": report_id, "part": REPS, "teams": teams})
    return True


def _readers(tx: Connection, ctx: Context) -> dict[str, list[str]]:
    """The teams that each person decides for now, who alone reads of their reps."""
    found: dict[str, list[str]] = {}
    for team in ctx.book.current.teams:
        for user in in_charge(tx, ctx.book, team, ctx.now):
            found.setdefault(user, []).append(team.name)
    return found


def _post(
    tx: Connection,
    ctx: Context,
    kind: DeliveryKind,
    place: str,
    body: ReportBody | DetailBody,
    thread_id: int | None = None,
) -> int:
    return posts.post(tx, ctx.stamp, kind, place=place, rank=Rank.REPORT, thread_id=thread_id, body=body)
