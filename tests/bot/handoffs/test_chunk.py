"""Many rows at once come to what each would come to alone: the same tables, the same summary."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.context import Context
from bot.handoffs import chunk, importing, take_in
from bot.handoffs.importing import ImportReport, Wanted, import_file
from bot.handoffs.taken import Door, Taken
from bot.leadform import LeadFaults, LeadForm, read_lead
from bot.leadform.csvfile import CsvUnreadable
from storage import crowd
from storage import rotations as turns
from storage.database import Database
from storage.models import rotations
from tests.bot.ledger import JANE, Ledger

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
DATA = Path(__file__).parents[1] / "leadform" / "data"
Read = Sequence[LeadForm | LeadFaults]


def one_by_one(tx: Connection, ctx: Context, read: Read, door: Door) -> list[Taken | LeadFaults]:
    """What `take_many` has to come to."""
    return [_alone(tx, ctx, each, door) for each in read]


def _alone(tx: Connection, ctx: Context, each: LeadForm | LeadFaults, door: Door) -> Taken | LeadFaults:
    if isinstance(each, LeadFaults):
        return each
    try:
        return take_in(tx, ctx, each, door)
    except LeadFaults as bad:
        return bad


class Still(Clock):
    """A clock that stands still, the one on the wall too."""

    def wire(self) -> datetime:
        return self.now()


class Twin:
    """A database into which files are imported, and how."""

    def __init__(self, template: Path, path: Path, take: Callable[..., Any] | None) -> None:
        shutil.copy(template, path)
        self.database, self.take = Database.open(f"sqlite:///{path}"), take
        self.book = self.database.write_now(open_book, default_agreement(), NOW)

    def imports(self, path: Path, now: datetime, wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> Any:
        with monkeypatch.context() as patch:
            if self.take is not None:
                patch.setattr(chunk, "take_many", self.take)
            report = import_file(
                path, self.database, Still(start=now, speed=0), self.book, lambda _done, _size: None, wanted
            )
        return _said(report)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        tables = SQLModel.metadata.sorted_tables
        return self.database.read_now(
            lambda tx: {
                table.name: sorted(tuple(map(repr, row)) for row in tx.execute(select(table)))
                for table in tables
            }
        )


def _said(report: ImportReport) -> dict[str, Any]:
    told = {name: getattr(report, name) for name in ImportReport.__dataclass_fields__ if name != "file"}
    assert report.file is not None
    aside = [(each.column, each.count) for each in report.file.aside]
    return {**told, "aside": aside}


@pytest.fixture
def twins(_sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Twin, Twin]:
    monkeypatch.setattr(importing, "GAP", 0)
    monkeypatch.setattr(chunk, "ONE_BY_ONE", chunk.MOST)  # else what is refused is kept sooner
    monkeypatch.setattr("secrets.token_hex", lambda count: "0" * 2 * count)
    return (
        Twin(_sqlite_template, tmp_path / "alone.db", one_by_one),
        Twin(_sqlite_template, tmp_path / "many.db", None),
    )


HEADER = [
    *("Lead ID", "Email", "First Name", "Last Name", "Job Title", "Company", "Website", "# Employees"),
    *("Phone", "Country", "Source", "Activity", "Activity Date", "Visits", "Notes", "Qualified"),
    *("Stage", "Last Activity", "Last Activity Date"),
]


def a_row(chance: random.Random, people: int) -> list[str]:
    """Somebody of a few, as an export has them: now with this told, now with that, now garbled."""
    who = chance.randrange(people)
    pick, some = chance.choice, chance.random
    ident = f"id-{who}" if some() < 0.7 else pick(["", "", "0", f"id-{chance.randrange(people)}"])
    address = (
        f"p{who}@firm{who % 3}.example"
        if some() < 0.8
        else pick(
            [
                "",
                "info@firm1.example",
                f"P{who}+x@Firm{who % 3}.example",
                f"new{who}@firm2.example",
                "not one",
            ]
        )
    )
    return [
        ident,
        address,
        pick(["Bo", "", "A.", "Dee"]) if some() < 0.3 else "Ann",
        pick(["Bee", "Dunn", "Müller"]) if some() < 0.2 else ["Bee", "Dunn", "Müller"][who % 3],
        pick(["", "CTO", "Analyst", "VP Sales", "Intern"]),
        pick(["", f"Firm {who % 3} Inc.", f"FIRM {who % 3}"]),
        pick(["", "", f"www.firm{who % 3}.example"]),
        pick(["", "20", "450", "lots", "1.2k"]),
        pick(["", "", "+1 212 555 0101", "(212) 555-0101", "4.91512E+12"]),
        pick(["", "US", "Germany"]),
        pick(["", "Webinar", "Organic Search"]),
        pick(["", "", "", "demo_request", "webinar", "page_view", "Call", "webinar; webinar; download"]),
        pick(["", "2026-11-02", "2026-11-16", "2023-05-01", "2027-01-01"]),
        pick(["", "3", "12"]),
        pick(["", "one", "two"]),
        pick(["", "", "", "", "", "yes", "no"]),
        pick([""] * 12 + ["Open - Not Contacted", "Closed Won", "nonsense"]),
        pick(["", "", "Email", "Webinar", "Never"]),
        pick(["", "2026-10-01"]),
    ]


def a_file(folder: Path, chance: random.Random, rows: int) -> Path:
    path = folder / f"leads {chance.randrange(10**6)}.csv"
    people = chance.choice([rows // 2, 10 * rows])  # who concern each other, and who do not
    drop = {n for n in range(8, len(HEADER)) if chance.random() < 0.4}
    with path.open("w", newline="") as text:
        writer = csv.writer(text)
        for row in (HEADER, *(a_row(chance, people) for _ in range(rows))):
            writer.writerow([cell for n, cell in enumerate(row) if n not in drop])
    return path


@pytest.mark.parametrize("seed", range(4))
def test_any_file_comes_to_what_its_rows_would_come_to_alone(
    seed: int, twins: tuple[Twin, Twin], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # a seed a case, so that it can be played again
    wanted = Wanted(system=chance.choice([None, "crm"]), hands_off=chance.random() < 0.5)
    now, files = NOW, []
    for _ in range(3):
        files.append(a_file(tmp_path, chance, chance.choice([4, 20, 60])))
        path = chance.choice(files)
        alone, many = (twin.imports(path, now, wanted, monkeypatch) for twin in twins)
        assert many == alone
        now += timedelta(days=chance.choice([0, 1, 40]))
    alone_tables, many_tables = (twin.tables() for twin in twins)
    for name, rows in alone_tables.items():
        assert many_tables[name] == rows, f"{name}: {_differing(many_tables[name], rows)}"


def _differing(many: Sequence[tuple[Any, ...]], alone: Sequence[tuple[Any, ...]]) -> list[Any]:
    pairs = [pair for rows in zip(many, alone, strict=False) for pair in zip(*rows, strict=True)]
    return [pair for pair in pairs if pair[0] != pair[1]][:3]


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv")), ids=lambda path: path.stem)
def test_the_exports_of_tools_come_to_what_their_rows_would_come_to_alone(
    path: Path, twins: tuple[Twin, Twin], monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (0, 30):
        said = [_imports(twin, path, NOW + timedelta(days=days), monkeypatch) for twin in twins]
        assert said[0] == said[1]
    assert twins[0].tables() == twins[1].tables()


def _imports(twin: Twin, path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Any:
    try:
        return twin.imports(path, now, Wanted(), monkeypatch)
    except CsvUnreadable as unreadable:
        return str(unreadable)


def strangers(count: int, **told: object) -> list[LeadForm | LeadFaults]:
    return [
        read_lead({"external_id": f"s{n}", "email": f"s{n}@firm{n}.example", **told}, now=NOW)
        for n in range(count)
    ]


def test_strangers_are_written_a_table_at_a_time(ledger: Ledger) -> None:
    taken = ledger.does("import", chunk.take_many, strangers(100), Door("crm"))
    ids = [each.id for each in taken if isinstance(each, Taken)]
    assert len(set(ids)) == 100

    def names(tx: Connection) -> list[int]:
        wanted = crowd.gather(tx, "crm", [f"s{n}" for n in range(100)], [], [])
        return [wanted.by_id[f"s{n}"] for n in range(100)]

    assert ledger.database.write_now(names) == ids


def test_a_chunk_ends_early_where_many_go_to_sales(ledger: Ledger) -> None:
    asked = [{"type": "demo_request", "at": ledger.now.isoformat()}]
    read = strangers(chunk.ONE_BY_ONE + 10, activities=asked)
    taken = ledger.does("import", chunk.take_many, read, Door("crm"))
    assert len(taken) == chunk.ONE_BY_ONE
    assert all(isinstance(each, Taken) and each.handed_off for each in taken)


def test_a_batch_has_the_turns_of_all_teams_before_it_hands_the_first_lead_off(postgres_url: str) -> None:
    """Two that came to the same teams in another order would each wait for the other."""
    database = Database.open(postgres_url)
    ledger, teams = Ledger(database), [team.name for team in default_agreement().agreement.teams]
    assert len(teams) > 1
    database.write_now(lambda tx: [turns.rotation(tx, team) for team in teams])

    def batch(tx: Connection) -> list[str]:
        chunk.take_many(tx, ledger.context("api:crm"), [hot(ledger, employees=20)], Door("crm"))
        free = select(rotations.c.team).with_for_update(skip_locked=True)
        with database.engine.begin() as other:
            return [*other.execute(free).scalars()]

    assert database.write_now(batch) == []
    assert database.read_now(lambda tx: tx.execute(select(rotations.c.team)).all())
    database.close()


def hot(ledger: Ledger, **fields: Any) -> LeadForm:
    """Somebody who asks for a demo."""
    asked = [{"type": "demo_request", "at": ledger.now.isoformat()}]
    return read_lead({**JANE, "email": "hot@firm.example", "activities": asked, **fields}, now=ledger.now)
