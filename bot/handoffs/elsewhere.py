"""A channel that Slack refuses leaves the agreement: what waits for it goes where its like goes now.

What nothing is left of to show there, such as a card that stands elsewhere by now, is let go of; else the
admins would be told of the channel for ever.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot.agreement import Agreement
from bot.context import Context
from storage import handoffs
from storage.models import OPEN_HANDOFF, Delivery, DeliveryKind, DeliveryOp
from storage.outbox import elsewhere, lanes, posts

AT_ONCE = 500
_CHANNELS = ("C", "G")  # how their ids begin
_WHY = "the agreement no longer has this channel"


def leave_refused_channels(tx: Connection, ctx: Context) -> int:
    """See to what waits for refused channels that the agreement does not name; gives how much was seen to."""
    agreement = ctx.book.current
    named = {team.channel for team in agreement.teams} | {agreement.marketing.channel, _report(agreement)}
    refused = {lanes.place_of(lane.name) for lane in lanes.refused(tx)}
    gone = {place for place in refused if place.startswith(_CHANNELS) and place not in named}
    seen_to = 0
    moved: dict[int, str] = {}
    for row in elsewhere.waiting_at(tx, gone, AT_ONCE):
        if _is_needed(tx, row):
            continue
        place = moved.get(row.thread_id) if row.thread_id is not None else _place(agreement, row)
        if row.op == DeliveryOp.POST and place:
            elsewhere.move(tx, row, place, ctx.wire)
            moved[row.id] = place
        else:
            elsewhere.drop(tx, row, ctx.wire, _WHY)
        seen_to += 1
    return seen_to


def _place(agreement: Agreement, row: Delivery) -> str | None:
    """Where a message of this kind goes now; None where it is about what was in the channel alone."""
    if row.kind == DeliveryKind.REJECTION:
        return agreement.marketing.channel
    return _report(agreement) if row.kind in (DeliveryKind.REPORT, DeliveryKind.DETAIL) else None


def _report(agreement: Agreement) -> str | None:
    return agreement.digest.channel if agreement.digest is not None else None


def _is_needed(tx: Connection, row: Delivery) -> bool:
    """Whether it is, or is about, the card of an open lead that stands nowhere else."""
    about = row.target_id or row.thread_id or row.id
    cards = [about, *(card.id for card in posts.members(tx, about))]
    members = [posts.get(tx, card) for card in cards]
    found = [handoffs.get(tx, card.handoff_id) for card in members if card is not None and card.handoff_id]
    return any(each is not None and each.state in OPEN_HANDOFF and each.card_id in cards for each in found)
