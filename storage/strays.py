"""Open handoffs grouped by what they name of the agreement, so that what it no longer has is seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnClause, Connection, bindparam, func, literal_column, select

from storage.database.sql import Query
from storage.models import OPEN_HANDOFF, ClockKind, clocks, deliveries, handoffs
from storage.models.columns import is_in


class Group:
    """So many open handoffs of one team, one owner (None: nobody) and one priority, their cards in one place.

    `place` is None where a handoff has no card.
    """

    team: str
    owner: str | None
    priority: str
    place: str | None
    number: int


class Owed:
    """So many rejections for one reason that marketing has not answered."""

    reason: str
    number: int


_IS_OPEN: ColumnClause[bool] = literal_column(is_in("handoff.state", *OPEN_HANDOFF))
_NAMED = (handoffs.c.team, handoffs.c.owner, handoffs.c.priority, deliveries.c.place)
_GROUPS = Query(
    Group,
    select(*_NAMED, func.count().label("number"))
    .select_from(handoffs)
    .outerjoin(deliveries, deliveries.c.id == handoffs.c.card_id)
    .where(_IS_OPEN)
    .group_by(*_NAMED),
)
_OWED = Query(
    Owed,
    select(handoffs.c.reason, func.count().label("number"))
    .select_from(clocks)
    .join(handoffs, handoffs.c.id == clocks.c.handoff_id)
    .where(
        literal_column(
            f"clock.kind = '{ClockKind.ANSWER}' AND clock.met_at IS NULL AND clock.stopped_at IS NULL"
        ),
        handoffs.c.reason.is_not(None),
    )
    .group_by(handoffs.c.reason),
)
_OF_TEAMS = (
    select(handoffs.c.id)
    .where(
        _IS_OPEN,
        handoffs.c.team.in_(bindparam("teams", expanding=True)),
        handoffs.c.id > bindparam("after"),
    )
    .order_by(handoffs.c.id)
    .limit(bindparam("most"))
)


def groups(tx: Connection) -> Sequence[Group]:
    """The open handoffs, counted by what they name."""
    return _GROUPS.all(tx)


def owed_by_reason(tx: Connection) -> Sequence[Owed]:
    """The rejections that wait for marketing's answer, counted by reason."""
    return _OWED.all(tx)


def open_of_teams(tx: Connection, teams: Collection[str], *, after: int, limit: int) -> Sequence[int]:
    """The open handoffs of these teams, by id, from the one after `after` on."""
    wanted = {"teams": sorted(teams), "after": after, "most": limit}
    return tx.execute(_OF_TEAMS, wanted).scalars().all() if teams else ()
