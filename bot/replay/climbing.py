"""The ladder of a replay: each clock that is due is looked at, and each rung that it has reached is taken.

What is due, and which of it is taken, the bot's own rules say; here the state follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from bot.agreement import Team
from bot.agreement.vocabulary import Assign
from bot.ladder.roster import needed
from bot.ladder.ticking import WAIT_FOR_CARD
from bot.replay.rungs import Climb, Passing, at_work, is_anybody_able, say, start_for_all, take
from bot.replay.state import Pass, Ran
from bot.replay.world import World, teams_that
from bot.rules import routing, sla
from bot.rules.candidates import Facts, Need, candidates_of, counted_from
from bot.rules.qualification import rank_of
from bot.rules.rotation import RotationState
from bot.rules.rungs import next_holder
from bot.rules.value import but
from bot.rules.worktime import hours_for
from storage.models import ClockKind, NagKind

_Entry = tuple[datetime, int, int, Ran]
AT_ONCE = timedelta(microseconds=1)
_LONG_AGO, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_Choose = Callable[[Climb, Passing, Team, Need, dict[str, Facts], RotationState], routing.Choice]


class Ladder:
    """The clocks that run, the next one to be looked at first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._due: list[_Entry] = []
        self._count = count()
        self._able: list[datetime] = []
        self._ahead = NEVER  # when somebody may be able because of the time alone
        self.after = _LONG_AGO

    def watch(self) -> None:
        """Take up the clocks that were started since."""
        if self.world.started:
            for ran in self.world.started:
                self.put(ran)
            self.world.started.clear()

    def put(self, ran: Ran) -> None:
        """Look at a clock again when its next moment comes."""
        if ran.clock.next_at is not None:
            heappush(self._due, (ran.clock.next_at, ran.number, next(self._count), ran))

    def next_clock(self) -> datetime | None:
        """When the next clock falls due."""
        self.watch()
        while self._due and not _stands(self._due[0]):
            heappop(self._due)
        return self._due[0][0] if self._due else None

    def next_able(self) -> datetime | None:
        """When somebody may be able whom a lead without an owner waits for."""
        return self._able[0] if self._able and self.waits else None

    @property
    def waits(self) -> bool:
        """Whether a lead waits for somebody to be able."""
        world = self.world
        return bool(world.ownerless or world.stayed) or next(world.nobodys(), None) is not None

    def hope(self, now: datetime) -> None:
        """After what happened just now somebody may be able, whom a lead without an owner waits for."""
        if self.world.eased and self.waits:
            heappush(self._able, self.world.record.look_at(now))

    def look(self, now: datetime) -> None:
        """Look at everything that is due now, as many clocks as one transaction takes."""
        self.find_owners(now)
        rows = self._rows(now)
        climb = Climb(self.world)
        for ran in rows:
            self._look_at(climb, ran)
        _pass_on_each(climb, _reassigned)
        for each in climb.passings:
            if each.user is None:
                say(each.found, each.ran, each.step, NagKind.CHOOSE, now)
                if sla.may_reassign(each.found.reassigned):
                    each.ran.stayed, self.world.stayed[each.ran.number] = True, each.ran
                    self.world.eased = True
        _write(climb, first=False)
        for ran in rows:
            self.put(ran)
        self.watch()
        self.after = now + AT_ONCE if len(rows) == self.world.record.batch else _LONG_AGO

    def _rows(self, now: datetime) -> list[Ran]:
        self.watch()
        rows: list[Ran] = []
        seen: set[int] = set()
        while self._due and self._due[0][0] <= now and len(rows) < self.world.record.batch:
            entry = heappop(self._due)
            if _stands(entry) and entry[1] not in seen:
                seen.add(entry[1])
                rows.append(entry[3])
        return rows

    def _look_at(self, climb: Climb, ran: Ran) -> None:
        world, found = self.world, self.world.of_clock[ran.number]
        if ran.kind is ClockKind.ACCEPT and not found.is_shown(world.now):
            wait = min((world.now - ran.clock.started_at) / 4, WAIT_FOR_CARD)
            ran.clock = but(ran.clock, next_at=world.now + max(wait, timedelta(seconds=1)))
            return
        due = sla.due_steps(ran.clock, world.course(ran), world.now)
        if due.breached:
            ran.cause = sla.cause(
                ran.kind, ran.clock.due_at, gaps=world.gaps(), had_eligible_rep=self._is_able(climb, ran)
            )
        ran.clock = due.clock
        for moment in sla.to_take(due.moments):
            take(climb, ran, found, moment)

    def _is_able(self, climb: Climb, ran: Ran) -> bool:
        if ran.owner is not None:
            return not self.world.is_gone(ran.owner)
        found = self.world.of_clock[ran.number]
        team = self.world.book.current.team(found.team)
        return team is not None and is_anybody_able(climb, team, found)

    def find_owners(self, now: datetime) -> None:
        """Give the leads that nobody could take, or have next, to whoever is able now."""
        while self._able and self._able[0] <= now:
            heappop(self._able)
        world = self.world
        if not self.waits or not (world.eased or now >= self._ahead):
            return
        world.eased, settled = False, True
        if world.ownerless:
            settled = self._give_ownerless()
        if world.unowned:
            self._call_pools()
        if world.stayed:
            settled = self._pass_on_stayed() and settled
        world.eased = world.eased or not settled
        if self.waits:
            self._hope_again()

    def _call_pools(self) -> None:
        """Leads of a pool that nobody could take: the team is called as soon as somebody can, with a fresh
        clock."""
        world, vacant = self.world, dict[str, bool]()
        for found in list(world.nobodys()):
            team = world.book.current.team(found.team)
            if team is None:
                continue
            if team.name not in vacant:
                vacant[team.name] = world.is_vacant(team)
            ran = None if vacant[team.name] else found.running_of(ClockKind.ACCEPT)
            if ran is not None:
                world.note_nobody(found, False)
                world.stop(ran)
                start_for_all(world, ran, found, team)

    def _pass_on_stayed(self) -> bool:
        """Late leads that stayed, because nobody could have them next, go on once somebody can.

        Whether all that still stay do because nobody is at work who could have them.
        """
        world, climb, settled = self.world, Climb(self.world), True
        there: dict[str, set[str]] = {}
        for ran in sorted(world.stayed.values(), key=lambda one: one.number):
            found = world.of_clock[ran.number]
            if not ran.runs:
                del world.stayed[ran.number]
                continue
            if ran.clock.is_paused(world.now):
                settled = False
                continue
            if found.team not in there:
                there[found.team] = at_work(climb, found)
            if there[found.team] and there[found.team] - found.holders():
                climb.passings.append(Passing(ran, found, -1))
        _pass_on_each(climb, _reassigned)
        _write(climb, first=False)
        return settled and all(each.user is not None for each in climb.passings)

    def _give_ownerless(self) -> bool:
        """Leads without an owner go to whoever is able; whether all that are left wait for somebody to be."""
        world = self.world
        current, climb = world.book.current, Climb(world)
        rotating = teams_that(current, Assign.ROTATE)
        first: dict[str, Pass] = {}
        for found in world.ownerless.values():
            if found.team in rotating:
                first.setdefault(found.team, found)
        teams = [team for team in map(current.team, first) if team is not None and not world.is_full(team)]
        able = {team.name for team in teams if is_anybody_able(climb, team, first[team.name])}
        if not able:
            return True
        waiting = [
            (found, ran)
            for found in world.ownerless.values()
            if found.team in rotating and (ran := found.running_of(ClockKind.ACCEPT)) is not None
        ]
        waiting.sort(key=lambda one: (one[0].handed_at, one[0].number))
        batch = world.record.batch
        settled = len(waiting) <= batch
        theirs = [one for one in waiting[:batch] if one[0].team in able]
        theirs.sort(key=lambda one: rank_of(current, one[0].priority))
        climb.passings += [Passing(ran, found, -1) for found, ran in theirs]
        _pass_on_each(climb, _first_able, companies=True)
        _write(climb, first=True)
        return settled and all(each.user is not None for each in climb.passings)

    def _hope_again(self) -> None:
        """When somebody may be able because of the time alone: an absence ends, or a cap counts anew."""
        world, current = self.world, self.world.book.current
        late = {world.of_clock[each].team for each in world.stayed}
        names = {found.team for found in world.unowned.values()} | late
        moments: list[datetime] = []
        for team in current.teams:
            if team.name not in names:
                continue
            for rep in team.reps:
                if team.name in late and not (hours := hours_for(current, team, rep)).is_open(world.now):
                    moments.append(hours.opens_next(world.now))
                spans = world.absences.get(rep.user, ())
                moments += [each.ends for each in spans if each.ends is not None]
                if rep.per_day is not None or rep.per_week is not None:
                    zone = current.timezone_of(team, rep)
                    today, _ = counted_from(world.now, zone)
                    moments.append(counted_from(today + timedelta(hours=36), zone)[0])
        self._ahead = min((each for each in moments if each > world.now), default=NEVER)
        if self._ahead is not NEVER:
            heappush(self._able, self._ahead)


