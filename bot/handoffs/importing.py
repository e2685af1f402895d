"""A file of leads comes in: row by row, in short transactions, beside a bot that runs on the same database.

How files are read is leadform's, what becomes of a lead is the use cases'. What is shown is the caller's.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.context import IMPORT, Context
from bot.handoffs import Taken, take_in
from bot.leadform import LeadFaults, LeadForm
from bot.leadform.csvfile import CsvUnreadable, RejectedWriter, Row, open_csv
from bot.leadform.filereport import FileReport
from bot.leadform.filerows import FileReader, read_row
from storage.database import Database, DatabaseAway

ROWS_AT_ONCE = 50
"""Rows in one transaction: a click in the running bot waits for no more than these."""
GAP = 0.02
"""Seconds between two transactions, in which the running bot has the database file to itself."""
MOST_SHOWN = 20
"""How many bad rows a report names; FILE.rejected.csv has them all."""

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Told now and then how many bytes of the file are done, and of how many."""


class ImportStopped(Exception):
    """The import broke off; the text says in a sentence why, what is stored, and what to do."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken: its line in the file, from 1, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How an import went. `handed_off` counts the leads that went to sales because of it; `bad_rows` are the
    first of the bad ones; `rejected` is the file that has them all, if there are any; `file` says what was
    made of the file itself."""

    total: int = 0
    created: int = 0
    updated: int = 0
    bad: int = 0
    handed_off: int = 0
    bad_rows: tuple[BadRow, ...] = ()
    rejected: Path | None = None
    file: FileReport | None = None


def import_file(
    path: Path,
    database: Database,
    clock: Clock,
    book: AgreementBook,
    progress: Progress,
    *,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> ImportReport:
    """Take in every good row of a file and write the bad ones beside it. Blocks; needs constant memory.

    `encoding` and `mapping` (name of a column → field) overrule what the file shows. The same file again
    changes nothing. Raises CsvUnreadable before anything is stored, ImportStopped when the database, the file
    or the disk gives way underneath.
    """
    file = open_csv(path, encoding=encoding, mapping=mapping)
    reader = FileReader(file)
    reader.survey()
    tally, trace = _Tally(), secrets.token_hex(6)
    try:
        with RejectedWriter(file) as rejected:
            for number, batch in enumerate(_batched(reader, ROWS_AT_ONCE)):
                if number:
                    time.sleep(GAP)
                context = Context(clock.now(), clock.wire(), book, IMPORT, trace)
                _take_batch(database, context, reader, batch, tally, rejected)
                progress(batch[-1].offset, file.size)
    except DatabaseAway as away:
        raise ImportStopped(f"{away} {tally.so_far()}") from away
    except CsvUnreadable as unreadable:
        raise ImportStopped(f"{unreadable} {tally.so_far()}") from unreadable
    except OSError as error:
        raise ImportStopped(
            f"Rows not imported cannot be written to {rejected.path} ({error.strerror}); let this user write "
            f"there. {tally.so_far()}"
        ) from error
    return tally.report(reader.report, rejected.path if rejected.count else None)


class _Tally:
    """The counts of an import that is under way."""

    def __init__(self) -> None:
        self.line = self.total = self.created = self.updated = self.handed_off = self.bad = 0
        self.bad_rows: list[BadRow] = []

    def taken(self, taken: Taken) -> None:
        self.created += taken.created
        self.updated += not taken.created
        self.handed_off += taken.handed_off

    def refused(self, row: Row, why: str) -> None:
        self.bad += 1
        if len(self.bad_rows) < MOST_SHOWN:
            self.bad_rows.append(BadRow(row.line, why))

    def so_far(self) -> str:
        if not self.total:
            return "Nothing was stored."
        return f"Stored up to line {self.line}. Import the file again later; nothing is taken twice."

    def report(self, file: FileReport, rejected: Path | None) -> ImportReport:
        file.created, file.updated, file.refused = self.created, self.updated, self.bad
        return ImportReport(
            total=self.total,
            created=self.created,
            updated=self.updated,
            bad=self.bad,
            handed_off=self.handed_off,
            bad_rows=tuple(self.bad_rows),
            rejected=rejected,
            file=file,
        )


def _take_batch(
    database: Database,
    context: Context,
    reader: FileReader,
    batch: Sequence[Row],
    tally: _Tally,
    rejected: RejectedWriter,
) -> None:
    read = [_read(reader, row, context) for row in batch]
    judged = database.write_now(_take_each, context, read)
    for row, outcome in zip(batch, judged, strict=True):
        if isinstance(outcome, Taken):
            tally.taken(outcome)
        else:
            tally.refused(row, outcome)
            rejected.write(row, outcome)
    tally.total += len(batch)
    tally.line = batch[-1].line


def _read(reader: FileReader, row: Row, context: Context) -> LeadForm | str:
    try:
        return read_row(reader, row, context.now)
    except LeadFaults as bad:
        return row.fault or str(bad)


def _take_each(tx: Connection, context: Context, read: Sequence[LeadForm | str]) -> list[Taken | str]:
    return [each if isinstance(each, str) else _take(tx, context, each) for each in read]


def _take(tx: Connection, context: Context, form: LeadForm) -> Taken | str:
    try:
        return take_in(tx, context, form)
    except LeadFaults as bad:  # found before anything was written
        return str(bad)


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
