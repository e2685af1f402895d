"""What follows for clocks when Slack has taken a card, and for the admins when it refuses a place."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.agreement.book import AgreementBook
from bot.context import BATON
from bot.ladder.clock_rows import team_and_rep, values_of
from bot.rules import sla
from bot.slack.errors import Answer
from storage import clocks, handoffs
from storage.database.sql import known
from storage.models import ClockKind, Delivery, DeliveryKind, DeliveryOp
from storage.outbox import lanes, nags, posts
from storage.outbox.bodies import ParkedBody
from storage.outbox.posts import Rank
from storage.stamp import Stamp

TELL_AGAIN_AFTER = timedelta(days=7)


def card_shown(
    tx: Connection, book: AgreementBook, log: logging.Logger, row: Delivery, wire: datetime, now: datetime
) -> None:
    """`cards_shown` for one message."""
    cards_shown(tx, book, log, [row], wire, now)


def cards_shown(
    tx: Connection,
    book: AgreementBook,
    log: logging.Logger,
    rows: Iterable[Delivery],
    wire: datetime,
    now: datetime,
) -> None:
    """Slack shows cards, or lists of them, since now: no clock to accept runs while nobody sees the lead.

    A reminder counts as one from now on: its place is left in quiet for a while, and what was said there of
    the same leads before shrinks.

    Whatever goes wrong with the clock is logged, and takes nothing back from the delivery.
    """
    first = [row for row in rows if row.op == DeliveryOp.POST and not row.reposts]
    for row in first:
        _shown(tx, book, log, row, wire, now)
    nags.pinged(tx, {row.place: now for row in first if row.kind == DeliveryKind.NAG})


def _shown(
    tx: Connection, book: AgreementBook, log: logging.Logger, row: Delivery, wire: datetime, now: datetime
) -> None:
    if row.kind == DeliveryKind.NAG:
        older = nags.repeated_by(tx, row)
        posts.rewrite_all(tx, Stamp(wire, wire, BATON, row.trace), older, rank=Rank.COLOUR)
    if row.kind == DeliveryKind.LIST:
        cards = posts.members(tx, row.id)
    elif row.kind == DeliveryKind.CARD and wire - row.created_at > sla.LATE_CARD:
        cards = [row]
    else:
        return
    for card in cards:
        handoff_id = known(card.handoff_id)
        try:
            with tx.begin_nested():
                _start_accept_anew(tx, book, handoff_id, card.id, now)
        except DBAPIError:
            raise
        except Exception:  # an agreement that no longer knows the priority, or any fault of ours
            log.exception("the clock of handoff %d did not move", handoff_id, extra={"trace": row.trace})


def _start_accept_anew(
    tx: Connection, book: AgreementBook, handoff_id: int, card_id: int, shown_at: datetime
) -> None:
    """Let the accept clock start when the card came, if that was much later than the handoff.

    A card that is not the handoff's any more, such as that of a move that was undone, starts none.
    """
    clock = clocks.running_of_kind(tx, handoff_id, ClockKind.ACCEPT)
    handoff = handoffs.get(tx, handoff_id)
    if clock is None or handoff is None or clock.paused_at is not None or handoff.card_id != card_id:
        return
    starts_at = sla.accept_starts_at(clock.started_at, shown_at)
    if starts_at == clock.started_at:
        return
    agreement = book.of(tx, clock.agreement_id)
    team, rep = team_and_rep(book, agreement, handoff.team, clock.owner)
    fresh = sla.start(
        agreement, ClockKind.ACCEPT, handoff.priority, team, rep, starts_at, present=clock.present
    )
    if fresh is not None:
        clocks.change(tx, clock.id, {**values_of(fresh), "cause": None})


def form_refused(
    tx: Connection, book: AgreementBook, row: Delivery, refused: Answer, wire: datetime, *, kept: bool = False
) -> None:
    """Slack refuses the form of a message: tell the admins, once a week for each kind and fault.

    `kept`: the plain form was refused too, or there is none, and the message waits.
    """
    if row.kind == DeliveryKind.PARKED:
        return  # else one about this one would follow
    stamp = Stamp(wire, wire, BATON, row.trace)
    body: ParkedBody = {"place": row.place, "error": refused.error, "what": row.kind}
    body |= {"says": "; ".join(refused.says), "kept": kept}
    same = {"error": refused.error, "what": row.kind}
    for admin in sorted(book.people_in(book.current.roles.admins)):
        if not posts.was_told(tx, DeliveryKind.PARKED, place=admin, body=same, since=wire - TELL_AGAIN_AFTER):
            posts.post(tx, stamp, DeliveryKind.PARKED, place=admin, rank=Rank.CLICK, body=body)


def place_refused(tx: Connection, book: AgreementBook, row: Delivery, error: str, wire: datetime) -> None:
    """Slack refuses the place of a delivery in another lane: tell the admins, once a place, but not in the
    place itself."""
    if any(lanes.place_of(lane.name) == row.place for lane in lanes.refused(tx)):
        return  # told already, when it refused another kind of call
    body: ParkedBody = {"place": row.place, "error": error}
    stamp = Stamp(wire, wire, BATON, row.trace)
    for admin in sorted(book.people_in(book.current.roles.admins) - {row.place}):
        posts.post(
            tx,
            stamp,
            DeliveryKind.PARKED,
            place=admin,
            rank=Rank.CLICK,
            body=body,
        )