def _stands(entry: _Entry) -> bool:
    return entry[3].runs and entry[3].clock.next_at == entry[0]


# ---- leads that change hands


def _reassigned(
    climb: Climb, each: Passing, team: Team, need: Need, facts: dict[str, Facts], turns: RotationState
) -> routing.Choice:
    current = climb.world.book.current
    candidates = candidates_of(current, team, need, facts)
    times, holder = each.found.reassigned, each.ran.owner
    return next_holder(current, team, candidates, turns, holder=holder, need=need, times=times)


def _first_able(
    climb: Climb, each: Passing, team: Team, need: Need, facts: dict[str, Facts], turns: RotationState
) -> routing.Choice:
    current, company = climb.world.book.current, each.found.lead.columns.get("company")
    candidates = candidates_of(current, team, need, facts)
    return routing.choose(current, team, candidates, turns, company=company, need=need)


def _pass_on_each(climb: Climb, choose: _Choose, *, companies: bool = False) -> None:
    world = climb.world
    for each in climb.passings:
        team = world.book.current.team(each.found.team)
        if team is None:
            continue
        need = needed(world.book.current, team, each.found.priority, world.now)
        facts = dict(climb.of(team))
        for user in each.found.holders():
            if user in facts:
                facts[user] = but(facts[user], held_before=True)
        if companies:
            facts = dict(world.marked(team, each.found.lead, facts))
        choice = choose(climb, each, team, need, facts, world.turns.get(team.name, RotationState()))
        world.turns[team.name] = choice.state
        if choice.user is not None:
            each.user = choice.user
            if choice.among:
                each.found.lead.turn = (world.now, team.name, choice.user)
            climb.given(team, choice.user, each.found)
            _pass_on(climb, each, team, choice.user)


def _pass_on(climb: Climb, each: Passing, team: Team, user: str) -> None:
    world, ran, found = climb.world, each.ran, each.found
    world.stop(ran)
    agreement = ran.book.current
    whose = world.team_and_rep(agreement, team.name, user)
    clock = sla.start(agreement, ran.kind, found.priority, *whose, world.now)
    if clock is not None:
        world.write(found, clock, ran.book, user)
    say(found, ran, each.step, NagKind.ASSIGNED, world.now)


def _write(climb: Climb, *, first: bool) -> None:
    for each in climb.passings:
        if each.user is not None:
            times = each.found.reassigned + (0 if first else 1)
            climb.world.change(each.found, owner=each.user, given_at=climb.world.now, reassigned=times)
            each.found.lead.owner = each.user
