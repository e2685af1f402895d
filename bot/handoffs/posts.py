"""What the use cases ask Slack to show: cards, their threads, and word to marketing and the admins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection

from bot.context import Context
from bot.lookups.strays import successor
from bot.rules.in_charge import in_charge
from bot.rules.presence import is_present
from bot.rules.roles import who_hears_of_rejections
from storage import handoffs, history
from storage.handoffs import LockedHandoff
from storage.models import AbsenceNotice, Delivery, DeliveryKind, DeliveryState, EventKind, Handoff
from storage.models.details import Detail
from storage.outbox import posts
from storage.outbox.bodies import AbsenceBody, HistoryBody, RefusedBody
from storage.outbox.posts import Rank

GATHER_FOR = timedelta(seconds=10)  # leads that arrive together are told together
GATHER_REFUSED_FOR = timedelta(minutes=1)  # a file of them, or a batch
TELL_AGAIN_AFTER = timedelta(hours=1)


def post_card(
    tx: Connection, ctx: Context, *, handoff_id: int, lead_id: int, channel: str, rank: int
) -> None:
    """Show a handoff as a card in a channel; from now on that is its card."""
    card_id = posts.post(
        tx, ctx.stamp, DeliveryKind.CARD, place=channel, rank=rank, lead_id=lead_id, handoff_id=handoff_id
    )
    handoffs.change(tx, handoff_id, {"card_id": card_id})


def refresh_card(tx: Connection, ctx: Context, card_id: int | None, *, rank: int = Rank.CLICK) -> None:
    """Let a card, or the row of a list that stands for it, show how things are now."""
    card = posts.get(tx, card_id) if card_id else None
    if card is not None:
        posts.rewrite(tx, ctx.stamp, card, rank=rank)


def own_card(tx: Connection, ctx: Context, card_id: int | None) -> None:
    """Let a lead that is only a row of a list have a card of its own, because somebody took it up."""
    card = posts.get(tx, card_id) if card_id else None
    if card is not None and card.state == DeliveryState.LISTED:
        posts.release_from_list(tx, ctx.stamp, card.id, rank=Rank.CLICK)


def tell_thread(
    tx: Connection, ctx: Context, handoff: LockedHandoff, kind: EventKind, detail: Detail
) -> None:
    """Add a line of history to the thread of a handoff's card."""
    if handoff.card_id is None or handoff.card_place is None:
        return
    posts.post(
        tx,
        ctx.stamp,
        DeliveryKind.HISTORY,
        place=handoff.card_place,
        rank=Rank.CLICK,
        lead_id=handoff.lead_id,
        handoff_id=handoff.id,
        thread_id=handoff.card_list if handoff.card_state == DeliveryState.LISTED else handoff.card_id,
        body=_told(ctx, kind, detail),
    )


def _told(ctx: Context, kind: EventKind, detail: Detail) -> HistoryBody:
    return {"event": kind, "actor": ctx.actor, "at": ctx.now.isoformat(), "detail": detail}


def tell_beneath(tx: Connection, ctx: Context, message: Delivery, kind: EventKind, detail: Detail) -> None:
    """Add a line of history beneath a message, so that those who were told of the matter hear of it."""
    posts.post(
        tx,
        ctx.stamp,
        DeliveryKind.HISTORY,
        place=message.place,
        rank=Rank.CLICK,
        lead_id=message.lead_id,
        handoff_id=message.handoff_id,
        thread_id=message.id,
        body=_told(ctx, kind, detail),
    )


def tell_marketing(tx: Connection, ctx: Context, handoff: LockedHandoff, detail: Detail) -> None:
    """Tell marketing of a rejection."""
    for place in who_hears_of_rejections(ctx.book, handoff.campaign):
        posts.post(
            tx,
            ctx.stamp,
            DeliveryKind.REJECTION,
            place=place,
            rank=Rank.CLICK,
            lead_id=handoff.lead_id,
            handoff_id=handoff.id,
            body={**detail, "by": ctx.actor, "at": ctx.now.isoformat()},
        )


