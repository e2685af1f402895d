"""Is the report as fast as the database? `python -m tests.benchmarks.digest [--handoffs N] [--postgres]`

Fills a database, makes the report of a week and of a year, and runs the same aggregates as plain SQL, written
by hand, in the same run. Exits with 1 when a report takes more than 1.3 times as long, or when a year takes
more memory than a week by over 20 MB. With fewer handoffs the week's ratio is greater: it has a fixed cost.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, text

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.digest.calibration import calibration_of
from bot.digest.making import Question, make_report
from bot.digest.periods import Span, read_period
from storage.database import Database
from storage.models import clocks, handoffs, leads
from tests.benchmarks.plain_digest import plain_digest
from tests.benchmarks.table import Row, table
from tests.databases import PostgresServer, migrated

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ZONE = "America/New_York"
YEARS = timedelta(days=730)
CAMPAIGNS = [f"campaign-{n}" for n in range(37)] + ["q4-webinar", "search-ads", "trade-show"]
TEAMS = ("Enterprise", "Growth")
REPS = [f"U0REP{n}" for n in range(200)]
WHY = [f"{rule.why} (+10)" for rule in default_agreement().agreement.qualification.fit]
REASONS = ("too_small", "bad_contact", "wrong_role", "low_intent", "duplicate")
MOST_TIMES = 1.3
MOST_MEMORY = 20.0
BATCH = 10_000


def made_up(
    count: int, agreement_id: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]]:
    """Leads, their handoffs and clocks, spread evenly over two years. The same each time."""
    chance = random.Random(6)
    for number in range(1, count + 1):
        handed = NOW - YEARS * (1 - number / count)
        accepted = handed + timedelta(seconds=chance.randrange(30, 20_000))
        rejected = chance.random() < 0.25
        taken = not rejected and accepted < NOW
        touched = accepted + timedelta(seconds=chance.randrange(60, 40_000))
        deal = taken and chance.random() < 0.06
        won = deal and chance.random() < 0.4
        opened = handed + timedelta(days=chance.randrange(5, 40))
        closed = opened + timedelta(days=chance.randrange(5, 60))
        rep = chance.choice(REPS)
        lead = {"id": number, "stage": "sal", "created_at": handed, "updated_at": handed}
        lead |= {
            "first_name": "Jane",
            "company": "ACME",
            "title": "VP",
            "email": None if number % 9 else "j@acme.example",
        }
        handoff = {
            "id": number,
            "lead_id": number,
            "agreement_id": agreement_id,
            "state": "rejected" if rejected else "closed",
            "team": TEAMS[number % 2],
            "priority": f"P{chance.randrange(1, 4)}",
            "grade": chance.choice(("A1", "A2", "B1", "B2", "C1")),
            "why": chance.sample(WHY, 3),
            "campaign": chance.choice(CAMPAIGNS),
            "owner": rep,
            "handed_at": handed,
            "accepted_at": accepted if taken else None,
            "accepted_by": rep if taken else None,
            "rejected_at": accepted if rejected else None,
            "rejected_by": rep if rejected else None,
            "reason": chance.choice(REASONS) if rejected else None,
            "touched_at": touched if taken else None,
            "sql_at": opened if taken and chance.random() < 0.3 else None,
            "opportunity_at": opened if deal and opened < NOW else None,
            "won_at": closed if won and closed < NOW else None,
            "lost_at": closed if deal and not won and closed < NOW else None,
            "amount_minor": chance.randrange(10**5, 10**7) if deal else None,
            "currency": "USD" if deal else None,
        }
        own = [_clock(chance, number, agreement_id, "accept", rep, handed, accepted)]
        if taken:
            own.append(_clock(chance, number, agreement_id, "first_touch", rep, accepted, touched))
            own.append(_clock(chance, number, agreement_id, "outcome", rep, touched, closed))
        yield lead, handoff, own


def _clock(
    chance: random.Random, handoff: int, agreement: int, kind: str, rep: str, start: datetime, end: datetime
) -> dict[str, Any]:
    late = chance.random() < 0.1
    due = end - timedelta(minutes=5) if late else end + timedelta(minutes=5)
    over = end < NOW
    return {
        "handoff_id": handoff,
        "lead_id": handoff,
        "agreement_id": agreement,
        "kind": kind,
        "owner": rep,
        "started_at": start,
        "due_at": due,
        "duration": 300,
        "met_at": end if over else None,
        "met_by": rep if over else None,
        "breached_at": due if late and over else None,
        "cause": chance.choice(("rep", "outage", "no_eligible_rep")) if late and over else None,
        "worked": (end - start).seconds if over else None,
    }


def fill(database: Database, count: int) -> None:
    """Store the rows in batches."""

    def agreement(tx: Connection) -> int:
        return open_book(tx, default_agreement(), NOW - YEARS).current_id

    made = made_up(count, database.write_now(agreement))
    while batch := [row for row, _ in zip(made, range(BATCH), strict=False)]:
        database.write_now(_store, batch)
    if database.dialect == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _store(tx: Connection, batch: list[Any]) -> None:
    tx.execute(insert(leads), [lead for lead, _, _ in batch])
    tx.execute(insert(handoffs), [handoff for _, handoff, _ in batch])
    tx.execute(insert(clocks), [clock for _, _, own in batch for clock in own])


def report(tx: Connection, span: Span) -> None:
    """Make the report as the bot does."""
    book: AgreementBook = AgreementBook(default_agreement().agreement, 1)
    question = Question(span, teams_of_reps=TEAMS)
    make_report(tx, book, question, NOW)
    calibration_of(tx, book, question, NOW)


def best_of(times: int, run: Callable[[], object]) -> float:
    """The shortest of so many runs, in seconds."""

    def once() -> float:
        begun = time.perf_counter()
        run()
        return time.perf_counter() - begun

    return min(once() for _ in range(times))


def memory() -> float:
    """The most that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(database: Database) -> list[Row]:
    """Two a period: the time, beside plain SQL, and the memory, beyond what the first period took."""
    found, first = [], 0.0
    for name, runs in (("2026-W47", 3), ("2026", 2)):
        span = read_period(name, NOW, ZONE)
        ours = best_of(runs, lambda span=span: database.read_now(report, span))  # type: ignore[misc]  # a default
        used = memory()
        first = first or used
        plain = best_of(runs, lambda span=span: database.read_now(plain_digest, span, NOW))  # type: ignore[misc]
        what = f"report of {name}, {database.dialect}"
        found.append(Row(what, ours * 1000, "ms", plain * 1000, MOST_TIMES, of_yardstick=True))
        found.append(Row(f"{what}, beyond the week's memory", used - first, "MB", most=MOST_MEMORY))
    return found


def main() -> int:
    """Run the benchmark; 0 if what must hold does."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--handoffs", type=int, default=1_000_000)
    options.add_argument("--postgres", action="store_true", help="measure PostgreSQL instead of SQLite")
    chosen = options.parse_args()
    found = _measured(chosen.handoffs, on_postgres=chosen.postgres)
    print(table(found))
    return int(any(row.held is False for row in found))


def rows(quick: bool = False) -> list[Row]:
    """Of a week and of a year, on SQLite."""
    return _measured(100_000 if quick else 1_000_000)


def _measured(handoffs: int, *, on_postgres: bool = False) -> list[Row]:
    server = PostgresServer() if on_postgres else None
    with tempfile.TemporaryDirectory() as folder:
        url = server.url(server.create()) if server else f"sqlite:///{Path(folder) / 'baton.db'}"
        database = Database.open(migrated(url))
        try:
            fill(database, handoffs)
            return measure(database)
        finally:
            database.close()
            if server:
                server.remove()


if __name__ == "__main__":
    sys.exit(main())
