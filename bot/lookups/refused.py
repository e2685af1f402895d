"""What the doors refused lately, counted for those who can mend it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.views.refused import LATEST_SHOWN, RefusedCount, RefusedFacts, RefusedLine
from storage import refused


def refused_facts(tx: Connection, since: datetime) -> RefusedFacts:
    """What was refused since then (aware UTC) and is still kept, without test leads."""
    counts = refused.counts_since(tx, since)
    latest = [each for each in refused.newest(tx, limit=LATEST_SHOWN) if each.at >= since]
    return RefusedFacts(
        [RefusedCount(door, cause, count) for (door, cause), count in counts.items()],
        [RefusedLine(each.id, each.door, each.cause, each.why) for each in latest],
    )
