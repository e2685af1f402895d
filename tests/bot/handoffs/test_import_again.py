"""The same files again, in any order: no new lead, no new event, no new handoff, no met clock."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.handoffs import importing
from bot.handoffs.importing import import_file
from storage.database import Database
from storage.models import activities, clocks, events, handoffs, lead_aliases, leads

NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
DATA = Path(__file__).parents[1]
SHAPES = sorted([*(DATA / "leadform" / "data").glob("**/*.csv"), *(DATA / "data" / "records").glob("*.csv")])


@pytest.fixture
def database(sqlite_url: str) -> Database:
    """One kind is enough: what is no news is decided before anything is written."""
    return Database.open(sqlite_url)


def imports(database: Database, files: Iterable[Path], at: datetime) -> None:
    book = database.write_now(open_book, default_agreement(), at)
    for file in files:
        import_file(file, database, Clock(start=at, speed=0), book, lambda _done, _size: None)


def happened(database: Database) -> dict[str, Any]:
    """What may not change by what was told before."""
    tables = (leads, lead_aliases, activities, events, handoffs)
    met = select(clocks.c.id, clocks.c.met_at, clocks.c.stopped_at).order_by(clocks.c.id)
    return database.read_now(
        lambda tx: {
            "clocks": [tuple(row) for row in tx.execute(met)],
            **{each.name: tx.execute(select(func.count()).select_from(each)).scalar_one() for each in tables},
        }
    )


@pytest.mark.parametrize("seed", [1])
def test_the_same_files_again_in_any_order_are_no_news(
    seed: int, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "GAP", 0)
    order = random.Random(seed)
    files = []
    for number, shape in enumerate(SHAPES):
        folder = tmp_path / str(number)  # refused rows are written beside their file
        folder.mkdir()
        files.append(folder / shape.name)
        files[-1].write_bytes(shape.read_bytes())
    order.shuffle(files)
    imports(database, files, NOW)
    before = happened(database)
    assert before["lead"] > 50
    assert before["handoff"] > 0
    for hours in (1, 30):
        order.shuffle(files)
        imports(database, files, NOW + timedelta(hours=hours))
        assert happened(database) == before
