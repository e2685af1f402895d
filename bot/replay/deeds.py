"""What people did while a replay runs: each deed as the history tells it, done to the handoff as replayed.

Where somebody else has the lead than had it then, nobody knows what they would have done: the deed stands in
for it at its own moment, and the clock that it ends is marked as guessed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.agreement import Team
from bot.agreement.vocabulary import Then
from bot.handoffs.accept import takes_from
from bot.handoffs.outcome import OUTCOME_EVENTS
from bot.lookups.history import BEFORE
from bot.replay.owners import give, strayed, waits_in
from bot.replay.state import Pass, remembered
from bot.replay.world import World
from bot.rules import sla
from bot.rules.lifecycle import LEGAL, Move
from bot.rules.rotation import RotationState, take_back
from storage.models import Actor, Cause, ClockKind, Event, EventKind, HandoffState, Outcome, Stage

_ENDS = (Outcome.WON, Outcome.LOST, Outcome.RECYCLED, Outcome.DISQUALIFIED)
_REJECTIONS: Mapping[Then, Move] = {
    Then.FIX: Move.SEND_BACK,
    Then.NURTURE: Move.RECYCLE,
    Then.CLOSE: Move.DISQUALIFY,
}


class Deeds:
    """Does to the world what people did. `of` is the replayed handoff of each recorded one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.of: dict[int, Pass] = {}

    def do(self, event: Event) -> None:
        """Do what an event tells of a handoff, if the replayed world has it."""
        handler = _DEEDS.get(event.kind)
        found = self.of.get(event.handoff_id or 0)
        if found is not None and found.lead.id in self.world.record.forgotten:
            self._of_erased(event, found)
        elif handler is not None and found is not None:
            if event.kind in _REMEMBERED and self._is_taken_back(event, found):
                was = remembered(found, event.at)
                found.turned_back = None
                handler(self, event, found)
                found.was = was
            else:
                handler(self, event, found)

    def _is_taken_back(self, event: Event, found: Pass) -> bool:
        """Whether anything of this handoff is ever undone; else nothing of it need be remembered."""
        return not self.world.record.undone.isdisjoint((event.handoff_id or 0, *found.ids))

    def _of_erased(self, event: Event, found: Pass) -> None:
        """Of somebody who was erased the history says when and who, and the handoff how it ended."""
        row = self.world.record.handoffs[event.handoff_id or 0]
        if event.kind == EventKind.ACCEPTED:
            _accepted(self, event, found)
        elif event.kind == EventKind.TOUCHED:
            _touched(self, event, found)
        elif row.closed_at is not None and row.closed_at <= event.at and found.is_open:
            self.world.stop_all(found)
            self.world.change(found, state=row.state, closed_at=event.at)

    def is_as_recorded(self, event: Event, found: Pass, kind: ClockKind) -> bool:
        """Whether the same person, or anybody of the same team, has the lead as had it when this was done."""
        team, owner = self._had(event, found, kind)
        return found.team == team and found.owner in (None, owner, event.actor)

    def _had(self, event: Event, found: Pass, kind: ClockKind) -> tuple[object, object]:
        """The recorded team and owner at that moment: what the deed itself keeps of them, for an undo.

        A contact that another system reported keeps none of it, nor does an erased lead: there it is
        whoever had to keep the clock of that kind.
        """
        was = event.detail.get(BEFORE)
        if was is not None:
            return was["handoff"].get("team"), was["handoff"].get("owner")
        return found.team, self.world.record.owner_of(event.handoff_id or 0, kind, event.at)

    def stand_in(self, event: Event, found: Pass, kind: ClockKind) -> str:
        """Who did it: the actor, or for want of better whoever has the lead, which is then a guess."""
        if self.is_as_recorded(event, found, kind):
            return event.actor
        if found.running_of(kind) is not None:
            found.guessed.add(kind)
        return found.owner or event.actor

    def team(self, found: Pass) -> Team | None:
        """The handoff's team as it is in force."""
        return self.world.book.current.team(found.team)


# ---- decisions


def _accepted(deeds: Deeds, event: Event, found: Pass) -> None:
    if found.state is not HandoffState.WAITING:
        return
    world = deeds.world
    actor = deeds.stand_in(event, found, ClockKind.ACCEPT)
    team = deeds.team(found)
    owner: str | None = event.detail.get("owner", actor) if actor == event.actor else actor
    if takes_from(world.book, actor, found.owner, team):
        world.return_turn(found)
    given_at = found.given_at if owner == found.owner else world.now
    world.meet(found, ClockKind.ACCEPT)
    world.change(
        found,
        state=HandoffState.ACCEPTED,
        accepted_at=world.now,
        accepted_by=actor,
        owner=owner,
        given_at=given_at,
        pooled_at=None,
    )
    found.lead.stage = LEGAL.get((found.lead.stage, Move.ACCEPT), found.lead.stage)
    found.lead.owner = owner
    world.start(found, ClockKind.FIRST_TOUCH, team=team, owner=owner)


