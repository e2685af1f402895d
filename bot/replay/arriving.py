"""What comes in while a replay runs: leads are judged as they were then, and go to sales if they qualify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.agreement import Team
from bot.context import IMPORT
from bot.handoffs.hand_off import Again, who_knows
from bot.handoffs.taken import HELD, PAST, less_urgent
from bot.lookups.history import DOOR
from bot.replay.state import LeadNow, Pass
from bot.replay.world import World
from bot.rules import routing
from bot.rules.arrivals import Before, Came, came_by_activity, came_by_record
from bot.rules.heat import Held, heat
from bot.rules.lifecycle import LEGAL, Move
from bot.rules.news import AnswerClock, News, Outcome, Standing, news, standing_of
from bot.rules.qualification import Judgement, judge
from storage.models import Activity, ClockKind, Event, EventKind, HandoffState

REOPENS = {Standing.DISQUALIFIED: Move.REOPEN, Standing.LOST: Move.REOPEN, Standing.WON: Move.REOPEN}
_HANDS_OFF = (Outcome.HAND_OFF, Outcome.HAND_OFF_TO_LAST_OWNER)
_RENEWED = {HandoffState.WAITING: ClockKind.ACCEPT, HandoffState.ACCEPTED: ClockKind.FIRST_TOUCH}


@dataclass(slots=True)
class Arrivals:
    """Takes in what came, and hands leads off. `told`: how many activities of each lead have come so far.

    `handed_off` is told of each handoff.
    """

    world: World
    told: dict[int, int]
    handed_off: Callable[[Pass], None] | None = None

    def note(self, event: Event, count: int) -> tuple[LeadNow, dict[str, object], list[Activity]]:
        """Keep what an event brought of a lead; gives the columns that it changed, and the new activities."""
        world = self.world
        lead = world.lead(event.lead_id or 0)
        rows, begin = world.record.activities.get(lead.id, []), self.told.get(lead.id, 0)
        added = rows[begin : begin + count]
        self.told[lead.id] = begin + count
        before = lead.columns
        after = world.record.versions.get(lead.id, {}).get(event.id, before)
        given: dict[str, object] = {}
        if after is not before:
            given = {name: value for name, value in after.items() if before.get(name) != value}
        if given:
            world.become(lead, {**after, "updated_at": event.at})
        if added:
            lead.activities = sorted([*lead.activities, *added], key=_newest, reverse=True)
        return lead, given, added

    def comes_new(self, event: Event) -> None:
        """A lead comes for the first time."""
        lead, _, added = self.note(event, int(event.detail.get("activities", 0)))
        if lead.unknown or HELD in event.detail.get(DOOR, ()):
            return
        judged = self._judged(lead, event, added)
        if judged.qualifies:
            self.hand_off(lead, judged)

    def comes_again(self, event: Event) -> None:
        """A record of a known lead, or something that it did."""
        lead = self.world.lead(event.lead_id or 0)
        last, agreement, now = lead.latest(), self.world.book.current, event.at
        facts = lead.facts()
        before = self._before(lead, last)
        is_record = event.kind == EventKind.UPDATED
        count = int(event.detail.get("activities", 0)) if is_record else 1
        lead, given, added = self.note(event, count)
        if is_record and "fields" not in event.detail:
            return  # a person corrected it: what follows is told by itself
        if lead.unknown:
            return
        if is_record:
            said = "qualified" in event.detail["fields"]
            qualified = bool(lead.columns["qualified"]) if said else None
            came = came_by_record(agreement, before, given, qualified, added, facts, now)
        else:
            came = came_by_activity(agreement, before, added, facts, now)
        self._follow(lead, last, came, event)

    def _before(self, lead: LeadNow, last: Pass | None) -> Before:
        if last is None:
            return Before(lead.columns, lead.stage, lead.activities)
        reason = last.book.current.reason(last.reason) if last.reason is not None else None
        rejected = last.rejected_at is not None
        return Before(lead.columns, lead.stage, lead.activities, True, rejected, reason, last.closed_at)

    def _follow(self, lead: LeadNow, last: Pass | None, came: Came, event: Event) -> None:
        judged = self._judged(lead, event, came.activities, qualified=came.qualified)
        standing = standing_of(lead.stage, last.state if last is not None else None)
        found = news(self.world.book.current, standing, came.told, qualifies=judged.qualifies)
        held_back = HELD in event.detail.get(DOOR, ())
        handed = None
        if found.outcome in _HANDS_OFF and not held_back and came.any:
            again = Again(found.reason, knows=who_knows(last)) if last is not None else None
            handed = self.hand_off(lead, judged, REOPENS.get(standing, Move.QUALIFY), again)
        elif found.outcome is Outcome.RAISE and last is not None and last.closed_at is None:
            self._heat_up(last, judged, hand=came.hand_raised)
        self._answer(last, found, handed)

    def _answer(self, last: Pass | None, found: News, handed: Pass | None) -> None:
        if last is None:
            return
        if found.answer is AnswerClock.MET and last.state is HandoffState.REJECTED:
            self.world.meet(last, ClockKind.ANSWER)
        elif found.answer is AnswerClock.MOOT and handed is not None:
            running = last.running_of(ClockKind.ANSWER)
            if running is not None:
                self.world.stop(running)

    def _judged(
        self,
        lead: LeadNow,
        event: Event,
        activities: Sequence[object],
        *,
        qualified: bool | None = None,
    ) -> Judgement:
        judged = self.judged(lead, qualified=qualified)
        if event.actor == IMPORT or PAST in event.detail.get(DOOR, ()):
            new = [each for each in activities if isinstance(getattr(each, "at", None), datetime)]
            return less_urgent(self.world.book.current, judged, new, event.at)  # type: ignore[arg-type]
        return judged

    def judged(self, lead: LeadNow, *, qualified: bool | None = None) -> Judgement:
        """What the agreement in force says of a lead now."""
        return judge(
            self.world.book.current,
            lead.facts(qualified=qualified),
            lead.activities,
            self.world.now,
            handed_at=lead.first_handed,
            told_at=lead.told_at(),
        )

    def hand_off(
        self,
        lead: LeadNow,
        judged: Judgement,
        move: Move = Move.QUALIFY,
        again: Again | None = None,
        grade: tuple[str, str] | None = None,
    ) -> Pass | None:
        """Pass a lead to the team that it matches; None if no team does, or it cannot make that move.

        `grade`: grade and priority in place of the judgement's.
        """
        world, again = self.world, again or Again()
        team = again.team or routing.team_for(world.book.current, lead.facts())
        stage = LEGAL.get((lead.stage, move))
        if team is None:
            lead.unrouted = True
            return None
        if stage is None:
            return None
        graded, priority = grade or (judged.grade, judged.priority)
        owner = again.taker
        if owner is None:
            owner = world.assign(team, lead, priority, knows=again.knows, barred=again.barred)
        found = Pass(lead, len(world.passes), world.book, team.name, priority, graded, world.now, owner)
        found.given_at, found.from_stage = world.now if owner else None, lead.stage
        world.add(found)
        lead.stage, lead.unrouted = stage, False
        if owner:
            lead.owner = owner
        world.note_nobody(found, owner is None and world.is_vacant(team))
        world.start(found, ClockKind.ACCEPT, team=team, owner=owner)
        if self.handed_off is not None:
            self.handed_off(found)
        return found

    def _heat_up(self, found: Pass, judged: Judgement, *, hand: bool) -> None:
        world = self.world
        current = world.book.current
        running = found.running_of(_RENEWED[found.state])
        team: Team | None = current.team(found.team)
        rep = team.rep(found.owner) if team is not None and found.owner else None
        due_at = running.clock.due_at if running is not None else None
        present = running.present if running is not None else None
        held = Held(found.state, found.grade, found.priority, team, rep, due_at, present)
        hotter = heat(current, held, judged, world.now, hand=hand)
        found.grade, found.priority = hotter.grade, hotter.priority
        if hotter.clock is not None and running is not None:
            world.stop(running)
            world.write(found, hotter.clock, world.book, running.owner, running.present)


def _newest(activity: Activity) -> tuple[datetime, int]:
    return activity.at, activity.id
