"""Who is away while a replay runs, and what the history has no line of: late cards, leads nobody took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.agreement import Agreement
from bot.replay.state import Card, Pass, Ran
from bot.replay.world import World
from bot.rules import sla
from bot.rules.absence import absence_at
from bot.rules.spans import Span
from storage.models import ClockKind, HandoffState


def away(world: World, detail: Mapping[str, Any]) -> None:
    """Somebody is away, or will be: the span takes the place of those that it overlaps."""
    begins = datetime.fromisoformat(detail["begins"])
    ends = datetime.fromisoformat(detail["until"]) if detail.get("until") else None
    whole, user = Span(begins, ends), str(detail["user"])

    def stays(each: Span) -> bool:
        over = each.ends is not None and each.ends <= world.now
        present = each.begins <= world.now and begins <= world.now
        inside = whole.begins <= each.begins and (ends is None or each.begins < ends)
        return over or not (present or inside)

    world.absences[user] = sorted(
        [*(each for each in world.absences[user] if stays(each)), whole], key=lambda each: each.begins
    )


def back(world: World, detail: Mapping[str, Any]) -> None:
    """Somebody is back: the present absence ends."""
    user = str(detail["user"])
    present = absence_at(world.absences[user], world.now)
    if present is None:
        return

    def ended(each: Span) -> Span:
        is_present = each.begins <= world.now and (each.ends is None or each.ends > world.now)
        return replace(each, ends=world.now) if is_present else each

    world.absences[user] = [ended(each) for each in world.absences[user]]


def cancelled(world: World, detail: Mapping[str, Any]) -> None:
    """An absence ahead is none any more."""
    user, begins = str(detail["user"]), detail.get("begins")
    ahead = [each for each in world.absences[user] if each.begins > world.now]
    gone = next((each for each in ahead if begins and each.begins.isoformat() == begins), None)
    gone = gone or next(iter(ahead), None)
    world.absences[user] = [each for each in world.absences[user] if each is not gone]


def stuck(world: World, found: Pass) -> None:
    """Nobody could take it from somebody who is away: one that waits goes back to the queue."""
    if found.state is not HandoffState.WAITING:
        return
    if found.owner is None or not world.is_away(found.owner):
        world.note_nobody(found, found.owner is None)
        return
    world.change(found, owner=None, given_at=None)
    world.note_nobody(found, True)
    for ran in found.clocks:
        if ran.runs:
            ran.owner = None


def card_came(world: World, found: Pass, card: Card, shown_at: datetime) -> None:
    """Slack shows the card much later than the handoff: the clock to accept starts then."""
    ran: Ran | None = found.running_of(ClockKind.ACCEPT)
    if ran is None or ran.clock.paused_at is not None or found.card(shown_at) not in (card, None):
        return
    starts_at = sla.accept_starts_at(ran.clock.started_at, shown_at)
    if starts_at == ran.clock.started_at:
        return
    agreement: Agreement = ran.book.current
    team, rep = world.team_and_rep(agreement, found.team, ran.owner)
    fresh = sla.start(agreement, ClockKind.ACCEPT, found.priority, team, rep, starts_at, present=ran.present)
    if fresh is not None:
        ran.clock, ran.cause = fresh, None
        world.started.append(ran)
