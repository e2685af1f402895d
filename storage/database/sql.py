"""What the queries share: how rows are read, and the words that differ between SQLite and PostgreSQL.

Rows stay what SQLAlchemy Core reads: immutable, their columns as attributes, no object made of them. Here and
nowhere else they are given the class of their table, or of the join that they come of, as their type.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import (
    ColumnClause,
    CompoundSelect,
    Connection,
    Executable,
    Row,
    Select,
    Table,
    literal_column,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")

GivesRows = (
    Select[*tuple[Any, ...]]
    | CompoundSelect[*tuple[Any, ...]]
    | ReturningInsert[Any]
    | ReturningUpdate[Any]
    | ReturningDelete[Any]
)
Values = Mapping[str, object]
Upsert = sqlite.Insert | postgresql.Insert
INSERTS: dict[str, Callable[[Table], Upsert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


PORTION = 1000
"""So many values stand in one IN list: a database takes no more than some ten thousand."""


@dataclass(frozen=True, slots=True)
class Query(Generic[T]):
    """A statement that gives rows, and the class as which they are read.

    The class is for the type checker: a column that it does not have cannot be read. No row is an instance of
    it. A test holds it against what the statement selects.
    """

    row: type[T]
    statement: GivesRows

    def one(self, tx: Connection, values: Values | None = None) -> T | None:
        """The row, if there is one. Raises MultipleResultsFound if there are several."""
        return cast("T | None", tx.execute(self.statement, values).one_or_none())

    def the(self, tx: Connection, values: Values | None = None) -> T:
        """The row that must be there. Raises NoResultFound if it is not."""
        return cast(T, tx.execute(self.statement, values).one())

    def all(self, tx: Connection, values: Values | None = None) -> Sequence[T]:
        """The rows, in the statement's order."""
        return cast("Sequence[T]", tx.execute(self.statement, values).all())


@dataclass(frozen=True, slots=True)
class Pair(Generic[A, B]):
    """A query that selects all columns of two tables, in this order, and gives a row of each."""

    left: type[A]
    right: type[B]
    statement: Select[*tuple[Any, ...]]

    def one(self, tx: Connection, values: Values) -> tuple[A, B] | None:
        """Both rows, if there are any. Raises MultipleResultsFound if there are several."""
        row = tx.execute(self.statement, values).one_or_none()
        if row is None:
            return None
        left, right = _tuple_of(_table(self.left)), _tuple_of(_table(self.right))
        width = len(_table(self.left).c)
        return cast(A, left(row[:width])), cast(B, right(row[width:]))


def columns_of(row: object) -> dict[str, Any]:
    """A row's columns by name, whatever the class as which it was read."""
    return cast("Row[*tuple[Any, ...]]", row)._asdict()


def known(value: T | None) -> T:
    """What may be empty in other rows and never is in this kind of row. Raises ValueError if it is."""
    if value is None:
        raise ValueError("a row lacks what every row of its kind has")
    return value


def _table(model: type[object]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel adds it when table=True


@cache
def _tuple_of(table: Table) -> Callable[[Sequence[Any]], object]:
    names = table.c.keys()
    made = namedtuple(table.name, names)  # type: ignore[misc]  # the names are known at run time alone
    return made._make


def in_portions(values: Iterable[T], size: int = PORTION) -> Iterator[list[T]]:
    """The values in lists that fit into one statement."""
    iterator = iter(values)
    while some := list(islice(iterator, size)):
        yield some


def written(word: StrEnum) -> ColumnClause[str]:
    """A word as it is, not as a parameter: so a partial index on it is seen to fit."""
    return literal_column(f"'{word.value}'")


def upsert(tx: Connection, table: Table) -> Upsert:
    """An INSERT that can say what to do on a conflict, in the dialect of this connection."""
    return INSERTS[tx.dialect.name](table)


@cache
def upsert_once(dialect: str, table: Table, *key: str) -> Executable:
    """An INSERT that does nothing where the key exists. Built once: building costs more than running it."""
    return INSERTS[dialect](table).on_conflict_do_nothing(index_elements=list(key))
