"""Whole tables, row by row, in the order in which they were written; never all at once in memory.

A lead's row has its ids and its activities beside it, so that whoever reads the export lacks nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from storage.database.sql import Query
from storage.models import (
    Activity,
    LeadAlias,
    activities,
    clocks,
    events,
    handoffs,
    lead_aliases,
    leads,
)

BATCH = 1000

_EXTERNAL = (
    select(func.min(lead_aliases.c.external_id))
    .where(lead_aliases.c.lead_id == leads.c.id)
    .scalar_subquery()
    .label("external_id")
)
_INTERNAL = {"email_key", "company_key", "card_id", "choice", "forgotten_at", "was_complete"}
_STATEMENTS: Mapping[str, Callable[[], Select[Any]]] = {
    "leads": lambda: (
        select(leads.c.id, _EXTERNAL, *(c for c in leads.c if c.name not in _INTERNAL | {"id"}))
        .where(leads.c.forgotten_at.is_(None))
        .order_by(leads.c.id)
    ),
    "handoffs": lambda: select(*(c for c in handoffs.c if c.name not in _INTERNAL)).order_by(handoffs.c.id),
    "clocks": lambda: select(clocks).order_by(clocks.c.id),
    "events": lambda: select(events).order_by(events.c.id),
}
WHAT = tuple(_STATEMENTS)
"""What can be exported."""


_BESIDE_LEADS = ("external_ids", "activities")

_ALIASES_OF = Query(
    LeadAlias,
    select(lead_aliases)
    .where(lead_aliases.c.lead_id.in_(bindparam("leads", expanding=True)))
    .order_by(lead_aliases.c.external_id, lead_aliases.c.system),
)
_ACTIVITIES_OF = Query(
    Activity,
    select(activities)
    .where(activities.c.lead_id.in_(bindparam("leads", expanding=True)))
    .order_by(activities.c.at, activities.c.id),
)


def columns(what: str) -> list[str]:
    """The names of the columns, in order. Raises KeyError for what is not in `WHAT`."""
    names = [column.name for column in _STATEMENTS[what]().selected_columns]
    return [*names, *_BESIDE_LEADS] if what == "leads" else names


def rows(tx: Connection, what: str) -> Iterator[tuple[Any, ...]]:
    """The rows, read on demand; only while the transaction is open. Raises KeyError as `columns`."""
    result = tx.execute(_STATEMENTS[what]().execution_options(yield_per=BATCH))
    for batch in result.partitions():
        if what != "leads":
            yield from map(tuple, batch)
            continue
        beside = _beside(tx, [row.id for row in batch])
        for row in batch:
            yield (*row, *beside[row.id])


def _beside(tx: Connection, lead_ids: Collection[int]) -> Mapping[int, tuple[Any, Any]]:
    """Of each lead its ids, as pairs of system and id, and what it did, the oldest first."""
    ids: dict[int, list[list[str]]] = defaultdict(list)
    did: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for alias in _ALIASES_OF.all(tx, {"leads": lead_ids}):
        ids[alias.lead_id].append([alias.system, alias.external_id])
    for each in _ACTIVITIES_OF.all(tx, {"leads": lead_ids}):
        did[each.lead_id].append(_told(each))
    return {lead: (ids[lead], did[lead]) for lead in lead_ids}


def _told(activity: Activity) -> dict[str, Any]:
    """An activity as a record would tell it; what is usual of one is left out."""
    told = {
        "type": activity.type,
        "at": activity.at.isoformat(),
        "detail": activity.detail,
        "by": activity.by,
        "automated": activity.automated or None,
        "summary": activity.summary or None,
        "dated": None if activity.dated else False,
    }
    return {name: value for name, value in told.items() if value is not None}
