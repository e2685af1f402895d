"""From the rows of one file to records that read_lead takes: every column's reader is chosen once a file.

The dates of whole columns and the ids of the whole file are settled in a first pass. Which value is a good
one is the readers' business; who a lead is and what becomes of it is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Any

from bot.leadform.aliases import field_of
from bot.leadform.blanks import is_blank
from bot.leadform.columns import ANSWER, BATON, QUESTION, SKIP, Column
from bot.leadform.csv_header import shown_line
from bot.leadform.csvfile import ERROR_COLUMN, CsvFile, Row, Skips, rows
from bot.leadform.date_columns import ColumnDates, settle
from bot.leadform.faults import FieldFault, LeadFaults
from bot.leadform.filereport import FileReport
from bot.leadform.groups import Groups
from bot.leadform.ids import RepeatedIds, read_id
from bot.leadform.keys import email_key
from bot.leadform.model import LeadForm
from bot.leadform.own import OwnRecord, read_own
from bot.leadform.pastcolumns import DATES, OWN
from bot.leadform.phones import read_phone
from bot.leadform.reading import read_lead
from bot.leadform.row_events import MOMENTS, SAID, event_of
from bot.leadform.sheets import is_guarded, unguarded
from bot.leadform.text import BadValue, simplify

_MOST_SURVEYED = 1 << 28  # bytes; of a longer file the beginning has to tell
_DATES = ("closed_at", "activity_at", "last_activity_at", *MOMENTS)
_SETTLING = (*_DATES, "last_activity", "created_at", "updated_at")  # these tell the order too
_EVENTS = SAID | MOMENTS.keys()
_IDS = ("external_id", "id")
_TEXTS = frozenset({"first_name", "last_name", "name", "title", "company", "industry", "country", "region"})

_READ_HERE = frozenset((*_DATES, *_IDS, *_TEXTS, "last_activity"))

_META_PREFIX = re.compile(r"(?:l|p|f|c|a|ag|as):(?=\S)")
_META_TEST = "<test lead:"
_SAYS_TEST = frozenset({"istestlead", "testlead", "istest"})
_YES = frozenset({"yes", "ja", "oui", "sí", "si", "sim", "true", "はい"})


class FileReader:
    """Reads the rows of one file. `report` says what was made of it, and grows with each row."""

    def __init__(self, file: CsvFile, zone: tzinfo = UTC) -> None:
        """`zone` is that of times without one, in columns that name none."""
        self._file = file
        self._skips = Skips()
        self.report = FileReport.of(file, self._skips)
        self.columns = columns = file.columns
        self.own = columns.system == BATON
        past = OWN if columns.past else frozenset[str]()
        self._past = [(field, columns.of(field)) for field in sorted(past & columns.fields)]
        self._dates = {
            column.place: ColumnDates(file.header[column.place], zone)
            for field in (*_SETTLING, *(DATES if columns.past else ()))
            for column in columns.of(field)
        }
        self._repeated = RepeatedIds()
        self._groups = Groups(columns.all, file.header)
        self.report.filled = self._groups.filled
        self.report.told_by = _MOST_SURVEYED if file.size > _MOST_SURVEYED else None
        self._clean = _meta_cell if columns.system == "meta" else _cell
        self._single = [
            (column, _key(column))
            for column in columns.all
            if column.name != ERROR_COLUMN
            and column.field not in {SKIP, QUESTION, ANSWER, *past}
            and not self._competes(column)
        ]
        self._several = [
            columns.of(field)
            for field in sorted(columns.fields - _EVENTS - past - {QUESTION, ANSWER})
            if len(columns.of(field)) > 1
        ]
        self._events = [(field, columns.of(field)[0]) for field in sorted(_EVENTS & columns.fields)]
        self._answers = columns.answers()
        self._topic = _topic_of(file)
        self._tests = [c.place for c in columns.all if simplify(c.name) in _SAYS_TEST]
        self._form = next((c for c in columns.all if simplify(c.name) in ("formname", "form")), None)

    def _competes(self, column: Column) -> bool:
        field = column.field
        if field is None or field in _EVENTS:
            return field is not None
        return len(self._file.columns.of(field)) > 1

    def survey(self) -> None:
        """Read the file once to settle the order of its dates, and which ids name nobody.

        Keeps two numbers an id and nothing else of the rows. Raises CsvUnreadable.
        """
        if self.own:
            return
        ids = [column.place for field in _IDS for column in self._file.columns.of(field)][:1]
        emails = [column.place for column in self._file.columns.of("email")]
        passed_over, last = Skips(), 0
        if self._dates or self._groups or (ids and emails):
            for row in rows(self._file, passed_over):
                if row.offset > _MOST_SURVEYED:
                    break
                last = row.line
                if row.fault is None:
                    self._look_at(row.cells, ids, emails)
            settle(self._dates.values())
            self._groups.look_for(((each.line, each.text) for each in passed_over.first), last)

    def _look_at(self, cells: tuple[str, ...], ids: list[int], emails: list[int]) -> None:
        for place, dates in self._dates.items():
            if cells[place]:
                dates.feed(cells[place])
        if ids and emails:
            address = next((cells[place] for place in emails if "@" in cells[place]), "")
            self._repeated.add(
                read_id(self._clean(cells[ids[0]])).id, email_key(address) if address else None
            )

    def __iter__(self) -> Iterator[Row]:
        """The rows that are records; lines and test leads that are none are noted in the report."""
        for row in rows(self._file, self._skips, self._groups):
            if row.fault is None and self._is_test(row):
                self._skips.skip(row.line, "a test lead", "is left out")
            elif self.own and row.values.get("merged_into"):
                self._skips.skip(row.line, shown_line(row.cells), "was merged into another lead")
            else:
                self.report.rows += 1
                yield row

    def _is_test(self, row: Row) -> bool:
        told = any(row.cells[place].strip().casefold() in _YES for place in self._tests)
        return told or any(_META_TEST in cell for cell in row.cells)

    def skip(self, fault: FieldFault, record: Mapping[str, Any], line: int) -> None:
        """Report what read_lead could not read of a record."""
        field = fault.field.partition("[")[0]
        columns = self._file.columns.of(field)
        name = next((c.name for c in columns if c.name in record or len(columns) == 1), field)
        value = record.get(name, record.get(field, ""))
        self.report.set_aside(name, value if isinstance(value, str) else "", fault.message, line)

    def record(self, row: Row) -> dict[str, Any]:
        """A row without a fault, under names that read_lead knows: of several columns of a field the best."""
        record: dict[str, Any] = {}
        beside: dict[str, str] = {}
        cells = row.cells
        for column, key in self._single:
            if text := cells[column.place]:
                self._put(
                    beside if column.is_ours else record, beside, column, key, self._clean(text), row.line
                )
        for columns in self._several:
            self._put_best(record, beside, columns, row)
        for question, answer in self._answers:
            if cells[question] and cells[answer]:
                record.setdefault(self._clean(cells[question]), self._clean(cells[answer]))
        if self._events:
            self._put_event(record, row)
        if beside:
            record["extra"] = beside
        if "infix" in record:
            _put_before_last_name(record, record.pop("infix"))
        return record

    def told(self, row: Row) -> dict[str, Any]:
        """What a row without a fault tells of the past, by the names of pastcolumns.py; dates are read."""
        found: dict[str, Any] = {}
        for field, columns in self._past:
            for column in columns:
                text = self._clean(row.cells[column.place])
                if field in found or is_blank(text, exact=field in DATES):
                    continue
                try:
                    found[field] = self._dates[column.place].read(text) if field in DATES else text
                except BadValue as problem:
                    self.report.set_aside(column.name, text, str(problem), row.line)
        return found

    def name_of(self, field: str) -> str:
        """What the file calls a field."""
        return self.columns.of(field)[0].name

    def _put(
        self, record: dict[str, Any], beside: dict[str, str], column: Column, key: str, text: str, line: int
    ) -> bool:
        """Put a cell into the record if it can stand for its field, else beside it; says whether it could."""
        try:
            record[key] = self._read(column, text)
        except BadValue as problem:
            self.report.set_aside(column.name, text, str(problem), line)
            beside[column.name] = text
            return False
        return True

    def _read(self, column: Column, text: str) -> Any:
        field = column.field
        if field not in _READ_HERE or not text:
            return text
        if field in _DATES:
            if is_blank(text, exact=True):
                return text
            return _as_text(self._dates[column.place].read(text), text)
        if field == "last_activity" and text[:1].isdigit():
            return _as_text(self._dates[column.place].read(text), text)
        if field in _IDS:
            return self._id(text)
        if field in _TEXTS and text.startswith("="):
            raise BadValue("is a formula")
        return text

    def _id(self, text: str) -> str:
        found = read_id(text)
        if found.id is None:
            raise BadValue(found.reason or "is empty")
        if found.id in self._repeated:
            raise BadValue(RepeatedIds.REASON)
        return found.id

    def _put_best(
        self, record: dict[str, Any], beside: dict[str, str], columns: tuple[Column, ...], row: Row
    ) -> None:
        """The first column that can stand for the field does; what else is told is kept beside it."""
        field = columns[0].field or ""
        if field in _KEPT_APART:
            for column in columns:
                self._put(
                    record, beside, column, _key(column), self._clean(row.cells[column.place]), row.line
                )
            return
        found: str | None = None
        fits = _FITS.get(field)
        for column in columns:
            text = self._clean(row.cells[column.place])
            if is_blank(text):
                continue
            if found is None and (fits is None or fits(text)):
                if self._put(record, beside, column, field, text, row.line):
                    found = text
            elif text != found:
                beside[column.name] = text
        if found is None and beside and field in ("email", "phone"):
            self._take_first(record, beside, columns, field)

    def _take_first(
        self, record: dict[str, Any], beside: dict[str, str], columns: tuple[Column, ...], field: str
    ) -> None:
        """Let whoever reads the record say what is wrong with the best of values that are none."""
        first = next((column.name for column in columns if column.name in beside), None)
        if first is not None:
            record[field] = beside.pop(first)

    def _put_event(self, record: dict[str, Any], row: Row) -> None:
        """What the row says to have happened, at its moment: a form sent, a meeting booked."""
        moments: dict[str, str] = {}
        said: set[str] = set()
        for field, column in self._events:
            text = self._clean(row.cells[column.place])
            if is_blank(text, exact=True):
                continue
            if field in SAID:
                said |= {field} if text.casefold() in _YES else set()
                continue
            try:
                moments[field] = self._dates[column.place].read(text).isoformat()
            except BadValue as problem:
                self.report.set_aside(column.name, text, str(problem), row.line)
        detail = self._topic or (self._clean(row.cells[self._form.place]) if self._form else None)
        if event := event_of(moments, said, detail):
            self._add_event(record, event)

    def _add_event(self, record: dict[str, Any], event: dict[str, str]) -> None:
        """Beside an activity of its own the moment is that activity's."""
        own = next((key for key in record if field_of(key) == "activities" and record[key]), None)
        if own is None:
            record["activities"] = [event]
        elif not any(field_of(key) == "activity_at" for key in record):
            record["activity_at"] = event["at"]


