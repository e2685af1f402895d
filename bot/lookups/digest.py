"""The answers of `/alignment` and of the buttons beneath a report. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import ValidationError
from sqlalchemy import Connection

from bot.context import Context
from bot.digest import asking, deciding
from bot.digest.asking import Unanswerable
from bot.digest.foretelling import foretold_by
from bot.digest.making import Question, make_report
from bot.digest.report import DigestReport, Point, from_json
from bot.digest.words import figure_name
from bot.lookups.cards import lead_facts
from bot.lookups.figures import why_figure
from bot.lookups.names import ready_to_post
from bot.lookups.status import Status, status_if_named
from bot.views.blocks import section
from bot.views.digest.details import detail_message, reps_message
from bot.views.digest.forms import LEADS_SHOWN, leads_answer
from bot.views.digest.message import Agreed, Posted, digest_answer, digest_message
from bot.views.ids import FigureRef
from bot.views.message import Rendered, rendered
from bot.views.text import escape
from storage import leads, reports
from storage.models import Report, ReportDecision
from storage.outbox.bodies import DetailBody, ReportBody


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and the same without charts for a Slack that refuses them."""

    best: Rendered
    plain: Rendered


def alignment_answer(tx: Connection, ctx: Context, text: str) -> Answer:
    """What `/alignment` and these words ask for: the report, or the leads behind one of its figures."""
    try:
        asked = asking.understand(tx, ctx.book, text, ctx.actor, ctx.now)
        if asked.why:
            return _same(why_figure(tx, ctx, asked))
        if asked.key is not None:
            return _same(_leads(tx, ctx, asked))
    except Unanswerable as no:
        named = status_if_named(tx, ctx, Status(text.strip())) is not None
        return _same(_said(f"{no} For that lead, type /lead {text.strip()}." if named else str(no)))
    report = _report(tx, ctx, asked.question)
    return Answer(digest_answer(report, asked.words), digest_answer(report, asked.words, plain=True))


def shared_answer(tx: Connection, ctx: Context, text: str) -> Answer:
    """The same report for everybody in the channel: without reps. Raises Unanswerable."""
    asked = asking.understand(tx, ctx.book, text, ctx.actor, ctx.now)
    question = replace(asked.question, teams_of_reps=())
    report = _report(tx, ctx, question)
    best, plain = (digest_answer(report, asked.words, plain=plain, shared=True) for plain in (False, True))
    return Answer(ready_to_post(tx, best), ready_to_post(tx, plain))


def _report(tx: Connection, ctx: Context, question: Question) -> DigestReport:
    """The report, with what was foretold of a version of the agreement where it is of all teams."""
    report = make_report(tx, ctx.book, question, ctx.now)
    if question.team is not None or question.campaign is not None:
        return report
    return replace(report, foretold=foretold_by(tx, question.span.until, ctx.now))


def leads_of_figure(tx: Connection, ctx: Context, ref: FigureRef) -> Answer:
    """The leads behind a figure of a report."""
    try:
        asked = asking.understand(tx, ctx.book, ref.asked, ctx.actor, ctx.now)
        return _same(_leads(tx, ctx, replace(asked, key=ref.key)))
    except Unanswerable as no:
        return _same(_said(str(no)))


def point_to_decide(tx: Connection, ctx: Context, ref: FigureRef) -> tuple[Point, Agreed | None]:
    """The point that somebody wants to decide on, and what was decided before. Raises as `point_of`."""
    report_id = ref.report or 0
    point = deciding.point_of(tx, ctx, (report_id, ref.key))
    rows = reports.decisions_of(tx, report_id)
    return point, next((agreed(row) for row in rows if row.point == ref.key), None)


def _leads(tx: Connection, ctx: Context, asked: asking.Asked) -> Rendered:
    found = asking.leads_behind(tx, ctx.book, asked.question, asked.key or "", ctx.now, LEADS_SHOWN)
    rows = [row for lead in found.lead_ids if (row := leads.get(tx, lead)) is not None]
    title = f"{figure_name(found.key)}, {asked.question.span.title}"
    return leads_answer(title, found.count, [lead_facts(row) for row in rows])


def _said(text: str) -> Rendered:
    return rendered(escape(text), [section(escape(text))])


def _same(answer: Rendered) -> Answer:
    return Answer(answer, answer)


def show_report(tx: Connection, body: ReportBody) -> Rendered | None:
    """The report, with what was decided over it since; its figures are as they were posted."""
    row = reports.get(tx, body["report"])
    if row is None:
        return None
    posted = Posted(row.id, {each.point: agreed(each) for each in reports.decisions_of(tx, row.id)})
    report = _stored(row)
    return digest_message(report, posted, plain=bool(body.get("plain"))) if report else None


def show_detail(tx: Connection, body: DetailBody) -> Rendered | None:
    """One part of the thread; None where there is nothing in it."""
    row = reports.get(tx, body["report"])
    if row is None:
        return None
    report = _stored(row)
    if report is None:
        return None
    if "teams" in body:
        reps = tuple(rep for rep in report.reps if rep.team in body["teams"])
        return reps_message(replace(report, reps=reps)) if reps else None
    return detail_message(report, body["part"], plain=bool(body.get("plain")))


def _stored(row: Report) -> DigestReport | None:
    """The report as it was posted; None for one of another version of Baton, whose message stays as it is."""
    try:
        return from_json(row.body)
    except ValidationError:
        return None


def agreed(row: ReportDecision) -> Agreed:
    """A row of `decision` as the views take it."""
    return Agreed(row.what, row.who, row.until, row.decided_by)
