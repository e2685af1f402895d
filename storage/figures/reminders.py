"""How often people were reminded, and how many of them acted on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, FromClause, and_, case, func, select

from storage.figures.scope import Condition, Scope, counted, epoch, within
from storage.models import DeliveryState, clocks, deliveries, handoffs, nags

ACTED_WITHIN = timedelta(days=1)
"""A commitment that is met so soon after a reminder of it counts as the reminder's doing."""

_n = nags.c

NAGS: FromClause = (
    nags.join(deliveries, deliveries.c.id == _n.delivery_id)
    .join(handoffs, handoffs.c.id == _n.handoff_id)
    .join(clocks, clocks.c.id == _n.clock_id)
)


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
