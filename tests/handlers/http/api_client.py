"""A client that talks to the API in its own process, over a real database."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from slack_sdk.web.async_client import AsyncWebClient

from bot.agreement import LoadedAgreement, default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock, Steadied
from bot.crm.side import Reached
from bot.instruments import Instruments
from handlers.desk import Desk
from handlers.http.api import build_api
from handlers.http.health import Probe
from storage.database import Database

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)  # a Tuesday, ten in the morning in New York
TOKENS = {"s3cret": "hubspot", "other": "forms"}
JANE: dict[str, Any] = {
    "external_id": "hs-1",
    "email": "jane@example.com",
    "first_name": "Jane",
    "last_name": "Roe",
    "title": "VP Engineering",
    "company": "Example Inc.",
    "employees": 500,
    "source": "webinar",
    "activities": [{"type": "demo_request", "at": "2026-11-10T14:30:00Z"}],
}
_agreement = cache(default_agreement)


def api_of(
    database: Database,
    *,
    tokens: Mapping[str, str] = TOKENS,
    probes: Mapping[str, Probe] | None = None,
    instruments: Instruments | None = None,
    agreement: LoadedAgreement | None = None,
    variables: Mapping[str, str] | None = None,
    variable: Callable[[str | None], str | None] | None = None,
    monitor_token: Callable[[], str | None] = lambda: None,
    crm: Reached | None = None,
    still: bool = False,
) -> FastAPI:
    """The API over this database, under the default agreement, with the time standing at `NOW`.

    `variables` are those of the environment that an agreement names. `still`: the system's clock, by which it
    is told how often somebody calls, stands too.
    """
    clock = Clock(start=NOW, speed=0, system=Steadied(lambda: NOW, lambda: 0.0) if still else None)
    book = database.write_now(open_book, agreement or _agreement(), NOW)
    desk = Desk(database, clock, book, AsyncWebClient(), logging.getLogger("test"))
    held = (variables or {}).get
    looked_up = variable or (lambda name: held(name or ""))
    return build_api(desk, tokens, probes or {}, instruments, looked_up, monitor_token, crm)


@asynccontextmanager
async def client_of(app: FastAPI, token: str | None = "s3cret") -> AsyncIterator[httpx.AsyncClient]:
    """A client with this bearer token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://baton", headers=headers) as client:
        yield client
