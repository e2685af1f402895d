"""What goes along as two people of one lead part: activities by number, or of very many by their times.

The times are spans: from a moment on, and before another, with None for no bound. What the other lead did by
its own account already is kept there once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, not_, or_, select, true, update

from storage.database.sql import in_portions
from storage.models import activities, lead_records
from storage.models.details import Merged
from storage.models.upkeep import RecordValues
from storage.models.values import ActivityValues

Span = tuple[datetime | None, datetime | None]


def move(tx: Connection, lead_id: int, to: int, ids: Collection[int]) -> None:
    """Let these activities be another lead's."""
    for some in in_portions(ids):
        _move(tx, lead_id, to, activities.c.id.in_(some))


def brought(former: int, merged: Merged) -> list[ColumnElement[bool]]:
    """Which activities of the lead that another was merged into are copies of the other's: any of these."""
    if "after" not in merged:
        return [activities.c.key.in_(some) for some in in_portions(merged.get("activities", ()))]
    own = activities.alias()
    theirs = exists().where(own.c.lead_id == former, own.c.key == activities.c.key)
    return [and_(activities.c.id > merged["after"], theirs)]


def brought_ids(tx: Connection, former: int, merged: Merged) -> frozenset[int]:
    """The same by number."""
    asked = (
        select(activities.c.id).where(activities.c.lead_id == merged["into"], which)
        for which in brought(former, merged)
    )
    return frozenset(number for each in asked for number in tx.execute(each).scalars())


def move_of_times(
    tx: Connection, lead_id: int, to: int, times: Iterable[Span], copies: Iterable[ColumnElement[bool]]
) -> None:
    """Let the activities of these times, and these that were `brought`, be another lead's, however many."""
    for span in times:
        _move(tx, lead_id, to, _within(activities.c.at, span))
    for which in copies:
        _move(tx, lead_id, to, which)


def count_of_times(
    tx: Connection, lead_id: int, times: Iterable[Span], copies: Iterable[ColumnElement[bool]]
) -> int:
    """How many activities that would move."""
    spans = [_within(activities.c.at, span) for span in times]
    elsewhere = not_(or_(*spans)) if spans else true()
    found = [*spans, *(and_(which, elsewhere) for which in copies)]
    asked = (select(func.count()).where(activities.c.lead_id == lead_id, which) for which in found)
    return sum(int(tx.execute(each).scalar_one()) for each in asked)


def move_records_of_times(tx: Connection, lead_id: int, to: int, times: Iterable[Span]) -> None:
    """Let the records of these times be what was said of another lead, where the same was not said of it."""
    theirs = select(lead_records.c.digest).where(lead_records.c.lead_id == to)
    for span in times:
        these = lead_records.c.lead_id == lead_id, _within(lead_records.c.at, span)
        tx.execute(delete(lead_records).where(*these, lead_records.c.digest.in_(theirs)))
        tx.execute(update(lead_records).where(*these).values(**RecordValues(lead_id=to)))


def _move(tx: Connection, lead_id: int, to: int, which: ColumnElement[bool]) -> None:
    theirs = activities.c.lead_id == lead_id, which
    own = activities.alias()
    known = exists().where(own.c.lead_id == to, own.c.key == activities.c.key)
    tx.execute(delete(activities).where(*theirs, known))
    tx.execute(update(activities).where(*theirs).values(**ActivityValues(lead_id=to)))


def _within(at: ColumnElement[datetime], span: Span) -> ColumnElement[bool]:
    since, until = span
    return and_(
        at >= since if since is not None else true(),
        at < until if until is not None else true(),
    )
