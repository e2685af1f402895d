"""What was foretold of an agreement before it went live, beside what came in its first month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import sqrt

from sqlalchemy import Connection

from bot.digest import tallies
from bot.digest.report import Foretold
from bot.metrics import Rate
from storage import forecasts
from storage.figures import commitments, milestones
from storage.figures.scope import Scope
from storage.models import AgreementVersion, Forecast

MONTH, WEEK = timedelta(days=28), timedelta(days=7)


def foretold_by(tx: Connection, until: datetime, now: datetime) -> Foretold | None:
    """The forecast of the version that went live four weeks before the week that ends at `until`.

    So one weekly report shows it. A version that another followed is judged by the time that it had; None
    where that was under a week, and where no forecast was made.
    """
    version = forecasts.went_live(tx, until - MONTH - WEEK, until - MONTH)
    forecast = forecasts.of(tx, version.hash) if version is not None else None
    if version is None or forecast is None:
        return None
    ended = min(forecasts.next_version_at(tx, version.first_seen_at) or until, until)
    if ended - version.first_seen_at < WEEK:
        return None
    scope = Scope(version.first_seen_at, ended, now)
    counts = tallies.total(milestones.slices(tx, scope))
    missed = commitments.attainment(tx, scope)
    late = sum(of_kind for kind, (_, of_kind) in missed.items() if kind in tallies.SALES)
    return side_by_side(forecast, version, ended, counts, late)


def side_by_side(
    forecast: Forecast, version: AgreementVersion, ended: datetime, came: Mapping[str, int], late: int
) -> Foretold | None:
    """Forecast and outcome over the same length of time: counts are scaled to what was, shares are not.

    `came` are the counts of the handoffs by measure, `late` the SLAs that sales missed, from the version's
    first moment until `ended`. None for a forecast over no time at all.
    """
    of, to = forecast.to_at - forecast.from_at, ended - version.first_seen_at
    if of <= timedelta(0):
        return None
    ratio = to / of
    wider = max(ratio, sqrt(ratio))  # chance weighs more in a shorter time, and errors add up in a longer one
    missed = forecast.missed * ratio
    low = missed - (forecast.missed - forecast.missed_low) * wider
    high = missed + (forecast.missed_high - forecast.missed) * wider
    return Foretold(
        version=version.version,
        days=round(to / timedelta(days=1)),
        handoffs=(round(forecast.handoffs * ratio), came["handed_off"]),
        missed=(round(missed), late),
        missed_between=(max(0, round(low)), round(high)),
        at_least=forecast.unknown > 0,
        accepted=(
            Rate("", forecast.accepted, forecast.decided),
            Rate("", came["accepted"], came["decided"]),
        ),
    )
