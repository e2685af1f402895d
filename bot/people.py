"""What people tell Baton of themselves: that they are away or back, and how they want to be reminded.

Names and time zones come from Slack (see bot/slack/directory.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs.away import hand_on
from bot.rules.moments import LONGEST, NoMoment, moment
from bot.rules.prefs import Prefs, known_zone, prefs_of
from bot.rules.roles import Deed, require_anywhere
from bot.views.ids import Action
from storage import history, people


def timezone_of(tx: Connection, book: AgreementBook, user: str) -> str:
    """Somebody's IANA time zone: the agreement's word for a rep, else Slack's, else the agreement's own."""
    agreement = book.current
    for team in agreement.teams:
        rep = team.rep(user)
        if rep is not None and rep.timezone:
            return rep.timezone
    person = people.get(tx, user)
    return known_zone(person.timezone if person else None) or agreement.timezone


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


@dataclass(frozen=True, slots=True)
class PrefChange:
    """The context's actor chose one thing about how to be reminded: which menu, and what in it."""

    menu: str
    chosen: str


def change_prefs(tx: Connection, ctx: Context, change: PrefChange) -> Prefs:
    """Keep it; what is no choice at all changes nothing. Gives what holds from now on."""
    now = prefs_of(people.get(tx, ctx.actor))
    changed: dict[Action, dict[str, Any]] = {
        Action.NUDGES: {"nudges": change.chosen},
        Action.DIGEST: {"digest": change.chosen != "no"},
        Action.QUIET: {"quiet": change.chosen},
    }
    told = {**asdict(now), **changed.get(Action(change.menu), {})}
    people.set_prefs(tx, ctx.actor, told)
    return prefs_of(people.get(tx, ctx.actor))


def _note(tx: Connection, ctx: Context, kind: str, detail: Mapping[str, Any]) -> None:
    history.record(
        tx, kind, at=ctx.now, actor=ctx.actor, trace=ctx.trace, detail={"user": ctx.actor, **detail}
    )
