"""The rungs of a replay's ladder: what becomes of a handoff when one is reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.agreement import Team
from bot.agreement.model import NOT_ACTED
from bot.agreement.vocabulary import ReasonKind, Verb
from bot.context import BATON
from bot.ladder.reassigning import is_able
from bot.ladder.roster import needed
from bot.replay.state import Pass, Ran, Taken
from bot.replay.world import World
from bot.rules import sla
from bot.rules.candidates import Facts, candidates_of
from bot.rules.lifecycle import LEGAL, Move
from bot.rules.roles import MAY, Permission, roles_of
from bot.rules.vacancy import vacancy_of
from storage.models import ClockKind, HandoffState, NagKind


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

    def given(self, team: Team, user: str) -> None:
        """Somebody was given one more lead just now."""
        known = self.of(team)[user]
        self.facts[team.name][user] = replace(
            known,
            open_leads=known.open_leads + 1,
            given_today=known.given_today + 1,
            given_this_week=known.given_this_week + 1,
        )


def say(found: Pass, ran: Ran, step: int, what: NagKind, now: datetime) -> None:
    """Note what a reminder would have said; a step below 0 is none."""
    if step >= 0:
        found.steps.append(Taken(ran.kind, step, what, now))


def is_anybody_able(climb: Climb, team: Team, found: Pass) -> bool:
    """Whether somebody in the team could take the lead now."""
    world = climb.world
    need = needed(world.book.current, team, found.priority, world.now)
    return any(is_able(team, each) for each in candidates_of(world.book.current, team, need, climb.of(team)))


def at_work(climb: Climb, found: Pass) -> set[str]:
    """Who is at work and able in a team: without somebody new there is nothing to choose."""
    world = climb.world
    team = world.book.current.team(found.team)
    if team is None:
        return set()
    need = needed(world.book.current, team, found.priority, world.now)
    there = candidates_of(world.book.current, team, need, climb.of(team))
    return {each.user for each in there if each.on_shift and is_able(team, each)}


def _nudge(climb: Climb, ran: Ran, found: Pass, moment: sla.Moment) -> None:
    world = climb.world
    if ran.kind is ClockKind.ANSWER:
        if not _marketing_hears(climb, found):
            return
        what = NagKind.NUDGE
    elif ran.owner is not None:
        what = NagKind.CHOOSE if world.is_gone(ran.owner) else NagKind.NUDGE
    else:
        what = _to_the_pool(climb, found, NagKind.NUDGE)
    say(found, ran, moment.step, what, world.now)


def _marketing_hears(climb: Climb, found: Pass) -> bool:
    """Whether there is anybody to remind of an answer."""
    book = climb.world.book
    campaign = book.current.campaign(found.lead.columns.get("campaign"))
    owner = campaign.owner if campaign else None
    if owner and MAY[Permission.DISPUTE] & roles_of(book, owner, book.current.team(found.team)):
        return True
    return bool(book.current.marketing.channel or book.people_in(book.current.roles.marketing))


def _to_the_pool(climb: Climb, found: Pass, what: NagKind) -> NagKind:
    """What is said to a pool; where nobody in it can take the lead, whoever is in charge has to choose."""
    book, now = climb.world.book, climb.world.now
    team = book.current.team(found.team)
    if team is None:
        return NagKind.CHOOSE
    need = needed(book.current, team, found.priority, now)
    candidates = candidates_of(book.current, team, need, climb.of(team))
    return what if vacancy_of(book.current, team, candidates, now) is None else NagKind.CHOOSE


def _notify_manager(climb: Climb, ran: Ran, found: Pass, moment: sla.Moment) -> None:
    say(found, ran, moment.step, NagKind.BREACH, climb.world.now)


def _notify_channel(climb: Climb, ran: Ran, found: Pass, moment: sla.Moment) -> None:
    of_team = ran.kind is not ClockKind.ANSWER and climb.world.open_in(found.team)
    say(found, ran, moment.step, NagKind.NUDGE if of_team else NagKind.BREACH, climb.world.now)


def _reassign(climb: Climb, ran: Ran, found: Pass, moment: sla.Moment) -> None:
    climb.passings.append(Passing(ran, found, moment.step))


def _pool(climb: Climb, ran: Ran, found: Pass, moment: sla.Moment) -> None:
    world = climb.world
    team = world.book.current.team(found.team)
    accepted = found.state is HandoffState.ACCEPTED
    untouched = ran.kind in (ClockKind.ACCEPT, ClockKind.FIRST_TOUCH)
    released = LEGAL.get((found.lead.stage, Move.RELEASE)) if untouched else None
    if team is None or ran.owner is None or found.pooled_at is not None or (accepted and released is None):
        return say(found, ran, moment.step, NagKind.CHOOSE, world.now)
    world.stop(ran)
    free: dict[str, object] = {"owner": None, "given_at": None, "pooled_at": world.now}
    if accepted and released is not None:
        free |= {"state": HandoffState.WAITING, "accepted_at": None, "accepted_by": None}
        found.lead.stage = released
    world.change(found, **free)
    found.lead.owner = None
    start_for_all(world, ran, found, team)
    return say(found, ran, moment.step, _to_the_pool(climb, found, NagKind.POOLED), world.now)


def start_for_all(world: World, ran: Ran, found: Pass, team: Team) -> None:
    """A clock to accept in the hours of all who are there."""
    present = world.present_in(team)
    known = ran.book.current.team(team.name) or team
    clock = sla.start(
        ran.book.current, ClockKind.ACCEPT, found.priority, known, None, world.now, present=present
    )
    if clock is not None:
        world.write(found, clock, ran.book, None, present)


def _marketing(climb: Climb, ran: Ran, found: Pass, moment: sla.Moment) -> None:
    world = climb.world
    stage = LEGAL.get((found.lead.stage, Move.RECYCLE))
    reason = ran.book.current.reason(NOT_ACTED)
    if stage is None or reason is None or reason.kind is not ReasonKind.REJECT:
        return say(found, ran, moment.step, NagKind.CHOOSE, world.now)
    world.stop(ran)
    over: dict[str, object] = {"reason": reason.code, "closed_at": world.now, "pooled_at": None}
    if found.state is HandoffState.WAITING:
        over |= {"state": HandoffState.REJECTED, "rejected_at": world.now, "rejected_by": BATON}
    else:
        over |= {"state": HandoffState.CLOSED}
    world.change(found, **over)
    found.lead.stage = stage
    return None


TAKE: Mapping[Verb, Callable[[Climb, Ran, Pass, sla.Moment], None]] = {
    Verb.NUDGE: _nudge,
    Verb.NOTIFY_MANAGER: _notify_manager,
    Verb.NOTIFY_CHANNEL: _notify_channel,
    Verb.REASSIGN: _reassign,
    Verb.POOL: _pool,
    Verb.MARKETING: _marketing,
}
"""What becomes of a handoff when a rung is reached."""
