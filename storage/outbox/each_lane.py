"""The same question of many lanes: in one statement on PostgreSQL, where each costs a trip to the server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    bindparam,
    column,
    func,
    select,
    true,
)

from storage.database.sql import Query, Values


class _OfALane(Protocol):
    lane: str


T = TypeVar("T", bound=_OfALane)
Asking = Callable[[ColumnElement[str], ColumnElement[int]], Select[*tuple[Any, ...]]]
"""Makes a question of the lane that it is asked of, and of how many rows there is room for."""

_ASKED = (
    func.json_to_recordset(bindparam("asked", type_=JSON))
    .table_valued(column("lane", Text), column("room", Integer), name="asked")
    .render_derived(with_types=True)
)


def of_one(asking: Asking) -> Select[*tuple[Any, ...]]:
    """The question of one lane."""
    return asking(bindparam("lane"), bindparam("room"))


def of_many(asking: Asking) -> Select[*tuple[Any, ...]]:
    """The question of many; PostgreSQL alone knows it."""
    of_each = asking(_ASKED.c.lane, _ASKED.c.room).lateral()
    return select(of_each).select_from(_ASKED).join(of_each, true())


def ask(
    tx: Connection, one: Query[T], many: Query[T], rooms: Mapping[str, int], values: Values
) -> dict[str, Sequence[T]]:
    """The rows of each of these lanes in their order; `rooms` says of how many there are at most."""
    if tx.dialect.name == "sqlite":
        return {lane: one.all(tx, {**values, "lane": lane, "room": room}) for lane, room in rooms.items()}
    asked = [{"lane": lane, "room": room} for lane, room in rooms.items()]
    found: dict[str, list[T]] = defaultdict(list)
    for row in many.all(tx, {**values, "asked": asked}):
        found[row.lane].append(row)
    return {lane: found[lane] for lane in rooms}
