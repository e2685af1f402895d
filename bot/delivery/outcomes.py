"""What follows when Slack has taken a card, or refuses a place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot import sla
from bot.agreement.book import AgreementBook
from storage import handoffs, outbox
from storage.models import ClockKind, DeliveryKind
from storage.outbox import Rank
from storage.sql import Record


def card_shown(tx: Connection, book: AgreementBook, delivery: Record, now: datetime) -> None:
    """Slack shows a card, or a list of them, since `now`: a clock cannot run while nobody sees the lead."""
    if delivery.reposts:
        return
    if delivery.kind == DeliveryKind.CARD:
        _start_accept_anew(tx, book, delivery.handoff_id, now)
    elif delivery.kind == DeliveryKind.LIST:
        for row in outbox.members(tx, delivery.id):
            _start_accept_anew(tx, book, row.handoff_id, now)


def _start_accept_anew(tx: Connection, book: AgreementBook, handoff_id: int, shown_at: datetime) -> None:
    """Let the accept clock start when the card came, if that was much later than the handoff."""
    clock = handoffs.running_clock(tx, handoff_id, ClockKind.ACCEPT)
    handoff = handoffs.get(tx, handoff_id)
    if clock is None or handoff is None:
        return
    starts_at = sla.accept_starts_at(clock.started_at, shown_at)
    if starts_at == clock.started_at:
        return
    agreement = book.of(tx, clock.agreement_id)
    team = agreement.team(handoff.team)
    rep = team.rep(clock.owner) if team and clock.owner else None
    fresh = sla.start(agreement, ClockKind.ACCEPT, handoff.priority, team, rep, starts_at)
    if fresh is not None:
        moments = {
            "started_at": fresh.started_at,
            "due_at": fresh.due_at,
            "next_at": fresh.next_at,
            "next_step": fresh.next_step,
            "breached_at": None,
            "cause": None,
        }
        handoffs.change_clock(tx, clock.id, moments)


def place_refused(tx: Connection, book: AgreementBook, delivery: Record, error: str, now: datetime) -> None:
    """Slack refuses a place: tell the admins, once a place, unless it is the admin's own."""
    refused = [lane.name.partition(":")[2] for lane in outbox.parked_lanes(tx)]
    if refused.count(delivery.place) > 1:
        return  # told already, when it refused another kind of call
    for admin in sorted(book.people_in(book.current.roles.admins) - {delivery.place}):
        outbox.post(
            tx,
            DeliveryKind.PARKED,
            place=admin,
            rank=Rank.CLICK,
            now=now,
            trace=delivery.trace,
            body={"place": delivery.place, "error": error},
        )
