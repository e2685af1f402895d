"""A past period run again: the history comes by in its order, and Baton decides anew what it decided then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush

from bot.agreement.book import AgreementBook
from bot.handoffs.hand_off import Again, who_knows
from bot.handoffs.taken import HELD
from bot.lookups.history import DOOR
from bot.replay import presence
from bot.replay.arriving import REOPENS, Arrivals
from bot.replay.climbing import AT_ONCE, NEVER, Ladder
from bot.replay.deeds import Deeds
from bot.replay.estimating import Typical
from bot.replay.owners import strayed
from bot.replay.record import Record
from bot.replay.state import Card, LeadNow, Pass
from bot.replay.world import World
from bot.rules import sla
from bot.rules.lifecycle import LEGAL, Move
from bot.rules.news import standing_of
from storage.models import Actor, ClockKind, Event, EventKind, HandoffState, Stage

_LADDER = frozenset(
    (
        *(EventKind.CLOCK_NUDGED, EventKind.CLOCK_BREACHED, EventKind.REASSIGNED, EventKind.POOLED),
        *(EventKind.REJECTED, EventKind.RECYCLED, EventKind.ASSIGNED),
    )
)
_PEOPLE = {
    EventKind.PERSON_AWAY: presence.away,
    EventKind.PERSON_BACK: presence.back,
    EventKind.ABSENCE_CANCELLED: presence.cancelled,
}


@dataclass(slots=True)
class Replayed:
    """What a replay came to: every handoff that it made, which recorded ones each stands for, and what of it
    is taken as recorded because it cannot be known, by lead, in words."""

    passes: Sequence[Pass]
    of: dict[int, Pass]
    unknown: dict[int, str] = field(default_factory=dict)


def replay(record: Record, other: AgreementBook | None = None, since: datetime | None = None) -> Replayed:
    """Run the history again; from `since` on `other` is in force, before it what was.

    Without `other` it is what was in force throughout: then all of it comes out as it is recorded.
    """
    run = _Run(record, other, since or datetime.min.replace(tzinfo=UTC))
    for group in _groups(record.events):
        run.happens(group)
    run.ends()
    unknown = {lead.id: lead.unknown for lead in run.world.leads.values() if lead.unknown}
    return Replayed(run.world.passes, run.deeds.of, unknown)


def _groups(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The history in what happened in one transaction each."""
    group: list[Event] = []
    for event in events:
        if group and (event.trace, event.at) != (group[-1].trace, group[-1].at):
            yield group
            group = []
        group.append(event)
    if group:
        yield group


