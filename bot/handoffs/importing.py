"""A file of leads comes in: row by row, in short transactions, beside a bot that runs on the same database.

How files are read is leadform's, what becomes of a lead is the use cases'. What is shown is the caller's.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.background import collecting_seldom
from bot.clock import Clock
from bot.context import IMPORT, Context
from bot.handoffs import Taken, chunk
from bot.handoffs.forgotten import Forgotten
from bot.handoffs.past import Fate, TakenPast, take_past
from bot.handoffs.refused import FILE, keep
from bot.handoffs.remarks import Remarks
from bot.handoffs.restoring import take_own
from bot.handoffs.staying import Staying
from bot.handoffs.taken import Door
from bot.leadform import FieldFault, LeadFaults, LeadForm
from bot.leadform.csvfile import CsvFile, CsvUnreadable, RejectedWriter, Row, open_csv
from bot.leadform.filereport import FileReport
from bot.leadform.filerows import FileReader, read_own_row, read_record
from bot.leadform.own import OwnRecord
from bot.leadform.past import PastForm
from bot.leadform.pastrows import past_rows, read_past_row
from bot.leadform.spool import at_rest, name_of
from storage.database import Database, DatabaseAway
from storage.database.rehearsal import rehearsal

ROWS_AT_ONCE = chunk.MOST
"""Rows in one transaction, fewer where many go to sales: a click in the running bot waits for no more."""
GAP = 0.02
"""Seconds between two transactions, in which the running bot has the database file to itself."""
MOST_SHOWN = 20
"""How many bad rows a report names; FILE.rejected.csv has them all."""

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Told now and then how many bytes of the file are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person who imports says of a file, beside what it shows.

    `encoding` and `mapping` (name of a column → field) overrule what the file shows; `system` is whose ids it
    bears. With `hands_off` False nothing goes to sales because of it; a `dry_run` stores nothing at all. A
    `history` is a CRM's past: its leads come with what became of them.
    """

    encoding: str | None = None
    mapping: Mapping[str, str] | None = None
    system: str | None = None
    hands_off: bool = True
    dry_run: bool = False
    history: bool = False


class ImportStopped(Exception):
    """The import broke off; the text says in a sentence why, what is stored, and what to do."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken: its line in the file, from 1, and why."""

    line: int
    why: str


