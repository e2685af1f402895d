"""How a handoff changes hands while a replay runs: given by a person, or astray under the agreement."""

from __future__ import annotations

from bot.agreement import Team
from bot.lookups.strays import may_hold, successor
from bot.replay.state import Pass
from bot.replay.world import World
from bot.rules import routing
from storage.models import ClockKind, HandoffState


def strayed(world: World, found: Pass) -> None:
    """The agreement in force does not have its team, or its owner, any more."""
    current = world.book.current
    team, stays = _next_team(world, found)
    if team is None:
        return
    if current.team(found.team) is None:
        renamed = found.team in team.renamed_from
        world.change(found, team=team.name, **({} if renamed else {"pooled_at": None}))
    if stays:
        return
    if found.state is HandoffState.WAITING:
        world.stop_all(found)
        knows = (found.owner,) if found.owner else ()
        waits_in(world, found, team, world.assign(team, found.lead, found.priority, knows=knows))
        return
    owner = world.assign(team, found.lead, found.priority, found=found, must=True)
    if owner is not None:
        give(world, found, owner, team)


def _next_team(world: World, found: Pass) -> tuple[Team | None, bool]:
    """The team that is to have the lead, and whether its owner stays."""
    same = successor(world.book, found.team)
    if same is not None and (found.owner is None or may_hold(world.book, same, found.owner)):
        return same, True
    kept = found.owner if found.state is HandoffState.ACCEPTED and found.owner not in world.left else None
    theirs = next((each for each in world.book.current.teams if kept and each.rep(kept)), None)
    if theirs is not None and same is None:
        return theirs, True
    return same or routing.team_for(world.book.current, found.lead.facts()), False


def waits_in(world: World, found: Pass, team: Team, owner: str | None) -> None:
    """Let a handoff wait for this owner, or for anybody, of this team, with a fresh clock to accept."""
    given_at = world.now if owner else None
    world.change(found, team=team.name, pooled_at=None, owner=owner, given_at=given_at)
    found.lead.owner = owner
    world.note_nobody(found, owner is None and world.is_vacant(team))
    world.start(found, ClockKind.ACCEPT, team=team, owner=owner)


def give(world: World, found: Pass, owner: str, team: Team | None) -> None:
    """Let a handoff change hands, with fresh clocks."""
    running = [each for each in found.running() if each.kind is not ClockKind.ANSWER]
    for each in running:
        world.stop(each)
    name = team.name if team else found.team
    world.change(found, owner=owner, given_at=world.now, pooled_at=None, team=name)
    found.lead.owner = owner
    for each in running:
        world.start(found, each.kind, team=team, owner=owner)
