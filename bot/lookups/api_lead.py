"""All that is known of one lead, as another system reads it: the answer of `GET /leads/{id}`.

Only reads. How Slack shows a lead is the views' business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from bot.errors import LeadNotFound
from bot.leadform import LEAD_FIELDS
from bot.lookups.finding import find_lead
from bot.lookups.history import line_of, shown
from bot.views.history import history_text
from storage import agreements, clocks, handoffs, history, leads
from storage.models import Event, Handoff, Lead, LeadFields

T = TypeVar("T")

_REFERENCE = re.compile(r"\d{1,18}|ext:[^\x00]+")


@dataclass(frozen=True, slots=True)
class ExternalId:
    """An id by which a system knows the lead."""

    system: str
    id: str


@dataclass(frozen=True, slots=True)
class ActivityDetails:
    """Something that the lead did, or a rep did with it."""

    type: str
    at: datetime
    detail: str | None


@dataclass(frozen=True, slots=True)
class HandoffDetails:
    """One passing of the lead to sales. `owner_why`: why this rep; `reason`: a code of the agreement.

    `agreement` is the version under which it runs; `history` says that it was imported of a CRM's past.
    """

    id: int
    state: str
    agreement: str
    history: bool
    team: str
    priority: str
    grade: str
    why: list[str]
    campaign: str | None
    owner: str | None
    owner_why: str | None
    handed_at: datetime
    accepted_at: datetime | None
    accepted_by: str | None
    rejected_at: datetime | None
    rejected_by: str | None
    reason: str | None
    note: str | None
    touched_at: datetime | None
    touched_by: str | None
    touch: str | None
    sql_at: datetime | None
    opportunity_at: datetime | None
    won_at: datetime | None
    lost_at: datetime | None
    recycled_at: datetime | None
    disqualified_at: datetime | None
    amount: float | None
    currency: str | None
    deal_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockDetails:
    """One commitment: `met_at`, `breached_at` and `stopped_at` (taken over by another) say how it ended."""

    handoff_id: int
    kind: str
    owner: str | None
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    met_by: str | None
    breached_at: datetime | None
    cause: str | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventDetails:
    """One line of the history. `actor` is a Slack user id, or baton, crm, import, api:<token name>.

    `words` is the line as people read it, in plain text; `detail` has it exactly.
    """

    at: datetime
    kind: str
    words: str
    actor: str
    handoff_id: int | None
    detail: dict[str, Any]
    trace: str


class LeadDetails(LeadFields):
    """A lead with everything that happened to it, oldest first; its activities newest first.

    `amount` is in whole units of `currency`. `owner` is the rep who holds it or held it last, `crm_owner`
    whom the CRM names. `extra` holds what is no field of a lead, under the sender's names.
    """

    id: int
    external_id: str | None
    external_ids: tuple[ExternalId, ...]
    stage: str
    grade: str | None
    priority: str | None
    why: list[str]
    origin: str | None
    amount: float | None
    owner: str | None
    crm_owner: str | None
    qualified: bool
    extra: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    recycled_until: datetime | None
    unrouted_at: datetime | None
    activities: tuple[ActivityDetails, ...]
    handoffs: tuple[HandoffDetails, ...]
    clocks: tuple[ClockDetails, ...]
    events: tuple[EventDetails, ...]


def lead_named(tx: Connection, reference: str) -> Lead:
    """The lead behind a number or `ext:<external_id>`; for one that was merged, the lead that it joined.

    Raises LeadNotFound, also for an e-mail address: it would stay in the logs of every proxy on the way.
    """
    lead = find_lead(tx, reference) if _REFERENCE.fullmatch(reference) else None
    if lead is None:
        raise LeadNotFound(reference)
    return lead


def lead_details(tx: Connection, reference: str) -> LeadDetails:
    """Everything about the lead behind a number or `ext:<external_id>`. Raises LeadNotFound."""
    lead = lead_named(tx, reference)
    names = tuple(ExternalId(*each) for each in leads.aliases(tx, lead.id))
    derived: dict[str, Any] = {
        "external_id": names[0].id if names else None,
        "external_ids": names,
        "amount": _whole(lead.amount_minor),
        "activities": _each(ActivityDetails, leads.activities_of(tx, lead.id)),
        "handoffs": tuple(handoff_details(tx, each) for each in handoffs.of_lead(tx, lead.id)),
        "clocks": _each(ClockDetails, clocks.of_lead(tx, lead.id)),
        "events": tuple(map(_event, history.of_lead(tx, lead.id))),
    }
    same: dict[str, Any] = {
        name: getattr(lead, name) for name in LeadDetails.model_fields if name not in derived
    }
    return LeadDetails(**same, **derived)


_NOT_TOLD = frozenset(("external_id", "amount", "activities", "closed_at", "extra"))
SUMMARY = (
    *("id", "grade", "priority", "why", "origin", "crm_owner", "recycled_until"),
    *(name for name in LEAD_FIELDS if name not in _NOT_TOLD),
)
"""Which of a lead's own fields other tools are told with each event."""


def lead_summary(tx: Connection, lead: Lead) -> dict[str, object]:
    """A lead as it is now, without what happened to it; names and units as in LeadDetails."""
    names = [ExternalId(*each) for each in leads.aliases(tx, lead.id)]
    return {
        **{name: getattr(lead, name) for name in SUMMARY},
        "amount": _whole(lead.amount_minor),
        "external_id": names[0].id if names else None,
        "external_ids": [{"system": each.system, "id": each.id} for each in names],
    }


def handoff_details(tx: Connection, row: Handoff) -> HandoffDetails:
    """A handoff as other systems read it."""
    derived: dict[str, Any] = {
        "amount": _whole(row.amount_minor),
        "agreement": agreements.called(tx, row.agreement_id),
    }
    same = {item.name: getattr(row, item.name) for item in fields(HandoffDetails) if item.name not in derived}
    return HandoffDetails(**same, **derived)


def _whole(minor: int | None) -> float | None:
    return None if minor is None else minor / 100


def _event(event: Event) -> EventDetails:
    return EventDetails(
        at=event.at,
        kind=event.kind,
        words=history_text(line_of(event)),
        actor=event.actor,
        handoff_id=event.handoff_id,
        detail={**shown(event.detail)},
        trace=event.trace,
    )


def _each(kind: type[T], rows: Sequence[object]) -> tuple[T, ...]:
    names = [item.name for item in fields(kind)]  # type: ignore[arg-type]  # every kind here is a dataclass
    return tuple(kind(*(getattr(row, name) for name in names)) for row in rows)