def _rejected(deeds: Deeds, event: Event, found: Pass) -> None:
    if found.state is not HandoffState.WAITING or event.actor == Actor.BATON:
        return
    world = deeds.world
    actor = deeds.stand_in(event, found, ClockKind.ACCEPT)
    code = event.detail.get("reason")
    reason = found.book.current.reason(code) if code else None
    if reason is not None and reason.gives_turn_back:
        world.return_turn(found)
    then = Then(event.detail["then"])
    world.meet(found, ClockKind.ACCEPT)
    world.change(
        found,
        state=HandoffState.REJECTED,
        rejected_at=world.now,
        rejected_by=actor,
        reason=code,
        closed_at=world.now,
    )
    found.lead.stage = LEGAL.get((found.lead.stage, _REJECTIONS[then]), found.lead.stage)
    if then is Then.FIX:
        for ran in found.clocks:
            if ran.clock.breached_at is not None and ran.cause is Cause.REP:
                ran.cause = Cause.BAD_DATA
        world.start(found, ClockKind.ANSWER, team=None, owner=None)


def _merged(deeds: Deeds, event: Event, found: Pass) -> None:
    world = deeds.world
    if not found.is_open:
        return
    world.stop_all(found)
    world.change(
        found,
        state=HandoffState.MERGED,
        rejected_at=world.now,
        rejected_by=event.actor,
        closed_at=world.now,
    )
    into = world.lead(int(event.detail["merged_into"]))
    found.lead.stage, found.lead.merged = Stage.DISQUALIFIED, into.id
    into.unknown = into.unknown or "another lead was merged into it"


def _rerouted(deeds: Deeds, event: Event, found: Pass) -> None:
    if not found.is_open:
        return None
    world, current = deeds.world, deeds.world.book.current
    if "reason" not in event.detail:
        return strayed(deeds.world, found)
    team = current.team(str(event.detail["team"]))
    if team is None or found.state is not HandoffState.WAITING:
        return None
    reason = found.book.current.reason(event.detail.get("reason") or "")
    if reason is not None and reason.gives_turn_back:
        world.return_turn(found)
    world.stop_all(found)
    owner = world.assign(team, found.lead, found.priority, found=found)
    waits_in(world, found, team, owner)
    return None


def _reassigned(deeds: Deeds, event: Event, found: Pass) -> None:
    if not found.is_open or (event.actor == Actor.BATON and "clock" in event.detail):
        return None
    world, detail = deeds.world, event.detail
    team = deeds.team(found)
    if "away" in detail:
        owner = None
        if team is not None and found.owner is not None and world.is_away(found.owner):
            owner = world.assign(team, found.lead, found.priority, found=found, must=True)
        if owner is not None and owner != found.owner:
            give(world, found, owner, team)
        return None
    if "label" in detail and "reason" not in detail:
        return strayed(deeds.world, found)
    reason = found.book.current.reason(detail.get("reason") or "") if "reason" in detail else None
    if detail.get("why") != "back from an absence" and (reason is None or reason.gives_turn_back):
        world.return_turn(found)
    wanted = world.book.current.team(detail["team"] or "") if "team" in detail else team
    give(world, found, str(detail["owner"]), wanted or team)
    return None


# ---- work on it


def _touched(deeds: Deeds, event: Event, found: Pass) -> None:
    if found.state is not HandoffState.ACCEPTED:
        return
    told = event.detail.get("at")
    at = datetime.fromisoformat(told) if told else event.at
    by = deeds.stand_in(event, found, ClockKind.FIRST_TOUCH)
    if by == event.actor:
        by = str(event.detail.get("by") or by)
    _first_contact(deeds, found, at, by)
    if told is None:
        _own(deeds, found, by)


def _first_contact(deeds: Deeds, found: Pass, at: datetime, by: str) -> None:
    if found.touched_at is not None:
        return
    found.touched_at = at
    deeds.world.meet(found, ClockKind.FIRST_TOUCH, at)
    team = deeds.team(found)
    owner = found.owner or (by if team and team.rep(by) else None)
    deeds.world.start(found, ClockKind.OUTCOME, team=team, owner=owner)


def _own(deeds: Deeds, found: Pass, by: str) -> None:
    team = deeds.team(found)
    if found.owner is None and team is not None and team.rep(by):
        deeds.world.change(found, owner=by, given_at=deeds.world.now)
        found.lead.owner = by


def _outcome(deeds: Deeds, event: Event, found: Pass) -> None:
    if found.state is not HandoffState.ACCEPTED or event.actor == Actor.BATON:
        return
    world, outcome = deeds.world, Outcome(event.detail["stage"])
    by = deeds.stand_in(event, found, ClockKind.OUTCOME)
    if event.actor != Actor.CRM:
        _own(deeds, found, by)
    _first_contact(deeds, found, world.now, by)
    world.meet(found, ClockKind.OUTCOME)
    if outcome in _ENDS:
        world.stop_all(found)
        world.change(found, state=HandoffState.CLOSED, closed_at=world.now)
    else:
        _goes_on(deeds, found, by)
    if event.detail.get("reason"):
        found.reason = event.detail["reason"]
    found.lead.stage = Stage(outcome.value)


