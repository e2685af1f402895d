"""The types under which other tools hear of events, and which of them a destination asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Final

from storage.models import EventKind

OUTCOME, RULED, DISPUTED = "lead.outcome", "lead.ruled", "lead.disputed"
FORGOTTEN: Final = EventKind.FORGOTTEN.value
"""Also what is said of an event whose lead was forgotten before it was sent."""

TYPES: Mapping[EventKind, str | None] = {  # None: the history's alone
    EventKind.CREATED: EventKind.CREATED,
    EventKind.UPDATED: None,
    EventKind.ACTIVITY: None,
    EventKind.UNROUTED: None,
    EventKind.ASSIGNED: None,  # lead.handed_off follows it and names the owner
    EventKind.HANDED_OFF: EventKind.HANDED_OFF,
    EventKind.ACCEPTED: EventKind.ACCEPTED,
    EventKind.REJECTED: EventKind.REJECTED,
    EventKind.REROUTED: EventKind.REASSIGNED,
    EventKind.MERGED: EventKind.MERGED,
    EventKind.REASSIGNED: EventKind.REASSIGNED,
    EventKind.TOUCHED: EventKind.TOUCHED,
    EventKind.SNOOZED: None,
    EventKind.MORE_TIME: None,
    EventKind.UNDONE: EventKind.UNDONE,
    EventKind.SQL: OUTCOME,
    EventKind.OPPORTUNITY: OUTCOME,
    EventKind.WON: OUTCOME,
    EventKind.LOST: OUTCOME,
    EventKind.RECYCLED: OUTCOME,
    EventKind.DISQUALIFIED: OUTCOME,
    EventKind.AGREED: DISPUTED,
    EventKind.RESUBMITTED: DISPUTED,
    EventKind.CONTESTED: DISPUTED,
    EventKind.UPHELD: RULED,
    EventKind.OVERTURNED: RULED,
    EventKind.STAGE_REFUSED: None,
    EventKind.CRM_CONFLICT: None,
    EventKind.RETURNED: None,
    EventKind.TEAM_GONE: None,
    EventKind.PASSED_BY: None,
    EventKind.POOLED: EventKind.REASSIGNED,
    EventKind.RAISED: EventKind.RAISED,
    EventKind.CUSTOMER_RAISED: EventKind.RAISED,
    EventKind.SPLIT: EventKind.SPLIT,
    EventKind.CLOCK_NUDGED: None,
    EventKind.CLOCK_BREACHED: "lead.breached",
    EventKind.PERSON_AWAY: None,
    EventKind.PERSON_BACK: None,
    EventKind.PERSON_LEFT: None,
    EventKind.ABSENCE_CANCELLED: None,
    EventKind.CONTENT_HELPED: None,
    EventKind.CONTENT_MISSING: None,
    EventKind.REPORT_DECIDED: None,
    EventKind.PROPOSED: None,
    EventKind.SIGNED: None,
    EventKind.COUNTERED: None,
    EventKind.DECLINED: None,
    EventKind.SHOWN_ANEW: None,
    EventKind.WENT_LIVE: None,
    EventKind.FORGOTTEN: EventKind.FORGOTTEN,
    EventKind.DIGEST_POSTED: EventKind.DIGEST_POSTED,
}

KNOWN = frozenset(filter(None, TYPES.values()))
"""Every type that is ever sent."""


def is_wanted(kind: EventKind, team: str | None, types: Collection[str], teams: Collection[str]) -> bool:
    """Whether a destination with these patterns of types and these teams hears of an event.

    With `teams` it hears of what happens to handoffs of those teams, and of nothing else.
    """
    name = TYPES.get(kind)  # None also for a kind that only a newer version knows
    if name is None or (teams and team not in teams):
        return False
    return is_among(name, types)


def is_among(name: str, patterns: Collection[str]) -> bool:
    """Whether a type fits one of these patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def unknown_patterns(patterns: Collection[str]) -> list[str]:
    """Those that fit no type, so that nothing would ever be sent for them."""
    return [each for each in patterns if not any(fnmatchcase(name, each) for name in KNOWN)]
