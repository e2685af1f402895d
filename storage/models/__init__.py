"""The tables; the enums of their own vocabulary stand in vocabulary.py and are given on from here.

Moments are stored in UTC and read back aware; money is an integer of hundredths; enums are their values as
text, held by a CHECK. Rules live in bot/; queries live beside this file, one file a subject.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, CheckConstraint, Index, Table, text
from sqlmodel import Field, SQLModel

from storage.models.columns import (
    Bytewise,
    Id,
    is_in,
    json_column,
    key,
    loose_json_column,
    loose_word_column,
    one_of,
    only,
    read_fast,
    reference,
    word_column,
)
from storage.models.commitments import Heartbeat, Outage, Replica, SlaClock
from storage.models.crm import CrmAccount, CrmFeed, CrmLink
from storage.models.destinations import Destination, Dispatch
from storage.models.details import Detail
from storage.models.disputes import Dispute
from storage.models.dropped import DroppedFile
from storage.models.erasures import Erasure, Installation, Tombstone
from storage.models.forecasts import Forecast
from storage.models.lead_fields import LeadFields
from storage.models.lead_keys import FormerAddress, LeadAlias, LeadRecord, LeadWord
from storage.models.outbox import Delivery, Lane, Nag, Ping
from storage.models.people import Absence, ContentFeedback, Person, UserGroup
from storage.models.proposals import Proposal
from storage.models.reports import Report, ReportDecision
from storage.models.vocabulary import (
    OPEN_HANDOFF,
    UNANSWERED,
    UNSETTLED,
    UNSETTLED_PROPOSAL,
    AbsenceNotice,
    Actor,
    Answer,
    Cause,
    ClockKind,
    DeliveryKind,
    DeliveryOp,
    DeliveryState,
    DispatchState,
    EventKind,
    HandoffState,
    HeardKind,
    NagKind,
    Outcome,
    ProposalState,
    RefusedCause,
    Ruling,
    Stage,
    TouchKind,
    member_of,
)
from storage.models.workspace import Heard, SentForm, SlackEvent, Workspace

__all__ = [  # what stands in the files beside this one, for whoever uses the tables
    "OPEN_HANDOFF",
    "UNANSWERED",
    "UNSETTLED",
    "UNSETTLED_PROPOSAL",
    "Absence",
    "AbsenceNotice",
    "Actor",
    "Answer",
    "Cause",
    "ClockKind",
    "ContentFeedback",
    "CrmAccount",
    "CrmFeed",
    "CrmLink",
    "Delivery",
    "DeliveryKind",
    "DeliveryOp",
    "DeliveryState",
    "Destination",
    "Detail",
    "Dispatch",
    "DispatchState",
    "Dispute",
    "DroppedFile",
    "Erasure",
    "EventKind",
    "Forecast",
    "FormerAddress",
    "HandoffState",
    "Heard",
    "HeardKind",
    "Heartbeat",
    "Installation",
    "Lane",
    "LeadAlias",
    "LeadFields",
    "LeadRecord",
    "LeadWord",
    "Nag",
    "NagKind",
    "Outage",
    "Outcome",
    "Person",
    "Ping",
    "Proposal",
    "ProposalState",
    "RefusedCause",
    "Replica",
    "Report",
    "ReportDecision",
    "Ruling",
    "SentForm",
    "SlaClock",
    "SlackEvent",
    "Stage",
    "Tombstone",
    "TouchKind",
    "UserGroup",
    "Workspace",
    "member_of",
    "slack_events",
]


class AgreementVersion(SQLModel, table=True):
    """One version of the agreement as it was in force; never changed once written."""

    __tablename__ = "agreement_version"
    id: int = key()
    version: str
    hash: str = Field(unique=True)
    text: str
    first_seen_at: datetime


class Campaign(SQLModel, table=True):
    """What was spent to win leads; kept in step with the agreement, and remembered after it leaves it."""

    __tablename__ = "campaign"
    key: str = Field(primary_key=True)  # the name, caseless
    name: str
    owner: str | None = None
    spend_minor: int | None = Field(default=None, sa_type=cast(Any, BigInteger))
    currency: str | None = None


class Lead(LeadFields, SQLModel, table=True):
    """A person at a company who showed interest."""

    __tablename__ = "lead"
    __table_args__ = (
        one_of("stage", Stage),
        CheckConstraint("amount_minor IS NULL OR amount_minor >= 0", name="ck_amount"),
        Index("ix_lead_company_key", "company_key", "id"),
        Index("ix_lead_company_domain", "company_domain", "owner"),
        Index("ix_lead_recycled_until", "recycled_until", **only(f"stage = '{Stage.RECYCLED}'")),
        Index("ix_lead_unrouted", "unrouted_at", **only("unrouted_at IS NOT NULL")),
    )
    id: int = key()
    stage: Stage = word_column(Stage, Stage.INQUIRY)
    email_key: str | None = Field(default=None, index=True)  # of several people at a shared mailbox
    phone_key: str | None = Field(default=None, index=True)  # the number without how it is written
    company_key: str | None = Field(default=None, sa_type=cast(Any, Bytewise))
    company_domain: str | None = Field(default=None, sa_type=cast(Any, Bytewise))  # never a free-mail domain
    origin: str | None = None  # the less specific of several sources
    amount_minor: int | None = Field(default=None, sa_type=cast(Any, BigInteger))
    owner: str | None = None  # the rep who holds it, or held it last
    crm_owner: str | None = None  # whom the CRM names, in its own words
    qualified: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    extra: dict[str, Any] = json_column()
    told_at: dict[str, str] = json_column()  # since when each count among `extra` has its value
    names_before: list[list[str | None]] = json_column("[]")  # first and last name, as they were
    grade: str | None = None
    priority: str | None = None
    why: list[str] = json_column("[]")
    recycled_until: datetime | None = None
    unrouted_at: datetime | None = None  # qualified, but no team matches
    merged_into: int | None = reference("lead.id", nullable=True)
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    forgotten_at: datetime | None = None  # erased: what remains is counted and names no one
    was_complete: bool | None = None  # erased: whether all was there that a rep needs


class Refused(SQLModel, table=True):
    """A body or a row that was not taken, without its secrets, so that a mended mapping can take it."""

    __tablename__ = "refused"
    __table_args__ = (one_of("cause", RefusedCause), Index("ix_refused_at", "at"))
    id: int = key()
    at: datetime
    door: str  # api, import, or an intake source's name
    system: str
    cause: RefusedCause = word_column(RefusedCause)
    why: str  # in words, for whoever mends it
    lead_id: int | None = reference("lead.id", nullable=True, index=True)  # whom it was taken for
    email_key: str | None = Field(default=None, index=True)  # so that a person can be forgotten here too
    body: dict[str, Any] = json_column()
    trace: str
    digest: str | None = Field(
        default=None, index=True
    )  # of the body at its door, by which it is known again


class Activity(SQLModel, table=True):
    """Something that a lead did, or a rep did with it. What its key makes the same counts once."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("uq_activity", "lead_id", "key", unique=True),
        Index("ix_activity_at", "lead_id", "at"),
        Index("ix_activity_type", "lead_id", "type", "at"),
    )
    id: int = key()
    lead_id: int = reference("lead.id")
    type: str
    at: datetime
    detail: str | None = None
    key: str = Field(sa_column_kwargs={"server_default": text("''")})  # as `leadform.activity_key` makes it
    dated: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    summary: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    automated: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    by: str | None = None  # the e-mail address or the Slack id of whoever did it
    system: str | None = None  # which told it


