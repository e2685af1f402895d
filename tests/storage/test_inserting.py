"""Rows are written as SQLAlchemy would write them, one, many, or one unless it is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Connection, Integer, MetaData, Table, Text, insert, select

from storage.database import Database
from storage.database.sql import insert_all, insert_once, insert_one

things = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", Text, unique=True),
    Column("told", JSON),
    Column("shown", Boolean, default=True, nullable=False),
)
TOLD: list[Any] = [None, {}, [], (), 0, 0.0, "", False, True, {"a": []}, [{}], "Zoë \u2028", 10**15, -0.5]


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    with database.engine.begin() as tx:
        things.create(tx)
        yield tx
        things.drop(tx)


def stored(tx: Connection) -> list[tuple[Any, ...]]:
    columns = things.c.name, things.c.told, things.c.shown
    return [tuple(row) for row in tx.execute(select(*columns).order_by(things.c.name))]


def test_whatever_a_tool_tells_is_kept_as_sqlalchemy_would_keep_it(tx: Connection) -> None:
    rows = [{"name": f"{number:02}", "told": told} for number, told in enumerate(TOLD)]
    tx.execute(insert(things), rows)
    wanted = stored(tx)
    tx.execute(things.delete())
    insert_all(tx, things, rows)
    assert stored(tx) == wanted
    tx.execute(things.delete())
    ids = [insert_one(tx, things, row) for row in rows]
    assert stored(tx) == wanted
    assert len(set(ids)) == len(rows)
    assert [insert_once(tx, things, row, "name") for row in rows] == [False] * len(rows)


def test_one_that_is_there_stays_as_it_is(tx: Connection) -> None:
    assert insert_once(tx, things, {"name": "a", "told": 1}, "name")
    assert not insert_once(tx, things, {"name": "a", "told": 2}, "name")
    assert insert_once(tx, things, {"name": "b", "told": 2, "shown": False}, "name")
    assert stored(tx) == [("a", 1, True), ("b", 2, False)]
