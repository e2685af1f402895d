from __future__ import annotations

import pytest

from storage.database import Database
from tests.bot.handoffs.house import House


@pytest.fixture
def house(database: Database) -> House:
    """An office on a fresh database; the test runs once with each kind."""
    return House(database)
