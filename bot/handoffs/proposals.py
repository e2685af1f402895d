"""What becomes of a proposed change of the agreement: signed, declined, shown anew, live.

The change itself is written by bot/engine/proposals.py, which has the file.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement import AgreementError
from bot.agreement.changes import change_of
from bot.context import Context
from bot.errors import NotAllowed, NotPossible, Obstacle
from bot.handoffs.proposable import NOTHING, what_changes
from bot.rules.signing import Side, asked_to_sign, may_sign, team_of
from bot.views.agreement_change import refusal_words
from storage import history, proposals
from storage.database.sql import known
from storage.models import (
    UNSETTLED_PROPOSAL,
    DeliveryKind,
    EventKind,
    Proposal,
    ProposalState,
)
from storage.models.details import Detail
from storage.models.values import ProposalValues
from storage.outbox import posts
from storage.outbox.bodies import ProposalBody
from storage.outbox.posts import Rank

SIGN, DECLINE = "sign this proposal", "decline this proposal"
ENDED: dict[ProposalState, EventKind] = {
    ProposalState.LIVE: EventKind.WENT_LIVE,
    ProposalState.COUNTERED: EventKind.COUNTERED,
    ProposalState.DECLINED: EventKind.DECLINED,
    ProposalState.MOVED: EventKind.SHOWN_ANEW,
}


def agree(tx: Connection, ctx: Context, number: int) -> None:
    """Sign for one's side. A proposal for another version of the agreement is shown anew instead.

    Raises NotAllowed, and NotPossible for one that is settled, or signed already.
    """
    found = required(tx, ctx, number)
    sides = require_signer(tx, ctx, found)
    if found.agreement_id != ctx.book.current_id:
        show_anew(tx, ctx, number)
        return
    missing = [side for side in sides if signer_of(found, side) is None]
    if not missing:
        side = next(iter(sides))
        at = found.marketing_at if side is Side.MARKETING else found.sales_at
        raise NotPossible(Obstacle.SIGNED_BEFORE, by=signer_of(found, side), at=at)
    sign(tx, ctx, found, missing)
    if not is_due(known(proposals.get(tx, number)), ctx.now):  # else the cards say so once it is written
        _redraw(tx, ctx, number)


def decline(tx: Connection, ctx: Context, number: int) -> None:
    """Let it go no further; so may whoever proposed it. Raises as `agree`."""
    found = required(tx, ctx, number)
    if found.by != ctx.actor:
        require_signer(tx, ctx, found, DECLINE)
    end(tx, ctx, found, ProposalState.DECLINED)
    if found.by != ctx.actor:
        _post(tx, ctx, number, [found.by])


def required(tx: Connection, _ctx: Context, number: int) -> Proposal:
    """One that can still go live, held until the commit. Raises NotPossible for every other."""
    found = proposals.lock(tx, number)
    if found is None or found.state not in UNSETTLED_PROPOSAL:
        raise NotPossible(Obstacle.PROPOSAL_OVER)
    return found


def require_signer(tx: Connection, ctx: Context, found: Proposal, what: str = SIGN) -> Collection[Side]:
    """The sides that the actor signs for, at least one. Raises NotAllowed, naming who could."""
    team = team_of(ctx.book, found.team)
    sides = may_sign(tx, ctx.book, team, ctx.actor, ctx.now)
    if not sides:
        asked = asked_to_sign(tx, ctx.book, team, ctx.now)
        raise NotAllowed(what, list(dict.fromkeys(user for side in Side for user in asked[side])))
    return sorted(sides)


def is_due(found: Proposal, now: datetime) -> bool:
    """Whether both sides signed it and its hour has come."""
    return found.state == ProposalState.SIGNED and (found.live_at is None or found.live_at <= now)


def signer_of(found: Proposal, side: Side) -> str | None:
    """Who signed for a side."""
    return found.marketing_by if side is Side.MARKETING else found.sales_by


def sign(tx: Connection, ctx: Context, found: Proposal, sides: Collection[Side]) -> None:
    """Keep the actor's signature for these sides."""
    values: ProposalValues = {}
    if Side.MARKETING in sides:
        values.update({"marketing_by": ctx.actor, "marketing_at": ctx.now})
    if Side.SALES in sides:
        values.update({"sales_by": ctx.actor, "sales_at": ctx.now})
    if all(side in sides or signer_of(found, side) for side in Side):
        values["state"] = ProposalState.SIGNED
    if values:
        proposals.change(tx, found.id, values)
    for side in sorted(sides):
        _tell_history(tx, ctx, found, EventKind.SIGNED, {"side": side})


