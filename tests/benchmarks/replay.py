"""Is a replay fast enough? `python -m tests.benchmarks.replay`

Fills a SQLite database with leads that come, are handed off, accepted, contacted and closed, and replays all
of it under another agreement. The yardstick of the same run is reading the same rows without deciding
anything. What is counted is processor time; 100,000 handoffs a minute are promised.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from bot.agreement import default_agreement, loaded
from bot.agreement.book import open_book
from bot.replay.asking import WhatIf, what_if
from bot.replay.record import read
from storage.database import Database
from storage.models import activities, clocks, events, handoffs, leads
from tests.benchmarks.table import Row, table
from tests.databases import migrated

END = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
A_MINUTE = 100_000
BATCH = 5000
TEAMS = {"Enterprise": ("U0REP1", "U0REP2"), "Growth": ("U0REP3", "U0REP4")}
TITLES = ("CTO", "VP Sales", "Analyst", "Head of Operations")
Records = dict[str, list[dict[str, Any]]]


def records(count: int, version: int) -> Iterator[Records]:
    """Leads spread evenly over a year, with all that became of each. The same each time."""
    chance = random.Random(6)
    found: Records = {"leads": [], "activities": [], "handoffs": [], "clocks": [], "events": []}
    for number in range(1, count + 1):
        _lead(found, number, END - YEAR * (1 - number / count), version, chance)
        if number % BATCH == 0 or number == count:
            yield found
            found = {name: [] for name in found}


def _lead(found: Records, number: int, at: datetime, version: int, chance: random.Random) -> None:
    employees = chance.choice((20, 60, 250, 900))
    team = "Enterprise" if employees >= 200 else "Growth"
    owner = chance.choice(TEAMS[team])
    firm = f"firm{number % (number // 3 + 1)}.example"
    lead = {"id": number, "stage": "recycled", "created_at": at, "updated_at": at, "owner": owner}
    lead |= {"title": chance.choice(TITLES), "employees": employees, "company_domain": firm, "company": firm}
    found["leads"].append(lead)
    asked = {"lead_id": number, "type": chance.choice(("demo_request", "webinar")), "at": at, "key": "1"}
    found["activities"].append(asked)
    accepted = at + timedelta(seconds=chance.randrange(30, 20_000))
    touched = accepted + timedelta(seconds=chance.randrange(60, 40_000))
    closed = touched + timedelta(days=chance.randrange(1, 9))
    ids = {"id": number, "lead_id": number, "agreement_id": version, "campaign": None}
    found["handoffs"].append(
        {
            **ids,
            **{"state": "closed", "team": team, "priority": "P2", "grade": "B1", "owner": owner},
            **{"handed_at": at, "accepted_at": accepted, "accepted_by": owner, "touched_at": touched},
            **{"closed_at": closed, "given_at": at},
        }
    )
    clock = {"handoff_id": number, "lead_id": number, "agreement_id": version, "owner": owner}
    for kind, begin, end in (("accept", at, accepted), ("first_touch", accepted, touched)):
        worked = int((end - begin).total_seconds())
        due = begin + timedelta(minutes=30)
        found["clocks"].append(
            {**clock, "kind": kind, "started_at": begin, "due_at": due, "duration": 1800}
            | {"met_at": end, "met_by": owner, "worked": worked}
        )
    told: tuple[tuple[str, str, datetime, dict[str, Any]], ...] = (
        ("lead.created", "api:crm", at, {"activities": 1, "fields": ["activities", "title"]}),
        ("lead.handed_off", "api:crm", at, {"team": team, "priority": "P2", "grade": "B1", "owner": owner}),
        ("lead.accepted", owner, accepted, {}),
        ("lead.touched", owner, touched, {"touch": "call"}),
        ("lead.recycled", owner, closed, {"outcome": "recycled", "stage": "recycled"}),
    )
    for kind, actor, moment, detail in told:
        event = {"at": moment, "kind": kind, "actor": actor, "lead_id": number, "detail": detail}
        handoff = None if kind == "lead.created" else number
        found["events"].append(
            {**event, "handoff_id": handoff, "trace": f"{number}-{moment.timestamp():.0f}"}
        )


def fill(database: Database, count: int) -> None:
    """Store all of it; the history in the order of its moments."""
    book = database.write_now(open_book, default_agreement(), END - YEAR)
    history: list[dict[str, Any]] = []
    tables = {"leads": leads, "activities": activities, "handoffs": handoffs, "clocks": clocks}
    for batch in records(count, book.current_id):
        history += batch["events"]

        def store(tx: Connection, batch: Records = batch) -> None:
            for name, stored in tables.items():
                tx.execute(insert(stored), batch[name])

        database.write_now(store)
    history.sort(key=lambda event: event["at"])
    for begin in range(0, len(history), BATCH):
        some = history[begin : begin + BATCH]
        database.write_now(_store, some)


def _store(tx: Connection, some: list[dict[str, Any]]) -> None:
    tx.execute(insert(events), some)


def read_alone(tx: Connection) -> int:
    """The yardstick: all rows that a replay reads, and nothing done with them."""
    return sum(1 for _ in read(tx).events)


def replayed(database: Database) -> WhatIf:
    """The whole year under another line and other clocks."""
    text = default_agreement().text.replace('version = "2026-Q4"', 'version = "2027-Q1"')
    other = loaded(text.replace('mql = "B2"', 'mql = "B1"').replace('accept      = "30m"', 'accept = "20m"'))
    return database.read_now(what_if, other, END - YEAR, END)


def rows(quick: bool = False) -> list[Row]:
    """Handoffs a minute of processor time, and how long it takes beside reading the rows."""
    count = A_MINUTE // 10 if quick else A_MINUTE
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(migrated(f"sqlite:///{Path(folder) / 'year.db'}"))
        fill(database, count)
        begin = time.process_time()
        database.read_now(read_alone)
        middle = time.process_time()
        replayed(database)
        took, yardstick = time.process_time() - middle, middle - begin
        database.close()
    each = took / count * 1e6
    return [
        Row(
            f"replay of {count:,} handoffs, each",
            each,
            "µs",
            yardstick / count * 1e6,
            most=60 / A_MINUTE * 1e6,
        )
    ]


if __name__ == "__main__":
    print(table(rows()))
