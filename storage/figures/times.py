"""How long sales took: exact medians and 90th percentiles, found by the database.

A percentile is the smallest value that so large a share of all values does not exceed (the nearest rank), so
it is always a time that was really taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    func,
    not_,
    or_,
    select,
    tuple_,
)

from storage.figures import commitments
from storage.figures.scope import Condition, Scope, cohort, epoch
from storage.models import ClockKind, clocks, handoffs

_h, _c = handoffs.c, clocks.c


class Measure(StrEnum):
    """What is timed. In business time: as the clock counted, for whoever held it when it was met. In wall
    time: accept and response from the handoff, first touch from the acceptance."""

    ACCEPT_BUSINESS = "accept_business"
    ACCEPT_WALL = "accept_wall"
    TOUCH_BUSINESS = "touch_business"
    TOUCH_WALL = "touch_wall"
    RESPONSE_WALL = "response_wall"


BY_PERSON = (Measure.ACCEPT_BUSINESS, Measure.TOUCH_BUSINESS)
"""What is also timed for each person."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 90th percentile of `n` times, in seconds."""

    n: int
    median: int
    p90: int


def spreads(
    tx: Connection, scope: Scope, measure: Measure, *, by_person: bool = False
) -> dict[str | None, Spread]:
    """The times of a measure by priority, or by the person who held the clock; under None all together.

    By person only for business time.
    """
    source, value, chosen = taken(scope, measure)
    group = func.coalesce(_c.owner, _c.met_by) if by_person else _h.priority
    values = select(group.label("label"), value.label("v")).select_from(source)
    return spread_of(tx, values.where(chosen, group.is_not(None)).subquery("taken"))


def spread_of(tx: Connection, values: Subquery) -> dict[str | None, Spread]:
    """The spread of a subquery's `v` by its `label`, and under None of them all."""
    return (_percentiles if tx.dialect.name == "postgresql" else _ranks)(tx, values)


def _percentiles(tx: Connection, values: Subquery) -> dict[str | None, Spread]:
    """PostgreSQL's own: `percentile_disc` is the nearest rank."""
    label, v = values.c.label, values.c.v
    statement = select(
        func.grouping(label),
        label,
        func.count(),
        func.percentile_disc(0.5).within_group(v),
        func.percentile_disc(0.9).within_group(v),
    ).group_by(func.grouping_sets(tuple_(label), tuple_()))
    rows = tx.execute(statement)
    return {(None if all_ else name): Spread(n, int(m), int(p)) for all_, name, n, m, p in rows if n}


def _ranks(tx: Connection, values: Subquery) -> dict[str | None, Spread]:
    """For a database without percentiles: number the values in order, and take those at the ranks."""
    ranked = select(
        values.c.label,
        values.c.v,
        func.row_number().over(partition_by=values.c.label, order_by=values.c.v).label("i"),
        func.count().over(partition_by=values.c.label).label("n"),
        func.row_number().over(order_by=values.c.v).label("i_all"),
        func.count().over().label("n_all"),
    ).subquery("ranked")
    r = ranked.c
    statement: Select[Any] = select(ranked).where(
        or_(*(r.i == rank(r.n) for rank in _RANKS), *(r.i_all == rank(r.n_all) for rank in _RANKS))
    )
    found: dict[str | None, list[int]] = {}
    for label, v, i, n, i_all, n_all in tx.execute(statement):
        _note(found, label, i, n, v)
        _note(found, None, i_all, n_all, v)
    return {label: Spread(*row) for label, row in found.items()}


def _note(found: dict[str | None, list[int]], label: str | None, at: int, n: int, value: int) -> None:
    """Keep the value if it stands at a rank that is asked for."""
    for slot, rank in enumerate(_RANKS, start=1):
        if at == rank(n):
            found.setdefault(label, [n, 0, 0])[slot] = int(value)


def _median_rank(n: Any) -> Any:
    return (n + 1) // 2


def _p90_rank(n: Any) -> Any:
    return (9 * n + 9) // 10


_RANKS = (_median_rank, _p90_rank)


def taken(scope: Scope, measure: Measure) -> tuple[FromClause, ColumnElement[int], Condition]:
    """Where a measure's times are found, the time itself, and which of them belong to the scope."""
    source, value, chosen = _MEASURES[measure]
    return source, value, and_(cohort(scope), chosen)


def _clock(kind: ClockKind, ended: ColumnElement[Any]) -> tuple[FromClause, ColumnElement[Any], Condition]:
    """The time of met clocks; those of handoffs alone that came so far, as a rejection meets a clock too."""
    condition = and_(
        _c.kind == kind.value, _c.met_at.is_not(None), _c.worked.is_not(None), ended.is_not(None)
    )
    return commitments.JOINED, _c.worked, condition


_IS_TIMED = or_(not_(_h.history), _h.accepted_at > _h.handed_at)
"""Nobody accepts in no time: where a history does not say when, the acceptance counts from the handoff."""

_MEASURES: Mapping[Measure, tuple[FromClause, ColumnElement[Any], Condition]] = {
    Measure.ACCEPT_BUSINESS: _clock(ClockKind.ACCEPT, _h.accepted_at),
    Measure.TOUCH_BUSINESS: _clock(ClockKind.FIRST_TOUCH, _h.touched_at),
    Measure.ACCEPT_WALL: (
        handoffs,
        epoch(_h.accepted_at) - epoch(_h.handed_at),
        and_(_h.accepted_at.is_not(None), _IS_TIMED),
    ),
    Measure.TOUCH_WALL: (
        handoffs,
        epoch(_h.touched_at) - epoch(_h.accepted_at),
        and_(_h.touched_at.is_not(None), _h.accepted_at.is_not(None), _IS_TIMED),
    ),
    Measure.RESPONSE_WALL: (
        handoffs,
        epoch(_h.touched_at) - epoch(_h.handed_at),
        _h.touched_at.is_not(None),
    ),
}
