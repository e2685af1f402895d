"""All the counts that a report needs, read from the database in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.agreement.model import Agreement
from bot.digest.periods import DAYS, WEEK, Span, local_day, quarter_of, week_of
from storage import handoffs
from storage.figures import commitments, deals, disputes, milestones, reminders, times
from storage.figures.commitments import ClockSlice
from storage.figures.deals import DealSlice
from storage.figures.disputes import Ruled
from storage.figures.milestones import Ran, Slice
from storage.figures.reminders import Reminders
from storage.figures.scope import Scope
from storage.figures.times import Measure, Spread
from storage.models import ClockKind

MEAN_OF = 4
"""Weeks before this one from which a usual week is reckoned."""
TREND = 12
"""Weeks of met SLAs that the chart shows."""
RECENT = timedelta(days=28)
"""The days from which the rest of the quarter is foretold."""

Attained = Mapping[ClockKind, tuple[int, int]]
Spreads = Mapping[Measure, Mapping[str | None, Spread]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A period before, of the same kind, as far as this one has come and at the age that it has."""

    slices: Sequence[Slice]
    attained: Attained
    complete: int
    reminders: Reminders
    spreads: Spreads


@dataclass(frozen=True, slots=True)
class Reps:
    """What each person did: accepted, times, rulings on their rejections; and what they hold now."""

    accepted: Mapping[str, int]
    rulings: Mapping[str, Ruled]
    open_now: Mapping[str, int]
    times: Spreads


@dataclass(frozen=True, slots=True)
class Running:
    """The quarter so far, and the last `RECENT` days, for costs and goals."""

    span: Span
    ran: Mapping[str | None, Ran]
    pipeline: Sequence[DealSlice]
    revenue: Sequence[DealSlice]
    cycle: Spread | None
    recent_mqls: int
    recent_pipeline: Sequence[DealSlice]
    recent_revenue: Sequence[DealSlice]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The counts of a period. `earlier` are the periods before it, the last one first.

    Before `began`, the midnight of the first day with data, there is nothing to count; None: there is nothing
    at all. `comparable` of the earlier periods lie wholly after it.
    """

    span: Span
    scope: Scope
    began: datetime | None
    comparable: int
    slices: Sequence[Slice]
    clocks: Sequence[ClockSlice]
    complete: int
    merged: int
    spreads: Spreads
    pipeline: Sequence[DealSlice]
    revenue: Sequence[DealSlice]
    cycle: Spread | None
    disputes: Mapping[str, int]
    rulings: Mapping[str, Ruled]
    reminders: Reminders
    before: Comparison
    earlier: Sequence[Sequence[Slice]]
    trend: Sequence[tuple[Span, Attained]]
    running: Running
    reps: Reps


def scope_of(span: Span, now: datetime, campaign: str | None = None, team: str | None = None) -> Scope:
    """The handoffs of a period, up to now if it is not over."""
    return Scope(span.since, min(span.until, now), now, campaign=campaign, team=team)


def earlier_scope(span: Span, scope: Scope, steps: int) -> Scope:
    """The same stretch so many periods before: as long as this one has run, seen at the age that it has."""
    past = span.back(steps)
    until = min(past.since + (scope.until - scope.since), past.until) if _so_far(span, scope) else past.until
    as_of = until + (scope.now - scope.until)
    return Scope(past.since, until, scope.now, as_of, scope.campaign, scope.team)


def gather(tx: Connection, agreement: Agreement, span: Span, scope: Scope) -> Gathered:
    """Read everything once."""
    began = _began(tx, span.tz)
    steps = MEAN_OF if span.kind == WEEK else 1
    past = [earlier_scope(span, scope, step + 1) for step in range(steps)]
    earlier = [milestones.slices(tx, each) for each in past]
    return Gathered(
        span=span,
        scope=scope,
        began=began,
        comparable=sum(began is not None and each.since >= began for each in past),
        slices=milestones.slices(tx, scope),
        clocks=commitments.slices(tx, scope),
        complete=milestones.complete(tx, scope),
        merged=milestones.merged(tx, scope),
        spreads=_spreads(tx, scope),
        pipeline=deals.pipeline(tx, scope),
        revenue=deals.revenue(tx, scope),
        cycle=deals.cycle(tx, scope),
        disputes=disputes.disputes_of(tx, scope),
        rulings=disputes.rulings_by_reason(tx, scope),
        reminders=reminders.reminders(tx, scope),
        before=_comparison(tx, past[0], earlier[0]),
        earlier=earlier,
        trend=_trend(tx, span, scope, began),
        running=_running(tx, span, scope),
        reps=_reps(tx, agreement, scope),
    )


def _began(tx: Connection, tz: str) -> datetime | None:
    first = milestones.first_handed_off(tx)
    if first is None:
        return None
    day = local_day(first, tz)
    return Span(DAYS, day, day, tz).since


def _so_far(span: Span, scope: Scope) -> bool:
    return scope.until < span.until


def _spreads(tx: Connection, scope: Scope) -> Spreads:
    return {measure: times.spreads(tx, scope, measure) for measure in Measure}


def _comparison(tx: Connection, scope: Scope, slices: Sequence[Slice]) -> Comparison:
    return Comparison(
        slices,
        commitments.attainment(tx, scope),
        milestones.complete(tx, scope),
        reminders.reminders(tx, scope),
        _spreads(tx, scope),
    )


def _trend(tx: Connection, span: Span, scope: Scope, began: datetime | None) -> list[tuple[Span, Attained]]:
    """The weeks of which there are data, up to the period's end, the oldest first."""
    last = week_of(local_day(scope.until - timedelta(microseconds=1), span.tz), span.tz)
    weeks = [last.back(step) for step in reversed(range(TREND))]
    return [
        (week, commitments.attainment(tx, scope_of(week, scope.now, scope.campaign, scope.team)))
        for week in weeks
        if began is not None and week.until > began
    ]


def _running(tx: Connection, span: Span, scope: Scope) -> Running:
    """The quarter to date; the period itself where that is longer."""
    quarter = quarter_of(local_day(scope.until - timedelta(microseconds=1), span.tz), span.tz)
    whole = quarter if quarter.since <= span.since else span
    so_far = replace(scope, since=whole.since)
    recent = replace(scope, since=scope.until - RECENT)
    return Running(
        whole,
        milestones.by_campaign(tx, so_far),
        deals.pipeline(tx, so_far),
        deals.revenue(tx, so_far),
        deals.cycle(tx, so_far),
        milestones.handed_off(tx, recent),
        deals.pipeline(tx, recent),
        deals.revenue(tx, recent),
    )


def _reps(tx: Connection, agreement: Agreement, scope: Scope) -> Reps:
    users = [rep.user for team in agreement.teams for rep in team.reps]
    return Reps(
        milestones.taken_by(tx, scope),
        disputes.rulings_by_rep(tx, scope),
        handoffs.open_counts(tx, users),
        {measure: times.spreads(tx, scope, measure, by_person=True) for measure in times.BY_PERSON},
    )
