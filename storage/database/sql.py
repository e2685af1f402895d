"""What the queries share: how rows are read, and the words that differ between SQLite and PostgreSQL.

Rows stay what SQLAlchemy Core reads: immutable, their columns as attributes, no object made of them. Here and
nowhere else they are given the class of their table, or of the join that they come of, as their type.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from sqlalchemy import (
    JSON,
    ColumnClause,
    CompoundSelect,
    Connection,
    Dialect,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    literal_column,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate
from sqlalchemy.types import TypeEngine

from storage.database import many
from storage.database.many import default_of

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

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
Insertion: TypeAlias = "sqlite.Insert | postgresql.Insert"
"""An INSERT that can say what to do on a conflict."""

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


def keep_plans(tx: Connection) -> None:
    """Have PostgreSQL plan no statement of this transaction anew that it has a plan for.

    For a few large statements that touch few rows, and run all the time: planning is most of their work. By
    itself PostgreSQL goes on planning for long wherever its statistics have changed.
    """
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")


def written(word: StrEnum) -> ColumnClause[str]:
    """A word as it is, not as a parameter: so a partial index on it is seen to fit."""
    return literal_column(f"'{word.value}'")


def insert_in(dialect: str, table: Table) -> Insertion:
    """An INSERT that can say what to do on a conflict, in this dialect."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # 2 MB, which a bot on SQLite does without

        return postgresql.insert(table)
    return sqlite.insert(table)


def upsert(tx: Connection, table: Table) -> Insertion:
    """An INSERT that can say what to do on a conflict, in the dialect of this connection."""
    return insert_in(tx.dialect.name, table)


@cache
def upsert_once(dialect: str, table: Table, *key: str) -> Insertion:
    """An INSERT that does nothing where the key exists. Built once: building costs more than running it."""
    return insert_in(dialect, table).on_conflict_do_nothing(index_elements=list(key))


def insert_all(tx: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert rows that all have the columns of the first; a column that none has takes its default.

    What SQLAlchemy would do anew for each row is done once for a table and its columns.
    """
    if many.are_one(tx, rows):
        many.insert_by(tx, _plain(tx.dialect.name, table), rows)
    elif rows:
        statement, fills, named = _insertion(tx.dialect, table, tuple(rows[0]))
        tx.exec_driver_sql(statement, _filled(fills, rows, named))


def insert_by(tx: Connection, statement: Insertion, rows: Sequence[Values]) -> None:
    """Insert rows that all have the columns of the first by a statement that says what to do on a conflict.

    The statement is one that was built once, and gives nothing back.
    """
    if many.are_one(tx, rows):
        many.insert_by(tx, statement, rows)
    elif rows:
        tx.execute(statement, [dict(row) for row in rows])


def change_all(tx: Connection, table: Table, rows: Sequence[Values], *, by: str) -> None:
    """Set what each of these has, all of them the same columns, in the row whose id it has as `by`."""
    if many.are_one(tx, rows):
        many.change(tx, table, rows, by)
    elif rows:
        tx.execute(_change(table, by), [dict(row) for row in rows])


def insert_once(tx: Connection, table: Table, row: Values, *key: str) -> bool:
    """Insert a row as `insert_all` does; False if there is one with the same `key`, which stays as it is."""
    statement, fills, named = _insertion(tx.dialect, table, tuple(row), key)
    return tx.exec_driver_sql(statement, _filled(fills, [row], named)).rowcount == 1


def insert_one(tx: Connection, table: Table, row: Values) -> int:
    """Insert a row as `insert_all` does, and give its id."""
    statement, fills, named = _insertion(tx.dialect, table, tuple(row), gives_id=True)
    return int(tx.exec_driver_sql(statement, _filled(fills, [row], named)).scalar_one())


def text_of(tx: Connection, statement: Select[tuple[str]], **values: str) -> str | None:
    """The one text that a statement finds, None if it finds none: for what is asked with every record.

    What SQLAlchemy would do anew each time is done once, as by `insert_all`.
    """
    asked, order = _question(tx.dialect, statement)
    given = values if order is None else tuple([values[name] for name in order])
    found: str | None = tx.exec_driver_sql(asked, given).scalar_one_or_none()
    return found


@lru_cache(maxsize=256)
def _question(dialect: Dialect, statement: Select[tuple[str]]) -> tuple[str, Sequence[str] | None]:
    """The statement as the driver takes it, and the order of its values unless it takes them by name."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), compiled.positiontup if compiled.positional else None


Making = Callable[[Any], Any]
_Fill = tuple[str, str, Making]
"""A column, the column of the row from which its value is made, and how."""


def _filled(fills: tuple[_Fill, ...], rows: Sequence[Values], named: bool) -> list[Any]:
    """The rows as the driver takes them."""
    if named:
        return [{name: make(row[of]) for name, of, make in fills} for row in rows]
    return [tuple([make(row[of]) for _, of, make in fills]) for row in rows]


@lru_cache(maxsize=256)
def _insertion(
    dialect: Dialect,
    table: Table,
    names: tuple[str, ...],
    key: tuple[str, ...] = (),
    *,
    gives_id: bool = False,
) -> tuple[str, tuple[_Fill, ...], bool]:
    """The INSERT as the driver takes it, its values in their order, and whether it takes them by name.

    With a `key` it passes over a row whose key is there.
    """
    defaults = {each.name: default_of(each) for each in table.c if each.default is not None}
    told = [*names, *(name for name in defaults if name not in names)]
    # inline: the driver counts the rows of an insert that gives nothing back
    plain = upsert_once(dialect.name, table, *key) if key else insert(table)
    statement = plain.returning(table.c.id) if gives_id else plain.inline()
    compiled = statement.compile(dialect=dialect, column_keys=told)
    order = compiled.positiontup if compiled.positional else told
    fills = tuple(
        (name, name, _making(dialect, table.c[name].type))
        if name in names
        else (name, names[0], _always(_making(dialect, table.c[name].type)(defaults[name])))
        for name in order or ()
    )
    return str(compiled), fills, not compiled.positional


@cache
def _plain(dialect: str, table: Table) -> Insertion:
    return insert_in(dialect, table)


@cache
def _change(table: Table, by: str) -> Update:
    return update(table).where(table.c.id == bindparam(by))


def _making(dialect: Dialect, kind: TypeEngine[Any]) -> Making:
    """How a value of a type is handed to the driver."""
    make = kind.dialect_impl(dialect).bind_processor(dialect)
    if make is None:
        return _as_it_is
    if not isinstance(kind, JSON):
        return _once_in_a_row(make)  # a moment mostly stands in many rows
    nothing: dict[type, Any] = {dict: make({}), list: make([])}  # most of what is kept as JSON is empty

    def written_out(value: Any) -> Any:
        empty = None if value else nothing.get(type(value))
        return make(value) if empty is None else empty

    return written_out


def _as_it_is(value: Any) -> Any:
    return value


def _once_in_a_row(make: Making) -> Making:
    """The same, which does not make anew what it has made of the very same value just before."""
    last: list[tuple[Any, Any]] = [(_NOTHING, None)]

    def made(value: Any) -> Any:
        if not isinstance(value, datetime):  # what says something of somebody is not kept
            return make(value)
        pair = last[0]
        if pair[0] is not value:
            pair = last[0] = (value, make(value))
        return pair[1]

    return made


_NOTHING = object()


def _always(value: Any) -> Making:
    return lambda _value: value
