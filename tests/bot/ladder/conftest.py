from __future__ import annotations

import pytest

from storage.database import Database
from tests.bot.ladder.post import Post


@pytest.fixture
def post(database: Database) -> Post:
    """An office whose clocks tick, on a fresh database; the test runs once with each kind."""
    return Post(database)
