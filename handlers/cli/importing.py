"""`import FILE.csv` in the terminal: the progress bar, the summary, the exit status."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.agreement import load_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.handoffs.importing import ImportReport, ImportStopped, import_file
from bot.leadform.csvfile import CsvUnreadable
from bot.settings import Settings
from storage.database import Database
from storage.migrations import migrate


def import_command(path: Path, settings: Settings, clock: Clock, console: Console) -> int:
    """Import a file into the database that the settings name. Gives the exit status.

    Raises AgreementError, DatabaseAway or BadDatabaseUrl before anything is read.
    """
    agreement = load_agreement(settings.agreement)
    database = Database.open(settings.database_url.get_secret_value())
    try:
        migrate(database)
        book = database.write_now(open_book, agreement, clock.now())
        return run_import(path, database, clock, book, console)
    finally:
        database.close()


def run_import(path: Path, database: Database, clock: Clock, book: AgreementBook, console: Console) -> int:
    """Import a file and say how it went. Gives the exit status: 1 if any row was bad or it had to stop."""
    try:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        ) as bar:
            task = bar.add_task(f"Importing {escape(path.name)}")
            report = import_file(
                path, database, clock, book, lambda done, size: bar.update(task, completed=done, total=size)
            )
    except (CsvUnreadable, ImportStopped) as problem:
        console.print(str(problem), style="red", markup=False, highlight=False)
        return 1
    _summarise(report, console)
    return 1 if report.bad else 0


def _summarise(report: ImportReport, console: Console) -> None:
    table = Table(box=None, show_header=False)
    for words, count in (
        ("rows", report.total),
        ("new leads", report.created),
        ("already known", report.updated),
        ("handed off to sales", report.handed_off),
        ("not imported", report.bad),
    ):
        table.add_row(f"{count:,}", words)
    table.columns[0].justify = "right"
    console.print(table)
    for row in report.bad_rows:
        console.print(f"line {row.line}: {row.why}", markup=False, highlight=False, soft_wrap=True)
    if report.bad > len(report.bad_rows):
        console.print(f"… and {report.bad - len(report.bad_rows):,} more", highlight=False)
    if report.rejected is not None:
        console.print(
            f"Rows not imported are in {report.rejected}, with reasons. Fix them there and import that file.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
