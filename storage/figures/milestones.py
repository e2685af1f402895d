"""How far handoffs came, by the date of the handoff: one pass over the handoffs of a period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from storage.figures.scope import Condition, Scope, cohort, epoch, same_name, tally
from storage.models import HandoffState, handoffs, leads

CONVERSION = timedelta(days=90)
"""How long after the handoff a stage may be reached to count as a conversion of it."""

Counts = dict[str, int]
_h = handoffs.c


def _by(column: ColumnElement[datetime | None]) -> Callable[[datetime], Condition]:
    return lambda as_of: column < as_of


def _reached(*columns: ColumnElement[datetime | None]) -> Callable[[datetime], Condition]:
    """Reached this stage, or a later one straight away, within the time that counts."""
    longest = int(CONVERSION.total_seconds())

    def condition(as_of: datetime) -> Condition:
        return or_(
            *(and_(column < as_of, epoch(column) - epoch(_h.handed_at) <= longest) for column in columns)
        )

    return condition


def _decided(as_of: datetime) -> Condition:
    return or_(_h.accepted_at < as_of, _h.rejected_at < as_of)


def _undecided(as_of: datetime) -> Condition:
    return and_(
        or_(_h.accepted_at.is_(None), _h.accepted_at >= as_of),
        or_(_h.rejected_at.is_(None), _h.rejected_at >= as_of),
    )


MEASURES: Mapping[str, Callable[[datetime], Condition]] = {
    "handed_off": lambda _as_of: true(),
    "accepted": _by(_h.accepted_at),
    "rejected": _by(_h.rejected_at),
    "decided": _decided,
    "undecided": _undecided,
    "touched": _by(_h.touched_at),
    "sql": _reached(_h.sql_at, _h.opportunity_at, _h.won_at),
    "opportunity": _reached(_h.opportunity_at, _h.won_at),
    "won": _reached(_h.won_at),
    "lost": _by(_h.lost_at),
    "recycled": _by(_h.recycled_at),
    "disqualified": _by(_h.disqualified_at),
}
"""What is counted of a handoff, by name; each is given the moment up to which it counts."""

COMPLETE = or_(
    leads.c.was_complete.is_(True),  # of somebody who was erased since
    and_(
        or_(leads.c.first_name.is_not(None), leads.c.last_name.is_not(None)),
        leads.c.company.is_not(None),
        leads.c.title.is_not(None),
        or_(leads.c.email.is_not(None), leads.c.phone.is_not(None)),
    ),
)
"""A lead with all that a rep needs to call: a name, a company, a title, an e-mail address or a phone."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The counts of the handoffs of one campaign, team and reason of rejection."""

    campaign: str | None
    team: str
    reason: str | None
    counts: Counts


def slices(tx: Connection, scope: Scope) -> list[Slice]:
    """Every measure by campaign (as it is written), team and reason."""
    labels = (_h.campaign, _h.team, _h.reason)
    statement = select(*labels, *_columns(scope)).where(cohort(scope)).group_by(*labels)
    return [
        Slice(campaign, team, reason, dict(zip(MEASURES, counts, strict=True)))
        for campaign, team, reason, *counts in tx.execute(statement)
    ]


@dataclass(frozen=True, slots=True)
class Ran:
    """What the cost of a campaign is divided by, and when its first lead was handed off."""

    counts: Counts
    first_at: datetime


def by_campaign(tx: Connection, scope: Scope) -> dict[str | None, Ran]:
    """How each campaign ran, as it is written."""
    as_of = scope.as_of or scope.now
    chosen = ("handed_off", "accepted", "sql")
    columns = (tally(MEASURES[name](as_of)) for name in chosen)
    statement = select(_h.campaign, func.min(_h.handed_at), *columns)
    rows = tx.execute(statement.where(cohort(scope)).group_by(_h.campaign))
    return {campaign: Ran(dict(zip(chosen, counts, strict=True)), first) for campaign, first, *counts in rows}


def first_handed_off(tx: Connection) -> datetime | None:
    """When the first lead of all was handed off: before it there is nothing to count."""
    return tx.execute(select(func.min(_h.handed_at))).scalar_one_or_none()


def handed_off(tx: Connection, scope: Scope) -> int:
    """How many were handed off, and nothing else."""
    return int(tx.execute(select(func.count()).select_from(handoffs).where(cohort(scope))).scalar_one())


def complete(tx: Connection, scope: Scope) -> int:
    """How many were handed off with all that a rep needs to call."""
    joined = handoffs.join(leads, leads.c.id == _h.lead_id)
    statement = select(func.count()).select_from(joined).where(cohort(scope), COMPLETE)
    return int(tx.execute(statement).scalar_one())


def merged(tx: Connection, scope: Scope) -> int:
    """How many were handed off and turned out to be another lead: left out of everything else."""
    conditions = [
        _h.handed_at >= scope.since,
        _h.handed_at < scope.until,
        _h.state == HandoffState.MERGED,
    ]
    if scope.team is not None:
        conditions.append(_h.team == scope.team)
    if scope.campaign is not None:
        conditions.append(same_name(_h.campaign, scope.campaign))
    return int(tx.execute(select(func.count()).select_from(handoffs).where(*conditions)).scalar_one())


def taken_by(tx: Connection, scope: Scope) -> dict[str, int]:
    """How many handoffs of the scope each person accepted."""
    statement = (
        select(_h.accepted_by, func.count())
        .where(
            cohort(scope),
            _h.accepted_by.is_not(None),
            MEASURES["accepted"](scope.as_of or scope.now),
        )
        .group_by(_h.accepted_by)
    )
    return {person: int(count) for person, count in tx.execute(statement)}


def _columns(scope: Scope) -> list[ColumnElement[int]]:
    as_of = scope.as_of or scope.now
    return [tally(measure(as_of)).label(name) for name, measure in MEASURES.items()]