@dataclass(slots=True)
class PastTally:
    """What became of the rows of a history: by fate, and how many clocks run because of them.

    `owners` and `reasons` are those that the agreement does not know, as they are written.
    """

    fates: Counter[Fate] = field(default_factory=Counter)
    clocks: int = 0
    owners: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, taken: TakenPast) -> None:
        """One more row."""
        self.fates[taken.fate] += 1
        self.clocks += taken.clock
        if taken.unknown_owner:
            self.owners[taken.unknown_owner] += 1
        if taken.unknown_reason:
            self.reasons[taken.unknown_reason] += 1


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How an import went, or in a dry run would go.

    `handed_off` counts the leads that went to sales because of it, `staying` has why the others did not;
    `remarks` are what was read otherwise than the sender may expect; `bad_rows` are the first of the bad
    ones; `rejected` is the file that has them all, if there are any; `system` is whose ids the file bears;
    `removed` counts the rows about people who were erased, of which nothing is written anywhere; `file` says
    what was made of the file itself, `past` what became of the rows of a history.
    """

    total: int = 0
    created: int = 0
    updated: int = 0
    bad: int = 0
    handed_off: int = 0
    bad_rows: tuple[BadRow, ...] = ()
    rejected: Path | None = None
    file: FileReport | None = None
    system: str = ""
    staying: Staying = field(default_factory=Staying)
    remarks: Remarks = field(default_factory=Remarks)
    removed: int = 0
    dry_run: bool = False
    past: PastTally | None = None


def import_file(
    path: Path,
    database: Database,
    clock: Clock,
    book: AgreementBook,
    progress: Progress,
    wanted: Wanted | None = None,
) -> ImportReport:
    """Take in every good row of a file and write the bad ones beside it. Blocks; needs constant memory.

    The same file again changes nothing. A pipe is read to the end first; "-" is the standard input. Raises
    CsvUnreadable before anything is stored, ImportStopped when the database, the file or the disk gives way
    underneath.
    """
    wanted = wanted or Wanted()
    with at_rest(path) as data, collecting_seldom():
        file = open_csv(
            name_of(path), encoding=wanted.encoding, mapping=wanted.mapping, past=wanted.history, data=data
        )
        return _import(file, database, clock, book, progress, wanted)


def _import(
    file: CsvFile, database: Database, clock: Clock, book: AgreementBook, progress: Progress, wanted: Wanted
) -> ImportReport:
    reader = FileReader(file)
    reader.survey()
    door = Door(wanted.system or system_of(file), hands_off=wanted.hands_off, past=True)
    tally, trace = _Tally(), secrets.token_hex(6)
    beside = RejectedWriter(file)
    try:
        with rehearsal(database) if wanted.dry_run else _stored(database, beside) as stored_in:
            for rows in _batched(_rows(reader), ROWS_AT_ONCE):
                context = Context(clock.now(), clock.wire(), book, IMPORT, trace)
                read = [_read(reader, row, told, context) for row, told in rows]
                left = [row for row, _ in rows]
                while left:
                    if tally.total and not wanted.dry_run:
                        time.sleep(GAP)
                    judged = _take_batch(stored_in, context, door, read[-len(left) :])
                    done, left = left[: len(judged)], left[len(judged) :]
                    tally.batch(context, door, done, judged, None if wanted.dry_run else beside)
                    progress(done[-1].offset, file.size)
                    context = Context(clock.now(), clock.wire(), book, IMPORT, trace)
    except DatabaseAway as away:
        raise ImportStopped(f"{away} {tally.so_far(dry=wanted.dry_run)}") from away
    except CsvUnreadable as unreadable:
        raise ImportStopped(f"{unreadable} {tally.so_far(dry=wanted.dry_run)}") from unreadable
    except OSError as error:
        raise ImportStopped(
            f"Rows not imported cannot be written to {beside.path} ({error.strerror}); let this user write "
            f"there. {tally.so_far(dry=wanted.dry_run)}"
        ) from error
    rejected = beside.path if beside.count else None
    return tally.report(reader.report, rejected, system=door.system, dry=wanted.dry_run)


@contextmanager
def _stored(database: Database, beside: RejectedWriter) -> Iterator[Database]:
    with beside:
        yield database


def system_of(file: CsvFile) -> str:
    """Whose ids a file bears: the tool's that its columns betray, else its own, so that no two files share
    any. Mended rows (`leads.rejected.csv`) bear those of the file that they come from."""
    if file.columns.system:
        return file.columns.system
    name = file.path.name
    for ending in (".csv", ".rejected"):
        name = name[: -len(ending)] if name.casefold().endswith(ending) else name
    return f"file:{name}"


Record = LeadForm | OwnRecord | PastForm


@dataclass(frozen=True, slots=True)
class _Read:
    """A row: what the reader made of it, and the lead that it is, or why it is none."""

    raw: object
    lead: Record | LeadFaults


class _Tally:
    """The counts of an import that is under way."""

    def __init__(self) -> None:
        self.line = self.total = self.created = self.updated = self.handed_off = self.bad = 0
        self.removed = 0
        self.bad_rows: list[BadRow] = []
        self.staying, self.remarks = Staying(), Remarks()
        self.past = PastTally()

    def batch(
        self,
        context: Context,
        door: Door,
        batch: Sequence[Row],
        judged: Sequence[Taken | LeadFaults],
        beside: RejectedWriter | None,
    ) -> None:
        """What became of some rows; those that were not taken are written beside. Raises OSError."""
        for row, outcome in zip(batch, judged, strict=True):
            if isinstance(outcome, Taken):
                self._taken(context, door, outcome)
            elif isinstance(outcome, Forgotten):
                self.removed += 1
            else:
                self._refused(row, row.fault or str(outcome), beside)
        self.total += len(batch)
        self.line = batch[-1].line

    def _taken(self, context: Context, door: Door, taken: Taken) -> None:
        self.created += taken.created
        self.updated += not taken.created
        self.handed_off += taken.handed_off
        self.remarks.add(taken.notes)
        if isinstance(taken, TakenPast):
            self.past.add(taken)
        elif not taken.handed_off:
            self.staying.add(context, door, taken)

    def _refused(self, row: Row, why: str, beside: RejectedWriter | None) -> None:
        self.bad += 1
        if len(self.bad_rows) < MOST_SHOWN:
            self.bad_rows.append(BadRow(row.line, why))
        if beside is not None:
            beside.write(row, why)

    def so_far(self, *, dry: bool) -> str:
        if not self.total or dry:
            return "Nothing was stored."
        return f"Stored up to line {self.line}. Import the file again later; nothing is taken twice."

    def report(self, file: FileReport, rejected: Path | None, *, system: str, dry: bool) -> ImportReport:
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
            system=system,
            staying=self.staying,
            remarks=self.remarks,
            removed=self.removed,
            dry_run=dry,
            past=self.past if self.past.fates else None,
        )


def _rows(reader: FileReader) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    """The rows, each with what it tells of the past."""
    if reader.columns.past:
        return past_rows(reader)
    return ((row, {}) for row in reader)


def _read(reader: FileReader, row: Row, told: Mapping[str, Any], context: Context) -> _Read:
    if row.fault is not None:
        return _Read(list(row.cells), LeadFaults([FieldFault("row", row.fault)]))
    record: dict[str, Any] = dict(row.values) if reader.own else reader.record(row)
    try:
        if reader.own:
            return _Read(record, read_own_row(reader, row))
        if reader.columns.past:
            return _Read(dict(row.values), read_past_row(reader, row, told, context.now))
        return _Read(record, read_record(reader, row, record, context.now))
    except LeadFaults as bad:
        return _Read(record, bad)


def _take_batch(
    database: Database, context: Context, door: Door, read: Sequence[_Read]
) -> list[Taken | LeadFaults]:
    """What becomes of the first so many rows, in one transaction; at least of one."""
    judged = database.write_now(_take_first, context, door, read)
    if any(isinstance(each, LeadFaults) for each in judged):
        database.write_now(_keep_each, context, door, read[: len(judged)], judged)
    return judged


def _take_first(
    tx: Connection, context: Context, door: Door, read: Sequence[_Read]
) -> list[Taken | LeadFaults]:
    leads = [each.lead for each in read]
    if not any(isinstance(each, OwnRecord | PastForm) for each in leads):
        return chunk.take_many(tx, context, cast("list[LeadForm | LeadFaults]", leads), door)
    return [_take(tx, context, each, door) for each in leads[: chunk.ONE_BY_ONE]]


def _take(tx: Connection, context: Context, lead: Record | LeadFaults, door: Door) -> Taken | LeadFaults:
    try:
        if isinstance(lead, OwnRecord):
            return take_own(tx, context, lead, door)
        if isinstance(lead, PastForm):
            return take_past(tx, context, lead, door)
    except LeadFaults as bad:  # found before anything was written
        return bad
    return chunk.take_many(tx, context, [lead], door)[0]


def _keep_each(
    tx: Connection,
    context: Context,
    door: Door,
    read: Sequence[_Read],
    judged: Sequence[Taken | LeadFaults],
) -> None:
    for each, outcome in zip(read, judged, strict=True):
        if isinstance(outcome, LeadFaults):
            keep(tx, context, FILE, door.system, each.raw, outcome)


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