def _goes_on(deeds: Deeds, found: Pass, by: str) -> None:
    targets = found.book.current.sla.get(found.priority)
    lasts = targets.opportunity if targets is not None else None
    if lasts is None:
        return
    team = deeds.team(found)
    owner = found.owner or (by if team is not None and team.rep(by) else None)
    deeds.world.start(found, ClockKind.OUTCOME, team=team, owner=owner, lasts=lasts)


def _snoozed(deeds: Deeds, event: Event, found: Pass) -> None:
    ran = next((each for each in found.running() if each.kind is not ClockKind.ANSWER), None)
    if ran is None or found.snoozed_at is not None:
        return
    until = datetime.fromisoformat(event.detail.get("until") or "")
    ran.clock = sla.pause(ran.clock, deeds.world.course(ran), until, event.at)
    found.snoozed_at = event.at
    deeds.world.started.append(ran)


def _more_time(deeds: Deeds, event: Event, found: Pass) -> None:
    world = deeds.world
    ran = next(iter(found.running()), None)
    rows = world.record.clocks.get(event.handoff_id or 0, ())
    seconds = next((row.duration for row in rows if row.started_at == event.at), None)
    if ran is None or seconds is None:
        return
    clock = sla.plan(ran.kind, event.at, timedelta(seconds=seconds), world.course(ran))
    world.stop(ran)
    world.write(found, clock, ran.book, ran.owner, ran.present)


def _answered(deeds: Deeds, _event: Event, found: Pass) -> None:
    deeds.world.meet(found, ClockKind.ANSWER)


def _forgotten(deeds: Deeds, _event: Event, found: Pass) -> None:
    deeds.world.stop_all(found)
    if found.is_open:
        deeds.world.change(found, state=HandoffState.CLOSED, closed_at=deeds.world.now)


# ---- taking back


def _undone(deeds: Deeds, event: Event, found: Pass) -> None:
    world, was = deeds.world, found.was
    if event.detail.get("undid") in (EventKind.UPHELD, EventKind.OVERTURNED):
        _withdraw(world, found)
    if was is None:
        return
    if found.turned_back is not None:
        team, user = found.turned_back
        world.turns[team] = take_back(world.turns.get(team, RotationState()), user)
        found.turned_back = None
    world.change(found, **was.values)
    world.note_nobody(found, was.nobody)
    found.cards = [card for card in found.cards if not was.at <= card[0] < world.now]
    found.lead.stage, found.lead.owner, found.lead.merged = was.stage, was.owner, was.merged
    for ran in found.clocks:
        if ran.runs and ran.number not in was.clocks:
            world.stop(ran)
    for place, ran in enumerate(found.clocks):
        if ran.number in was.clocks:
            kept = copy.copy(was.clocks[ran.number])
            found.clocks[place] = kept
            world.started.append(kept)
            if kept.stayed:
                world.stayed[kept.number], world.eased = kept, True
    found.was = None


def _withdraw(world: World, found: Pass) -> None:
    """The handoff that came of a ruling is withdrawn."""
    came = found.lead.open()
    if came is None or came is found:
        return
    world.return_turn(came)
    world.stop_all(came)
    world.change(came, state=HandoffState.MERGED, closed_at=world.now, rejected_at=world.now)
    came.lead.stage = came.from_stage


_DEEDS: Mapping[EventKind, Callable[[Deeds, Event, Pass], None]] = {
    EventKind.ACCEPTED: _accepted,
    EventKind.REJECTED: _rejected,
    EventKind.MERGED: _merged,
    EventKind.REROUTED: _rerouted,
    EventKind.REASSIGNED: _reassigned,
    EventKind.TOUCHED: _touched,
    EventKind.SNOOZED: _snoozed,
    EventKind.MORE_TIME: _more_time,
    EventKind.AGREED: _answered,
    EventKind.RESUBMITTED: _answered,
    EventKind.CONTESTED: _answered,
    EventKind.FORGOTTEN: _forgotten,
    EventKind.UNDONE: _undone,
    **dict.fromkeys(OUTCOME_EVENTS.values(), _outcome),
}
"""What each kind of deed does to a handoff."""

_REMEMBERED = frozenset(
    (
        *(EventKind.ACCEPTED, EventKind.REJECTED, EventKind.REROUTED, EventKind.MERGED, EventKind.TOUCHED),
        *(EventKind.REASSIGNED, EventKind.SNOOZED, EventKind.MORE_TIME, *OUTCOME_EVENTS.values()),
    )
)
