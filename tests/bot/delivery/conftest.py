"""An open post office: on SQLite, or once on each kind of database for what they do in their own ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from storage.database import Database
from tests.bot.delivery.office import Office, office_for
from tests.storage.boxes import emptied, one_for_all


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with one_for_all(request.param, request, tmp_path_factory.mktemp("shared")) as database:
        yield database


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    database = Database.open(sqlite_url)
    async with office_for(database) as opened:
        yield opened
    database.close()


@pytest.fixture
async def each_office(shared_database: Database) -> AsyncIterator[Office]:
    shared_database.write_now(emptied)
    async with office_for(shared_database) as opened:
        yield opened
