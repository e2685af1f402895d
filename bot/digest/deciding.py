"""What people decide over a report, and what becomes of it until the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.context import Context
from bot.digest.report import AgreedChange, Decided, Point, agenda_of
from bot.errors import InvalidInput, NotAllowed
from storage import history, proposals, reports
from storage.figures import evidence
from storage.figures.scope import Scope
from storage.models import EventKind, Report, ReportDecision
from storage.models.details import Detail
from storage.outbox import posts
from storage.outbox.posts import Rank

GONE = "The report of this point is no longer here. Please decide on a newer one."


@dataclass(frozen=True, slots=True)
class Decide:
    """A decision on a point of a report. The person is the context's actor."""

    report_id: int
    key: str
    what: str
    who: str | None = None
    until: date | None = None


def decide(tx: Connection, ctx: Context, command: Decide) -> Point:
    """Keep what was decided and show it in the report. Gives the point that it is about.

    Raises NotAllowed for who is no manager, or InvalidInput.
    """
    point = point_of(tx, ctx, (command.report_id, command.key))
    what = command.what.strip()
    if not what:
        raise InvalidInput({"what": "Please write in one sentence what was decided."})
    if command.until is not None and command.until < ctx.now.date():
        raise InvalidInput({"until": "That day is past. Choose a later one, or none."})
    reports.decide(
        tx,
        command.report_id,
        command.key,
        what=what,
        who=command.who,
        until=command.until,
        by=ctx.actor,
        at=ctx.now,
    )
    detail: Detail = {"report": command.report_id, "point": command.key, "what": what, "who": command.who}
    history.record(tx, ctx.stamp, EventKind.REPORT_DECIDED, detail=detail)
    report = reports.get(tx, command.report_id)
    shown = posts.get(tx, report.delivery_id) if report is not None and report.delivery_id else None
    if shown is not None:
        posts.rewrite(tx, ctx.stamp, shown, rank=Rank.CLICK)
    return point


def point_of(tx: Connection, ctx: Context, about: tuple[int, str]) -> Point:
    """The point of a report (its id, the point's key) that a manager may decide on.

    Raises NotAllowed, or InvalidInput where the report is gone.
    """
    managers = managers_of(ctx.book)
    if ctx.actor not in managers:
        raise NotAllowed("say what was decided", sorted(managers))
    report_id, key = about
    row = reports.get(tx, report_id)
    found = next((point for point in agenda_of(row.body) if point.key == key), None) if row else None
    if found is None:
        raise InvalidInput({"what": GONE})
    return found


def managers_of(book: AgreementBook) -> frozenset[str]:
    """Who speaks for their side: the managers of the teams and of marketing, and the admins."""
    agreement = book.current
    of_teams = {user for team in agreement.teams for user in team.deciders}
    return frozenset({*of_teams, *agreement.marketing.deciders, *book.people_in(agreement.roles.admins)})


def decided_since(tx: Connection, last: Report | None, scope: Scope) -> tuple[Decided, ...]:
    """What was decided over the last report, with each figure as it was and as it is in this scope."""
    if last is None:
        return ()
    points = {point.key: point for point in agenda_of(last.body)}
    return tuple(
        _decided(tx, row, points[row.point], replace(scope, campaign=None, team=None))
        for row in reports.decisions_of(tx, last.id)
        if row.point in points
    )


def agreed_between(tx: Connection, since: datetime, before: datetime) -> tuple[AgreedChange, ...]:
    """The changes of the agreement that both sides signed and that went live in this time, in order."""
    return tuple(
        AgreedChange(
            says=tuple(row.says),
            by=row.by,
            signed=tuple(dict.fromkeys(user for user in (row.marketing_by, row.sales_by) if user)),
            since=row.ended_at or row.at,
        )
        for row in proposals.went_live(tx, since, before)
    )


def _decided(tx: Connection, row: ReportDecision, point: Point, scope: Scope) -> Decided:
    return Decided(
        what=row.what,
        who=row.who,
        until=row.until,
        by=row.decided_by,
        sentence=point.sentence,
        key=point.key,
        then=(point.count, point.of),
        now=_figure(tx, scope, point),
    )


def _figure(tx: Connection, scope: Scope, point: Point) -> tuple[int, int] | None:
    """The point's figure in another period; None if it can no longer be counted."""
    try:
        of = evidence.count(tx, scope, point.of_key) if point.of_key else 0
        return evidence.count(tx, scope, point.key), of
    except evidence.UnknownFigure:
        return None
