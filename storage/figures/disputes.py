"""What marketing answered to rejections, and how the managers decided where it contested them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, func, literal_column, or_, select

from storage.figures.scope import Condition, Scope, counted, within
from storage.models import Answer, Ruling, disputes, handoffs

_d = disputes.c

DISPUTES: FromClause = disputes.join(handoffs, handoffs.c.id == _d.handoff_id)

DISPUTED: Mapping[str, Condition] = {
    **{answer: _d.answer == answer for answer in Answer},
    **{ruling: _d.ruling == ruling for ruling in Ruling},
    "unruled": and_(_d.answer == Answer.CONTESTED, _d.ruling.is_(None)),
}
"""What can become of a rejection; a manager's decision by its own date, the rest by that of the answer."""


def disputed(scope: Scope, what: str) -> Condition:
    """The answers or decisions of this kind in the stretch."""
    dated = _d.ruled_at if what in tuple(Ruling) else _d.at
    return and_(DISPUTED[what], within(dated, scope), counted(scope))


def disputes_of(tx: Connection, scope: Scope) -> dict[str, int]:
    """How many answers and decisions of each kind there were in the stretch."""
    return {
        what: int(
            tx.execute(select(func.count()).select_from(DISPUTES).where(disputed(scope, what))).scalar_one()
        )
        for what in DISPUTED
    }


@dataclass(frozen=True, slots=True)
class Ruled:
    """Decisions on contested rejections of one person, or for one reason: overturned, and all of them."""

    overturned: int
    rulings: int


def rulings_by_rep(tx: Connection, scope: Scope) -> dict[str, Ruled]:
    """The rulings of the stretch by who had rejected."""
    return _rulings(tx, scope, handoffs.c.rejected_by)


def rulings_by_reason(tx: Connection, scope: Scope) -> dict[str, Ruled]:
    """The rulings of the stretch by the reason for the rejection; "" where none was given."""
    return _rulings(tx, scope, func.coalesce(handoffs.c.reason, literal_column("''")))


def _rulings(tx: Connection, scope: Scope, by: ColumnElement[Any]) -> dict[str, Ruled]:
    overturned = func.count(case((DISPUTED[Ruling.OVERTURNED], 1)))
    ruled = and_(
        or_(DISPUTED[Ruling.UPHELD], DISPUTED[Ruling.OVERTURNED]), within(_d.ruled_at, scope), counted(scope)
    )
    statement = select(by, overturned, func.count()).select_from(DISPUTES).where(ruled, by.is_not(None))
    return {of: Ruled(int(part), int(n)) for of, part, n in tx.execute(statement.group_by(by))}
