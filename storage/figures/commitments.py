"""Which SLAs were met: the clocks of a period, met and missed.

Accept and first touch count by the date of the handoff. Outcome and answer run for days, so they count by the
moment at which they fell due. A clock that is open and not due is left out; so is one that was taken over
before it fell due, and one that fell due during an outage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    literal_column,
    not_,
    or_,
    select,
)

from storage.figures.scope import Condition, Scope, cohort, counted, tally, within
from storage.models import Cause, ClockKind, clocks, handoffs
from storage.models.columns import is_in

_c = clocks.c
SHORT_KINDS = (ClockKind.ACCEPT, ClockKind.FIRST_TOUCH)
SALES_KINDS = (ClockKind.ACCEPT, ClockKind.FIRST_TOUCH, ClockKind.OUTCOME)
LONG_KINDS = (ClockKind.OUTCOME, ClockKind.ANSWER)
# Written out, so that the partial index on these clocks serves.
_LONG: ColumnElement[bool] = literal_column(is_in("clock.kind", *LONG_KINDS))


def met(_now: datetime) -> Condition:
    """Met, and not after it fell due."""
    return and_(_c.met_at.is_not(None), _c.breached_at.is_(None), _c.met_at <= _c.due_at)


def breached(now: datetime) -> Condition:
    """Met late, taken over late, or open and past due, whatever the cause, and noted or not."""
    return or_(
        _c.breached_at.is_not(None),
        _c.met_at > _c.due_at,
        _c.stopped_at > _c.due_at,
        and_(_c.met_at.is_(None), _c.stopped_at.is_(None), _c.due_at <= now),
    )


def missed(now: datetime) -> Condition:
    """Breached, and not for an outage of Baton's own."""
    return and_(breached(now), or_(_c.cause.is_(None), _c.cause != Cause.OUTAGE))


def excused(now: datetime) -> Condition:
    """Breached during an outage: counts against nobody."""
    return and_(breached(now), _c.cause == Cause.OUTAGE)


def due(now: datetime) -> Condition:
    """Met or missed: what a rate of met SLAs is divided by."""
    return or_(met(now), missed(now))


def running(now: datetime) -> Condition:
    """Open and not due: left out of every rate."""
    return and_(_c.met_at.is_(None), _c.stopped_at.is_(None), not_(breached(now)))


MEASURES: Mapping[str, Callable[[datetime], Condition]] = {
    "met": met,
    "missed": missed,
    "excused": excused,
    "running": running,
    "due": due,
}
"""What is counted of a clock, by name; each is given the present moment."""

JOINED: FromClause = clocks.join(handoffs, handoffs.c.id == _c.handoff_id)


def of_scope(scope: Scope, kinds: Sequence[ClockKind]) -> Condition:
    """The clocks of these kinds, which are all short or all long, that belong to the scope."""
    if set(kinds) <= set(SHORT_KINDS):
        return and_(_c.kind.in_([kind.value for kind in kinds]), cohort(scope))
    chosen = _LONG if set(kinds) == set(LONG_KINDS) else and_(_LONG, _c.kind.in_([k.value for k in kinds]))
    return and_(chosen, within(_c.due_at, scope), counted(scope))


@dataclass(frozen=True, slots=True)
class ClockSlice:
    """The clocks of one kind, team, holder and cause. `owner` None: the team's own, or marketing's."""

    kind: ClockKind
    team: str
    owner: str | None
    cause: str | None
    met: int
    missed: int
    excused: int
    running: int


def slices(tx: Connection, scope: Scope) -> list[ClockSlice]:
    """Met and missed by kind, team, whoever held the clock, and cause."""
    labels = (_c.kind, handoffs.c.team, _c.owner, _c.cause)
    found = []
    for kinds in (SHORT_KINDS, LONG_KINDS):
        statement = (
            select(
                *labels,
                *(tally(measure(scope.now)) for measure in (met, missed, excused, running)),
            )
            .select_from(JOINED)
            .where(of_scope(scope, kinds))
            .group_by(*labels)
        )
        found += [ClockSlice(ClockKind(kind), *rest) for kind, *rest in tx.execute(statement)]
    return found


def attainment(tx: Connection, scope: Scope) -> dict[ClockKind, tuple[int, int]]:
    """Met and missed by kind alone, for a period of comparison."""
    found: dict[ClockKind, tuple[int, int]] = {}
    for kinds in (SHORT_KINDS, LONG_KINDS):
        statement = (
            select(_c.kind, tally(met(scope.now)), tally(missed(scope.now)))
            .select_from(JOINED)
            .where(of_scope(scope, kinds))
            .group_by(_c.kind)
        )
        found |= {ClockKind(kind): (int(a), int(b)) for kind, a, b in tx.execute(statement)}
    return found
