"""How fast leads come in: `python -m tests.benchmarks.intake`.

`POST /leads` against its yardstick in the same run: bare FastAPI, a model of the same fields, one plain
INSERT and commit into SQLite with the same durability. Both are served by processes of their own and asked in
turns over one kept-alive connection each. Then a batch of 500.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from slack_sdk.web.async_client import AsyncWebClient

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from handlers.desk import Desk
from handlers.http.api import build_api
from handlers.http.server import HttpServer
from storage.database import Database
from storage.migrations import migrate
from tests.benchmarks.table import Row, table

TURNS, CALLS_A_TURN = 20, 50


def main() -> None:
    """Print all figures."""
    print(table(rows()))


def rows(_quick: bool = False) -> list[Row]:
    """One lead, and a batch."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ending:
        baton = ending.enter_context(_served("baton", Path(folder)))
        plain = ending.enter_context(_served("yardstick", Path(folder)))
        return [*_compare_posts(baton, plain), _time_batch(baton)]


def _compare_posts(baton: HTTPConnection, plain: HTTPConnection) -> list[Row]:
    times: dict[str, list[float]] = {"POST /leads": [], "yardstick": []}
    for turn in range(-2, TURNS):  # the first two warm up
        for name, connection in (("yardstick", plain), ("POST /leads", baton)):
            for call in range(CALLS_A_TURN):
                took = _post(connection, "/leads", _record(turn * CALLS_A_TURN + call), 201, turn)
                if turn >= 0:
                    times[name].append(took)
    ours, plainly = (
        [second * 1000 for second in each] for each in (times["POST /leads"], times["yardstick"])
    )
    p50 = [statistics.median(each) for each in (ours, plainly)]
    p99 = [statistics.quantiles(each, n=100)[98] for each in (ours, plainly)]
    return [
        Row("POST /leads, p50", p50[0], "ms", p50[1], most=4, of_yardstick=True),
        Row("POST /leads, p99", p99[0], "ms", p99[1]),
    ]


def _time_batch(baton: HTTPConnection) -> Row:
    took = []
    for batch in range(3):
        records = [_record(100_000 + batch * 1000 + n) for n in range(500)]
        took.append(_post(baton, "/leads/batch", records, 207))
    return Row("POST /leads/batch of 500, slowest of 3", max(took), "s", most=1)


def _post(connection: HTTPConnection, path: str, record: Any, status: int, turn: int = TURNS) -> float:
    """Each turn has a token of its own, so that none comes too often."""
    body = json.dumps(record).encode()  # bytes go out in one segment with the head
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer s3cret{turn}"}
    began = time.perf_counter()
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - began
    assert answer.status == status, answer.status
    return took


def _record(number: int) -> dict[str, Any]:
    return {
        "external_id": f"hs-{number}",
        "email": f"jane.roe{number}@company{number % 200}.com",
        "first_name": "Jane",
        "last_name": "Roe",
        "title": "VP Engineering" if number % 2 else "Analyst",
        "company": f"Company {number % 200}",
        "employees": 40 + number % 1000,
        "industry": "Software",
        "country": "US",
        "source": "webinar",
        "campaign": "q4-webinar",
        "activities": [{"type": "demo_request" if number % 2 else "download", "at": "2026-01-05T14:30:00Z"}],
    }


@contextmanager
def _served(kind: str, folder: Path) -> Iterator[HTTPConnection]:
    command = [sys.executable, "-m", __spec__.name, "serve", str(folder), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        connection = HTTPConnection("127.0.0.1", int(process.stdout.readline()))
        try:
            yield connection
        finally:
            connection.close()
            process.terminate()


def serve(folder: str, kind: str) -> None:
    """Serve one of the two apps and print its port."""
    app = {"baton": _baton, "yardstick": _yardstick}[kind](Path(folder) / f"{kind}.db")

    async def forever() -> None:
        server = HttpServer(app, "127.0.0.1", 0)
        await server.start()
        print(server.port, flush=True)
        await asyncio.Event().wait()

    asyncio.run(forever())


def _baton(file: Path) -> FastAPI:
    clock, database = Clock(), Database.open(f"sqlite:///{file}")
    migrate(database)
    book = database.write_now(open_book, default_agreement(), clock.now())
    desk = Desk(database, clock, book, AsyncWebClient(), logging.getLogger("baton"))
    return build_api(desk, {f"s3cret{turn}": f"benchmark{turn}" for turn in range(-2, TURNS + 1)}, {})


class PlainActivity(BaseModel):
    """An activity as the yardstick takes it."""

    type: str
    at: str


class PlainLead(BaseModel):
    """A lead as the yardstick takes it."""

    external_id: str
    email: str
    first_name: str
    last_name: str
    title: str
    company: str
    employees: int
    industry: str
    country: str
    source: str
    campaign: str
    activities: list[PlainActivity]


def _yardstick(file: Path) -> FastAPI:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE lead (id INTEGER PRIMARY KEY, email TEXT UNIQUE, body TEXT)")
    app = FastAPI()

    @app.post("/leads", status_code=201)
    async def post(lead: PlainLead) -> dict[str, Any]:
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute(
            "INSERT INTO lead (email, body) VALUES (?, ?)", (lead.email, lead.model_dump_json())
        )
        connection.execute("COMMIT")
        return {"id": row.lastrowid, "external_id": lead.external_id}

    return app


_PARTS: dict[str, Callable[..., None]] = {"serve": serve}

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in _PARTS:
        _PARTS[sys.argv[1]](*sys.argv[2:])
    else:
        main()