_OPEN_HANDOFF = is_in("state", *OPEN_HANDOFF)
_OWNERLESS = f"state = '{HandoffState.WAITING}' AND owner IS NULL"


def new_token() -> str:
    """What nobody can guess, and no other handoff has, here or in another database."""
    return secrets.token_hex(8)


class Handoff(SQLModel, table=True):
    """One passing of one lead to sales, from post to outcome."""

    __tablename__ = "handoff"
    __table_args__ = (
        one_of("state", HandoffState),
        Index("uq_handoff_open", "lead_id", unique=True, **only(_OPEN_HANDOFF)),
        Index("ix_handoff_open_owner", "owner", **only(_OPEN_HANDOFF)),
        Index("ix_handoff_open_team", "team", **only(_OPEN_HANDOFF)),
        Index("ix_handoff_opportunity", "opportunity_at", **only("opportunity_at IS NOT NULL")),
        Index("ix_handoff_won", "won_at", **only("won_at IS NOT NULL")),
        Index("ix_handoff_deal", "deal_at", **only("deal_at IS NOT NULL")),
        Index("ix_handoff_given", "owner", "given_at", **only("given_at IS NOT NULL")),
        Index("ix_handoff_ownerless", "team", **only(_OWNERLESS)),
        Index("ix_handoff_nobody", "team", **only(f"{_OWNERLESS} AND owner_why IS NOT NULL")),
    )
    id: int = key()
    lead_id: int = reference("lead.id", index=True)
    agreement_id: int = reference("agreement_version.id")
    state: HandoffState = word_column(HandoffState, HandoffState.WAITING)
    team: str
    priority: str
    grade: str
    why: list[str] = json_column("[]")  # why it qualified, in words, as judged at the handoff
    campaign: str | None = None
    owner: str | None = None
    owner_why: str | None = None  # why this rep, in words
    handed_at: datetime = Field(index=True)
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    rejected_at: datetime | None = None
    rejected_by: str | None = None
    reason: str | None = None  # the code, of the agreement it started under
    note: str | None = None
    touched_at: datetime | None = None
    touched_by: str | None = None
    touch: TouchKind | None = loose_word_column(TouchKind, nullable=True)
    sql_at: datetime | None = None
    opportunity_at: datetime | None = None
    won_at: datetime | None = None
    lost_at: datetime | None = None
    recycled_at: datetime | None = None  # after it was accepted
    disqualified_at: datetime | None = None  # after it was accepted
    amount_minor: int | None = Field(default=None, sa_type=cast(Any, BigInteger))
    currency: str | None = None
    deal_at: datetime | None = None  # the deal's own date: expected until it is won or lost
    closed_at: datetime | None = None
    raised_at: datetime | None = None  # when it last heated up while sales had it
    raised_why: str | None = None
    snoozed_at: datetime | None = None  # a handoff may be snoozed once
    reassigned: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})  # by the ladder
    given_at: datetime | None = None  # since when the owner has it
    pooled_at: datetime | None = None  # the ladder opened it to everybody in the team
    choice: dict[str, Any] | None = loose_json_column()  # how its owner was last chosen, and why nobody else
    card_id: int | None = Field(default=None, sa_type=cast(Any, Id))  # the delivery that is its card now
    history: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})  # before Baton
    token: str | None = Field(default=None, sa_column_kwargs={"default": new_token})  # that its buttons bear


