"""Somebody tells of a lead by hand: what a message already says of it, and the form once it is filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from bot.agreement.model import Agreement, Team
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs import Accept, Taken, accept, hand_off, take_in
from bot.handoffs.hand_off import Again
from bot.handoffs.taken import Door
from bot.leadform import LeadFaults, read_lead
from bot.leadform.told import found_in, found_in_line
from bot.lookups.cards import name_of
from bot.lookups.judgement import facts_about, judgement_of
from bot.rules import routing
from bot.rules.lifecycle import Move
from bot.rules.roles import Permission, require_anywhere
from bot.views.modals.add import Added, Who
from bot.views.text import unescape
from storage import handoffs, leads
from storage.models import Stage

SOURCE = "Slack"
_LONGEST = 8_000  # characters of a message, with its links, that are looked at
_LINKED = re.compile(r"<(?:mailto:|tel:)?([^|<>\s]{1,500})(?:\|([^<>]{0,500}))?>")


@dataclass(frozen=True, slots=True)
class AddForm:
    """What the form begins with, the campaigns it offers, and who may work the lead, the default first."""

    campaigns: tuple[str, ...] = ()
    filled: Mapping[str, str] = field(default_factory=dict)
    works: tuple[Who, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody has said of the lead already: a whole message, or the rest of a command."""

    text: str
    typed: bool = False


def add_form(_tx: Connection, ctx: Context, said: Said | None) -> AddForm:
    """The form for the context's actor, filled in with what was said. Raises NotAllowed."""
    require_anywhere(ctx.book, ctx.actor, Permission.ADD)
    campaigns = tuple(campaign.name for campaign in ctx.book.current.campaigns)
    works = tuple(_works(ctx.book.current, ctx.actor))
    return AddForm(campaigns, _filled(said, campaigns) if said else {}, works)


def _filled(said: Said, campaigns: Sequence[str]) -> dict[str, str]:
    """What a message says, or what was typed; links are as Slack makes them of addresses and numbers."""
    text = unescape(_LINKED.sub(lambda link: link[2] or link[1], said.text[:_LONGEST]))
    return (found_in_line if said.typed else found_in)(text, campaigns)


def _works(agreement: Agreement, actor: str) -> Iterator[Who]:
    """Who may work a lead that this person adds, their own first; nobody is offered who is in no team."""
    if _own_team(agreement, actor) is None:
        return
    if any(team.rep(actor) for team in agreement.teams):
        yield Who.ME
    yield from (Who.TEAM, Who.BATON)


def _own_team(agreement: Agreement, actor: str, facts: Mapping[str, Any] | None = None) -> Team | None:
    """The team that somebody sells in, else manages; of several the one that the lead matches."""
    matches = routing.team_for(agreement, facts) if facts is not None else None
    own = [team for team in agreement.teams if team.rep(actor)]
    own = own or [team for team in agreement.teams if actor in team.deciders]
    return matches if matches in own else next(iter(own), None)


@dataclass(frozen=True, slots=True)
class Add:
    """The form as it was sent: fields of a lead by name. `qualified`: sales is to have it in any case; `who`
    works it, where the form asks."""

    fields: Mapping[str, str]
    qualified: bool = False
    who: Who = Who.BATON


def add_lead(tx: Connection, ctx: Context, command: Add) -> Added:
    """Take in a lead that somebody typed. Raises NotAllowed, or InvalidInput naming the fields."""
    require_anywhere(ctx.book, ctx.actor, Permission.ADD)
    told: dict[str, Any] = {name: value for name, value in command.fields.items() if value.strip()}
    faults = (
        {}
        if told.get("email")
        else {"email": "An e-mail address is required: it tells one person from another."}
    )
    if not faults and not told.keys() & {"first_name", "last_name", "company"}:
        faults = {"last_name": "Please give a name or a company, so that sales knows who it is."}
    if faults:
        raise InvalidInput(faults)
    if command.qualified:
        told["qualified"] = True
    decides = command.who is Who.BATON
    try:
        form = read_lead({"source": SOURCE, **told}, now=ctx.now)
        taken = take_in(tx, ctx, form, replace(Door.of(ctx), hands_off=decides))
    except LeadFaults as bad:
        raise InvalidInput({each.field: _sentence(each.message) for each in bad.faults}) from None
    if decides:
        return _added(tx, ctx, taken)
    return _give(tx, ctx, taken, command.who)


_MOVES = dict.fromkeys((Stage.DISQUALIFIED, Stage.LOST, Stage.WON), Move.REOPEN)


def _give(tx: Connection, ctx: Context, taken: Taken, who: Who) -> Added:
    """Hand the lead to whoever adds it, or to their team, whatever its grade; unless sales has it already."""
    lead = leads.get(tx, taken.id, lock=True)
    if lead is None or taken.handoff_id is not None:
        return _added(tx, ctx, taken)
    facts = facts_about(lead)
    team = _own_team(ctx.book.current, ctx.actor, facts)
    mine = who is Who.ME and team is not None and team.rep(ctx.actor) is not None
    handoff_id = hand_off.hand_off(
        tx,
        ctx,
        lead,
        facts,
        judgement_of(tx, ctx.book.current, lead, ctx.now, qualified=True),
        move=_MOVES.get(lead.stage, Move.QUALIFY),
        again=Again(team=team, taker=ctx.actor if mine else None),
    )
    if mine and handoff_id is not None:
        accept(tx, ctx, Accept(handoff_id))
    given = replace(taken, handoff_id=handoff_id, handed_off=handoff_id is not None)
    return replace(_added(tx, ctx, given), mine=mine)


def _added(tx: Connection, ctx: Context, taken: Taken) -> Added:
    lead = leads.get(tx, taken.id)
    handoff = handoffs.get(tx, taken.handoff_id) if taken.handoff_id is not None else None
    return Added(
        taken.id,
        name_of(lead) if lead is not None else f"Lead #{taken.id}",
        taken.created,
        taken.grade,
        ctx.book.current.qualification.mql,
        team=handoff.team if handoff is not None and taken.handed_off else None,
        with_sales=handoff is not None and not taken.handed_off,
        unrouted=lead is not None and lead.unrouted_at is not None,
    )


def _sentence(message: str) -> str:
    """A fault of a field, which begins with a verb, as a sentence beneath the field."""
    return f"This {message}".rstrip(".") + "."
