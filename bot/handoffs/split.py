"""A manager splits a lead that joined two people: the second becomes a lead, or the lead that they were.

The open handoff stays with the first. The second is judged as somebody new and goes to sales only if they
qualify now. Fields that do not say who somebody is stay with the first, as the history does not tell whose
they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import LeadNotFound, NotPossible, Obstacle
from bot.handoffs import hand_off, posts
from bot.handoffs.hand_off import Again, who_knows
from bot.handoffs.shared import record_and_announce
from bot.leadform.keys import company_domain, company_key, email_key
from bot.lookups.finding import find
from bot.lookups.judgement import facts_about, judgement_of
from bot.lookups.split import CHANGED, WHO, copies_of, counts_of, is_busy, people_of
from bot.rules.identity_changes import IDENTITY_FIELDS, identity_changes
from bot.rules.names import Likeness, Name, likeness
from bot.rules.roles import Permission, require
from bot.rules.routing import team_for
from bot.rules.sameness import phone_key, region_of
from bot.rules.splitting import ExternalId, Part
from bot.rules.splitting import Split as Proposal
from bot.views.modals.states import SplitForm, SplitPart, WasSplit
from storage import handoffs, history, leads, parting, records
from storage.database.sql import columns_of
from storage.models import EventKind, Lead, Stage
from storage.models.details import Detail
from storage.models.values import LeadValues

_OF_COMPANY = ("employees", "industry")
"""What is known of a company, and so of both people where they are at the same."""


@dataclass(frozen=True, slots=True)
class Split:
    """A manager splits a lead as they were shown it, when `seen` was the newest line of its history."""

    lead_id: int
    seen: int


def split_form(tx: Connection, ctx: Context, typed: str) -> SplitForm:
    """What goes where. Raises LeadNotFound, NotAllowed, or NotPossible where there is one person only."""
    lead = find(tx, typed).lead
    if lead is None:
        raise LeadNotFound(typed)
    _require(tx, ctx, lead)
    proposal = _proposal(tx, lead)
    stay, go = counts_of(tx, lead.id, proposal)
    return SplitForm(
        lead.id,
        _newest(tx, lead.id),
        _shown(proposal.stays, stay),
        _shown(proposal.goes, go),
        proposal.doubts,
        with_sales=handoffs.open_of_lead(tx, lead.id) is not None,
        revives=proposal.goes.lead,
    )


def split(tx: Connection, ctx: Context, command: Split) -> WasSplit:
    """Part the two people of a lead; both histories say so. The same form sent twice splits once.

    Raises LeadNotFound, NotAllowed, or NotPossible where the lead has changed since the form was opened.
    """
    lead = leads.get(tx, command.lead_id, lock=True)
    if lead is None:
        raise LeadNotFound(f"#{command.lead_id}")
    _require(tx, ctx, lead)
    last = history.last_of_lead(tx, lead.id, EventKind.SPLIT)
    if last is not None and last.actor == ctx.actor and last.detail.get("seen") == command.seen:
        return WasSplit(lead.id, last.detail["stays"], last.detail["split_into"], last.detail["goes"])
    if lead.merged_into is not None or _newest(tx, lead.id) != command.seen:
        raise NotPossible(Obstacle.CHANGED_SINCE)
    proposal = _proposal(tx, lead)
    ids = frozenset(leads.aliases(tx, lead.id))
    given = tuple(each for each in proposal.goes.external_ids if each in ids)
    other = _second_lead(tx, ctx, lead, proposal, given)
    _move(tx, lead, other, proposal, given)
    _leave(tx, ctx, lead, other, proposal, given, command.seen)
    team = _judge(tx, ctx, other)
    return WasSplit(lead.id, proposal.stays.name, other, proposal.goes.name, team)


def _require(tx: Connection, ctx: Context, lead: Lead) -> None:
    """Let pass the manager of the team that has the lead, had it last, or would get it, and admins."""
    latest, agreement = handoffs.latest_of_lead(tx, lead.id), ctx.book.current
    team = agreement.team(latest.team) if latest is not None else team_for(agreement, facts_about(lead))
    require(ctx.book, ctx.actor, Permission.SPLIT, team, latest.owner if latest is not None else None)


def _proposal(tx: Connection, lead: Lead) -> Proposal:
    found = people_of(tx, lead)
    if found is None:
        raise NotPossible(Obstacle.ONE_PERSON)
    return found


def _newest(tx: Connection, lead_id: int) -> int:
    return next((event.id for event in history.page_of_lead(tx, lead_id, limit=1)), 0)


def _shown(part: Part, activities: int) -> SplitPart:
    ids = tuple(f"{system} {number}" for system, number in part.external_ids)
    title, company = part.fields.get("title"), part.fields.get("company")
    return SplitPart(part.name, part.addresses, title, company, ids, activities)


def _second_lead(
    tx: Connection, ctx: Context, lead: Lead, proposal: Proposal, given: tuple[ExternalId, ...]
) -> int:
    """The lead of who goes, with its fields and the first line of its new history; gives its id."""
    goes = proposal.goes
    columns: LeadValues = {**_columns(goes.fields, lead), "updated_at": ctx.now}
    former = leads.get(tx, goes.lead, lock=True) if goes.lead is not None else None
    old: Mapping[str, Any] = {}
    if former is not None:
        old = columns_of(former)
        alive: LeadValues = {"stage": Stage.INQUIRY, "merged_into": None, "closed_at": None}
        leads.change(tx, former.id, {**columns, **alive, "recycled_until": None})
        other = former.id
    else:
        if columns.get("company_domain") and columns.get("company_domain") == lead.company_domain:
            columns = cast(LeadValues, {**columns, **{name: getattr(lead, name) for name in _OF_COMPANY}})
        other = leads.add(tx, {"created_at": ctx.now, **columns}, "", None)
    detail: Detail = {"split_from": lead.id, **_told(old, goes, (), given)}
    history.record(tx, ctx.stamp, EventKind.SPLIT, lead_id=other, detail=detail)
    return other


def _told(
    old: Mapping[str, Any], part: Part, ids: tuple[ExternalId, ...], new_ids: tuple[ExternalId, ...]
) -> Detail:
    """What the history keeps of a split: old and new values, and who has the lead from now on."""
    before, after = {**old, "external_ids": ids}, {**_who(part), "external_ids": new_ids}
    found = identity_changes(before, after)
    who, kept = _who(part), [list(each) for each in sorted(new_ids)]
    return {CHANGED: {name: list(pair) for name, pair in found.items()}, WHO: who, "ids": kept}


def _who(part: Part) -> dict[str, Any]:
    return {name: part.fields.get(name) for name in IDENTITY_FIELDS if name != "external_ids"}


def _columns(fields: Mapping[str, Any], lead: Lead) -> LeadValues:
    """The fields that say who somebody is as columns, with the keys that follow from them; a phone number is
    dialled where the lead was that is split."""
    email, phone, company = fields.get("email"), fields.get("phone"), fields.get("company")
    keys: LeadValues = {
        "email_key": email_key(email) if email else None,
        "phone_key": phone_key(phone, region_of({"country": lead.country})) if phone else None,
        "company_key": company_key(company) if company else None,
        "company_domain": company_domain(fields.get("domain"), email),
    }
    told = {name: fields.get(name) for name in IDENTITY_FIELDS if name != "external_ids"}
    return cast(LeadValues, {**told, **keys})


def _move(tx: Connection, lead: Lead, other: int, proposal: Proposal, given: tuple[ExternalId, ...]) -> None:
    """What is theirs goes along: ids, activities, records, former addresses; copies of a merge go too."""
    goes = proposal.goes
    leads.move_aliases(tx, lead.id, other, given)
    if is_busy(tx, lead.id):
        parting.move_of_times(tx, lead.id, other, goes.times, copies_of(tx, lead.id, goes))
        parting.move_records_of_times(tx, lead.id, other, goes.times)
    else:
        parting.move(tx, lead.id, other, goes.activities)
        records.move(tx, lead.id, other, goes.records)
    kept = {email_key(each) for each in proposal.stays.addresses}
    theirs = {email_key(each) for each in goes.addresses} - kept
    present = [email_key(each) for part in (proposal.stays, goes) if (each := part.fields.get("email"))]
    leads.move_former_addresses(tx, lead.id, other, theirs, present=present)


def _leave(
    tx: Connection,
    ctx: Context,
    lead: Lead,
    other: int,
    proposal: Proposal,
    given: tuple[ExternalId, ...],
    seen: int,
) -> None:
    """The lead becomes who stays; its card and the card's thread say so, if sales has it."""
    stays, goes = proposal.stays, proposal.goes
    left = tuple(leads.aliases(tx, lead.id))
    gone = Name(goes.fields.get("first_name"), goes.fields.get("last_name"))
    before = [
        each for each in lead.names_before if likeness(Name(each[0], each[1]), gone) is not Likeness.SAME
    ]
    leads.change(tx, lead.id, {**_columns(stays.fields, lead), "names_before": before, "updated_at": ctx.now})
    detail: Detail = {
        **{"split_into": other, "stays": stays.name, "goes": goes.name, "seen": seen},
        **_told(columns_of(lead), stays, (*left, *given), left),
    }
    open_handoff = handoffs.open_of_lead(tx, lead.id)
    found = handoffs.lock(tx, open_handoff.id) if open_handoff is not None else None
    if found is not None:
        record_and_announce(tx, ctx, found, EventKind.SPLIT, detail)
        return
    history.record(tx, ctx.stamp, EventKind.SPLIT, lead_id=lead.id, detail=detail)
    left_lead = leads.get(tx, lead.id)
    if left_lead is not None:
        _write_verdict(tx, ctx, left_lead)
    latest = handoffs.latest_of_lead(tx, lead.id)
    posts.refresh_card(tx, ctx, latest.card_id if latest is not None else None)


def _write_verdict(tx: Connection, ctx: Context, lead: Lead) -> bool:
    """Note how a lead is judged now, as somebody whom nobody has qualified; gives whether it qualifies."""
    judged = judgement_of(tx, ctx.book.current, lead, ctx.now, qualified=False)
    verdict: LeadValues = {"grade": judged.grade, "priority": judged.priority, "why": list(judged.reasons)}
    leads.change(tx, lead.id, verdict)
    return judged.qualifies


def _judge(tx: Connection, ctx: Context, lead_id: int) -> str | None:
    """Judge who went, and hand them off if they qualify now; gives the team. Who had them before has them."""
    lead = leads.get(tx, lead_id)
    if lead is None or not _write_verdict(tx, ctx, lead):
        return None
    judged = judgement_of(tx, ctx.book.current, lead, ctx.now, qualified=False)
    last = handoffs.latest_of_lead(tx, lead.id)
    handed = hand_off.hand_off(tx, ctx, lead, facts_about(lead), judged, again=Again(knows=who_knows(last)))
    handoff = handoffs.get(tx, handed) if handed is not None else None
    return handoff.team if handoff is not None else None
