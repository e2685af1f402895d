"""What the ladder costs: `python -m tests.benchmarks.ticks [--quick]` prints it and asserts nothing.

On SQLite and on PostgreSQL: a tick over a million running clocks of which none is due, and ten thousand that
fall due at once, each beside the bare SQL that could not be left out, in the same run: processor time, here
and in PostgreSQL's server. Then how late a reminder is, from its due moment to its post, in a whole bot
under normal load.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, bindparam, insert, select, text, update

from app import running
from bot import handoffs
from bot.agreement import default_agreement, loaded
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.context import BATON, Context
from bot.ladder import BATCH, tick
from bot.leadform import read_lead
from bot.sandbox import Sandbox
from bot.settings import Settings
from storage.database import Database
from storage.models import ClockKind, DeliveryKind, clocks, deliveries, events, nags
from storage.outbox import posts
from storage.stamp import Stamp
from tests.benchmarks.table import Row, table
from tests.benchmarks.work import work_of
from tests.databases import PostgresServer, migrated

RUNNING = 1_000_000
DUE = 10_000
IDLE_TICKS = 200
LENGTH = timedelta(hours=4)
LEADS = 40
EVERY = 2.0  # seconds of real time from one lead to the next
SHORT = {'accept      = "5m"': 'accept      = "8s"', '{ at = 1.5,  do = "reassign" },': ""}

_NUMBERS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :count) ",
    "postgresql": "WITH s(n) AS (SELECT generate_series(1, :count)) ",
}
_OWNER = "CASE WHEN n > 10000 THEN 'U0' || n % 997 WHEN n % 2 = 0 THEN 'U0REP3' ELSE 'U0REP4' END"
_NEXT_ID = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
_FILL = (
    """INSERT INTO lead (id, stage, email, last_name, company, why, extra, qualified, created_at, updated_at)
    {numbers} SELECT n, 'mql', 'l' || n || '@example.com', 'Lead ' || n, 'Company', '[]', '{{}}', false,
    :now, :now FROM s""",
    """INSERT INTO delivery (id, kind, op, state, lane, rank, place, lead_id, body, trace, created_at, due_at,
    attempts, reposts, channel, ts, sent_at)
    {numbers} SELECT n, 'card', 'post', 'sent', 'post:C0GROWTH', 30, 'C0GROWTH', n, '{{}}', 'fill', :now,
    :now, 1, 0, 'C0GROWTH', '1.' || n, :now FROM s""",
    """INSERT INTO handoff (id, lead_id, agreement_id, state, team, priority, grade, why, owner, handed_at,
    reassigned, card_id)
    {numbers} SELECT n, n, :agreement, 'waiting', 'Growth', 'P3', 'B2', '[]',
    {owner}, :now, 0, n FROM s""",
    """INSERT INTO clock (id, handoff_id, lead_id, agreement_id, kind, owner, started_at, due_at, duration,
    wall, next_at, next_step)
    {numbers} SELECT n, n, n, :agreement, 'accept', {owner}, :now, :due, 14400, false, :due, 0 FROM s""",
)


def rows(quick: bool = False) -> list[Row]:
    """An idle tick and much due at once on both databases, then how late reminders are."""
    found = _measured(RUNNING // 10 if quick else RUNNING)
    return found if quick else found + asyncio.run(_lateness())


def _measured(running_: int) -> list[Row]:
    logging.disable(logging.CRITICAL)
    found = []
    for name, url in _databases():
        database = Database.open(url)
        try:
            found += _measure(name, database, running_)
        finally:
            database.close()
    return found


def _wall() -> str:
    """The built-in agreement, by the clock on the wall: whenever this runs, people are at work."""
    text = default_agreement().text.replace('clock = "business"', 'clock = "wall"')
    return text.replace('open  = "09:00"', 'open  = "00:00"').replace('close = "17:00"', 'close = "24:00"')


def _short() -> str:
    """The same with so little time that there is something to see, and no second rep."""
    text = _wall()
    for was, now in SHORT.items():
        text = text.replace(was, now)
    return text


@contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _databases() -> Iterator[tuple[str, str]]:
    with _temporary() as folder:
        yield "sqlite", migrated(f"sqlite:///{folder / 'ticks.db'}")
    server = PostgresServer()
    try:
        yield "postgresql", migrated(server.url(server.create()))
    finally:
        server.remove()


def _measure(name: str, database: Database, count: int) -> list[Row]:
    clock = Clock()
    now = clock.now()
    book = database.write_now(open_book, loaded(_wall()), now)
    _fill(database, book, now, count)
    work = work_of(database)
    idle = _milliseconds(work, lambda: database.write_now(tick, _context(book, now)), IDLE_TICKS)
    bare = _milliseconds(work, lambda: database.write_now(_bare_look, now), IDLE_TICKS)
    found = [Row(f"tick, {count:,} clocks, none due, {name}", idle, "ms", bare, most=1)]
    shares = database.write_now(_make_due, now)
    begin, begun, longest = perf_counter(), work(), 0.0
    more = True
    while more:
        at = perf_counter()
        more = database.write_now(tick, _context(book, now)).more
        longest = max(longest, perf_counter() - at)
    taken, worked = perf_counter() - begin, work() - begun
    begun = work()
    database.write_now(_bare_steps, now)
    bare = work() - begun
    print(f"of {DUE:,} due at once, {name}: {shares}; {taken:.1f} s by the clock")
    return [
        *found,
        Row(f"{DUE:,} due at once, {name}", worked, "s", bare, most=3),
        Row(f"the longest transaction of it, {name}", longest * 1000, "ms"),
    ]


def _fill(database: Database, book: AgreementBook, now: datetime, count: int) -> None:
    values = {"count": count, "now": now, "due": now + timedelta(days=30), "agreement": book.current_id}
    for statement in _FILL:
        database.write_now(
            _execute, statement.format(numbers=_NUMBERS[database.dialect], owner=_OWNER), values
        )
    if database.dialect == "sqlite":  # or the first ticks would carry the filling over from the log
        with closing(sqlite3.connect(str(database.url.database))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if database.dialect == "postgresql":
        for table in ("lead", "delivery", "handoff", "clock"):
            database.write_now(_execute, _NEXT_ID.format(table=table), {})
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _execute(tx: Connection, statement: str, values: dict[str, Any]) -> None:
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    if tx.dialect.name == "sqlite":
        used = {
            name: value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
            for name, value in used.items()
        }
    tx.execute(text(statement), used)


def _context(book: AgreementBook, now: datetime) -> Context:
    return Context(now, now, book, BATON, "benchmark")


def _milliseconds(work: Callable[[], float], do: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        begun = work()
        do()
        taken.append(work() - begun)
    return median(taken) * 1000


def _bare_look(tx: Connection, now: datetime) -> None:
    tx.execute(_LOOK, {"now": now}).all()


_LOOK = (
    select(clocks.c.id)
    .where(clocks.c.met_at.is_(None), clocks.c.stopped_at.is_(None), clocks.c.next_at <= bindparam("now"))
    .order_by(clocks.c.next_at)
    .limit(min(BATCH.values()))
)


def _make_due(tx: Connection, now: datetime) -> str:
    """A half is to be nudged, three in ten have just fallen due, the rest must go to somebody else."""
    kinds = {"nudges": (0, 5, 0.76, 1), "breaches": (5, 8, 1.01, 2), "to reassign": (8, 10, 1.51, 3)}
    shares = []
    for name, (low, high, share, step) in kinds.items():
        started = now - LENGTH * share
        which = clocks.c.id.in_([n for n in range(1, DUE + 1) if low <= n % 10 < high])
        values: dict[str, Any] = {"started_at": started, "due_at": started + LENGTH, "next_step": step}
        values |= {"next_at": now, "breached_at": started + LENGTH if step == 3 else None}
        tx.execute(update(clocks).where(which).values(**values))
        shares.append(f"{DUE * (high - low) // 10:,} {name}")
    return ", ".join(shares)


def _bare_steps(tx: Connection, now: datetime) -> None:
    """The rows that so many steps cannot do without: each clock moved, a line told, a line of history."""
    ids = list(range(1, DUE + 1))
    post = posts.new_post(
        Stamp(now, now, BATON, "bare"),
        DeliveryKind.NAG,
        place="U0NOBODY",
        rank=30,
        due_at=now + timedelta(days=1),
    )
    message = tx.execute(insert(deliveries).returning(deliveries.c.id), post).scalar_one()
    batch = BATCH[tx.dialect.name]
    for begin in range(0, DUE, batch):
        some = ids[begin : begin + batch]
        tx.execute(_MOVE, [{"clock": n, "at": now} for n in some])
        line = {"delivery_id": message, "step": 9, "what": "nudge", "place": "U0NOBODY", "at": now}
        tx.execute(insert(nags), [{**line, "handoff_id": n, "clock_id": n} for n in some])
        told = {"at": now, "kind": "clock.nudged", "actor": BATON, "detail": {}, "trace": "bare"}
        tx.execute(insert(events), [{**told, "lead_id": n, "handoff_id": n} for n in some])


_MOVE = update(clocks).where(clocks.c.id == bindparam("clock")).values(next_at=bindparam("at"))


async def _lateness() -> list[Row]:
    """A whole bot on SQLite against the local Slack: a lead every so often, and nobody takes any of them."""
    clock = Clock()
    with _temporary() as folder:
        async with Sandbox(clock=clock) as slack:
            url = f"sqlite:///{folder / 'late.db'}"
            settings = Settings(
                slack_bot_token=SecretStr(slack.bot_token),
                slack_app_token=SecretStr(slack.app_token),
                slack_api_url=slack.api_url,
                database_url=SecretStr(url),
                port=0,
            )
            async with running(settings, loaded(_short()), clock) as baton:
                for n in range(LEADS):
                    asked = [{"type": "demo_request", "at": clock.now().isoformat()}]
                    form = read_lead({"email": f"l{n}@example.com", "activities": asked}, now=clock.now())
                    await baton.desk.do(handoffs.take_in, form, "benchmark")
                    await asyncio.sleep(EVERY)
                await asyncio.sleep(15)
                late = sorted(await baton.desk.database.read(_late))
    return [
        Row(f"a reminder, from due to posted, p50 of {len(late)}", median(late), "s"),
        Row("a reminder, from due to posted, p99", quantiles(late, n=100)[98], "s", most=2),
    ]


def _late(tx: Connection) -> list[float]:
    rows = tx.execute(
        select(clocks.c.started_at, clocks.c.duration, nags.c.step, deliveries.c.sent_at)
        .join(nags, nags.c.clock_id == clocks.c.id)
        .join(deliveries, deliveries.c.id == nags.c.delivery_id)
        .where(deliveries.c.sent_at.is_not(None))
    )
    shares = {n: step.at for n, step in enumerate(default_agreement().agreement.ladder[ClockKind.ACCEPT])}
    return [(row.sent_at - row.started_at).total_seconds() - shares[row.step] * row.duration for row in rows]


if __name__ == "__main__":
    print(table(rows("--quick" in sys.argv[1:])))