def tell_admins_unrouted(tx: Connection, ctx: Context) -> None:
    """Tell the admins that leads match no team: gathered, and at most once an hour."""
    _tell_admins(tx, ctx, DeliveryKind.UNROUTED, GATHER_FOR, Rank.FIRST)


def tell_admins_refused(tx: Connection, ctx: Context) -> None:
    """Tell the admins what the doors refuse from now on: gathered, and at most once an hour."""
    body: RefusedBody = {"since": ctx.now.isoformat()}
    _tell_admins(tx, ctx, DeliveryKind.REFUSED, GATHER_REFUSED_FOR, Rank.THIRD, body)


def _tell_admins(
    tx: Connection,
    ctx: Context,
    kind: DeliveryKind,
    gather_for: timedelta,
    rank: Rank,
    body: Mapping[str, object] | None = None,
) -> None:
    """A message to each admin, unless one of its kind waits; an hour after the last at the earliest."""
    for admin in sorted(ctx.book.people_in(ctx.book.current.roles.admins)):
        last = posts.latest(tx, kind, admin)
        if last is not None and last.state == DeliveryState.PENDING:
            continue
        due_at = ctx.wire + gather_for
        if last is not None:
            due_at = max(due_at, last.due_at + TELL_AGAIN_AFTER)
        posts.post(tx, ctx.stamp, kind, place=admin, rank=rank, body=body, due_at=due_at)


def tell_absence(tx: Connection, ctx: Context, absence_id: int, what: AbsenceNotice, place: str) -> None:
    """Say something of an absence to one person, in a message of its own."""
    body: AbsenceBody = {"absence": absence_id, "what": what}
    posts.post(tx, ctx.stamp, DeliveryKind.ABSENCE, place=place, rank=Rank.FIRST, body=body)


def refresh_absence(tx: Connection, ctx: Context, user: str) -> None:
    """Let what was last said of somebody's absences show how things stand."""
    agreement = ctx.book.current
    deciders = {one for team in agreement.teams if team.rep(user) for one in team.deciders}
    for place in sorted({user} | deciders | ctx.book.people_in(agreement.roles.admins)):
        last = posts.latest(tx, DeliveryKind.ABSENCE, place)
        if last is not None:
            posts.rewrite(tx, ctx.stamp, last, rank=Rank.CLICK)


def tell_customer_owner(
    tx: Connection, ctx: Context, lead_id: int, last: Handoff | None, owner: str | None, why: str
) -> None:
    """Tell whoever owns a customer that it raised a hand; while they are away, or nobody does, who decides.

    That is for the team that had it last, else the admins.
    """
    team = successor(ctx.book, last.team) if last is not None else None
    places = [owner] if owner and is_present(tx, owner, ctx.now) else []
    if not places and team is not None:
        places = list(in_charge(tx, ctx.book, team, ctx.now))
    for place in places or sorted(ctx.book.people_in(ctx.book.current.roles.admins)):
        posts.post(
            tx,
            ctx.stamp,
            DeliveryKind.CUSTOMER,
            place=place,
            rank=Rank.FIRST,
            lead_id=lead_id,
            body={"why": why},
        )


def tell_admins_team_gone(tx: Connection, ctx: Context, about: Detail, *, once: bool = False) -> None:
    """Tell the admins where open leads went whose team, or owner, the agreement no longer has.

    `once`: not again while the same agreement is in force, however often it is looked at.
    """
    detail: Detail = {**about, "agreement": ctx.book.current_id}
    if once and detail in history.details_of(tx, EventKind.TEAM_GONE):
        return
    history.record(tx, ctx.stamp, EventKind.TEAM_GONE, detail=detail)
    for admin in sorted(ctx.book.people_in(ctx.book.current.roles.admins)):
        posts.post(
            tx,
            ctx.stamp,
            DeliveryKind.HISTORY,
            place=admin,
            rank=Rank.FIRST,
            body=_told(ctx, EventKind.TEAM_GONE, detail),
        )
