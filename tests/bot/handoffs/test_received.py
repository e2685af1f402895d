"""What a source receives is taken or kept, never both and never neither, also when Baton is killed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select

import app
from bot.agreement import default_agreement, loaded
from bot.agreement.book import open_book
from bot.context import Context
from bot.handoffs.received import Kept, receive
from bot.handoffs.taken import Taken
from bot.intake import Read, Source, Unreadable, parsed, read_record, records_of, sources_of
from storage import refused
from storage.database import Database
from storage.models import lead_aliases, leads
from storage.models import refused as refused_table
from tests.bot.intake import random_bodies
from tests.killing import kills

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
BODIES = int(os.environ.get("BATON_RANDOM_BODIES", "300"))
"""How many random bodies each kind of database gets. The figure in the report is for 10,000."""
SECRET = "s3cret-of-the-tool"
TABLES = '\n[[intake]]\nname = "forms"\nsecret_env = "KEY"\n'
KILLS = kills(3)


def source() -> Source:
    agreement = loaded(default_agreement().text + TABLES).agreement
    return sources_of(agreement, lambda name: SECRET if name else None)["forms"]


@pytest.fixture
def context(database: Database) -> Context:
    book = database.write_now(open_book, loaded(default_agreement().text + TABLES), NOW)
    return Context(NOW, NOW, book, "api:forms", "t")


def read(forms: Source, body: bytes, kind: str) -> list[Read]:
    try:
        whole = parsed(body, kind)
    except Unreadable as bad:
        return [Read(bad.text, bad)]
    return [read_record(forms, raw, NOW) for raw in records_of(forms, whole)]


def test_refused_and_taken_are_what_was_received(database: Database, context: Context) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # shown if it fails
    chance, forms = random.Random(seed), source()
    received, outcomes = 0, Counter[str]()
    for number in range(0, BODIES, 20):
        came: list[Read] = []
        for each in range(number, min(number + 20, BODIES)):
            came += read(forms, *random_bodies.body(chance, each))
        judged = database.write_now(receive, context, "forms", came)
        assert len(judged) == len(came)
        received += len(came)
        outcomes.update("taken" if isinstance(each, Taken) else "refused" for each in judged)
        database.read_now(_all_there, judged)
    assert outcomes.total() == received
    assert min(outcomes["taken"], outcomes["refused"]) > BODIES / 10


def _all_there(tx: Connection, judged: list[Taken | Kept]) -> None:
    for each in judged:
        if isinstance(each, Taken):
            assert tx.execute(select(leads.c.id).where(leads.c.id == each.id)).scalar_one() == each.id
        else:
            kept = refused.get(tx, each.number)
            assert kept is not None
            assert kept.why


# Killed meanwhile

_SERVER = """
import asyncio, os, signal, sys
import handlers.http.api, handlers.http.server, tests.handlers.http.api_client
from tests.bot.handoffs.test_received import served
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if child := os.fork():
        print(child, flush=True)
    else:
        os.close(0)
        asyncio.run(served(line.strip()))
"""


async def served(url: str) -> None:
    """The intake door over a database, on a port that it writes beside it, until somebody kills it."""
    from handlers.http.server import HttpServer
    from tests.handlers.http.api_client import api_of

    agreement = loaded(default_agreement().text + TABLES)
    server = HttpServer(
        api_of(Database.open(url), agreement=agreement, variables={"KEY": SECRET}), "127.0.0.1", 0
    )
    await server.start()
    _port_file(url).write_text(str(server.port))
    await asyncio.Event().wait()


def _port_file(url: str) -> Path:
    return Path(f"{url.removeprefix('sqlite:///')}.port")


@contextmanager
def servers(url: str) -> Iterator[subprocess.Popen[str]]:
    """What gives off a server for each line that it reads."""
    root = Path(app.__file__).parent
    command = [sys.executable, "-c", _SERVER]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, text=True) as parent:
        yield parent
        assert parent.stdin
        parent.stdin.close()


def records(number: int) -> list[dict[str, Any]]:
    """Twelve of a body, every third of which names nobody."""
    return [
        {
            "external_id": f"r-{number}-{n}",
            **({} if n % 3 == 0 else {"email": f"p{number}-{n}@fabrikam.example"}),
        }
        for n in range(12)
    ]


@pytest.mark.slow
async def test_killed_meanwhile_nothing_is_lost_and_nothing_is_in_both(sqlite_url: str) -> None:
    answered: set[str] = set()
    number = 0
    with servers(sqlite_url) as parent:
        for kill in range(KILLS + 1):
            server, client = await started(parent, sqlite_url)
            async with client:
                sending = asyncio.create_task(send(client, number, answered))
                before = len(answered)
                while len(answered) == before and not sending.done():
                    await asyncio.sleep(0.01)
                await asyncio.sleep(random.uniform(0, 0.4))
                if kill == KILLS:  # what was not answered for has been sent again by now
                    sending.cancel()
                os.kill(server, 9)
                number = await sending if kill < KILLS else number
    database = Database.open(sqlite_url)
    taken, kept = database.read_now(_ids)
    database.close()
    assert len(answered) > 12 * KILLS
    assert answered <= taken | kept
    assert not taken & kept


async def started(parent: subprocess.Popen[str], url: str) -> tuple[int, httpx.AsyncClient]:
    """A server that answers: its process, and a client of it."""
    assert parent.stdin
    assert parent.stdout
    _port_file(url).unlink(missing_ok=True)
    parent.stdin.write(f"{url}\n")
    parent.stdin.flush()
    server = int(parent.stdout.readline())
    async with asyncio.timeout(60):
        while not (_port_file(url).exists() and _port_file(url).read_text()):
            await asyncio.sleep(0.02)
    base = f"http://127.0.0.1:{_port_file(url).read_text()}"
    return server, httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {SECRET}"}, timeout=20)


async def send(client: httpx.AsyncClient, number: int, answered: set[str]) -> int:
    """Send body after body until nobody answers; gives the number of the one that has to be sent again."""
    while True:
        body = records(number)
        try:
            answer = await client.post("/intake/forms", content=json.dumps(body).encode())
        except httpx.HTTPError:
            return number
        assert answer.status_code == 207, answer.text
        answered |= {record["external_id"] for record in body}
        number += 1
        await asyncio.sleep(0.03)


def _ids(tx: Connection) -> tuple[set[str], set[str]]:
    taken = tx.execute(select(lead_aliases.c.external_id).where(lead_aliases.c.system == "forms")).scalars()
    kept = tx.execute(select(refused_table.c.body)).scalars()
    return set(taken), {body["external_id"] for body in kept}
