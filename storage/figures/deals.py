"""Pipeline and revenue, by the date of the deal: its own date, else when the stage was reached.

Sums are kept by currency and never mixed. A deal without an amount is counted and in no sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, and_, func, literal, or_, select, union_all

from storage.figures.scope import Condition, Scope, counted, epoch, tally, within
from storage.figures.times import Spread, spread_of
from storage.models import handoffs

_h = handoffs.c


@dataclass(frozen=True, slots=True)
class DealSlice:
    """The deals of one campaign in one currency; amounts in hundredths. `currency` None: none was given."""

    campaign: str | None
    currency: str | None
    deals: int
    amount: int
    without_amount: int
    won: int
    lost: int
    of_cohort: int
    """Those that were handed off in the same stretch."""


def pipeline_where(scope: Scope) -> Condition:
    """Handoffs that became an opportunity, with a deal dated in the stretch."""
    reached = or_(_h.opportunity_at.is_not(None), _h.won_at.is_not(None))
    return and_(
        counted(scope),
        or_(
            and_(within(_h.deal_at, scope), reached),
            and_(_h.deal_at.is_(None), within(_h.opportunity_at, scope)),
            and_(_h.deal_at.is_(None), _h.opportunity_at.is_(None), within(_h.won_at, scope)),
        ),
    )


def revenue_where(scope: Scope) -> Condition:
    """Handoffs that were won, with a deal dated in the stretch."""
    return and_(
        counted(scope),
        or_(
            and_(within(_h.deal_at, scope), _h.won_at.is_not(None)),
            and_(_h.deal_at.is_(None), within(_h.won_at, scope)),
        ),
    )


def pipeline(tx: Connection, scope: Scope) -> list[DealSlice]:
    """Deals of the stretch, open or closed, by campaign and currency."""
    return _sliced(tx, _dated(scope, won_only=False))


def revenue(tx: Connection, scope: Scope) -> list[DealSlice]:
    """Deals of the stretch that were won, by campaign and currency."""
    return _sliced(tx, _dated(scope, won_only=True))


def cycle(tx: Connection, scope: Scope) -> Spread | None:
    """Days, in seconds, from the handoff to the win, of the deals won in the stretch."""
    won = _dated(scope, won_only=True)
    values = select(literal("won").label("label"), won.c.cycle.label("v")).subquery("taken")
    return spread_of(tx, values).get(None)


def _dated(scope: Scope, *, won_only: bool) -> Subquery:
    """The deals of the stretch. One SELECT for each index, because an OR over them would be a scan."""
    columns = (
        _h.campaign,
        _h.currency,
        _h.amount_minor,
        _h.won_at,
        _h.lost_at,
        within(_h.handed_at, scope).label("of_cohort"),
        (epoch(_h.won_at) - epoch(_h.handed_at)).label("cycle"),
    )
    won = _h.won_at.is_not(None)
    reached = won if won_only else or_(_h.opportunity_at.is_not(None), won)
    branches: list[tuple[ColumnElement[Any], ...]] = [(within(_h.deal_at, scope), reached)]
    if won_only:
        branches.append((within(_h.won_at, scope), _h.deal_at.is_(None)))
    else:
        branches.append((within(_h.opportunity_at, scope), _h.deal_at.is_(None)))
        branches.append((within(_h.won_at, scope), _h.deal_at.is_(None), _h.opportunity_at.is_(None)))
    return union_all(*(select(*columns).where(counted(scope), *branch) for branch in branches)).subquery(
        "deal"
    )


def _sliced(tx: Connection, dated: Subquery) -> list[DealSlice]:
    d = dated.c
    statement = select(
        d.campaign,
        d.currency,
        func.count(),
        func.coalesce(func.sum(d.amount_minor), 0),
        tally(d.amount_minor.is_(None)),
        tally(d.won_at.is_not(None)),
        tally(d.lost_at.is_not(None)),
        tally(d.of_cohort),
    ).group_by(d.campaign, d.currency)
    return [
        DealSlice(campaign, currency, *(int(number) for number in numbers))
        for campaign, currency, *numbers in tx.execute(statement)
    ]
