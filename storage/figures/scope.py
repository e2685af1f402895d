"""Which handoffs a figure is about, and the SQL words that all figures share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from storage.models import HandoffState, handoffs

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Scope:
    """The handoffs of a stretch of time: `since` ≤ moment < `until`, all aware UTC.

    `now` is when clocks are judged. `as_of` is up to when milestones count, so that a past week can be seen
    at the age that this one has; without it, up to `now`. `campaign` is a name whatever its case.
    """

    since: datetime
    until: datetime
    now: datetime
    as_of: datetime | None = None
    campaign: str | None = None
    team: str | None = None


class epoch(FunctionElement[int]):  # noqa: N801 - it reads as the SQL function that it stands for
    """Whole seconds since 1970 of a stored moment; what is left of a second is cut off."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch, "sqlite")
def _epoch_sqlite(element: epoch, compiler: SQLCompiler, **kw: Any) -> str:
    # Cut to the second before strftime, which would round the milliseconds.
    return f"CAST(strftime('%s', substr({compiler.process(element.clauses, **kw)}, 1, 19)) AS INTEGER)"


@compiles(epoch, "postgresql")
def _epoch_postgresql(element: epoch, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **kw)})) AS BIGINT)"


def within(column: ColumnElement[datetime], scope: Scope) -> Condition:
    """The moment lies in the stretch."""
    return and_(column >= scope.since, column < scope.until)


def counted(scope: Scope) -> Condition:
    """Handoffs that figures count: not merged, and of the campaign and the team that were asked for."""
    conditions: list[Condition] = [handoffs.c.state != HandoffState.MERGED]
    if scope.team is not None:
        conditions.append(handoffs.c.team == scope.team)
    if scope.campaign is not None:
        conditions.append(same_name(handoffs.c.campaign, scope.campaign))
    return and_(*conditions)


def same_name(column: ColumnElement[Any], name: str) -> Condition:
    """The column holds the name, whatever its case. Empty: the column holds nothing.

    Databases fold the case of plain letters alone, so a name in other letters also matches as it is written.
    """
    if not name:
        return or_(column.is_(None), column == "")
    return or_(func.lower(column).in_({name.lower(), name.casefold()}), column == name)


def cohort(scope: Scope) -> Condition:
    """The handoffs that were handed off in the stretch."""
    return and_(within(handoffs.c.handed_at, scope), counted(scope))


def tally(condition: Condition) -> ColumnElement[int]:
    """How many rows meet the condition."""
    return func.count(case((condition, 1)))
