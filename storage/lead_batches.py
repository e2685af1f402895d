"""All leads, batch by batch, with what they did: for whoever looks at every one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, func, literal, select

from storage.database.sql import Query
from storage.models import Activity, Lead, activities, leads

BATCH = 500
ACTIVITIES = 200
"""Of one lead no more than these are looked at, the newest, as where it is judged."""

_EVER = datetime(1, 1, 2, tzinfo=UTC)
_AFTER = Query(
    Lead,
    select(leads)
    .where(leads.c.id > bindparam("after"), leads.c.merged_into.is_(None))
    .order_by(leads.c.id)
    .limit(bindparam("most")),
)
_newer = activities.alias()
_EARLIEST_LOOKED_AT = (
    select(_newer.c.at)
    .where(_newer.c.lead_id == leads.c.id)
    .order_by(_newer.c.at.desc())
    .offset(ACTIVITIES - 1)
    .limit(1)
    .scalar_subquery()
)
_OF_LEADS = Query(
    Activity,
    select(activities)
    .select_from(leads.join(activities, activities.c.lead_id == leads.c.id))
    .where(leads.c.id.in_(bindparam("leads", expanding=True)))
    .where(activities.c.at >= func.coalesce(_EARLIEST_LOOKED_AT, literal(_EVER, activities.c.at.type)))
    .order_by(activities.c.at.desc(), activities.c.id.desc()),
)


def activities_of(tx: Connection, lead_ids: Collection[int]) -> dict[int, list[Activity]]:
    """The newest activities of each of these leads, newest first."""
    did: dict[int, list[Activity]] = {each: [] for each in lead_ids}
    for activity in _OF_LEADS.all(tx, {"leads": list(did)}):
        if len(did[activity.lead_id]) < ACTIVITIES:
            did[activity.lead_id].append(activity)
    return did


def batches(tx: Connection, size: int = BATCH) -> Iterator[list[tuple[Lead, Sequence[Activity]]]]:
    """Every lead that was not merged into another, by id, each with its activities, newest first."""
    after = 0
    while rows := _AFTER.all(tx, {"after": after, "most": size}):
        after = rows[-1].id
        did = activities_of(tx, [row.id for row in rows])
        yield [(row, did[row.id]) for row in rows]
