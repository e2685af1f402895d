"""What people tell Baton of themselves: that they are away or back, and how they want to be reminded.

Names and time zones come from Slack (see bot/directory.py). Preferences are read by whoever reminds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs.handing_on import hand_on
from bot.roles import Deed, require_anywhere
from bot.whens import LONGEST, NoMoment, moment
from storage import history, people
from storage.sql import Record

Nudges = Literal["dm", "thread"]
QUIET_HOURS = ("12:00-13:00", "18:00-08:00", "20:00-08:00", "22:00-07:00")
"""The quiet hours that are offered; local time, the second may be on the next day."""


@dataclass(frozen=True, slots=True)
class Prefs:
    """How somebody wants to be reminded; `quiet` as in QUIET_HOURS, None for none."""

    nudges: Nudges = "dm"
    digest: bool = True
    quiet: str | None = None


def prefs_of(person: Record | None) -> Prefs:
    """Somebody's preferences from their row of `person`; what they never said is the default."""
    told: Mapping[str, Any] = person.prefs if person is not None else {}
    return Prefs(
        nudges="thread" if told.get("nudges") == "thread" else "dm",
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


def timezone_of(tx: Connection, book: AgreementBook, user: str) -> str:
    """Somebody's IANA time zone: the agreement's word for a rep, else Slack's, else the agreement's own."""
    agreement = book.current
    for team in agreement.teams:
        rep = team.rep(user)
        if rep is not None and rep.timezone:
            return rep.timezone
    person = people.get(tx, user)
    return _known_zone(person.timezone if person else None) or agreement.timezone


def _known_zone(name: str | None) -> str | None:
    try:
        return ZoneInfo(name).key if name else None
    except (KeyError, ValueError, OSError):  # Slack may know a zone that this system does not
        return None


@dataclass(frozen=True, slots=True)
class GoAway:
    """The context's actor takes no leads until a moment in their own words; empty: until they are back."""

    until: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody is away. `until` is None until they say that they are back.

    `passed` leads went to colleagues at once, for `stuck` nobody could be found and the manager was asked;
    `last` is the handoff after which there are more, None if all were handed on.
    """

    until: datetime | None
    passed: int
    stuck: int
    last: int | None


def go_away(tx: Connection, ctx: Context, command: GoAway) -> Gone:
    """Take no new leads from now on, and hand the open ones on; what is left, `hand_on` goes on with.

    Raises NotAllowed for whoever takes no leads anyway, or InvalidInput for a moment that cannot be taken.
    """
    require_anywhere(ctx.book, ctx.actor, Deed.GO_AWAY)
    until = None
    if command.until.strip():
        try:
            until = moment(command.until, ctx.now, timezone_of(tx, ctx.book, ctx.actor))
        except NoMoment as unclear:
            raise InvalidInput({"until": str(unclear)}) from None
    people.set_away(tx, ctx.actor, until or ctx.now + LONGEST)
    _note(tx, ctx, "person.away", {"until": until and until.isoformat()})
    done = hand_on(tx, ctx, 0)
    return Gone(until, done.passed, done.stuck, done.last)


def come_back(tx: Connection, ctx: Context, _command: None = None) -> bool:
    """Take leads again. False if the context's actor was not away."""
    person = people.get(tx, ctx.actor)
    if person is None or person.away_until is None or person.away_until <= ctx.now:
        return False
    people.set_away(tx, ctx.actor, None)
    _note(tx, ctx, "person.back", {})
    return True


def set_prefs(tx: Connection, ctx: Context, prefs: Prefs) -> None:
    """Keep how the context's actor wants to be reminded."""
    told = {"nudges": prefs.nudges, "digest": prefs.digest, "quiet": prefs.quiet}
    people.set_prefs(tx, ctx.actor, told)


def _note(tx: Connection, ctx: Context, kind: str, detail: Mapping[str, Any]) -> None:
    history.record(
        tx, kind, at=ctx.now, actor=ctx.actor, trace=ctx.trace, detail={"user": ctx.actor, **detail}
    )
