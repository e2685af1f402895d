"""An admin asks in Slack for a person to be erased; where the agreement says so, another admin agrees first.

What erases them is in bot/handoffs/forget.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import InvalidInput, NotPossible, Obstacle
from bot.handoffs import forget
from bot.lookups.erasure import is_over
from bot.lookups.finding import leads_meant, plainly
from bot.rules.roles import Permission, require_anywhere
from bot.settings import PROGRAM
from bot.views.ids import Action
from storage import erasures, people
from storage.models import DeliveryKind, Erasure
from storage.outbox import posts
from storage.outbox.bodies import ErasureBody, body_of
from storage.outbox.posts import Rank

_NUMBER = re.compile(r"#?[0-9]{1,18}")
NO_PERSON = "Enter an e-mail address, or a number like #12."
NOBODY = f"Nobody in Baton has this address or number. Check it, or run `{PROGRAM} forget` in the terminal."
SEVERAL = "Several people have this address: {numbers}. Enter one number."
NO_SECOND = (
    f"Another admin must agree, but you are the only one. Run `{PROGRAM} forget` in the terminal instead."
)
UNDER_WAY = "This was requested already. Another admin must still agree."


@dataclass(frozen=True, slots=True)
class AskedToForget:
    """Which lead, and the admins who must agree, one of them; nobody: it has begun."""

    lead_id: int
    admins: tuple[str, ...]


def forget_form(_tx: Connection, ctx: Context, _about: None = None) -> bool:
    """Whether somebody else must agree to what the form asks for. Raises NotAllowed."""
    require_anywhere(ctx.book, ctx.actor, Permission.FORGET)
    return ctx.book.current.retention.second_yes


def ask_to_forget(tx: Connection, ctx: Context, typed: str) -> AskedToForget:
    """Ask for whom `typed` means, an address or "#12": it begins at once, or once another admin agrees.

    Raises NotAllowed, and InvalidInput naming the field.
    """
    require_anywhere(ctx.book, ctx.actor, Permission.FORGET)
    lead_id = _meant(tx, typed)
    if not ctx.book.current.retention.second_yes:
        forget.ask(tx, ctx, lead_id)
        return AskedToForget(lead_id, ())
    others = other_admins(tx, ctx)
    if not others:
        raise _refused(NO_SECOND)
    end_expired(tx, ctx)
    if erasures.of_lead(tx, lead_id) is not None:
        raise _refused(UNDER_WAY)
    asked = forget.ask(tx, ctx, lead_id, agreed=False)
    body: ErasureBody = {"by": ctx.actor, "at": asked.asked_at.isoformat()}
    for user in (*others, ctx.actor):
        posts.post(
            tx, ctx.stamp, DeliveryKind.ERASURE, place=user, rank=Rank.CLICK, lead_id=lead_id, body=body
        )
    return AskedToForget(lead_id, others)


def other_admins(tx: Connection, ctx: Context) -> tuple[str, ...]:
    """The admins besides the context's actor who have not left the workspace."""
    admins = sorted(ctx.book.people_in(ctx.book.current.roles.admins) - {ctx.actor})
    known = {user: people.get(tx, user) for user in admins}
    return tuple(user for user, person in known.items() if person is None or not person.left)


def agree(tx: Connection, ctx: Context, lead_id: int) -> None:
    """Say yes to what another admin asked for, and begin.

    Raises NotAllowed, and NotPossible for one's own request and for one that is settled.
    """
    asked = _required(tx, ctx, lead_id)
    if asked.asked_by == ctx.actor:
        raise NotPossible(Obstacle.OWN_REQUEST)
    forget.agree(tx, ctx, lead_id)


def decline(tx: Connection, ctx: Context, lead_id: int) -> None:
    """Say no, or withdraw one's own request: nobody is erased.

    Raises NotAllowed, and NotPossible for one that is settled.
    """
    asked = _required(tx, ctx, lead_id)
    _end(tx, ctx, asked, by=ctx.actor)


def end_expired(tx: Connection, ctx: Context, _command: None = None) -> None:
    """Let every request go to which nobody said yes in time; its cards say so."""
    for asked in erasures.asked(tx):
        if is_over(asked.asked_at, ctx.now):
            _end(tx, ctx, asked, by=None)


def _required(tx: Connection, ctx: Context, lead_id: int) -> Erasure:
    require_anywhere(ctx.book, ctx.actor, Permission.FORGET)
    asked = erasures.of_lead(tx, lead_id, lock=True)
    if asked is None or asked.agreed_at is not None or is_over(asked.asked_at, ctx.now):
        raise NotPossible(Obstacle.REQUEST_OVER)
    return asked


def _end(tx: Connection, ctx: Context, asked: Erasure, by: str | None) -> None:
    body: ErasureBody = {"by": asked.asked_by, "at": asked.asked_at.isoformat(), "ended_by": by}
    about = posts.these(tx, erasures.cards(tx, asked.lead_id))
    cards = [row.id for row in about if body_of(row, ErasureBody)["at"] == body["at"]]
    erasures.settle_cards(tx, cards, body)
    forget.decline(tx, ctx, asked.lead_id)
    posts.rewrite_all(tx, ctx.stamp, cards, rank=Rank.CLICK)


def _meant(tx: Connection, typed: str) -> int:
    wanted = plainly(typed)
    if "@" not in wanted and not _NUMBER.fullmatch(wanted):
        raise _refused(NO_PERSON)
    found = leads_meant(tx, wanted)
    if not found:
        raise _refused(NOBODY)
    if len(found) > 1:
        raise _refused(SEVERAL.format(numbers=", ".join(f"#{lead.id}" for lead in found[:9])))
    return found[0].id


def _refused(why: str) -> InvalidInput:
    return InvalidInput({Action.PERSON: why})
