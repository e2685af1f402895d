"""What came of a known lead: what its record changed, what it did, and whether that lifts it over the line.

Pure: the lead as it was and what is new are arguments. What follows is decided in news.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.agreement import Agreement, Reason
from bot.rules.changes import contested_fields
from bot.rules.news import (
    Change,
    NewActivity,
    Told,
    lifts,
    told_by_activities,
    told_by_fields,
    told_by_qualified,
)
from bot.rules.qualification import ActivityLike
from bot.rules.sameness import region_of
from storage.models import Stage


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a known lead in one call: what it brings, and the activities that were not known.

    `qualified`: whether marketing has qualified it, as far as that still counts.
    """

    told: tuple[Told, ...] = ()
    activities: tuple[NewActivity, ...] = ()
    qualified: bool | None = None

    @property
    def any(self) -> bool:
        """Whether anything came at all."""
        return bool(self.told)

    @property
    def hand_raised(self) -> bool:
        """Whether a hand was raised just now."""
        return any(each.change is Change.HAND_RAISED for each in self.told)


@dataclass(frozen=True, slots=True)
class Before:
    """How a lead stood as something came: its columns, what it had done, and its last handoff, if any.

    `reason` is why sales rejected that, where it did (`rejected`); `closed_at` when it ended.
    """

    columns: Mapping[str, Any]
    stage: Stage
    activities: Sequence[ActivityLike]
    had_handoff: bool = False
    rejected: bool = False
    reason: Reason | None = None
    closed_at: datetime | None = None


def came_by_record(
    agreement: Agreement,
    before: Before,
    given: Mapping[str, Any],
    qualified: bool | None,
    added: Sequence[NewActivity],
    facts: Mapping[str, Any],
    now: datetime,
) -> Came:
    """What a record brings: `given` are the columns that it changed, `qualified` what it says of that.

    `facts` are the lead as the rules see it, as it was.
    """
    contested = contested_fields(before.reason) if before.rejected else frozenset()
    turned = told_by_qualified(bool(before.columns.get("qualified")), qualified)
    region = region_of(given, before.columns)
    known = bool(qualified or before.columns.get("qualified"))
    return Came(
        (
            *told_by_fields(before.columns, given, contested, region),
            *turned,
            *_told_by_activities(agreement, before, added, facts, now),
        ),
        tuple(added),
        qualified=any(each.change is Change.TURNED_QUALIFIED for each in turned)
        or (known and not before.had_handoff),
    )


def came_by_activity(
    agreement: Agreement,
    before: Before,
    added: Sequence[NewActivity],
    facts: Mapping[str, Any],
    now: datetime,
) -> Came:
    """What activities alone bring; `facts` are the lead as the rules see it."""
    told = _told_by_activities(agreement, before, added, facts, now)
    known = bool(before.columns.get("qualified"))
    return Came(told, tuple(added), qualified=known and not before.had_handoff)


def _told_by_activities(
    agreement: Agreement,
    before: Before,
    added: Sequence[NewActivity],
    facts: Mapping[str, Any],
    now: datetime,
) -> tuple[Told, ...]:
    since = before.closed_at
    lifted = False
    if before.stage is Stage.RECYCLED and since is not None and added:
        lifted = lifts(agreement, facts, before.activities, added, now, since)
    return told_by_activities(agreement, added, now=now, since=since, lifted=lifted)
