"""An empty outbox on each kind of database."""

from __future__ import annotations

import pytest

from storage.database import Database
from tests.storage.boxes import Box


@pytest.fixture
def box(database: Database) -> Box:
    return Box(database)
