"""Many rows in one statement, which gets an array of each column: PostgreSQL.

By themselves they would cost more to send and to begin than to write. What SQLAlchemy would find out anew for
each row is found out once for a statement and its columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Table,
    TableValuedAlias,
    any_,
    bindparam,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine, UserDefinedType

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_Rows = Sequence[Mapping[str, object]]
_Column = tuple[str, Callable[[Iterable[Any]], str], object]
"""A column, how its values are written together, and what it is in a row that does not say."""


def are_one(tx: Connection, rows: _Rows) -> bool:
    """Whether these rows are better one statement: not where there is one, nor on SQLite."""
    return len(rows) > 1 and tx.dialect.name == "postgresql"


def insert_by(tx: Connection, statement: sqlite.Insert | postgresql.Insert, rows: _Rows) -> None:
    """Insert rows that all have the columns of the first, by a statement that is built once."""
    text, arrays = _insertion(tx.dialect, statement, tuple(rows[0]))
    tx.exec_driver_sql(text, _written(arrays, rows))


def change(tx: Connection, table: Table, rows: _Rows, by: str) -> None:
    """Set what each of these has, all of them the same columns, in the row whose id it has as `by`."""
    text, arrays = _changes(tx.dialect, table, tuple(rows[0]), by)
    tx.exec_driver_sql(text, _written(arrays, rows))


def default_of(of: Column[Any]) -> object:
    """The value that a column has by default. Raises ValueError for one that is made anew for each row."""
    if not isinstance(of.default, ScalarElementColumnDefault):
        raise ValueError(f"{of} has another default in each row")
    return of.default.arg


def _written(arrays: tuple[_Column, ...], rows: _Rows) -> dict[str, str]:
    told = rows[0]
    return {
        name: write(map(itemgetter(name), rows) if name in told else repeat(default, len(rows)))
        for name, write, default in arrays
    }


@lru_cache(maxsize=256)
def _insertion(
    dialect: Dialect, statement: sqlite.Insert | postgresql.Insert, names: tuple[str, ...]
) -> tuple[str, tuple[_Column, ...]]:
    table = cast(Table, statement.table)
    defaults = {each.name: default_of(each) for each in table.c if each.default is not None}
    kinds = {name: table.c[name].type for name in dict.fromkeys((*names, *defaults))}
    whole = statement.from_select(list(kinds), select(given(kinds)), include_defaults=False)
    return _compiled(dialect, whole, kinds, defaults)


@lru_cache(maxsize=256)
def _changes(
    dialect: Dialect, table: Table, names: tuple[str, ...], by: str
) -> tuple[str, tuple[_Column, ...]]:
    kinds = {name: table.c.id.type if name == by else table.c[name].type for name in names}
    told = given(kinds)
    values = {name: told.c[name] for name in names if name != by}
    return _compiled(dialect, update(table).where(table.c.id == told.c[by]).values(values), kinds, {})


def given(kinds: Mapping[str, TypeEngine[Any]]) -> TableValuedAlias:
    """Rows that are given as an array of each of these columns."""
    arrays = [bindparam(name, type_=_Array(kind)) for name, kind in kinds.items()]
    columns = [column(name, kind) for name, kind in kinds.items()]
    return func.unnest(*arrays).table_valued(*columns).render_derived(name="given")


def _compiled(
    dialect: Dialect,
    statement: Executable,
    kinds: Mapping[str, TypeEngine[Any]],
    defaults: Mapping[str, object],
) -> tuple[str, tuple[_Column, ...]]:
    """A statement as the driver takes it, and its arrays."""
    arrays = tuple((name, _writing(dialect, kind), defaults.get(name)) for name, kind in kinds.items())
    return str(cast(Any, statement).compile(dialect=dialect)), arrays


def _writing(dialect: Dialect, kind: TypeEngine[Any]) -> Callable[[Iterable[Any]], str]:
    """How values of a type are written together."""
    make = kind.dialect_impl(dialect).bind_processor(dialect)
    is_json = isinstance(kind, JSON)

    def element(value: Any) -> str:
        made = value if make is None else make(value)
        if made is None:
            return "NULL"
        text = json.dumps(made.obj) if is_json else str(made)  # SQLAlchemy wraps a document for the driver
        if "\\" in text or '"' in text:
            text = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'

    def array(values: Iterable[Any]) -> str:
        elements, last, text = [], object(), ""
        for value in values:
            if value is not last:  # much is the same in all rows
                last, text = value, element(value)
            elements.append(text)
        return f"{{{','.join(elements)}}}"

    return array


class _Array(UserDefinedType[Iterable[Any]]):
    """Values of a type, written together."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Callable[[Iterable[Any] | None], str]:
        write = _writing(dialect, self.kind)
        return lambda values: write(values or ())


@compiles(_Array, "postgresql")
def _array_type(array: _Array, compiler: Any, **_kw: Any) -> str:
    return str(compiler.process(ARRAY(array.kind)))


class among(FunctionElement[bool]):  # noqa: N801 - stands in a statement like a function of SQLAlchemy's
    """Whether a column has one of the values that are given by this name, however many.

    An IN list on SQLite. On PostgreSQL an array, with which the statement stays the same for any number.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, of: ColumnElement[Any], told: str) -> None:
        super().__init__(of, bindparam(told, expanding=True))

    def self_group(self, against: object = None) -> among:  # noqa: ARG002 - asked for by name
        """Itself: a condition already, which SQLite uses no index for if it is compared with true."""
        return self


@compiles(among)
def _in_list(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    of, told = element.clauses
    return compiler.process(of.in_(told), **kw)


@compiles(among, "postgresql")
def _in_array(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    of, told = element.clauses
    return compiler.process(of == any_(bindparam(told.key, type_=_Array(of.type))), **kw)
