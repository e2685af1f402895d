"""The shared goals of the quarter: where today's rates lead, and what would close what is missing.

A quarter of which there are data only from some day on has that part of its goals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.agreement.model import Agreement
from bot.digest import tallies
from bot.digest.gathering import RECENT, Gathered, Running
from bot.digest.periods import QUARTER, local_day
from bot.digest.report import Goal
from bot.metrics import FEWEST, Forecast, pro_rata
from bot.metrics.goals import mqls_needed
from storage.figures.deals import DealSlice

_DAY = 86_400
FEWEST_DAYS = 7
"""Days with data below which nothing is foretold."""


def costs_since(gathered: Gathered) -> date:
    """The first day of which costs are reckoned: of the quarter, or the first one with data."""
    first = gathered.running.span.first
    return max(first, local_day(gathered.began, gathered.span.tz)) if gathered.began else first


def goals_of(gathered: Gathered, agreement: Agreement) -> tuple[Goal, ...]:
    """The goals in numbers: MQLs, pipeline, revenue. None where they cannot be held against the counts."""
    goals, running = agreement.goals, gathered.running
    if goals is None or running.span.kind != QUARTER or gathered.began is None:
        return ()
    if gathered.scope.campaign is not None or gathered.scope.team is not None:
        return ()
    mqls = sum(ran.counts["handed_off"] for ran in running.ran.values())
    found = []
    if goals.mql is not None:
        forecast = _forecast(gathered, "MQLs", goals.mql, mqls, running.recent_mqls)
        found.append(_in_time(forecast) or Goal(forecast, more_mqls=round(forecast.short)))
    currency = goal_currency(agreement)
    for name, goal, so_far, recent in (
        ("Pipeline", goals.pipeline, running.pipeline, running.recent_pipeline),
        ("Revenue", goals.revenue, running.revenue, running.recent_revenue),
    ):
        if goal is not None and currency is not None:
            amounts = _amount(so_far, currency), _amount(recent, currency)
            forecast = _forecast(gathered, name, int(goal * 100), *amounts, currency)
            found.append(_in_time(forecast) or _closed_by(forecast, so_far, mqls, running))
    return tuple(found)


def goal_currency(agreement: Agreement) -> str | None:
    """The currency of the goals, which name none: the one that all campaigns share; None if they differ."""
    currencies = {campaign.currency for campaign in agreement.campaigns}
    return currencies.pop() if len(currencies) == 1 else None


def _forecast(
    gathered: Gathered, name: str, goal: float, so_far: float, recent: float, currency: str | None = None
) -> Forecast:
    quarter, until = gathered.running.span, gathered.scope.until
    began = gathered.began or until
    recent_days = max(min(RECENT, until - began).total_seconds(), 0.0) / _DAY
    with_data = max(quarter.since, began), quarter.until
    held_to = round(pro_rata(goal, with_data, [(quarter.since, quarter.until)]))
    left = (quarter.until - until).total_seconds() / _DAY
    return Forecast(name, held_to, so_far, recent, recent_days, left, currency)


def _in_time(forecast: Forecast) -> Goal | None:
    """What is said instead of a forecast where there are too few days to make one."""
    if forecast.recent_days >= FEWEST_DAYS:
        return None
    return Goal(forecast, words="too early to forecast", foretold=False)


def _closed_by(forecast: Forecast, deals: Sequence[DealSlice], mqls: int, running: Running) -> Goal:
    """How many more MQLs would bring what is missing: of the usual kind, and of the best campaign's."""
    currency = forecast.currency
    if forecast.short <= 0:
        return Goal(forecast, more_mqls=0)
    if mqls < FEWEST:
        return Goal(forecast, words=f"too few MQLs this quarter (n = {mqls}) to say how many more it takes")
    usual = mqls_needed(forecast.short, forecast.so_far, mqls)
    if usual is None:
        return Goal(forecast, words=f"no {forecast.goal_name.lower()} yet to forecast from")
    best: tuple[int, str] | None = None
    for written, ran in running.ran.items():
        own = tallies.of_campaign(deals, tallies.campaign_key(written))
        if written and ran.counts["handed_off"] >= FEWEST:
            needed = mqls_needed(forecast.short, _amount(own, currency), ran.counts["handed_off"])
            if needed is not None and needed < usual:
                best = min(best or (needed, written), (needed, written))
    return Goal(forecast, usual, best[1] if best else None, best[0] if best else None)


def _amount(rows: Sequence[DealSlice], currency: str | None) -> int:
    return sum(row.amount for row in rows if row.currency == currency)
