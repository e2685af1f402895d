"""An empty outbox on each kind of database."""

from __future__ import annotations

import pytest

from storage.database import Database
from tests.storage.outbox import Outbox


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)
