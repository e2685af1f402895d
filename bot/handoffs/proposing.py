"""A manager proposes a change of the agreement, or answers a proposal with another one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement.changes import Change, record_of
from bot.agreement.model import Team
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs.proposable import (
    Wanted,
    checked,
    choice_of,
    choices,
    subject_of,
    tables_in_force,
    wanted_change,
)
from bot.handoffs.proposals import end, require_signer, required, show, sign
from bot.rules import moments
from bot.rules.roles import Permission, require_anywhere
from bot.rules.signing import may_sign
from bot.views.ids import Action, Advised, ProposalContext
from bot.views.modals.proposal import ProposalForm
from storage import history, people, proposals
from storage.models import EventKind, Proposal, ProposalState

MOVED = "The agreement has changed since you opened this form. Open it again to see it as it is."


@dataclass(frozen=True, slots=True)
class Propose:
    """What the form holds: the key of a choice and its new value, a rep, the team by its place, when, why."""

    shown: ProposalContext
    choice: str
    value: str = ""
    rep: str = ""
    team: str = ""
    live_at: str = ""
    why: str = ""


def proposal_form(tx: Connection, ctx: Context, counters: int | None) -> ProposalForm:
    """What the form shows; `counters` is the proposal that it answers.

    Raises NotAllowed, and NotPossible for a proposal that is settled.
    """
    book, teams = ctx.book, ctx.book.current.teams
    countered = required(tx, ctx, counters) if counters is not None else None
    if countered is not None:
        require_signer(tx, ctx, countered)
    else:
        require_anywhere(book, ctx.actor, Permission.PROPOSE)
    own = next((team.name for team in teams if ctx.actor in team.deciders), teams[0].name)
    return ProposalForm(
        agreement_id=book.current_id,
        choices=choices(tables_in_force(book)),
        teams=tuple(team.name for team in teams),
        team=countered.team if countered is not None else own,
        timezone=book.current.timezone,
        counters=counters,
    )


def advised_form(tx: Connection, ctx: Context, advised: Advised) -> ProposalForm:
    """The form, filled in with what a report advises. Raises NotAllowed."""
    form = proposal_form(tx, ctx, None)
    key = choice_of(advised.place)
    known = any(choice.key == key for choice in form.choices)
    return replace(form, choice=key, value=advised.value) if known else form


def propose(tx: Connection, ctx: Context, command: Propose) -> list[str]:
    """Keep the proposal, and ask both sides to sign it; the proposer has, for their own. Gives what it says.

    Raises NotAllowed, NotPossible, and InvalidInput naming the fields.
    """
    countered = _countered(tx, ctx, command)
    if command.shown.agreement_id != ctx.book.current_id:
        raise InvalidInput({Action.CHANGE: MOVED})
    team = _team(ctx, command.team)
    wanted = Wanted(command.choice, command.value, command.rep, team)
    change = wanted_change(tx, ctx.book.current, tables_in_force(ctx.book), wanted)
    says = checked(ctx.book, change)
    live_at = hour(command.live_at, ctx.now, ctx.book.current.timezone) if command.live_at else None
    if countered is not None:
        end(tx, ctx, countered, ProposalState.COUNTERED)
    row = _kept(tx, ctx, command, change, team, says, live_at)
    history.record(
        tx, ctx.stamp, EventKind.PROPOSED, detail={"proposal": row.id, "says": says, "label": "; ".join(says)}
    )
    sign(tx, ctx, row, may_sign(tx, ctx.book, team, ctx.actor, ctx.now))
    show(tx, ctx, row.id)
    return says


def _countered(tx: Connection, ctx: Context, command: Propose) -> Proposal | None:
    if command.shown.counters is None:
        require_anywhere(ctx.book, ctx.actor, Permission.PROPOSE)
        return None
    found = required(tx, ctx, command.shown.counters)
    require_signer(tx, ctx, found)
    return found


def _kept(
    tx: Connection,
    ctx: Context,
    command: Propose,
    change: Change,
    team: Team,
    says: list[str],
    live_at: datetime | None,
) -> Proposal:
    subject = subject_of(change)
    row = proposals.add(
        tx,
        {
            "subject": subject,
            "change": record_of(change),
            "agreement_id": ctx.book.current_id,
            "team": team.name,
            "says": says,
            "why": command.why.strip() or None,
            "live_at": live_at,
            "by": ctx.actor,
            "at": ctx.now,
            "follows": command.shown.counters,
        },
    )
    if row is None:
        raise InvalidInput({Action.CHANGE: _twice(tx, ctx, subject)})
    return row


def _twice(tx: Connection, ctx: Context, subject: str) -> str:
    other = proposals.about(tx, subject)
    if other is None or other.by == ctx.actor:
        return "You proposed to change this already. Decline that proposal first."
    person = people.get(tx, other.by)
    name = (person and person.name) or "Somebody"
    return f"{name} proposed to change this already. Answer that proposal first."


def _team(ctx: Context, place: str) -> Team:
    teams = ctx.book.current.teams
    if not place.isdecimal() or int(place) >= len(teams):
        raise InvalidInput({Action.TEAM: "Which team? Please choose one."})
    return teams[int(place)]


def hour(text: str, now: datetime, timezone: str) -> datetime:
    """When it is to go live (aware UTC), as somebody in this zone writes it. Raises InvalidInput."""
    try:
        found = moments.moment(text, now, timezone)
    except moments.NoMoment as error:
        raise InvalidInput({Action.LIVE_AT: str(error).replace("`", "")}) from None
    _, at = moments.split_time(moments.plain(text))
    shows = found.astimezone(ZoneInfo(timezone))
    if at is not None and (shows.hour, shows.minute) != (at.hour, at.minute):
        day = moments.day_words(shows.date(), now.year)
        fault = f"There is no {at:%H:%M} on {day}: clocks go forward to {shows:%H:%M}. Choose another hour."
        raise InvalidInput({Action.LIVE_AT: fault})
    return found
