"""What a status answer costs over a million leads, and a manager's Home over five thousand open ones.

    python -m tests.benchmarks.search [--leads 1000000] [--open 5000] [--only postgresql]

Both databases, or the one that is named; the medians of 15 runs each. To hold: status under 50 ms, Home under
300 ms, of a processor: this process, and on PostgreSQL the server's beside it. How long it took by the clock,
which waits for whatever else the machine does, is said beside.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from sqlalchemy import Connection, Table, insert

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.context import Context
from bot.lookups.home import home_page
from bot.lookups.status import Status, status_of
from storage import words
from storage.database import Database, sql
from storage.models import Lead, clocks, events, handoffs, lead_words, leads
from tests.benchmarks.table import Row, table
from tests.benchmarks.work import work_of
from tests.databases import PostgresServer, migrated

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
RUNS = 15
CHUNK = 20_000
SYLLABLES = (
    "ac me ko bra ton vel mar tis qu in do ra lex cor ma ti sol ver an del po ri ga nu sta wi he za yo fi "
    "ban ler dra mon pi ro su tel"
)
KINDS = "systems labs software partners logistics energy bank media foods health motors group design"
ASKED = (
    *("acme", "akme", "p500000@acme.example", "#500000", "acme.example", "ac", "tiquin labz", "mecoe media"),
    *("p777 person", "person p4242", "systems", "person systems", "p77 acme", "+49 151 00123456"),
    *("nobody@nowhere.example", "zzzzzz", "xcme", "Acme Corp."),
    *(
        "Müller",
        "mueller",
        "Muller",
        "müller p650",
        "p650 muell",
        "Acme Systems GmbH",
        "0151 00123456",
        "123456",
    ),
)
SURNAMES = ("Person", "Person", "Person", "Müller", "Mueller", "Muller", "O'Brien", "García López")
"""One lead in eight each has a name that is spelt in three ways: a word of 375,000 leads of a million."""


def companies(count: int, chance: random.Random) -> list[str]:
    """Names that share beginnings as real ones do; the first is "acme"."""
    syllables, kinds = SYLLABLES.split(), KINDS.split()
    found = {"acme": None}
    while len(found) < count:
        name = "".join(chance.choice(syllables) for _ in range(chance.choice((2, 2, 3, 3, 4))))
        found[name if chance.random() < 0.4 else f"{name} {chance.choice(kinds)}"] = None
    return list(found)


def lead_rows(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Leads at companies of very different sizes."""
    names = companies(max(10, count // 5), chance)
    weights = [1 / (rank + 1) ** 0.5 for rank in range(len(names))]
    chosen = chance.choices(names, weights, k=count)
    for number, name in enumerate(chosen, 1):
        domain = f"{name.replace(' ', '-')}.example"
        yield {
            "stage": "inquiry",
            "email": f"p{number}@{domain}",
            "email_key": f"p{number}@{domain}",
            "first_name": f"P{number}",
            "last_name": SURNAMES[number % len(SURNAMES)],
            "title": "CTO",
            "phone": f"+4915100{number:06}",
            "company": f"{name.title()} Corp.",
            "company_key": name,
            "domain": domain,
            "company_domain": domain,
            "created_at": NOW,
            "updated_at": NOW,
        }


def open_rows(count: int, agreement_id: int) -> dict[Table, list[dict[str, Any]]]:
    """Open handoffs of both sample teams with their clocks, a tenth of them late, and the turns they took."""
    found: dict[Table, list[dict[str, Any]]] = {handoffs: [], clocks: [], events: []}
    for number in range(1, count + 1):
        owner = f"U0REP{number % 4 + 1}"
        handed = NOW - timedelta(minutes=number)
        due = NOW + timedelta(minutes=number if number % 10 else -number)
        common = {"lead_id": number, "agreement_id": agreement_id, "owner": owner}
        team = "Enterprise" if number % 4 < 2 else "Growth"
        state = "accepted" if number % 3 else "waiting"
        found[handoffs].append(
            {**common, "state": state, "team": team, "priority": "P3", "grade": "B2", "handed_at": handed}
        )
        late = {"breached_at": due if due < NOW else None, "duration": 3600, "started_at": handed}
        found[clocks].append({**common, "handoff_id": number, "kind": "accept", "due_at": due, **late})
        turn = {"team": team, "user": owner, "among": {"U0REP3": 1, "U0REP4": 1}}
        line = {"at": handed, "kind": "lead.assigned", "actor": "baton", "trace": "t", "lead_id": number}
        found[events].append({**line, "handoff_id": number, "detail": turn})
    return found


def fill(tx: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Store rows in one statement."""
    tx.execute(insert(table), rows)


def fill_fast(tx: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Store many rows, with what their other columns have by default."""
    if tx.dialect.name != "postgresql" or not rows:
        return fill(tx, table, rows)
    _, fills, named = sql._insertion(tx.dialect, table, tuple(rows[0]))
    names = [name for name, _, _ in fills]
    cursor: psycopg.Cursor = tx.connection.cursor()  # type: ignore[assignment]  # SQLAlchemy's is any driver's
    statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
    with cursor.copy(statement.encode()) as copy:
        for row in sql._filled(fills, rows, named):
            copy.write_row([row[name] for name in names])
    return None


def fill_leads(database: Database, rows: list[dict[str, Any]]) -> None:
    """Store leads, and the words by which each is found."""
    database.write_now(fill_fast, leads, rows)
    database.write_now(fill_fast, lead_words, [word for row in rows for word in word_rows(row)])


def word_rows(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The words of a lead whose number is its id."""
    lead_id = int(row["first_name"][1:])
    for word in sorted(words.words_of(Lead(id=lead_id, **row))):
        yield {"word": word, "lead_id": lead_id}


def measured(what: str, ask: Callable[[], Any], work: Callable[[], float]) -> float:
    """Ask several times, say how long it took, and give the median of the work in milliseconds."""
    took, worked = [], []
    for _ in range(RUNS):
        begin, begun = time.perf_counter(), work()
        ask()
        took.append((time.perf_counter() - begin) * 1000)
        worked.append((work() - begun) * 1000)
    print(
        f"{what}: {statistics.median(took):.1f} ms by the clock, slowest {max(took):.1f}; "
        f"work {statistics.median(worked):.1f}, most {max(worked):.1f}",
        flush=True,
    )
    return statistics.median(worked)


def measure(url: str, count: int, open_count: int) -> list[Row]:
    """Fill a database and measure."""
    database = Database.open(url)
    try:
        book = database.write_now(open_book, default_agreement(), NOW)
        chunk: list[dict[str, Any]] = []
        for row in lead_rows(count, random.Random(7)):
            chunk.append(row)
            if len(chunk) == CHUNK:
                fill_leads(database, chunk)
                chunk = []
        if chunk:
            fill_leads(database, chunk)
        for table, rows in open_rows(min(open_count, count), book.current_id).items():
            database.write_now(fill, table, rows)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        return _ask_all(database, book)
    finally:
        database.close()


def _ask_all(database: Database, book: AgreementBook) -> list[Row]:
    context = Context(NOW, NOW, book, "U0MGR", "bench")
    asked = {
        f"status {asked}": partial(database.read_now, status_of, context, Status(asked)) for asked in ASKED
    }
    homes = {
        f"Home of a {who}": partial(database.read_now, home_page, book, user, NOW)
        for who, user in (("manager", "U0MGR"), ("rep", "U0REP1"), ("marketer", "U0MARA"))
    }
    database.read_now(status_of, context, Status("acme"))  # the connection that all go over is there now
    work = work_of(database)
    return [
        Row(f"{what}, {database.dialect}", measured(what, ask, work), "ms", most=most)
        for parts, most in ((asked, 50), (homes, 300))
        for what, ask in parts.items()
    ]


def main(
    leads_: Annotated[int, typer.Option("--leads")] = 1_000_000,
    open_: Annotated[int, typer.Option("--open")] = 5_000,
    only: Annotated[str, typer.Option(help="sqlite or postgresql; both without it")] = "",
) -> None:
    """Measure on both databases, or one; status 1 where something does not hold."""
    found = [row for name, ask in _ON.items() if only in ("", name) for row in ask(leads_, open_)]
    print(table(found))
    sys.exit(int(any(row.held is False for row in found)))


def rows(quick: bool = False) -> list[Row]:
    """Status and Home on both databases, the median of each."""
    return [row for ask in _ON.values() for row in ask(100_000 if quick else 1_000_000, 5_000)]


def _on_sqlite(leads_: int, open_: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return measure(migrated(f"sqlite:///{Path(folder) / 'bench.db'}"), leads_, open_)


def _on_postgresql(leads_: int, open_: int) -> list[Row]:
    server = PostgresServer()
    try:
        return measure(migrated(server.url(server.create())), leads_, open_)
    finally:
        server.remove()


_ON = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}


if __name__ == "__main__":
    typer.run(main)
