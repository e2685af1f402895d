from __future__ import annotations

import pytest

from storage.database import Database
from tests.bot.house import House
from tests.bot.post import Post


@pytest.fixture
def house(database: Database) -> House:
    """The use cases on a fresh database; the test runs once with each kind."""
    return House(database)


@pytest.fixture
def post(database: Database) -> Post:
    """The use cases and the ladders on a fresh database; the test runs once with each kind."""
    return Post(database)
