"""Looks up what the views show: rows in, the plain values of bot/views/states.py out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.fields import activity_name
from bot.agreement.model import NOT_ACTED, Agreement
from bot.agreement.vocabulary import Then
from bot.context import BATON, CRM
from bot.ladder.clock_rows import clock_of, course_of
from bot.ladder.vacancies import vacancy_in
from bot.leadform import full_name
from bot.lookups.shifts import called_to
from bot.rules import playbook, sla
from bot.rules.in_charge import in_charge
from bot.rules.qualification import is_own
from bot.views.people import STAGE_WORDS
from bot.views.states import Advice, CardState, Colleague, Decision, LastAsked, LeadFacts, RunningClock
from storage import clocks, handoffs, leads
from storage.database.sql import columns_of, known
from storage.models import Handoff, HandoffState, Lead, Outcome, SlaClock, Stage

EARLIER_SHOWN = 3
AS_STORED = tuple(each.name for each in fields(LeadFacts) if each.name not in ("lead_id", "name", "extra"))
"""The facts that are columns of the lead by the same name."""


REMOVED_NAME = "Removed person"


def name_of(lead: Lead) -> str:
    """What to call a lead: the name, else the e-mail address, else its number."""
    if lead.forgotten_at is not None:
        return REMOVED_NAME
    return full_name(lead.first_name, lead.last_name, lead.email or f"Lead #{lead.id}")


def lead_facts(lead: Lead) -> LeadFacts:
    """What is known of a lead, as the views take it; of somebody who was erased nothing."""
    if lead.forgotten_at is not None:
        return LeadFacts(lead_id=lead.id, name=REMOVED_NAME, stage=lead.stage)
    same: dict[str, Any] = {name: getattr(lead, name) for name in AS_STORED}
    extra = tuple((str(name), str(value)) for name, value in lead.extra.items())
    return LeadFacts(lead_id=lead.id, name=name_of(lead), extra=extra, **same)


def card_state(
    tx: Connection,
    book: AgreementBook,
    handoff_id: int,
    *,
    card_id: int | None = None,
    now: datetime | None = None,
) -> CardState | None:
    """Everything that a handoff's card shows now; None if there is no such handoff.

    `card_id` is the card that it is for: an old one says where the lead went on to. `now`: it is to call
    those who should look at once.
    """
    found = handoffs.with_lead(tx, handoff_id)
    if found is None:
        return None
    handoff, lead = found
    agreement = book.of(tx, handoff.agreement_id)
    return CardState(
        handoff_id=handoff.id,
        lead=lead_facts(lead),
        state=handoff.state,
        team=handoff.team,
        grade=handoff.grade,
        priority=handoff.priority,
        why=tuple(handoff.why),
        handed_at=handoff.handed_at,
        asked=last_asked(tx, lead),
        owner=handoff.owner,
        owner_why=handoff.owner_why,
        clock=running_clock(tx, book, handoff),
        decision=decision_on(handoff, lead, agreement),
        advice=advice_for(tx, book.current, lead),
        colleagues=colleagues_of(tx, lead),
        moved_to=handoff.team if card_id is not None and card_id != handoff.card_id else None,
        touched_at=handoff.touched_at,
        raised=handoff.raised_why,
        touched_by=handoff.touched_by,
        outcome=outcome_of(handoff),
        amount_minor=handoff.amount_minor,
        currency=handoff.currency,
        earlier=earlier_handoffs(tx, book, handoff),
        **_calls(tx, book, handoff, now),
    )


def _calls(tx: Connection, book: AgreementBook, handoff: Handoff, now: datetime | None) -> dict[str, Any]:
    """Whom the card calls; where nobody can take the lead, that, and who was asked to choose."""
    if now is None:
        return {}
    team = book.current.team(handoff.team)
    if team is not None and handoff.state == HandoffState.WAITING and not handoff.owner and handoff.owner_why:
        vacancy = vacancy_in(tx, book.current, team, now)
        if vacancy is not None:
            return {"vacancy": vacancy, "chooses": in_charge(tx, book, team, now)}
    return {"called": called_to(tx, book, handoff, now)}


def running_clock(tx: Connection, book: AgreementBook, handoff: Handoff) -> RunningClock | None:
    """Of the commitments that run against a handoff, the one that falls due first."""
    running = clocks.running(tx, handoff.id)
    return clock_facts(tx, book, running[0], handoff.team, handoff.priority) if running else None


def clock_facts(tx: Connection, book: AgreementBook, row: SlaClock, team: str, priority: str) -> RunningClock:
    """A row of `clock` as the views take it."""
    on = course_of(tx, book, row, team=team, priority=priority)
    return RunningClock(
        row.kind,
        row.owner,
        row.due_at,
        breached_at=row.breached_at,
        paused_until=row.paused_until,
        amber_at=sla.amber_at(clock_of(row), on),
    )


# The furthest first: a handoff has come to all that it has a date of.
MILESTONES: Mapping[Outcome, str] = {
    Outcome.WON: "won_at",
    Outcome.LOST: "lost_at",
    Outcome.RECYCLED: "recycled_at",
    Outcome.DISQUALIFIED: "disqualified_at",
    Outcome.OPPORTUNITY: "opportunity_at",
    Outcome.SQL: "sql_at",
}


def outcome_of(handoff: Handoff) -> Outcome | None:
    """The last that a handoff came to, from SQL on; None before that."""
    return next((what for what, name in MILESTONES.items() if getattr(handoff, name) is not None), None)


def who_decided(user: str | None) -> str:
    """Who decided on a handoff; what nobody's name stands to was decided in the CRM."""
    return user or CRM


