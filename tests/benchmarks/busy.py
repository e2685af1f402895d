"""A lead that did very much: `python -m tests.benchmarks.busy [--activities 1000000]`.

The table is filled directly. Then one call of each door, over HTTP as the app answers it and by import, and
what a person opens, beside the same about a lead with ten activities.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, text

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.context import Context
from bot.handoffs.importing import import_file
from bot.handoffs.split import Split, split, split_form
from bot.lookups.details import details_of
from bot.setup.coverage import coverage
from handlers.desk import Desk
from handlers.http.api import build_api
from storage import history
from storage.database import Database
from storage.migrations import migrate
from storage.models import EventKind
from tests.benchmarks.table import Row, table

FEW, CALLS = 10, 5

_FILL = text(
    """
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :many)
    INSERT INTO activity (lead_id, type, at, key)
    SELECT :lead, CASE n % 4 WHEN 0 THEN 'webinar' WHEN 1 THEN 'email_open' ELSE 'page_view' END,
           strftime('%Y-%m-%d %H:%M:%S.000000', 1767225600 + n, 'unixepoch'), 'filled ' || n FROM n
    """
)
_FILL_HISTORY = text(
    """
    INSERT INTO event (at, kind, actor, lead_id, detail, trace)
    SELECT at, 'activity', 'api:crm', lead_id, '{}', 'filled' FROM activity WHERE lead_id = :lead
    """
)


def main(arguments: Sequence[str]) -> None:
    """Print the best of a few calls, in milliseconds."""
    many = int(arguments[arguments.index("--activities") + 1]) if "--activities" in arguments else 1_000_000
    print(table(asyncio.run(_measured(many))))


def rows(quick: bool = False) -> list[Row]:
    """Each call about a busy lead, beside the same about one with few activities."""
    return asyncio.run(_measured(100_000 if quick else 1_000_000))


async def _measured(many: int) -> list[Row]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        clock, database = Clock(), Database.open(f"sqlite:///{folder}/baton.db")
        migrate(database)
        book = database.write_now(open_book, default_agreement(), clock.now())
        desk = Desk(database, clock, book, AsyncWebClient(), logging.getLogger("baton"))
        tokens = {f"s3cret{turn}": "crm" for turn in range(1000)}
        transport = httpx.ASGITransport(app=build_api(desk, tokens, {}))
        async with httpx.AsyncClient(transport=transport, base_url="http://baton") as http:
            for number in (1, 2):
                await _post(http, "/leads", {"external_id": str(number), "email": f"p{number}@acme.example"})
            for lead, count in ((1, many), (2, FEW)):
                database.write_now(_fill, lead, count)
            for name, call in _calls(http, database, clock, book, Path(folder)).items():
                busy, quiet = await _best(call, 1), await _best(call, 2)
                found.append(Row(f"{name}, {many:,} activities", busy, "ms", quiet))
        began = time.perf_counter()
        database.read_now(coverage, book.current, clock.now())
        checked = time.perf_counter() - began
        found.append(Row("check --leads", checked * 1000, "ms"))
        context = Context(clock.now(), clock.wire(), book, "U0ADMIN", "benchmark")
        parted = [_parted(database, context, lead, count) for lead, count in ((1, many), (2, FEW))]
        for name, busy, quiet in zip(
            ("/lead split, its form", "/lead split, half goes"), *parted, strict=True
        ):
            found.append(Row(f"{name}, {many:,} activities", busy, "ms", quiet))
        database.close()
    return found


def _fill(tx: Connection, lead: int, count: int) -> None:
    tx.execute(_FILL, {"lead": lead, "many": count})
    tx.execute(_FILL_HISTORY, {"lead": lead})


def _parted(database: Database, context: Context, lead: int, count: int) -> tuple[float, float]:
    """Milliseconds until the form is there, and until a lead has become two, with half of its activities."""
    database.write_now(_becomes_another, context, lead, count)
    began = time.perf_counter()
    form = database.read_now(split_form, context, f"#{lead}")
    shown = time.perf_counter()
    database.write_now(split, context, Split(lead, form.seen))
    return (shown - began) * 1000, (time.perf_counter() - shown) * 1000


def _becomes_another(tx: Connection, context: Context, lead: int, count: int) -> None:
    """A line that says that the lead was somebody else from the middle of what was filled in."""
    stamp = replace(context.stamp, now=datetime.fromtimestamp(1767225600 + count // 2, UTC))
    changed = {"email": [f"p{lead}@acme.example", "carl@birch.example"]}
    history.record(tx, stamp, EventKind.UPDATED, lead_id=lead, detail={"changed": changed})


_numbers = iter(range(1_000_000))


def _calls(
    http: httpx.AsyncClient, database: Database, clock: Clock, book: AgreementBook, folder: Path
) -> dict[str, Callable[[int], Awaitable[None]]]:
    async def activity(lead: int) -> None:
        await _post(http, f"/leads/{lead}/activities", {"type": "download", "detail": str(next(_numbers))})

    async def record(lead: int) -> None:
        told = {"external_id": str(lead), "email": f"p{lead}@acme.example", "notes": f"{next(_numbers)}"}
        await _post(http, "/leads", told)

    async def get(lead: int) -> None:
        answer = await http.get(f"/leads/{lead}", headers={"Authorization": "Bearer s3cret0"})
        assert answer.status_code == 200, answer.text

    async def imported(lead: int) -> None:
        file = folder / "leads.csv"
        file.write_text(f"Email,Notes,Activity\np{lead}@acme.example,{next(_numbers)},page_view\n")
        assert import_file(file, database, clock, book, lambda _done, _size: None).updated == 1

    async def details(lead: int) -> None:
        context = Context(clock.now(), clock.wire(), book, "U0ADMIN", "benchmark")
        database.read_now(lambda tx: details_of(tx, context, lead))

    return {
        "POST /leads/{id}/activities": activity,
        "POST /leads": record,
        "GET /leads/{id}": get,
        "import of one row": imported,
        "details in Slack": details,
    }


async def _best(call: Callable[[int], Awaitable[None]], lead: int) -> float:
    took = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await call(lead)
        took.append(time.perf_counter() - began)
    return min(took) * 1000


async def _post(http: httpx.AsyncClient, path: str, body: object) -> None:
    headers = {"Authorization": f"Bearer s3cret{next(_numbers) % 1000}"}
    answer = await http.post(path, json=body, headers=headers)
    assert answer.status_code in (200, 201), answer.text


if __name__ == "__main__":
    main(sys.argv[1:])
