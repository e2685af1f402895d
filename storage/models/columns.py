"""How the tables write their columns: keys, references, JSON, text, and checks on the words of the data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.compiler import DDLCompiler
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

SQLModel.model_config["defer_build"] = True
"""Tables are made without what validates their rows: rows are read and written by Core, and a start is no
place to build 35 validators that nobody asks. Whoever did would have one built then."""

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite only counts up by itself in an INTEGER
Bytewise = Text().with_variant(Text(collation="C"), "postgresql")  # in byte order everywhere: for prefixes


def one_of(column: str, values: type[StrEnum], *, nullable: bool = False) -> CheckConstraint:
    """A check that the column holds one of the enum's values."""
    allowed = is_in(column, *values)
    return CheckConstraint(f"{column} IS NULL OR {allowed}" if nullable else allowed, name=f"ck_{column}")


class Words(TypeDecorator[StrEnum]):
    """Text that is read as the members of an enum.

    A word that this version does not know, because a newer one beside it has written it, stays text.
    """

    impl: type[String] = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Callable[[Any], Any]:
        """Looks the word up: calling the enum would take longer than all else of reading a row."""
        members: dict[str | None, StrEnum | None] = {None: None, **{word.value: word for word in self.words}}

        def member(value: str | None) -> StrEnum | str | None:
            return members.get(value, value)

        return member


class Moment(UTCDateTime):
    """A moment, aware and in UTC.

    SQLite's text is read with its zone in one go: a row has up to twenty moments, and to give each its zone
    afterwards takes five times as long.
    """

    cache_ok = True

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], datetime | None] | None:
        """Reads SQLite's text, which has neither zone nor `T`; PostgreSQL gives moments, mostly in UTC."""
        if dialect.name != "sqlite":
            return _in_utc
        read = datetime.fromisoformat

        def moment(text: str | None) -> datetime | None:
            return None if text is None else read(f"{text}+00:00")

        return moment


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is UTC else moment.astimezone(UTC)


def read_fast(metadata: MetaData) -> None:
    """Let every moment in these tables be read as `Moment`."""
    moment = Moment()
    for table in metadata.tables.values():
        for column in table.columns:
            if type(column.type) is UTCDateTime:
                column.type = moment


def is_in(column: str, *words: StrEnum) -> str:
    """That the column holds one of these, as text: for a partial index, and for what is to use it."""
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"


class LooseWords(Words):
    """The same, in a column that no CHECK holds to them: whoever writes it does."""

    impl = String
    cache_ok = True


def only(condition: str) -> dict[str, Any]:
    """Makes an index cover only the rows for which this holds."""
    return {"sqlite_where": text(condition)}


@compiles(CreateIndex, "postgresql")
def _only_these_too(element: CreateIndex, compiler: DDLCompiler, **kw: Any) -> str:
    """Gives PostgreSQL SQLite's condition. Named beside that one it would load its dialect, 2 MB of it."""
    index = element.element
    if (condition := index.dialect_options["sqlite"]["where"]) is not None:
        index.dialect_options["postgresql"]["where"] = condition
    ddl: str = compiler.visit_create_index(element, **kw)  # type: ignore[no-untyped-call]
    return ddl


def key() -> Any:
    """The table's own key, counted up by the database."""
    return Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))


def reference(target: str, *, nullable: bool = False, index: bool = False) -> Any:
    """The key of a row of another table."""
    return Field(default=None, sa_type=cast(Any, Id), foreign_key=target, nullable=nullable, index=index)


def json_column(default: str = "{}") -> Any:
    """A JSON document, never NULL."""
    return Field(sa_column=Column(JSON, nullable=False, server_default=text(f"'{default}'")))


def loose_json_column() -> Any:
    """A JSON document, or NULL where there is none."""
    return Field(default=None, sa_column=Column(JSON(none_as_null=True)))


def loose_word_column(words: type[StrEnum], *, nullable: bool = False) -> Any:
    """One of an enum's values as text, which whoever writes it sees to."""
    column: Column[Any] = Column(LooseWords(words), nullable=nullable)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)


def word_column(words: type[StrEnum], default: StrEnum | None = None, *, nullable: bool = False) -> Any:
    """One of an enum's values as text; its table holds it to them by `one_of`."""
    given = None if default is None else text(f"'{default}'")
    column: Column[Any] = Column(Words(words), nullable=nullable, server_default=given)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)
