"""An admin changes a team of the agreement: what the form shows, and which changes it comes to.

The changes are made by bot/engine/reloading.py, which writes the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement.changes import AddRep, Change, MoveRep, RemoveRep, SetCapacity, SetChannel
from bot.agreement.model import Agreement, Team
from bot.context import Context
from bot.errors import InvalidInput, NotPossible, Obstacle
from bot.rules.roles import Permission, require_anywhere
from bot.views.ids import Action
from bot.views.modals.team import TeamForm
from storage import people

NOTHING = "Nothing would change. Choose another channel, or a rep."


@dataclass(frozen=True, slots=True)
class EditTeam:
    """What the form holds: a channel, and a person who joins, moves here, gets another limit or leaves."""

    team: str
    channel: str = ""
    rep: str = ""
    capacity: str = ""
    remove: bool = False


def team_form(_tx: Connection, ctx: Context, name: str) -> TeamForm:
    """What the form shows. Raises NotAllowed, and NotPossible where the agreement has no such team."""
    require_anywhere(ctx.book, ctx.actor, Permission.CHANGE_AGREEMENT)
    team = _team(ctx.book.current, name)
    reps = tuple((rep.user, rep.capacity) for rep in team.reps)
    return TeamForm(team.name, team.channel, reps, ctx.book.text_hash)


def team_changes(tx: Connection, ctx: Context, command: EditTeam) -> list[Change]:
    """The changes of the agreement that the form means.

    Raises NotAllowed, NotPossible, and InvalidInput naming the fields.
    """
    require_anywhere(ctx.book, ctx.actor, Permission.CHANGE_AGREEMENT)
    agreement = ctx.book.current
    team = _team(agreement, command.team)
    changes: list[Change] = []
    if command.channel and command.channel != team.channel:
        changes.append(SetChannel(team.name, command.channel))
    if command.rep:
        changes += about_rep(tx, agreement, team, command)
    elif command.capacity or command.remove:
        raise InvalidInput({Action.REP: "Who? Please choose a person."})
    if not changes:
        raise InvalidInput({Action.REP: NOTHING})
    return changes


def about_rep(tx: Connection, agreement: Agreement, team: Team, command: EditTeam) -> list[Change]:
    """What becomes of the person in the form. Raises InvalidInput naming the field."""
    known = team.rep(command.rep)
    if command.remove:
        if known is None:
            raise InvalidInput({Action.REP: f"They are not in {team.name}."})
        return [RemoveRep(command.rep, team.name)]
    capacity = int(command.capacity) if command.capacity.isdecimal() else None
    limited: list[Change] = [SetCapacity(command.rep, team.name, capacity)] if capacity else []
    if known is not None:
        return limited if capacity != known.capacity else []
    person = people.get(tx, command.rep)
    if person is not None and person.left:
        raise InvalidInput({Action.REP: "They have left the workspace. Choose somebody else."})
    elsewhere = next((other for other in agreement.teams if other.rep(command.rep)), None)
    if elsewhere is not None:
        return [MoveRep(command.rep, elsewhere.name, team.name), *limited]
    return [AddRep(command.rep, team.name, capacity, name=(person and person.name) or "")]


def _team(agreement: Agreement, name: str) -> Team:
    team = agreement.team(name)
    if team is None:
        raise NotPossible(Obstacle.TEAM_GONE)
    return team