class Event(SQLModel, table=True):
    """One line of the history: who did what, when, to which lead. Never changed."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_lead", "lead_id", "id"),
        Index("ix_event_lead_at", "lead_id", "at", "id"),
        Index("ix_event_kind", "kind", "at"),
    )
    id: int = key()
    at: datetime
    kind: EventKind = loose_word_column(EventKind)
    actor: str  # a Slack user id, an Actor, or api:<token name>
    lead_id: int | None = reference("lead.id", nullable=True)
    handoff_id: int | None = reference("handoff.id", nullable=True)
    detail: Detail = json_column()
    trace: str  # follows one click or call through log, history and deliveries


class Rotation(SQLModel, table=True):
    """Whose turn it is in a team: the counts since the roster last changed."""

    __tablename__ = "rotation"
    team: str = Field(primary_key=True)
    state: dict[str, Any] = json_column()


read_fast(SQLModel.metadata)


def _table(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel adds it when table=True


agreement_versions = _table(AgreementVersion)
people = _table(Person)
absences = _table(Absence)
user_groups = _table(UserGroup)
content_feedback = _table(ContentFeedback)
campaigns = _table(Campaign)
leads = _table(Lead)
lead_aliases = _table(LeadAlias)
lead_words = _table(LeadWord)
former_addresses = _table(FormerAddress)
lead_records = _table(LeadRecord)
refused = _table(Refused)
activities = _table(Activity)
handoffs = _table(Handoff)
clocks = _table(SlaClock)
events = _table(Event)
disputes = _table(Dispute)
deliveries = _table(Delivery)
lanes = _table(Lane)
rotations = _table(Rotation)
heartbeats = _table(Heartbeat)
replicas = _table(Replica)
sent_forms = _table(SentForm)
nags = _table(Nag)
pings = _table(Ping)
outages = _table(Outage)
reports = _table(Report)
decisions = _table(ReportDecision)
proposals = _table(Proposal)
forecasts = _table(Forecast)
installations = _table(Installation)
erasures = _table(Erasure)
tombstones = _table(Tombstone)
destinations = _table(Destination)
dispatches = _table(Dispatch)
dropped_files = _table(DroppedFile)
crm_links = _table(CrmLink)
crm_feeds = _table(CrmFeed)
crm_accounts = _table(CrmAccount)
workspaces = _table(Workspace)
heard = _table(Heard)
slack_events = _table(SlackEvent)
