"""Somebody whom the agreement names has left the workspace: who must know of it hears it once."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.agreement.book import named_in
from bot.context import BATON, Context
from bot.rules.in_charge import in_charge
from storage import history
from storage.models import DeliveryKind, EventKind
from storage.outbox import audits, posts
from storage.outbox.bodies import ParkedBody
from storage.outbox.posts import Rank

LEFT = EventKind.PERSON_LEFT


def report_who_left(tx: Connection, ctx: Context, _command: None = None) -> int:
    """Tell the admins, and who decides for a rep's teams, of everybody in the agreement who is gone.

    Once for each. Gives how many were told of.
    """
    people, _ = named_in(ctx.book.current)
    gone = audits.gone_unreported(tx, people, LEFT)
    for user in gone:
        body: ParkedBody = {"place": user, "error": "user_disabled"}
        history.record(tx, ctx.stamp.by(BATON), LEFT, detail={"user": user})
        for reader in sorted(_concerned(tx, ctx, user) - set(gone)):
            posts.post(tx, ctx.stamp, DeliveryKind.PARKED, place=reader, rank=Rank.CLICK, body=body)
    return len(gone)


def _concerned(tx: Connection, ctx: Context, user: str) -> frozenset[str]:
    agreement = ctx.book.current
    theirs = [team for team in agreement.teams if team.rep(user)]
    deciding = frozenset(one for team in theirs for one in in_charge(tx, ctx.book, team, ctx.now))
    return ctx.book.people_in(agreement.roles.admins) | deciding
