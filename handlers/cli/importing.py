"""`import FILE.csv` in the terminal: the progress bar, the summary, the exit status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.agreement import load_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.handoffs.import_summary import sentences
from bot.handoffs.importing import ImportReport, ImportStopped, PastTally, Wanted, import_file
from bot.leadform.columns import BadMapping, parse_mapping
from bot.leadform.csvfile import CsvUnreadable
from bot.leadform.spool import name_of
from bot.settings import Settings
from bot.views.text import plural
from handlers.cli.terminal import as_json
from storage.database import Database
from storage.migrations import migrate


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The options as they were typed: empty where nothing was; `maps` are like `Ma colonne=company`,
    `format` is that of the summary, `text` or `json`."""

    encoding: str = ""
    maps: Sequence[str] = ()
    format: str = "text"
    system: str = ""
    handoff: bool = True
    dry_run: bool = False
    history: bool = False

    def wanted(self) -> Wanted:
        """What they say of the file. Raises BadMapping."""
        return Wanted(
            encoding=self.encoding or None,
            mapping=parse_mapping(self.maps, past=self.history),
            system=self.system.strip() or None,
            hands_off=self.handoff,
            dry_run=self.dry_run,
            history=self.history,
        )


STOPPED = "Stopped. What is imported so far stays. Import the file again for the rest: nothing comes twice."
NOT_BEGUN = "Stopped. Nothing was stored."
INTERRUPTED = 130
"""The status of a command that Ctrl-C ended, as shells know it."""


def import_command(
    path: Path, settings: Settings, clock: Clock, console: Console, options: ImportOptions | None = None
) -> int:
    """Import a file into the database that the settings name. Gives the exit status.

    Raises AgreementError, DatabaseAway or BadDatabaseUrl before anything is read.
    """
    agreement = load_agreement(settings.agreement)
    database = Database.open(settings.database_url.get_secret_value())
    try:
        migrate(database)
        book = database.write_now(open_book, agreement, clock.now())
        return run_import(path, database, clock, book, console, options)
    except KeyboardInterrupt:
        console.print(STOPPED if options is None or not options.dry_run else NOT_BEGUN, highlight=False)
        return INTERRUPTED
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
    options = options or ImportOptions()
    try:
        wanted = options.wanted()
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        ) as bar:
            task = bar.add_task(f"Importing {escape(name_of(path).name)}")
            report = import_file(
                path,
                database,
                clock,
                book,
                lambda done, size: bar.update(task, completed=done, total=size),
                wanted,
            )
    except BadMapping as problem:
        console.print(f"{problem}.", style="red", markup=False, highlight=False)
        return 1
    except (CsvUnreadable, ImportStopped) as problem:
        console.print(str(problem), style="red", markup=False, highlight=False)
        return 1
    if options.format == "json":
        console.print(as_json(_as_json(report), indent=2), markup=False, highlight=False, soft_wrap=True)
    else:
        _summarise(report, console)
    return 1 if report.bad else 0


def _as_json(report: ImportReport) -> dict[str, object]:
    return {
        "rows": report.total,
        "created": report.created,
        "updated": report.updated,
        "handed_off": report.handed_off,
        "not_handed_off": dict(report.staying.reasons.most_common()),
        "below_the_line": dict(report.staying.lacking.most_common()),
        "notes": dict(report.remarks.counts.most_common()),
        "system": report.system,
        "dry_run": report.dry_run,
        "history": _past_as_json(report.past) if report.past else None,
        "refused": report.bad,
        "removed": report.removed,
        "refused_rows": [{"line": row.line, "why": row.why} for row in report.bad_rows],
        "rejected": str(report.rejected) if report.rejected else None,
        "file": report.file.as_json() if report.file else None,
    }


def _summarise(report: ImportReport, console: Console) -> None:
    if report.dry_run:
        console.print("Nothing was stored. This is what would happen.", highlight=False)
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
    for sentence in sentences(report):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    if report.removed:
        rows = plural(report.removed, "row")
        console.print(f"Skipped {rows} about people removed with forget.", highlight=False)
    for row in report.bad_rows:
        console.print(f"line {row.line}: {row.why}", markup=False, highlight=False, soft_wrap=True)
    if report.bad > len(report.bad_rows):
        console.print(f"… and {report.bad - len(report.bad_rows):,} more", highlight=False)
    if report.rejected is not None:
        console.print(
            f"Rows not imported are in {report.rejected}, with reasons. Fix them there and import that file. "
            "They are also kept for 30 days; see refused list.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def _past_as_json(past: PastTally) -> dict[str, object]:
    return {
        "handoffs": {fate.value: count for fate, count in past.fates.items()},
        "clocks_started": past.clocks,
        "unknown_owners": dict(past.owners.most_common()),
        "unknown_reasons": dict(past.reasons.most_common()),
    }
