from __future__ import annotations

import pytest

from storage.database import Database
from tests.bot.ledger import Ledger
from tests.bot.ticking import TickingLedger


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """The use cases on a fresh database; the test runs once with each kind."""
    return Ledger(database)


@pytest.fixture
def ticking(database: Database) -> TickingLedger:
    """The use cases and the ladders on a fresh database; the test runs once with each kind."""
    return TickingLedger(database)
