"""`digest` in the terminal: the report as tables, JSON or CSV, the leads behind a figure, or posted."""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass, replace
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from bot.agreement import load_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.context import IMPORT, Context
from bot.digest.asking import Unanswerable, leads_behind, understand
from bot.digest.calibration import Calibration, calibration_of
from bot.digest.explaining import explanation
from bot.digest.flat import COLUMNS, Row, rows
from bot.digest.making import Question, make_report
from bot.digest.periods import BadPeriod, read_period
from bot.digest.posting import post_digest, weekly_report
from bot.digest.report import DigestReport, to_json
from bot.digest.words import TOO_FEW, figure_name, length, share
from bot.errors import CannotStart
from bot.logs import begin_trace
from bot.lookups.cards import name_of
from bot.settings import Settings
from handlers.cli.opening import existing_database
from handlers.cli.terminal import as_json, cell
from storage import leads
from storage.database import Database

FORMATS = ("table", "json", "csv")
_MOST_LEADS = 1000
_KEY_WIDTH = 40  # of a key in the table; the leads of a longer one are found by the figure's own key


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for. `period` as `/alignment` takes it; `only` a team or a campaign."""

    period: str = "last week"
    only: str = ""
    form: str = "table"
    key: str | None = None
    post: bool = False
    explain: bool = False


def digest_command(wanted: Wanted, settings: Settings, clock: Clock, console: Console, out: TextIO) -> int:
    """Make the report and print or post it. Gives the exit status: 1 where it cannot be had, in words.

    Raises AgreementError, DatabaseAway, BadDatabaseUrl, or CannotStart for a format that there is not.
    """
    if wanted.form not in FORMATS:
        raise CannotStart(f"{wanted.form} is not a format; write --format and one of {', '.join(FORMATS)}.")
    if wanted.explain and wanted.form == "csv":
        raise CannotStart("--explain works with a table or JSON. Leave out --format csv.")
    agreement = load_agreement(settings.agreement)
    try:
        with existing_database(settings) as database:
            book = database.write_now(open_book, agreement, clock.now())
            if wanted.post:
                return _post(database, book, wanted, clock, console)
            return _print(database, book, wanted, clock, console, out)
    except (BadPeriod, Unanswerable) as no:
        console.print(str(no), style="red", markup=False, highlight=False)
        return 1


def _question(tx: Connection, book: AgreementBook, wanted: Wanted, clock: Clock) -> Question:
    span = read_period(wanted.period, clock.now(), book.current.timezone)
    asked = understand(tx, book, f"{span.label} {wanted.only}", IMPORT, clock.now()).question
    teams = tuple(team.name for team in book.current.teams if asked.team in (None, team.name))
    return Question(span, asked.campaign, asked.team, teams)


def _post(database: Database, book: AgreementBook, wanted: Wanted, clock: Clock, console: Console) -> int:
    digest = book.current.digest
    if digest is None:
        raise Unanswerable("The agreement has no [digest]. Add one, with its channel and its time.")
    span = read_period(wanted.period, clock.now(), book.current.timezone)
    if span.kind != "week" or span.until > clock.now() or wanted.only:
        raise Unanswerable("Only a finished week is posted, for all teams: --week 2026-W47.")
    report = database.read_now(weekly_report, book, span, digest.channel, clock.now())
    context = Context(clock.now(), clock.wire(), book, IMPORT, begin_trace())
    if database.write_now(post_digest, context, report, digest.channel):
        said = f"{span.title} will be posted to {digest.channel} as soon as Baton runs."
    else:
        said = f"{digest.channel} already has the report of {span.title}. Nothing was posted."
    console.print(said, markup=False, highlight=False)
    return 0


def _print(
    database: Database, book: AgreementBook, wanted: Wanted, clock: Clock, console: Console, out: TextIO
) -> int:
    question = database.read_now(_question, book, wanted, clock)
    if wanted.key is not None:
        database.read_now(_leads, book, question, wanted.key, clock, console)
        return 0
    report, calibration = database.read_now(_report, book, question, clock)
    explained = database.read_now(explanation, book, question, clock.now()) if wanted.explain else None
    if wanted.form == "json":
        values = [dict(zip(COLUMNS, astuple(each), strict=True)) for each in rows(report)]
        out.write(
            as_json(
                {
                    **{"report": to_json(report), "figures": values, "calibration": calibration.to_json()},
                    **({"explained": explained.to_json()} if explained else {}),
                },
                indent=2,
            )
            + "\n"
        )
    elif wanted.form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(astuple(each) for each in rows(report))
    else:
        _tables(report, console)
        if explained:
            console.print(explained.words, markup=False, highlight=False)
    return 0


def _report(
    tx: Connection, book: AgreementBook, question: Question, clock: Clock
) -> tuple[DigestReport, Calibration]:
    calibration = calibration_of(tx, book, question, clock.now())
    report = make_report(tx, book, question, clock.now())
    return replace(report, calibration=tuple(calibration.lines)), calibration


def _leads(
    tx: Connection, book: AgreementBook, question: Question, key: str, clock: Clock, console: Console
) -> None:
    found = leads_behind(tx, book, question, key, clock.now(), _MOST_LEADS)
    title = f"{figure_name(found.key)} ({found.count:,})"
    table = Table("id", "lead", "company", "stage", title=title, box=None)
    for lead_id in found.lead_ids:
        lead = leads.get(tx, lead_id)
        if lead is not None:
            table.add_row(*map(cell, (lead.id, name_of(lead), lead.company or "", lead.stage)))
    console.print(table, markup=False)


def _tables(report: DigestReport, console: Console) -> None:
    console.print(report.opening, style="bold", markup=False, highlight=False)
    if not report.about.has_data:
        return
    for section, found in groupby(rows(report), lambda each: each.section):
        table = Table("", "", "n", "before", "goal", "key", title=section, title_justify="left", box=None)
        for each in found:
            table.add_row(*map(cell, _cells(each)))
        console.print(table, markup=False)
    for number_, point in enumerate(report.agenda, start=1):
        leads_ = ", ".join(f"#{lead}" for lead in point.leads)
        said = " ".join(part for part in (point.sentence, point.todo) if part)
        console.print(f"{number_}. {said} [{point.key}] {leads_}", markup=False, highlight=False)
    for line in (report.goals_words or "", *report.calibration):
        console.print(line, markup=False, highlight=False)


def _cells(each: Row) -> tuple[str, ...]:
    """A figure's row; what is not known is said, never shown as 0."""
    value = each.note or "unknown" if each.value is None else _value(each, each.value)
    if each.share is not None:
        value = f"{share(each.share)} ({value})"
    elif each.n is not None and each.unit == "count":
        value = f"{value} of {each.n:,}, {TOO_FEW}" if each.n else "none yet"
    before = _either(each, each.before, each.share_before)
    goal = _either(each, each.goal, each.share_goal)
    name = f"{each.name} ({each.note})" if each.note and each.value is not None else each.name
    key = each.figure if len(each.key) > _KEY_WIDTH else each.key
    return name, value, "" if each.n is None else f"{each.n:,}", before, goal, key


def _either(row: Row, value: float | None, rate: float | None) -> str:
    if rate is not None:
        return share(rate)
    return "" if value is None else _value(row, value)


def _value(row: Row, value: float) -> str:
    match row.unit:
        case "count":
            return f"{value:,.0f}"
        case "seconds":
            return length(int(value), business="business" in row.name)
        case "share":
            return share(value)
    return f"{value / 100:,.2f} {row.unit}"
