"""What a replay foretells of an agreement that is not in force yet, kept for the digest to compare."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil, floor

from sqlalchemy import Connection

from bot.replay.asking import WhatIf
from storage import forecasts
from storage.models.upkeep import ForecastValues

SHORTEST = timedelta(days=7)
"""A shorter time says too little of a month."""


def forecast_of(found: WhatIf, digest: str, now: datetime) -> ForecastValues | None:
    """The figures of a replay that can be compared with what comes.

    None where nothing was handed off, and for a time under `SHORTEST`.

    `digest` is the hash of the agreement's text, `now` is aware UTC.
    """
    summary = found.summary
    missed = summary.missed
    if not summary.replayed.n or summary.until - summary.since < SHORTEST:
        return None
    rows = [each.row for each in found.compared if each.replayed is not None and each.row is not None]
    decided = [row for row in rows if row.accepted_at is not None or row.rejected_at is not None]
    return {
        "hash": digest,
        "made_at": now,
        "from_at": summary.since,
        "to_at": summary.until,
        "handoffs": summary.replayed.n,
        "missed": round(missed.replayed),
        "missed_low": missed.known.n + floor(missed.estimated.low),
        "missed_high": missed.known.n + ceil(missed.estimated.high),
        "unknown": missed.unknown,
        "decided": len(decided),
        "accepted": sum(row.accepted_at is not None for row in decided),
    }


def keep_forecast(tx: Connection, found: WhatIf, digest: str, now: datetime) -> bool:
    """Keep what was foretold. False: there is nothing to compare, or the agreement is in force already."""
    row = forecast_of(found, digest, now)
    return row is not None and forecasts.keep(tx, row)
