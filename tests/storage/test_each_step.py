"""Each migration keeps what the version before it has filled: every row of every table, and every value."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from storage.database import Database
from storage.migrations import VERSIONS, migrate

MOVED = {("lead", "company_domain"), ("person", "away_until")}
"""Columns that a migration takes away, having put what stood there elsewhere."""
SCRATCH = {"alembic_version"}
_ALLOWED = re.compile(r"\b(\w+) IN \('([^']+)'")
_VALUES = {"INTEGER": 1, "BIGINT": 1, "BOOLEAN": 1, "FLOAT": 1.0, "DATE": "2026-03-02", "JSON": "{}"}

Rows = dict[str, dict[str, Any]]


def tables_of(db: sqlite3.Connection) -> dict[str, str]:
    """Each table with the words that made it."""
    found = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return {name: sql for name, sql in found if name not in SCRATCH}


def fill(db: sqlite3.Connection) -> None:
    """A row in each table that has none: whatever a column takes, the first word of its vocabulary."""
    for table, made in tables_of(db).items():
        if db.execute(f'SELECT 1 FROM "{table}"').fetchone() is None:
            words = dict(_ALLOWED.findall(made))
            columns = {row[1]: row[2] for row in db.execute(f'PRAGMA table_info("{table}")')}
            values = {name: words.get(name, _value(kind)) for name, kind in columns.items()}
            names, places = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
            db.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', list(values.values()))
    db.commit()


def _value(kind: str) -> Any:
    return _VALUES.get(kind, "2026-03-02 09:00:00.250000" if kind == "DATETIME" else "kept")


def rows_of(db: sqlite3.Connection) -> Rows:
    """The first row of each table, value by value; what a migration puts in itself comes after it."""
    db.row_factory = sqlite3.Row
    found = {table: db.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables_of(db)}
    return {table: dict(rows[0]) for table, rows in found.items() if rows}


def lost(before: Rows, after: Rows) -> list[tuple[str, str]]:
    """Which values are not what they were, by table and column."""
    return [
        (table, column)
        for table, row in before.items()
        for column, value in row.items()
        if after.get(table, {}).get(column) != value and (table, column) not in MOVED
    ]


def test_no_migration_loses_a_row_or_a_value(tmp_path: Path) -> None:
    versions, file = tmp_path / "versions", tmp_path / "baton.db"
    versions.mkdir()
    before: Rows = {}
    for step in sorted(VERSIONS.glob("0*.py")):
        shutil.copy(step, versions)
        database = Database.open(f"sqlite:///{file}")
        migrate(database, [versions])
        database.close()
        with closing(sqlite3.connect(file)) as db:
            assert (step.name, lost(before, rows_of(db))) == (step.name, [])
            fill(db)
            before = rows_of(db)
    assert len(before) > 30
