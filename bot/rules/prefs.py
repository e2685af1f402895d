"""How people want to be reminded: by direct message or in the thread, when not, and whether by the digest.

Pure: a row of `person` in, a value out. Whoever reminds asks here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from storage import people
from storage.models import Person, member_of

QUIET_HOURS = ("12:00-13:00", "18:00-08:00", "20:00-08:00", "22:00-07:00")
"""The quiet hours that are offered; local time, the second may be on the next day."""


class NudgeBy(StrEnum):
    """Where somebody is reminded of their own leads."""

    DM = "dm"
    THREAD = "thread"  # beneath the lead's card


@dataclass(frozen=True, slots=True)
class Prefs:
    """How somebody wants to be reminded; `quiet` as in QUIET_HOURS, None for none."""

    nudges: NudgeBy = NudgeBy.DM
    digest: bool = True
    quiet: str | None = None


def prefs_of(person: Person | None) -> Prefs:
    """Somebody's preferences from their row of `person`; what they never said is the default."""
    told: Mapping[str, Any] = person.prefs if person is not None else {}
    return Prefs(
        nudges=member_of(NudgeBy, told.get("nudges")) or NudgeBy.DM,
        digest=told.get("digest") is not False,
        quiet=told.get("quiet") if told.get("quiet") in QUIET_HOURS else None,
    )


def quiet_until(prefs: Prefs, timezone: str, now: datetime) -> datetime | None:
    """When somebody's quiet hours end, if `now` (aware) lies in them; their own IANA time zone counts."""
    if prefs.quiet is None:
        return None
    begins, ends = (time.fromisoformat(part) for part in prefs.quiet.split("-"))
    here = now.astimezone(ZoneInfo(timezone))
    clock = here.time().replace(tzinfo=None)
    is_quiet = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
    if not is_quiet:
        return None
    day = here.date() + timedelta(days=1 if clock >= ends else 0)
    return datetime.combine(day, ends, here.tzinfo).astimezone(now.tzinfo)


def known_zone(name: str | None) -> str | None:
    """The IANA time zone if this system knows it; Slack may know one that it does not."""
    try:
        return ZoneInfo(name).key if name else None
    except (KeyError, ValueError, OSError):
        return None


def timezone_of(tx: Connection, book: AgreementBook, user: str) -> str:
    """Somebody's IANA time zone: the agreement's word for a rep, else Slack's, else the agreement's own."""
    agreement = book.current
    for team in agreement.teams:
        rep = team.rep(user)
        if rep is not None and rep.timezone:
            return rep.timezone
    person = people.get(tx, user)
    return known_zone(person.timezone if person else None) or agreement.timezone