def decision_on(handoff: Handoff, lead: Lead, agreement: Agreement) -> Decision | None:
    """How a handoff was decided, if it was."""
    if handoff.rejected_at is not None:
        reason = agreement.reason(handoff.reason or "")
        return Decision(
            by=who_decided(handoff.rejected_by),
            at=handoff.rejected_at,
            reason=reason.label if reason else handoff.reason,
            note=handoff.note,
            then=reason.then if reason else None,
            until=lead.recycled_until,
            merged_into=lead.merged_into,
        )
    if handoff.state == HandoffState.CLOSED:
        reason = agreement.reason(handoff.reason or "")
        recycled = handoff.recycled_at is not None
        return Decision(
            by=BATON if handoff.reason == NOT_ACTED else who_decided(handoff.owner or handoff.accepted_by),
            at=known(handoff.closed_at),
            reason=reason.label if reason else handoff.reason,
            note=handoff.note,
            then=Then.NURTURE if recycled else None,
            until=lead.recycled_until if recycled else None,
        )
    if handoff.accepted_at is not None:
        return Decision(by=who_decided(handoff.accepted_by), at=handoff.accepted_at)
    return None


def last_asked(tx: Connection, lead: Lead) -> LastAsked | None:
    """The newest thing that a lead did of its own accord; None where nothing is known of that."""
    own = next((each for each in leads.activities_of(tx, lead.id, limit=50) if is_own(each)), None)
    return LastAsked(activity_name(own.type), own.at, own.detail) if own is not None else None


def advice_for(tx: Connection, agreement: Agreement, lead: Lead) -> Advice | None:
    """The persona, the value to lead with, and what to send; None where the playbook knows nothing."""
    facts = {**lead.extra, **columns_of(lead)}
    persona = playbook.persona_of(agreement, facts)
    journey = playbook.journey_stage(leads.activities_of(tx, lead.id, limit=50))
    content = playbook.content_for(agreement, persona, lead.stage, journey)
    if persona is None and not content:
        return None
    return Advice(
        persona=persona.name if persona else None,
        value=persona.value if persona else None,
        journey=journey,
        content=tuple((item.title, str(item.url)) for item in content),
    )


def colleagues_of(tx: Connection, lead: Lead) -> tuple[Colleague, ...]:
    """Other people at the same company, with their owners."""
    if not lead.company_domain:
        return ()
    return tuple(
        Colleague(other.id, name_of(other), other.title, other.owner, other.stage)
        for other in leads.colleagues(tx, lead.id, lead.company_domain)
    )


def earlier_handoffs(tx: Connection, book: AgreementBook, handoff: Handoff) -> tuple[str, ...]:
    """One line for each earlier handoff of the lead, the newest first."""
    earlier = [row for row in handoffs.of_lead(tx, handoff.lead_id) if row.id < handoff.id]
    return tuple(_one_line(tx, book, row) for row in reversed(earlier[-EARLIER_SHOWN:]))


def _one_line(tx: Connection, book: AgreementBook, handoff: Handoff) -> str:
    at = handoff.rejected_at or handoff.closed_at or handoff.handed_at
    reason = book.of(tx, handoff.agreement_id).reason(handoff.reason or "")
    outcome = outcome_of(handoff)
    state = STAGE_WORDS[Stage(outcome)] if outcome else str(handoff.state)
    told = f": {reason.label}" if reason else ""
    note = f" — {handoff.note}" if handoff.note else ""
    return f"{at:%d %b %Y}: {state}{told}{note}"
