"""Senders to test: on SQLite, or once on each kind of database for what they do in their own ways."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.bot.delivery.sending import Sending, sending_from


@pytest.fixture
async def sending(sqlite_url: str) -> AsyncIterator[Sending]:
    database = Database.open(sqlite_url)
    async with sending_from(database) as opened:
        yield opened
    database.close()


@pytest.fixture
async def each_sending(database: Database) -> AsyncIterator[Sending]:
    async with sending_from(database) as opened:
        yield opened
