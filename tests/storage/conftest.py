"""An empty outbox on each kind of database; the tests of a module share the database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.database import Database
from tests.storage.boxes import Box, emptied, one_for_all


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with one_for_all(request.param, request, tmp_path_factory.mktemp("shared")) as database:
        yield database


@pytest.fixture
def box(shared_database: Database) -> Box:
    shared_database.write_now(emptied)
    return Box(shared_database)
