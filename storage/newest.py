"""The newest activities of a lead, of every kind: what a judgement needs of a lead, however much it did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, text

from storage import leads
from storage.database.sql import Query
from storage.models import Activity, activities

NEWEST = 200
"""So many activities of a lead are looked at, whatever they are; few leads have more."""
OF_A_KIND = 50
"""Of a lead that has more, so many of each type are looked at besides."""
KINDS = 200

_KINDS = text(  # walked from type to type along the index: a million of one type cost no more than one
    """
    WITH RECURSIVE walk(type) AS (
        SELECT (SELECT min(type) FROM activity WHERE lead_id = :lead)
        UNION ALL
        SELECT (SELECT min(type) FROM activity WHERE lead_id = :lead AND type > walk.type)
        FROM walk WHERE type IS NOT NULL
    )
    SELECT type FROM walk WHERE type IS NOT NULL LIMIT :most
    """
)
_OF_KIND = Query(
    Activity,
    select(activities)
    .where(
        activities.c.lead_id == bindparam("lead"),
        activities.c.type == bindparam("kind"),
        activities.c.at <= bindparam("until"),
    )
    .order_by(activities.c.at.desc(), activities.c.id.desc())
    .limit(bindparam("most")),
)
_COUNT = select(func.count()).where(activities.c.lead_id == bindparam("lead"))


def telling(
    tx: Connection, lead_id: int, until: datetime, named: Callable[[], Iterable[str]] = tuple
) -> Sequence[Activity]:
    """The activities by which a lead is judged, the newest first.

    All that it has, as a rule. Of one with more than `NEWEST`, those, and up to `until` the newest
    `OF_A_KIND` of each type, so that a thousand page views hide no request for a demo. Types beyond `KINDS`
    are looked at only where they are `named`.
    """
    found = leads.activities_of(tx, lead_id, limit=NEWEST)
    if len(found) < NEWEST:
        return found
    kinds = dict.fromkeys([*named(), *tx.execute(_KINDS, {"lead": lead_id, "most": KINDS}).scalars()])
    wanted = {"lead": lead_id, "until": until, "most": OF_A_KIND}
    of_kinds = [row for kind in kinds for row in _OF_KIND.all(tx, {**wanted, "kind": kind})]
    every = {row.id: row for row in (*found, *of_kinds)}
    return sorted(every.values(), key=lambda row: (row.at, row.id), reverse=True)


def count(tx: Connection, lead_id: int) -> int:
    """How many activities a lead has."""
    return int(tx.execute(_COUNT, {"lead": lead_id}).scalar_one())