class _Run:
    def __init__(self, record: Record, other: AgreementBook | None, since: datetime) -> None:
        self.record, self.other, self.since = record, other, since
        self.world = World(record)
        self.ladder = Ladder(self.world)
        self.deeds = Deeds(self.world)
        self.arrivals = Arrivals(self.world, {})
        again = self.arrivals.comes_again
        self._comes: Mapping[str, Callable[[Event], None]] = {
            EventKind.CREATED: self.arrivals.comes_new,
            **dict.fromkeys((EventKind.UPDATED, EventKind.ACTIVITY), again),
        }
        self.besides = sorted(self._besides(), key=lambda one: one[0], reverse=True)
        self.last: datetime | None = None
        self.typical = Typical.of(record.handoffs.values()) if other is not None else None
        self.stand_ins: list[tuple[datetime, int, bool, Pass]] = []
        self.arrivals.handed_off = self._stands_in if other is not None else None

    def _besides(self) -> Iterator[tuple[datetime, int, Card | None]]:
        """What the history has no line of: cards that came late, and, without a card, leads that nobody could
        take."""
        for handoff, cards in self.record.late_cards.items():
            for card in cards:
                made_at, shown_at = card
                if shown_at is not None and shown_at - made_at > sla.LATE_CARD:
                    yield shown_at, handoff, card
        for at, handoff in self.record.stuck:
            yield at, handoff, None

    def happens(self, group: list[Event]) -> None:
        """What happened in one transaction."""
        now, looked = group[0].at, _is_look(group)
        self._until(now)
        self._at(now)
        if looked:
            self.ladder.look(now)
        for event in group:
            self._one(event, group)
        self.ladder.hope(now + AT_ONCE if looked else now)  # what a look eases, only the next one can see
        self.last = now

    def ends(self) -> None:
        """Let what fell due until the last recorded moment climb on."""
        if self.last is not None:
            moments = [self.last, *self.record.looks[-1:]]
            self._until(max(moments), inclusive=True)

    def _at(self, now: datetime) -> None:
        self.world.now, was = now, self.world.book
        is_other = self.other is not None and now >= self.since
        self.world.book = self.other if is_other and self.other is not None else self.record.book_at(now)
        if was is not self.world.book:
            self.world.eased = True
        if is_other and was is not self.world.book:
            for found in self.world.passes:
                if found.is_open and not self.world.open_in(found.team):
                    strayed(self.world, found)

    def _until(self, moment: datetime, *, inclusive: bool = False) -> None:
        """Everything that Baton does by itself before a moment."""
        while True:
            clock, able = self.ladder.next_clock(), self.ladder.next_able()
            looks = hoped = NEVER
            if clock is not None and clock <= moment:
                looks = self.record.look_at(max(clock, self.ladder.after, self.world.now))
            if able is not None and able <= moment:
                hoped = self.record.look_at(max(able, self.world.now))
            beside = self.besides[-1][0] if self.besides else NEVER
            stands = self.stand_ins[0][0] if self.stand_ins else NEVER
            if stands < moment and stands <= min(looks, hoped, beside):
                self._at(max(stands, self.world.now))
                self._stand_in()
                continue
            if beside < moment and beside <= min(looks, hoped):
                self._at(max(beside, self.world.now))
                self._beside()
                continue
            first = max(min(looks, hoped), self.world.now)
            if first > moment or (first == moment and not inclusive):
                return
            self._at(first)
            if looks <= hoped:
                self.ladder.look(first)
            else:
                self.ladder.find_owners(first)

    def _stands_in(self, found: Pass) -> None:
        """Nobody knows what would have become of a handoff that never was: it goes the way of most."""
        if self.typical is not None and self.world.now >= self.since:
            for after, closes in ((self.typical.accepted, False), (self.typical.closed, True)):
                heappush(self.stand_ins, (found.handed_at + after, found.number, closes, found))

    def _stand_in(self) -> None:
        _, _, closes, found = heappop(self.stand_ins)
        if found.ids or not found.is_open:
            return  # what was done to the recorded one is done to it
        if closes:
            self.world.stop_all(found)
            self.world.change(found, state=HandoffState.CLOSED, closed_at=self.world.now)
            found.lead.stage = Stage.RECYCLED
        elif self.world.meet(found, ClockKind.ACCEPT):
            found.guessed |= {ClockKind.ACCEPT, ClockKind.FIRST_TOUCH}
            self.world.change(found, state=HandoffState.ACCEPTED, accepted_at=self.world.now)
            found.lead.stage = Stage.SAL

    def _beside(self) -> None:
        at, handoff, card = self.besides.pop()
        found = self.deeds.of.get(handoff)
        if found is None:
            return
        if card is not None:
            presence.card_came(self.world, found, card, at)
        elif self.record.owner_of(handoff, ClockKind.ACCEPT, at) is None:  # else it stayed with its owner
            presence.stuck(self.world, found)

    # ---- one line of the history

    def _one(self, event: Event, group: list[Event]) -> None:
        lead = self.world.lead(event.lead_id) if event.lead_id is not None else None
        if lead is not None:
            lead.deeds[event.actor] = event.at
        people = _PEOPLE.get(event.kind)
        if people is not None:
            people(self.world, event.detail)
            self.world.eased = True
        elif event.kind == EventKind.PERSON_LEFT:
            self.world.left.add(str(event.detail["user"]))
        elif lead is not None:
            self._of_lead(event, lead, group)

    def _of_lead(self, event: Event, lead: LeadNow, group: list[Event]) -> None:
        comes = self._comes.get(event.kind)
        if comes is not None:
            comes(event)
        elif event.kind == EventKind.RETURNED:
            self._returns(lead)
        elif event.kind == EventKind.SPLIT:
            self.arrivals.note(event, 0)
            lead.unknown = lead.unknown or "it was split from another lead"
        else:
            if event.kind == EventKind.HANDED_OFF:
                self._handed_off(event, lead, group)
            self.deeds.do(event)

    def _returns(self, lead: LeadNow) -> None:
        if lead.stage is Stage.RECYCLED and lead.unknown is None:
            again = Again(knows=who_knows(lead.latest()))
            self.arrivals.hand_off(lead, self.arrivals.judged(lead), Move.QUALIFY, again)

    def _handed_off(self, event: Event, lead: LeadNow, group: list[Event]) -> None:
        row = self.record.handoffs.get(event.handoff_id or 0)
        if row is None or row.history:
            return
        found = lead.open() or self._hand_off(event, lead, group)
        if found is None:
            return
        found.ids.append(row.id)
        self.deeds.of[row.id] = found
        if found.handed_at == event.at:
            found.cards = self.record.late_cards.get(row.id, ())

    def _hand_off(self, event: Event, lead: LeadNow, group: list[Event]) -> Pass | None:
        """Hand off a lead for what is no arrival, or as recorded where nobody knows what it was."""
        mine = [each for each in group if each.lead_id == lead.id]
        kinds = {each.kind for each in mine}
        held = any(HELD in each.detail.get(DOOR, ()) for each in mine)
        arrived = any(
            each.kind in (EventKind.CREATED, EventKind.ACTIVITY, EventKind.RETURNED)
            or (each.kind == EventKind.UPDATED and "fields" in each.detail)
            for each in mine
        )
        if arrived and not held and lead.unknown is None:
            return None  # it was judged anew, and does not qualify here
        last, current = lead.latest(), self.world.book.current
        standing = standing_of(lead.stage, last.state if last is not None else None)
        row = self.record.handoffs[event.handoff_id or 0]
        team, grade = current.team(str(event.detail.get("team", row.team))), None
        move = REOPENS.get(standing, Move.QUALIFY)
        again = Again(knows=who_knows(last))
        if EventKind.OVERTURNED in kinds and last is not None:
            barred = (last.rejected_by,) if last.rejected_by else ()
            again, move = Again(team=current.team(last.team), barred=barred), Move.REINSTATE
        elif EventKind.RESUBMITTED in kinds:
            move = Move.REINSTATE
        elif held:
            takes = any(each.kind == EventKind.ACCEPTED and each.actor == event.actor for each in mine)
            again = Again(team=team, taker=event.actor if takes else None)
        elif lead.unknown is None and not lead.unrouted and not self._qualifies(lead):
            return None
        if lead.unknown is not None:
            grade = (event.detail.get("grade") or row.grade, event.detail.get("priority", row.priority))
            again = Again(team=again.team or team, knows=again.knows, barred=again.barred, taker=again.taker)
            if (lead.stage, move) not in LEGAL:
                lead.stage, move = Stage.INQUIRY, Move.QUALIFY
        return self.arrivals.hand_off(lead, self.arrivals.judged(lead), move, again, grade)

    def _qualifies(self, lead: LeadNow) -> bool:
        """Whether a lead qualifies now, of which a record came that the history has no line of."""
        return self.other is None or self.arrivals.judged(lead).qualifies


def _is_look(group: list[Event]) -> bool:
    """Whether it is what Baton did of itself as it looked at the clocks."""
    return group[0].actor == Actor.BATON and all(
        each.actor == Actor.BATON and each.kind in _LADDER for each in group
    )
