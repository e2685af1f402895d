"""Rows are written as SQLAlchemy would write them, one, many, or one unless it is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Connection, Integer, MetaData, Table, insert, select

from storage.database import Database
from storage.database.many import among
from storage.database.sql import change_all, insert_all, insert_by, insert_once, insert_one, upsert_once
from storage.models.columns import Bytewise

things = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", Bytewise, unique=True),
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


NAMES = ["NULL", "", "{a,b}", 'say "no"', "back\\slash", " spaced ", "a,b", "line\nbreak", "Zoë"]


def test_many_rows_keep_whatever_text_they_have(tx: Connection) -> None:
    insert_all(tx, things, [{"name": name, "told": name} for name in NAMES])
    assert stored(tx) == sorted((name, name, True) for name in NAMES)


def test_of_many_rows_those_that_are_there_stay_as_they_are(tx: Connection) -> None:
    insert_once(tx, things, {"name": "a", "told": 1}, "name")
    fresh = upsert_once(tx.dialect.name, things, "name")
    insert_by(tx, fresh, [{"name": name, "told": 2} for name in "abb"])
    assert stored(tx) == [("a", 1, True), ("b", 2, True)]


def test_rows_are_found_among_many_by_an_index(tx: Connection) -> None:
    ids = [insert_one(tx, things, {"name": f"{number:02}"}) for number in range(9)]
    wanted = select(things.c.name).where(among(things.c.id, "ids")).order_by(things.c.id)
    assert tx.execute(wanted, {"ids": ids[2:4]}).scalars().all() == ["02", "03"]
    assert tx.execute(wanted, {"ids": []}).all() == []
    if tx.dialect.name == "sqlite":
        compiled = wanted.params(ids=ids[2:4]).compile(tx, compile_kwargs={"literal_binds": True})
        assert "SEARCH thing" in str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all())


@pytest.mark.parametrize("count", [0, 1, len(TOLD)])
def test_each_row_gets_the_change_that_is_meant_for_it(tx: Connection, count: int) -> None:
    ids = [insert_one(tx, things, {"name": f"{number:02}", "told": "before"}) for number in range(len(TOLD))]
    changes = [{"thing": ids[n], "told": TOLD[n], "shown": n % 2 == 0} for n in range(count)]
    change_all(tx, things, changes, by="thing")
    found = {name: (told, shown) for name, told, shown in stored(tx)}
    changed = {f"{n:02}": (told, n % 2 == 0) for n, told in enumerate(TOLD[:count])}
    kept = {f"{n:02}": ("before", True) for n in range(count, len(TOLD))}
    assert found == {**{name: (list(t) if t == () else t, s) for name, (t, s) in changed.items()}, **kept}
