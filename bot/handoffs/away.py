"""The open leads of somebody who is away go to their colleagues, by the rules that every lead goes by.

Where nobody can take one it stays, and the manager is asked to choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs import hand_off, posts
from bot.handoffs.assignment import choose
from bot.handoffs.reassign import give
from bot.handoffs.shared import before, record_and_announce
from bot.ladder.nagging import tell_one
from bot.lookups.history import BEFORE
from bot.rules.moments import LONGEST, NoMoment, moment
from bot.rules.prefs import timezone_of
from bot.rules.roles import Permission, require_anywhere
from storage import boards, clocks, handoffs, history, leads, people
from storage.handoffs import LockedHandoff
from storage.models import EventKind, HandoffState, NagKind

AT_ONCE = 25
"""Leads in one transaction: all of them fit into the three seconds that Slack waits for an answer."""


@dataclass(frozen=True, slots=True)
class HandedOn:
    """How many went to somebody else, and for how many nobody was found.

    `last` is the handoff to go on after, None when all were looked at.
    """

    passed: int
    stuck: int
    last: int | None


def hand_on(tx: Connection, ctx: Context, after: int) -> HandedOn:
    """Hand on the next open leads of the context's actor, who is marked as away already."""
    ids = boards.open_handoffs_of(tx, ctx.actor, after=after, limit=AT_ONCE)
    passed = sum(_pass_on(tx, ctx, each) for each in ids)
    return HandedOn(passed, len(ids) - passed, ids[-1] if len(ids) == AT_ONCE else None)


def _pass_on(tx: Connection, ctx: Context, handoff_id: int) -> bool:
    found = handoffs.lock(tx, handoff_id)
    lead = leads.get(tx, found.lead_id) if found is not None else None
    if found is None or lead is None:
        return False
    team = ctx.book.current.team(found.team)
    given = choose(tx, ctx, team, lead, found.priority, handoff_id=found.id) if team is not None else None
    if team is None or given is None or given.user is None:
        _leave(tx, ctx, found)
        return False
    detail = {
        **{"owner": given.user, "from": ctx.actor, "label": f"Away: {given.why}", "why": given.why},
        BEFORE: {**before(tx, found), "choice": found.choice},
    }
    clock = give(tx, ctx, found, given.user, team)
    handoffs.change(tx, found.id, hand_off.columns_of_choice(ctx, given))
    record_and_announce(tx, ctx, found, EventKind.REASSIGNED, detail)
    if clock is not None:
        tell_one(tx, ctx, clock, NagKind.GIVEN, given.user)
    return True


def _leave(tx: Connection, ctx: Context, found: LockedHandoff) -> None:
    """It stays with whoever is away; one that nobody has accepted goes back to the queue."""
    if found.state == HandoffState.WAITING:
        handoffs.change(tx, found.id, {"owner": None, "owner_why": None, "given_at": None})
        for clock in clocks.running(tx, found.id):
            clocks.change(tx, clock.id, {"owner": None})
        posts.refresh_card(tx, ctx, found.card_id)
    hand_off.tell_nobody_can(tx, ctx, found.id)


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
    require_anywhere(ctx.book, ctx.actor, Permission.GO_AWAY)
    until = None
    if command.until.strip():
        try:
            until = moment(command.until, ctx.now, timezone_of(tx, ctx.book, ctx.actor))
        except NoMoment as unclear:
            raise InvalidInput({"until": str(unclear)}) from None
    people.set_away(tx, ctx.actor, until or ctx.now + LONGEST)
    detail = {"user": ctx.actor, "until": until and until.isoformat()}
    history.record(tx, ctx.stamp, EventKind.PERSON_AWAY, detail=detail)
    done = hand_on(tx, ctx, 0)
    return Gone(until, done.passed, done.stuck, done.last)


def come_back(tx: Connection, ctx: Context, _command: None = None) -> bool:
    """Take leads again. False if the context's actor was not away."""
    person = people.get(tx, ctx.actor)
    if person is None or person.away_until is None or person.away_until <= ctx.now:
        return False
    people.set_away(tx, ctx.actor, None)
    history.record(tx, ctx.stamp, EventKind.PERSON_BACK, detail={"user": ctx.actor})
    return True