def read_row(reader: FileReader, row: Row, now: datetime) -> LeadForm:
    """The lead of a row: what cannot be read of it is set aside in the report.

    Raises LeadFaults for a row that is none, and for one that does not say who it is about.
    """
    if row.fault is not None:
        raise LeadFaults([FieldFault("row", row.fault)])
    return read_record(reader, row, reader.record(row), now)


def read_record(reader: FileReader, row: Row, record: Mapping[str, Any], now: datetime) -> LeadForm:
    """The lead of a row without a fault, of which `record` is what the reader made. As `read_row`."""
    aside: list[FieldFault] = []
    form = read_lead(record, now=now, aside=aside)
    for fault in aside:
        reader.skip(fault, record, row.line)
    return form


def read_own_row(reader: FileReader, row: Row) -> OwnRecord:
    """The lead of a row that `export leads` wrote. Raises LeadFaults as `read_row`."""
    aside: list[FieldFault] = []
    own = read_own(row.values, aside)
    for fault in aside:
        reader.skip(fault, row.values, row.line)
    return own


def _put_before_last_name(record: dict[str, Any], infix: str) -> None:
    """ "van der" and "Berg" are one name, which Dutch tools keep in two columns."""
    last = next((key for key in record if field_of(key) == "last_name" and record[key]), None)
    if last is not None:
        record[last] = f"{infix} {record[last]}"


