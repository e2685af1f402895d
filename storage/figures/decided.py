"""The leads that sales decided on, with what was known of each: what an explanation of the score rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from storage.database.sql import Query
from storage.figures.scope import Scope, cohort
from storage.models import activities, handoffs, leads

AT_ONCE = 500


class DecidedLead:
    """A handoff that was accepted or rejected, beside its lead as it is now. `why` is of the handoff."""

    id: int
    lead_id: int
    why: list[str]
    handed_at: datetime
    accepted_at: datetime | None
    employees: int | None
    industry: str | None
    country: str | None
    region: str | None
    source: str | None
    extra: dict[str, Any]
    told_at: dict[str, str]


_h, _l = handoffs.c, leads.c
_SELECTED = select(
    *(_h.id, _h.lead_id, _h.why, _h.handed_at, _h.accepted_at),
    *(_l.employees, _l.industry, _l.country, _l.region, _l.source, _l.extra, _l.told_at),
).join(leads, _l.id == _h.lead_id)
_DECIDED = Query(DecidedLead, _SELECTED)


def decided(tx: Connection, scope: Scope, most: int) -> Sequence[DecidedLead]:
    """The newest handoffs of the scope that sales decided on, at most so many; none of an erased person."""
    statement = _SELECTED.where(
        cohort(scope),
        or_(_h.accepted_at.is_not(None), _h.rejected_at.is_not(None)),
        _l.forgotten_at.is_(None),
    )
    newest = statement.order_by(_h.handed_at.desc(), _h.id.desc()).limit(most)
    return replace(_DECIDED, statement=newest).all(tx)


def activities_before(tx: Connection, handoff_ids: Sequence[int]) -> dict[int, set[str]]:
    """By handoff, the kinds of activity that its lead had had when it was handed off."""
    found: dict[int, set[str]] = {}
    of = activities.c
    for start in range(0, len(handoff_ids), AT_ONCE):
        some = handoff_ids[start : start + AT_ONCE]
        statement = (
            select(_h.id, of.type)
            .join(activities, of.lead_id == _h.lead_id)
            .where(_h.id.in_(some), of.at <= _h.handed_at)
            .distinct()
        )
        for handoff, kind in tx.execute(statement):
            found.setdefault(handoff, set()).add(kind)
    return found
