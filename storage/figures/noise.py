"""How often people were reminded, and what marketing answered to rejections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, func, literal_column, or_, select

from storage.figures.scope import Condition, Scope, counted, epoch, within
from storage.models import Answer, DeliveryState, Ruling, clocks, deliveries, disputes, handoffs, nags

ACTED_WITHIN = timedelta(days=1)
"""A commitment that is met so soon after a reminder of it counts as the reminder's doing."""

_n, _d = nags.c, disputes.c

NAGS: FromClause = (
    nags.join(deliveries, deliveries.c.id == _n.delivery_id)
    .join(handoffs, handoffs.c.id == _n.handoff_id)
    .join(clocks, clocks.c.id == _n.clock_id)
)
DISPUTES: FromClause = disputes.join(handoffs, handoffs.c.id == _d.handoff_id)


@dataclass(frozen=True, slots=True)
class Reminders:
    """Lines that reached somebody, and the messages in which they were gathered, by what was said.

    `acted_on` is how many of the lines were.
    """

    lines: Mapping[str, int]
    messages: int
    people: int
    acted_on: int


def nags_of(scope: Scope) -> Condition:
    """The reminders of the stretch that Slack took."""
    return and_(within(_n.at, scope), deliveries.c.state == DeliveryState.SENT, counted(scope))


def acted_on(scope: Scope) -> Condition:
    """The commitment was met after the reminder, and within a day of it, late or in time."""
    met = clocks.c.met_at
    soon = epoch(met) - epoch(_n.at) <= int(ACTED_WITHIN.total_seconds())
    return and_(met >= _n.at, met < (scope.as_of or scope.now), soon)


def reminders(tx: Connection, scope: Scope) -> Reminders:
    """What was said in the stretch."""
    by_what = select(_n.what, func.count()).select_from(NAGS).where(nags_of(scope)).group_by(_n.what)
    gathered = (
        select(
            func.count(_n.delivery_id.distinct()),
            func.count(_n.place.distinct()),
            func.count(case((acted_on(scope), 1))),
        )
        .select_from(NAGS)
        .where(nags_of(scope))
    )
    messages, people, acted = tx.execute(gathered).one()
    lines = {what: int(count) for what, count in tx.execute(by_what)}
    return Reminders(lines, int(messages), int(people), int(acted))


DISPUTED: Mapping[str, Condition] = {
    "agreed": _d.answer == Answer.AGREED,
    "resubmitted": _d.answer == Answer.RESUBMITTED,
    "contested": _d.answer == Answer.CONTESTED,
    "upheld": _d.ruling == Ruling.UPHELD,
    "overturned": _d.ruling == Ruling.OVERTURNED,
    "unruled": and_(_d.answer == Answer.CONTESTED, _d.ruling.is_(None)),
}
"""What can become of a rejection: rulings by their own date, all else by the date of the answer."""


def disputed(scope: Scope, what: str) -> Condition:
    """The answers or rulings of this kind in the stretch."""
    dated = _d.ruled_at if what in ("upheld", "overturned") else _d.at
    return and_(DISPUTED[what], within(dated, scope), counted(scope))


def disputes_of(tx: Connection, scope: Scope) -> dict[str, int]:
    """How many answers and rulings of each kind there were in the stretch."""
    return {
        what: int(
            tx.execute(select(func.count()).select_from(DISPUTES).where(disputed(scope, what))).scalar_one()
        )
        for what in DISPUTED
    }


@dataclass(frozen=True, slots=True)
class Ruled:
    """Rulings on contested rejections of one person, or for one reason: overturned, and all of them."""

    overturned: int
    rulings: int


def rulings_by_rep(tx: Connection, scope: Scope) -> dict[str, Ruled]:
    """The rulings of the stretch by who had rejected."""
    return _rulings(tx, scope, handoffs.c.rejected_by)


def rulings_by_reason(tx: Connection, scope: Scope) -> dict[str, Ruled]:
    """The rulings of the stretch by the reason for the rejection; "" where none was given."""
    return _rulings(tx, scope, func.coalesce(handoffs.c.reason, literal_column("''")))


def _rulings(tx: Connection, scope: Scope, by: ColumnElement[Any]) -> dict[str, Ruled]:
    overturned = func.count(case((DISPUTED["overturned"], 1)))
    ruled = and_(or_(DISPUTED["upheld"], DISPUTED["overturned"]), within(_d.ruled_at, scope), counted(scope))
    statement = select(by, overturned, func.count()).select_from(DISPUTES).where(ruled, by.is_not(None))
    return {of: Ruled(int(part), int(n)) for of, part, n in tx.execute(statement.group_by(by))}