_KEPT_APART = frozenset({"source", "status", "last_activity", "last_activity_at", "last_activity_detail"})
"""Fields of which read_lead takes several columns, each under its own name."""

_KEPT = frozenset({"created_at", "updated_at"})

_SUMMARIES = {
    "last_activity": "Last Activity",
    "last_activity_at": "Last Activity Date",
    "last_activity_detail": "Last Activity Detail",
}


def _key(column: Column) -> str:
    """The name under which read_lead takes the column for what it is: its own where that says so."""
    field = column.field
    if field is None or field in _KEPT:
        return column.name
    if field == "id":
        return "external_id"  # a sender's own id, whatever else stands beside it
    if field in _SUMMARIES:
        return column.name if field_of(column.name) == "summary" else _SUMMARIES[field]
    return column.name if field_of(column.name) == field else field


def _is_phone(text: str) -> bool:
    try:
        read_phone(text)
    except BadValue:
        return False
    return True


_FITS: dict[str, Callable[[str], bool]] = {"email": lambda text: "@" in text, "phone": _is_phone}
"""What a value must look like to stand for a field that has several columns."""


def _cell(text: str) -> str:
    """A cell without what a spreadsheet puts around it to keep it as it is: `'+1 617` and `="00123"`."""
    text = text.strip()
    if is_guarded(text):
        return unguarded(text)
    if text[:2] == '="' and text[-1] == '"' and len(text) > 3:
        return text[2:-1].replace('""', '"')
    return text


def _meta_cell(text: str) -> str:
    """The same, without the letters that Meta puts before its ids and numbers: `l:137…`, `p:+49…`."""
    return _META_PREFIX.sub("", _cell(text), count=1)


def _as_text(moment: datetime, written: str) -> str:
    """A moment as ISO 8601; a day alone where no time was written."""
    return (
        moment.isoformat() if ":" in written or moment.time() != datetime.min.time() else f"{moment:%Y-%m-%d}"
    )


def _topic_of(file: CsvFile) -> str | None:
    """The topic of a webinar, from the table above the attendees."""
    above = [line.text.split(" · ") for line in file.above]
    return next((below[0] for line, below in pairwise(above) if line[0] == "Topic"), None)
