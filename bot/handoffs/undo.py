"""Taking back what one did oneself, within a minute: lead, handoff and clocks as they were before.

A move back is none that the table of moves knows: it says that the move before it never held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, cast

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import NotPossible, Obstacle
from bot.handoffs import commitments, outcome, posts, turns
from bot.handoffs.shared import (
    CLOCK_COLUMNS,
    HANDOFF_COLUMNS,
    LEAD_COLUMNS,
    Decided,
    before,
    require_locked,
)
from bot.lookups.history import BEFORE
from storage import clocks, disputes, handoffs, history, leads
from storage.handoffs import LockedHandoff
from storage.models import DeliveryKind, Event, EventKind, HandoffState
from storage.models.details import Before, Detail
from storage.models.values import ClockValues, HandoffValues, LeadValues
from storage.outbox import caused
from storage.outbox import posts as outbox
from storage.outbox.posts import Rank

V = TypeVar("V")

WITHIN = timedelta(seconds=60)

UNDOABLE = (
    *(EventKind.ACCEPTED, EventKind.REJECTED, EventKind.REROUTED, EventKind.MERGED, EventKind.TOUCHED),
    *(EventKind.REASSIGNED, EventKind.SNOOZED, EventKind.MORE_TIME),
    *outcome.OUTCOME_EVENTS.values(),
    *(EventKind.UPHELD, EventKind.OVERTURNED),
)
_UNDONE = EventKind.UNDONE
_RULINGS = (EventKind.UPHELD, EventKind.OVERTURNED)
_ANSWERS = (EventKind.AGREED, EventKind.RESUBMITTED, EventKind.CONTESTED)
_SAYS_SO = (DeliveryKind.HISTORY, DeliveryKind.REJECTION)


@dataclass(frozen=True, slots=True)
class Undo:
    """A person takes back the last thing that they did to the lead."""

    handoff_id: int


def undo(tx: Connection, ctx: Context, command: Undo) -> Decided:
    """Put the lead, its handoff and its clocks back to before the last decision, which was the actor's own.

    The messages that it caused say that it was taken back. Raises HandoffNotFound, or NotPossible where there
    is nothing to take back, it was somebody else's, or it is over a minute old.
    """
    found = require_locked(tx, command.handoff_id)
    last = history.last_of_handoff(tx, found.lead_id, found.id, (*UNDOABLE, _UNDONE, *_ANSWERS))
    if last is not None and last.kind == _UNDONE and last.actor == ctx.actor:
        return Decided(found.id, found.lead_id, again=True)
    event = _own(ctx, last)
    if event.kind in _RULINGS:
        _take_back_ruling(tx, ctx, found)
    newest = handoffs.latest_of_lead(tx, found.lead_id)
    if newest is not None and newest.id != found.id and newest.state != HandoffState.MERGED:
        raise NotPossible(Obstacle.MOVED_ON)
    was: Before = event.detail[BEFORE]
    _put_back(tx, ctx, found, was)
    _take_back_messages(tx, ctx, found, event)
    detail: Detail = {"undid": event.kind}
    history.record(tx, ctx.stamp, _UNDONE, lead_id=found.lead_id, handoff_id=found.id, detail=detail)
    for card_id in {found.card_id, cast("int | None", was["handoff"].get("card_id"))}:
        posts.refresh_card(tx, ctx, card_id)
    commitments.refresh_reminders(tx, ctx, found.id)
    return Decided(found.id, found.lead_id)


def _own(ctx: Context, last: Event | None) -> Event:
    if last is None or last.kind == _UNDONE:
        raise NotPossible(Obstacle.NOTHING_TO_UNDO)
    if last.actor != ctx.actor:
        raise NotPossible(Obstacle.NOT_YOURS_TO_UNDO, last.actor, last.at)
    if ctx.now - last.at > WITHIN:
        raise NotPossible(Obstacle.TOO_LATE_TO_UNDO, last.actor, last.at)
    if BEFORE not in last.detail:
        raise NotPossible(Obstacle.MOVED_ON)
    return last


def _take_back_ruling(tx: Connection, ctx: Context, found: LockedHandoff) -> None:
    """Contested as before; the handoff that came of it is withdrawn, if nobody has touched it yet."""
    dispute = disputes.of_handoff(tx, found.id)
    if dispute is not None and dispute.again_id is not None:
        came = require_locked(tx, dispute.again_id)
        if came.state != HandoffState.WAITING:
            raise NotPossible(Obstacle.MOVED_ON)
        turns.return_turn(tx, came, before(tx, came))
        clocks.stop_all(tx, came.id, at=ctx.now)
        withdrawn: HandoffValues = {"state": HandoffState.MERGED, "closed_at": ctx.now}
        handoffs.change(tx, came.id, {**withdrawn, "rejected_at": ctx.now, "rejected_by": ctx.actor})
        posts.refresh_card(tx, ctx, came.card_id)
        commitments.refresh_reminders(tx, ctx, came.id)
    disputes.unrule(tx, found.id)
    for message in caused.about(tx, found.id, DeliveryKind.REJECTION, DeliveryKind.ANSWER):
        outbox.rewrite(tx, ctx.stamp, message, rank=Rank.CLICK)


def _put_back(tx: Connection, ctx: Context, found: LockedHandoff, before: Before) -> None:
    if merged := before.get("merged"):
        leads.unmerge(tx, found.lead_id, merged)
        other = handoffs.open_of_lead(tx, merged["into"])
        posts.refresh_card(tx, ctx, other.card_id if other is not None else None)
    if turn := before.get("turn"):
        turns.count_again(tx, turn)
    handoff = _restored(HandoffValues, HANDOFF_COLUMNS, before["handoff"])
    if "choice" in before:
        handoff["choice"] = before["choice"]
    handoffs.change(tx, found.id, handoff)
    lead = _restored(LeadValues, LEAD_COLUMNS, before["lead"])
    leads.change(tx, found.lead_id, {**lead, "updated_at": ctx.now})
    ran = {int(clock_id): values for clock_id, values in before["clocks"].items()}
    for row in clocks.running(tx, found.id):
        if row.id not in ran:
            clocks.stop(tx, row.id, at=ctx.now)
    for clock_id, values in ran.items():
        clock = _restored(ClockValues, CLOCK_COLUMNS, values)
        clocks.change(
            tx, clock_id, {**clock, "met_at": None, "met_by": None, "stopped_at": None, "worked": None}
        )


def _restored(_values: type[V], names: Sequence[str], told: Mapping[str, object]) -> V:
    """The columns as they were; what was left out was empty."""
    return cast(V, {name: _value(name, told.get(name)) for name in names})


def _value(name: str, value: object) -> object:
    if isinstance(value, str) and name.endswith(("_at", "_until")):
        return datetime.fromisoformat(value)
    return value


def _take_back_messages(tx: Connection, ctx: Context, found: LockedHandoff, event: Event) -> None:
    for message in caused.by_click(tx, found.id, event.trace):
        if message.kind in _SAYS_SO:
            caused.take_back(tx, message, by=ctx.actor, at=ctx.now)
        outbox.rewrite(tx, ctx.stamp, message, rank=Rank.CLICK)
