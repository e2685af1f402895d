"""An open post office on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.bot.delivery.office import Office, office_for


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with office_for(database) as opened:
        yield opened


@pytest.fixture
async def sqlite_office(sqlite_url: str) -> AsyncIterator[Office]:
    database = Database.open(sqlite_url)
    async with office_for(database) as opened:
        yield opened
    database.close()