def end(
    tx: Connection, ctx: Context, found: Proposal, state: ProposalState, trouble: str | None = None
) -> None:
    """Settle it, and let its cards say how."""
    ended: ProposalValues = {"state": state, "ended_by": ctx.actor, "ended_at": ctx.now, "trouble": trouble}
    proposals.change(tx, found.id, ended)
    _tell_history(tx, ctx, found, ENDED[state], {})
    _redraw(tx, ctx, found.id)


def show(tx: Connection, ctx: Context, number: int) -> None:
    """A card for everybody who is asked to sign and has none yet, and for who proposed it."""
    found = known(proposals.get(tx, number))
    _post(tx, ctx, number, sorted(readers(tx, ctx, found) - found.cards.keys()))


def readers(tx: Connection, ctx: Context, found: Proposal) -> set[str]:
    """Who proposed it, and who is asked for the signatures that are missing."""
    asked = asked_to_sign(tx, ctx.book, team_of(ctx.book, found.team), ctx.now)
    return {found.by, *(user for side in Side if signer_of(found, side) is None for user in asked[side])}


def show_anew(tx: Connection, ctx: Context, number: int) -> None:
    """The agreement has changed under it: signed by nobody, it is shown as it reads now, if it still fits."""
    found = proposals.lock(tx, number)
    if found is None or found.state not in UNSETTLED_PROPOSAL or found.agreement_id == ctx.book.current_id:
        return
    try:
        says = what_changes(ctx.book, change_of(found.change))
        trouble = None if says else NOTHING
    except AgreementError as error:
        says, trouble = [], refusal_words(error)
    end(tx, ctx, found, ProposalState.MOVED, trouble)
    if not says:
        _post(tx, ctx, number, [found.by])
        return
    again = proposals.add(
        tx,
        {
            "subject": found.subject,
            "change": found.change,
            "agreement_id": ctx.book.current_id,
            "team": team_of(ctx.book, found.team).name,
            "says": says,
            "why": found.why,
            "live_at": found.live_at,
            "by": found.by,
            "at": ctx.now,
            "follows": found.id,
        },
    )
    show(tx, ctx, known(again).id)


def went_live(tx: Connection, ctx: Context, number: int) -> None:
    """The agreement says it. Raises NotPossible where another Baton was first, or it was declined."""
    found = required(tx, ctx, number)
    if found.state != ProposalState.SIGNED or found.agreement_id != ctx.book.current_id:
        raise NotPossible(Obstacle.PROPOSAL_OVER)
    end(tx, ctx, found, ProposalState.LIVE)


def note_trouble(tx: Connection, ctx: Context, told: tuple[int, str]) -> None:
    """It could not be written: its cards say why, until it can."""
    number, trouble = told
    found = proposals.lock(tx, number)
    if found is not None and found.state == ProposalState.SIGNED and found.trouble != trouble:
        proposals.change(tx, number, {"trouble": trouble})
        _redraw(tx, ctx, number)


def note_replay(tx: Connection, ctx: Context, told: tuple[int, str]) -> None:
    """What it would have meant is known, or why it is not: its cards say so, unless it is settled by now."""
    number, said = told
    found = proposals.lock(tx, number)
    if found is None or found.replayed is not None:
        return
    proposals.change(tx, number, {"replayed": said})
    if found.state in UNSETTLED_PROPOSAL:
        _redraw(tx, ctx, number)


def _tell_history(tx: Connection, ctx: Context, found: Proposal, kind: EventKind, more: Detail) -> None:
    detail: Detail = {"proposal": found.id, "label": "; ".join(found.says), **more}
    history.record(tx, ctx.stamp, kind, detail=detail)


def _post(tx: Connection, ctx: Context, number: int, whom: Collection[str]) -> None:
    body: ProposalBody = {"proposal": number}
    found = known(proposals.get(tx, number))
    cards = dict(found.cards)
    for user in whom:
        cards[user] = posts.post(tx, ctx.stamp, DeliveryKind.PROPOSAL, place=user, rank=Rank.CLICK, body=body)
    proposals.change(tx, number, {"cards": cards})


def _redraw(tx: Connection, ctx: Context, number: int) -> None:
    cards = known(proposals.get(tx, number)).cards
    posts.rewrite_all(tx, ctx.stamp, list(cards.values()), rank=Rank.CLICK)
