"""`import FILE.csv` in the terminal: the progress bar, the summary, the exit status."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.agreement import load_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.handoffs.importing import ImportReport, ImportStopped, import_file
from bot.leadform.columns import BadMapping, parse_mapping
from bot.leadform.csvfile import CsvUnreadable
from bot.settings import Settings
from storage.database import Database
from storage.migrations import migrate


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the command line says of a file: its encoding, fields by names of columns, and the format of the
    summary (`text` or `json`)."""

    encoding: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    format: str = "text"

    @classmethod
    def parsed(cls, encoding: str | None, maps: Sequence[str], wanted: str) -> ImportOptions:
        """The options as they were typed. Raises BadMapping."""
        return cls(encoding, parse_mapping(maps), wanted)


def import_command(
    path: Path,
    settings: Settings,
    clock: Clock,
    console: Console,
    *,
    encoding: str | None = None,
    maps: Sequence[str] = (),
    wanted: str = "text",
) -> int:
    """Import a file into the database that the settings name. Gives the exit status.

    Raises AgreementError, DatabaseAway or BadDatabaseUrl before anything is read.
    """
    try:
        options = ImportOptions.parsed(encoding, maps, wanted)
    except BadMapping as problem:
        console.print(f"{problem}.", style="red", markup=False, highlight=False)
        return 1
    agreement = load_agreement(settings.agreement)
    database = Database.open(settings.database_url.get_secret_value())
    try:
        migrate(database)
        book = database.write_now(open_book, agreement, clock.now())
        return run_import(path, database, clock, book, console, options)
    finally:
        database.close()


def run_import(
    path: Path,
    database: Database,
    clock: Clock,
    book: AgreementBook,
    console: Console,
    options: ImportOptions | None = None,
) -> int:
    """Import a file and say how it went. Gives the exit status: 1 if any row was bad or it had to stop."""
    wanted = options or ImportOptions()
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
                path,
                database,
                clock,
                book,
                lambda done, size: bar.update(task, completed=done, total=size),
                encoding=wanted.encoding,
                mapping=wanted.mapping,
            )
    except (CsvUnreadable, ImportStopped) as problem:
        console.print(str(problem), style="red", markup=False, highlight=False)
        return 1
    if wanted.format == "json":
        console.print_json(json.dumps(_as_json(report)))
    else:
        _summarise(report, console)
    return 1 if report.bad else 0


def _as_json(report: ImportReport) -> dict[str, object]:
    return {
        "rows": report.total,
        "created": report.created,
        "updated": report.updated,
        "handed_off": report.handed_off,
        "refused": report.bad,
        "refused_rows": [{"line": row.line, "why": row.why} for row in report.bad_rows],
        "rejected": str(report.rejected) if report.rejected else None,
        "file": report.file.as_json() if report.file else None,
    }


def _summarise(report: ImportReport, console: Console) -> None:
    table = Table(box=None, show_header=False)
    for one, many, count in (
        ("row", "rows", report.total),
        ("new lead", "new leads", report.created),
        ("already known", "already known", report.updated),
        ("handed off to sales", "handed off to sales", report.handed_off),
        ("not imported", "not imported", report.bad),
    ):
        table.add_row(f"{count:,}", one if count == 1 else many)
    table.columns[0].justify = "right"
    console.print(table)
    for sentence in report.file.sentences() if report.file else ():
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
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
