"""How a stored lead is judged: by its fields, its activities, and what sales had of it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.agreement import Agreement
from bot.leadform.model import AHEAD
from bot.rules.qualification import Judgement, ScoredActivity, facts_of, judge, scored
from bot.rules.unknown import ruled_activities
from storage import handoffs, newest
from storage.database.sql import columns_of
from storage.models import Activity, Lead


def facts_about(lead: Lead, *, qualified: bool | None = None) -> dict[str, Any]:
    """A lead as the rules see it. `qualified` says in place of the lead whether marketing judged it."""
    facts = facts_of(columns_of(lead))
    return facts if qualified is None else {**facts, "qualified": qualified}


def did_of(tx: Connection, agreement: Agreement, lead_id: int, now: datetime) -> Sequence[Activity]:
    """What a lead did, as far as a judgement at this moment looks at it; the newest first."""
    return newest.telling(tx, lead_id, now + AHEAD, partial(ruled_activities, agreement))


def judgement_of(
    tx: Connection, agreement: Agreement, lead: Lead, now: datetime, *, qualified: bool | None = None
) -> Judgement:
    """The judgement of a stored lead at a moment; `qualified` as in `facts_about`."""
    return judge(
        agreement,
        facts_about(lead, qualified=qualified),
        did_of(tx, agreement, lead.id, now),
        now,
        handed_at=handoffs.first_handed_at(tx, lead.id),
        told_at=told_moments_of(lead),
    )


def scored_of(
    tx: Connection, agreement: Agreement, lead: Lead, now: datetime
) -> tuple[Judgement, tuple[ScoredActivity, ...]]:
    """The judgement of a stored lead, and each activity that was looked at with the points that it has."""
    activities, handed_at = did_of(tx, agreement, lead.id, now), handoffs.first_handed_at(tx, lead.id)
    told_at = told_moments_of(lead)
    judged = judge(agreement, facts_about(lead), activities, now, handed_at=handed_at, told_at=told_at)
    return judged, scored(agreement, judged, activities, now, handed_at=handed_at)


def told_moments_of(lead: Lead) -> dict[str, datetime]:
    """Since when each count among a lead's own columns has had its value."""
    return moments_of(lead.told_at)


def moments_of(told_at: Mapping[str, str]) -> dict[str, datetime]:
    """The same, from the column that keeps them."""
    return {name: datetime.fromisoformat(at) for name, at in told_at.items()}
