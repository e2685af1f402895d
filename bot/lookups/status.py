"""Where one lead stands, with what the asker may do about it next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import LeadNotFound
from bot.leadform import company_key
from bot.lookups.cards import lead_facts, name_of, running_clock
from bot.lookups.finding import Asked, find
from bot.lookups.history import line_of
from bot.lookups.lists import at_company, listing
from bot.lookups.rows import rows_of_leads
from bot.rules.roles import MAY, Permission, roles_of
from bot.views.help import nearest
from bot.views.ids import Action, Listed, ListKind
from bot.views.message import Rendered
from bot.views.status import (
    HISTORY_LINES,
    Choice,
    LeadStatus,
    Told,
    choice_answer,
    company_answer,
    nothing_answer,
    status_answer,
)
from storage import disputes, handoffs, history
from storage.models import Answer, Handoff, HandoffState, Lead
from storage.outbox import links
from storage.words import words_in


@dataclass(frozen=True, slots=True)
class Status:
    """Somebody asks for a lead by whatever names it. `shared`: for all to read."""

    typed: str
    shared: bool = False


def status_of(tx: Connection, ctx: Context, asked: Status) -> Rendered:
    """The answer for the context's actor, whoever that is: everybody may ask."""
    found = find(tx, asked.typed)
    if found.lead is not None:
        return status_answer(lead_status(tx, ctx, found.lead), ctx.now, shared=asked.shared)
    return not_one(tx, ctx, found, shared=asked.shared)


def status_if_named(tx: Connection, ctx: Context, asked: Status) -> Rendered | None:
    """The same where the words are somebody's name, or a company's; None where they find nothing.

    A word that is like a command counts as a name only where somebody bears it as it stands: "beck" may be
    Jo Beck, and "ad" is no Adam.
    """
    found = find(tx, asked.typed)
    if found.lead is None and not (found.people or found.company or found.domain or found.companies):
        return None
    first, *_ = asked.typed.lower().split() or [""]
    if found.alike or (nearest(first) is not None and not _bears(found)):
        return None
    return status_of(tx, ctx, asked)


def _bears(found: Asked) -> bool:
    """Whether what was typed stands in the name or the company that was found, word by word."""
    said = set(words_in(found.typed))
    them = [*found.people, *([found.lead] if found.lead else [])]
    names = [f"{name_of(lead)} {lead.company or ''}" for lead in them]
    bearing = (said <= set(words_in(name)) for name in [*names, *(each.name for each in found.companies)])
    return found.company == company_key(found.typed) or any(bearing)


def history_of(tx: Connection, ctx: Context, typed: str) -> Rendered:
    """The first page of the history of the lead that is meant."""
    found = find(tx, typed)
    if found.lead is not None:
        return listing(tx, ctx, Listed(what=ListKind.HISTORY, of=f"#{found.lead.id}"))
    return not_one(tx, ctx, found, shared=False)


def not_one(tx: Connection, ctx: Context, found: Asked, *, shared: bool) -> Rendered:
    """Several people or companies, or nobody."""
    if found.rep is not None:
        return listing(tx, ctx, Listed(what=ListKind.REP, of=found.rep))
    if found.near or (found.domain and "@" in found.typed):
        return nothing_answer(found.typed, found.near, found.domain)
    if found.company is not None or found.domain is not None:
        what = ListKind.COMPANY if found.company is not None else ListKind.DOMAIN
        name, page = at_company(tx, ctx, Listed(what=what, of=found.company or found.domain or ""))
        return company_answer(name, page, ctx.now, reader=ctx.actor, shared=shared)
    if found.companies or found.people:
        choices = [Choice(each.name, each.key, each.leads) for each in found.companies]
        named = rows_of_leads(tx, ctx.book, found.people, ctx.actor)
        return choice_answer(found.typed, choices, named, now=ctx.now, alike=found.alike)
    return nothing_answer(found.typed)


def status_of_handoff(tx: Connection, ctx: Context, handoff_id: int) -> Rendered:
    """The same for the lead of a handoff, after something was done to it. Raises LeadNotFound."""
    handoff = handoffs.get(tx, handoff_id)
    found = find(tx, f"#{handoff.lead_id}") if handoff is not None else None
    if found is None or found.lead is None:
        raise LeadNotFound(f"handoff {handoff_id}")
    return status_answer(lead_status(tx, ctx, found.lead), ctx.now)


def lead_status(tx: Connection, ctx: Context, lead: Lead) -> LeadStatus:
    """A lead's status from its row."""
    told = tuple(Told(row.at, line_of(row)) for row in history.of_lead(tx, lead.id, limit=HISTORY_LINES))
    handoff = handoffs.latest_of_lead(tx, lead.id)
    if handoff is None:
        return LeadStatus(
            lead_facts(lead),
            grade=lead.grade,
            why=tuple(lead.why),
            unrouted=lead.unrouted_at is not None,
            history=told,
        )
    return LeadStatus(
        lead_facts(lead),
        handoff_id=handoff.id,
        team=handoff.team,
        owner=handoff.owner,
        owner_why=handoff.owner_why,
        state=handoff.state,
        grade=handoff.grade,
        priority=handoff.priority,
        why=tuple(handoff.why),
        clock=running_clock(tx, ctx.book, handoff),
        unrouted=lead.unrouted_at is not None,
        until=lead.recycled_until,
        history=told,
        may=next_steps(tx, ctx, handoff),
        card_url=links.of_handoffs(tx, [handoff.id]).get(handoff.id),
    )


# What can follow each state of a handoff. Rejected ones are answered, and where that is contested ruled on.
_NEXT: dict[HandoffState, tuple[tuple[Permission, Action], ...]] = {
    HandoffState.WAITING: (
        (Permission.ACCEPT, Action.ACCEPT),
        (Permission.REJECT, Action.REJECT),
        (Permission.REASSIGN, Action.REASSIGN_FORM),
    ),
    HandoffState.ACCEPTED: (
        (Permission.TOUCH, Action.TOUCH),
        (Permission.OUTCOME, Action.OUTCOME),
        (Permission.REASSIGN, Action.REASSIGN_FORM),
    ),
}
_ANSWER = ((Permission.DISPUTE, Action.DISPUTE),)
_RULE = ((Permission.RULE, Action.UPHOLD), (Permission.RULE, Action.OVERTURN))


def next_steps(tx: Connection, ctx: Context, handoff: Handoff) -> frozenset[Action]:
    """The buttons for what the context's actor may do about a handoff as it stands."""
    held = roles_of(ctx.book, ctx.actor, ctx.book.current.team(handoff.team), handoff.owner)
    possible = _NEXT.get(handoff.state, ())
    if handoff.state == HandoffState.REJECTED:
        possible = _after_rejection(tx, handoff)
    campaign = ctx.book.current.campaign(handoff.campaign)
    answers_for_it = campaign is not None and campaign.owner == ctx.actor
    return frozenset(
        action
        for permission, action in possible
        if MAY[permission] & held or (permission is Permission.DISPUTE and answers_for_it)
    )


def _after_rejection(tx: Connection, handoff: Handoff) -> tuple[tuple[Permission, Action], ...]:
    dispute = disputes.of_handoff(tx, handoff.id)
    if dispute is None:
        return _ANSWER
    return _RULE if dispute.answer == Answer.CONTESTED and dispute.ruling is None else ()
