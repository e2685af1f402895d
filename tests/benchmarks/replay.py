"""Is a replay fast enough? `python -m tests.benchmarks.replay [--handoffs N]`

Fills a SQLite database with leads that come, are handed off, accepted, contacted and closed, and replays all
of it under another agreement. The yardsticks of the same run are reading the same rows without deciding
anything, and a plain loop of Python. What is counted is processor time. Exits with 1 when it replays fewer
than 100,000 handoffs a minute.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
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
from tests.databases import migrated

END = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
A_MINUTE = 100_000
BATCH = 5000
TEAMS = {"Enterprise": ("U0REP1", "U0REP2"), "Growth": ("U0REP3", "U0REP4")}
TITLES = ("CTO", "VP Sales", "Analyst", "Head of Operations")
Rows = dict[str, list[dict[str, Any]]]


def rows(count: int, version: int) -> Iterator[Rows]:
    """Leads spread evenly over a year, with all that became of each. The same each time."""
    chance = random.Random(6)
    found: Rows = {"leads": [], "activities": [], "handoffs": [], "clocks": [], "events": []}
    for number in range(1, count + 1):
        _lead(found, number, END - YEAR * (1 - number / count), version, chance)
        if number % BATCH == 0 or number == count:
            yield found
            found = {name: [] for name in found}


def _lead(found: Rows, number: int, at: datetime, version: int, chance: random.Random) -> None:
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
    for batch in rows(count, book.current_id):
        history += batch["events"]

        def store(tx: Connection, batch: Rows = batch) -> None:
            for name, table in tables.items():
                tx.execute(insert(table), batch[name])

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


def loop() -> float:
    """The other yardstick: how long ten million additions take, in seconds."""
    begin, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - begin


def replayed(database: Database) -> WhatIf:
    """The whole year under another line and other clocks."""
    text = default_agreement().text.replace('version = "2026-Q4"', 'version = "2027-Q1"')
    other = loaded(text.replace('mql = "B2"', 'mql = "B1"').replace('accept      = "30m"', 'accept = "20m"'))
    return database.read_now(what_if, other, END - YEAR, END)


def main() -> int:
    """Measure, print, and say by the exit status whether it is fast enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--handoffs", type=int, default=A_MINUTE)
    count = parser.parse_args().handoffs
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(migrated(f"sqlite:///{Path(folder) / 'year.db'}"))
        fill(database, count)
        begin = time.process_time()
        lines = database.read_now(read_alone)
        middle = time.process_time()
        found = replayed(database)
        took, yardstick = time.process_time() - middle, middle - begin
        database.close()
    plain = loop()
    rate = count / took * 60
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count:,} handoffs, {lines:,} lines of history: replayed in {took:.1f} s, {rate:,.0f} a minute")
    print(f"{took / yardstick:.1f} times as long as reading it ({yardstick:.1f} s); {memory} MB at most")
    print(f"{took / plain:.1f} times as long as ten million additions ({plain:.2f} s)")
    print(f"{found.summary.replayed.n:,} of them would have been handed off")
    return 0 if rate >= A_MINUTE else 1


if __name__ == "__main__":
    sys.exit(main())
