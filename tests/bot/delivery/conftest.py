"""An open post office: on SQLite, or once on each kind of database for what they do in their own ways."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.bot.delivery.office import Office, office_for


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    database = Database.open(sqlite_url)
    async with office_for(database) as opened:
        yield opened
    database.close()


@pytest.fixture
async def each_office(database: Database) -> AsyncIterator[Office]:
    async with office_for(database) as opened:
        yield opened
