"""What is written, column by column: a dict of these is all that an INSERT or an UPDATE is given.

A misspelt column, or a value of another type, fails the type checker. What a table demands is the database's
to say; a test holds each of these against the columns of its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, TypeVar, cast

from storage.models.details import Detail
from storage.models.vocabulary import (
    Answer,
    Cause,
    ClockKind,
    DeliveryKind,
    DeliveryOp,
    DeliveryState,
    DispatchState,
    EventKind,
    HandoffState,
    NagKind,
    ProposalState,
    RefusedCause,
    Ruling,
    Stage,
    TouchKind,
)

V = TypeVar("V", bound=Mapping[str, object])


def changes(row: object, values: V) -> V:
    """Those of the values that are not what stands in the row."""
    return cast(V, {name: value for name, value in values.items() if getattr(row, name) != value})


class CampaignValues(TypedDict, total=False):
    """Of `campaign`."""

    key: str
    name: str
    owner: str | None
    spend_minor: int | None
    currency: str | None


class LeadValues(TypedDict, total=False):
    """Of `lead`, as far as code writes it by name; of LeadFields a form may write others as well."""

    stage: Stage
    email: str | None
    email_key: str | None
    first_name: str | None
    last_name: str | None
    title: str | None
    phone: str | None
    phone_key: str | None
    company: str | None
    company_key: str | None
    domain: str | None
    company_domain: str | None
    employees: int | None
    country: str | None
    source: str | None
    origin: str | None
    campaign: str | None
    amount_minor: int | None
    currency: str | None
    owner: str | None
    crm_owner: str | None
    notes: str | None
    qualified: bool
    extra: dict[str, Any]
    told_at: dict[str, str]
    names_before: list[list[str | None]]
    grade: str | None
    priority: str | None
    why: list[str]
    recycled_until: datetime | None
    unrouted_at: datetime | None
    merged_into: int | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    forgotten_at: datetime | None
    was_complete: bool | None


class HandoffValues(TypedDict, total=False):
    """Of `handoff`."""

    lead_id: int
    agreement_id: int
    state: HandoffState
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
    touch: TouchKind | None
    sql_at: datetime | None
    opportunity_at: datetime | None
    won_at: datetime | None
    lost_at: datetime | None
    recycled_at: datetime | None
    disqualified_at: datetime | None
    amount_minor: int | None
    currency: str | None
    deal_at: datetime | None
    closed_at: datetime | None
    raised_at: datetime | None
    raised_why: str | None
    snoozed_at: datetime | None
    reassigned: int
    given_at: datetime | None
    pooled_at: datetime | None
    choice: dict[str, Any] | None
    card_id: int | None
    history: bool
    token: str | None


class ClockValues(TypedDict, total=False):
    """Of `clock`."""

    handoff_id: int
    lead_id: int
    agreement_id: int
    kind: ClockKind
    owner: str | None
    started_at: datetime
    due_at: datetime
    duration: int
    wall: bool
    next_at: datetime | None
    next_step: int
    met_at: datetime | None
    met_by: str | None
    breached_at: datetime | None
    cause: Cause | None
    stopped_at: datetime | None
    paused_at: datetime | None
    paused_until: datetime | None
    remaining: int | None
    worked: int | None
    stayed_at: datetime | None
    present: list[str] | None


class EventValues(TypedDict, total=False):
    """Of `event`."""

    at: datetime
    kind: EventKind
    actor: str
    lead_id: int | None
    handoff_id: int | None
    detail: Detail
    trace: str


class DeliveryValues(TypedDict, total=False):
    """Of `delivery`."""

    kind: DeliveryKind
    op: DeliveryOp
    state: DeliveryState
    lane: str
    rank: int
    place: str
    lead_id: int | None
    handoff_id: int | None
    thread_id: int | None
    target_id: int | None
    list_id: int | None
    body: dict[str, Any]
    trace: str
    created_at: datetime
    due_at: datetime
    attempts: int
    reposts: int
    claimed_at: datetime | None
    sent_at: datetime | None
    channel: str | None
    ts: str | None
    permalink: str | None
    error: str | None


class NagValues(TypedDict, total=False):
    """Of `nag`."""

    delivery_id: int
    handoff_id: int
    clock_id: int
    step: int
    what: NagKind
    place: str
    at: datetime
    by: str | None
    why: str | None


class DisputeValues(TypedDict, total=False):
    """Of `dispute`."""

    handoff_id: int
    answer: Answer
    argument: str | None
    by: str
    at: datetime
    ruling: Ruling | None
    ruled_by: str | None
    ruled_at: datetime | None
    again_id: int | None


class ProposalValues(TypedDict, total=False):
    """Of `proposal`."""

    state: ProposalState
    subject: str
    change: dict[str, Any]
    agreement_id: int
    team: str
    says: list[str]
    why: str | None
    live_at: datetime | None
    by: str
    at: datetime
    marketing_by: str | None
    marketing_at: datetime | None
    sales_by: str | None
    sales_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    trouble: str | None
    follows: int | None
    replayed: str | None
    cards: dict[str, int]


class ActivityValues(TypedDict, total=False):
    """Of `activity`."""

    lead_id: int
    type: str
    at: datetime
    detail: str | None
    key: str
    dated: bool
    summary: bool
    automated: bool
    by: str | None
    system: str | None


class RefusedValues(TypedDict, total=False):
    """Of `refused`."""

    at: datetime
    door: str
    system: str
    cause: RefusedCause
    why: str
    lead_id: int | None
    email_key: str | None
    body: dict[str, Any]
    trace: str
    digest: str | None


class DroppedFileValues(TypedDict, total=False):
    """Of `dropped_file`."""

    user_id: str
    file_id: str
    name: str
    size: int
    url: str
    asked_at: datetime
    lease_until: datetime
    tries: int
    told: bool


class DestinationValues(TypedDict, total=False):
    """Of `destination`."""

    name: str
    cursor: int
    sequence: int
    paused: bool
    worker: str | None
    lease_until: datetime | None
    failures: int
    retry_at: datetime | None
    trouble: str | None
    delivered_at: datetime | None


class DispatchValues(TypedDict, total=False):
    """Of `dispatch`."""

    destination: str
    sequence: int
    event_id: int
    lead_id: int
    state: DispatchState
    attempts: int
    first_at: datetime | None
    due_at: datetime
    error: str | None


class PersonValues(TypedDict, total=False):
    """Of `person`."""

    user_id: str
    name: str | None
    email: str | None
    timezone: str | None
    left: bool
    outsider: bool | None
    asked_at: datetime | None
    prefs: dict[str, Any]
    home_opened_at: datetime | None


class AbsenceValues(TypedDict, total=False):
    """Of `absence`."""

    user_id: str
    begins: datetime
    ends: datetime | None
    set_by: str
    set_at: datetime
    speak_at: datetime | None
    handed_on: list[int]


class FeedbackValues(TypedDict, total=False):
    """Of `content_feedback`."""

    at: datetime
    user_id: str
    lead_id: int
    handoff_id: int
    subject: str
    helped: bool
    persona: str | None
    journey: str | None
    note: str | None
