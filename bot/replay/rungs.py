"""The rungs of a replay's ladder: what becomes of a handoff when one is reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.agreement import Team
from bot.ladder.reassigning import is_able
from bot.ladder.roster import needed
from bot.replay.state import PUT_BACK, Pass, Ran, Taken
from bot.replay.world import World
from bot.rules import sla
from bot.rules.candidates import Facts, can_any, candidates_of, one_less, one_more
from bot.rules.roles import who_is_to_answer
from bot.rules.rungs import Reached, clock_for_all, follows, said_to_pool
from storage.models import NagKind


@dataclass(slots=True)
class Passing:
    """A lead that is to change hands, at which step, and to whom once that is known."""

    ran: Ran
    found: Pass
    step: int
    user: str | None = None


@dataclass(slots=True)
class Climb:
    """The clocks of one look. `facts` are what was known of each team as it began, and who was given what."""

    world: World
    passings: list[Passing] = field(default_factory=list)
    facts: dict[str, dict[str, Facts]] = field(default_factory=dict)

    def of(self, team: Team) -> dict[str, Facts]:
        """What is known of a team."""
        if team.name not in self.facts:
            self.facts[team.name] = self.world.facts(team)
        return self.facts[team.name]

    def given(self, team: Team, user: str, found: Pass) -> None:
        """Somebody was given a lead just now; whoever had it has one less."""
        facts, former = self.of(team), found.owner
        if former is not None and former in facts:
            zone = self.world.book.current.timezone_of(team, former)
            facts[former] = one_less(facts[former], found.given_at, self.world.now, zone)
        facts[user] = one_more(facts[user])


def say(found: Pass, ran: Ran, step: int, what: NagKind, now: datetime) -> None:
    """Note what a reminder would have said; a step below 0 is none."""
    if step >= 0:
        found.steps.append(Taken(ran.kind, step, what, now))


def is_anybody_able(climb: Climb, team: Team, found: Pass) -> bool:
    """Whether somebody in the team could take the lead now."""
    world = climb.world
    need = needed(world.book.current, team, found.priority, world.now)
    return can_any(world.book.current, team, need, climb.of(team))


def at_work(climb: Climb, found: Pass) -> set[str]:
    """Who is at work and able in a team: without somebody new there is nothing to choose."""
    world = climb.world
    team = world.book.current.team(found.team)
    if team is None or world.is_full(team):
        return set()
    need = needed(world.book.current, team, found.priority, world.now)
    there = candidates_of(world.book.current, team, need, climb.of(team))
    return {each.user for each in there if each.on_shift and is_able(team, each)}


def take(climb: Climb, ran: Ran, found: Pass, moment: sla.Moment) -> None:
    """Take a rung: do to the handoff what follows of it."""
    world = climb.world
    what = follows(moment.do, _reached(climb, ran, found))
    if what.changes_hands:
        climb.passings.append(Passing(ran, found, moment.step))
    team = world.book.current.team(found.team)
    if what.stops:
        world.stop(ran)
        world.change(found, **{name: value for name, value in what.handoff.items() if name in PUT_BACK})
        found.lead.owner = what.lead.get("owner", found.lead.owner)
        found.lead.stage = what.lead.get("stage", found.lead.stage)
    if what.opens and team is not None:
        start_for_all(world, ran, found, team)
    says = what.says
    if what.to_pool and says is not None and team is not None:
        says = said_to_pool(says, vacant=not is_anybody_able(climb, team, found))
    if says is not None:
        say(found, ran, moment.step, says, world.now)


def _reached(climb: Climb, ran: Ran, found: Pass) -> Reached:
    world, campaign = climb.world, found.lead.columns.get("campaign")
    return Reached(
        now=world.now,
        kind=ran.kind,
        owner=ran.owner,
        state=found.state,
        pooled=found.pooled_at is not None,
        team_stands=world.open_in(found.team),
        agreement=ran.book.current,
        stage=lambda: found.lead.stage,
        is_gone=world.is_gone,
        marketing_hears=lambda: bool(who_is_to_answer(world.book, campaign, found.team, world.is_gone)),
    )


def start_for_all(world: World, ran: Ran, found: Pass, team: Team) -> None:
    """A clock to accept in the hours of all who are there."""
    present = world.present_in(team)
    clock = clock_for_all(ran.book.current, team, found.priority, present, world.now)
    if clock is not None:
        world.write(found, clock, ran.book, None, present)
