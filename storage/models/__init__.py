"""The tables; the enums of their own vocabulary stand in vocabulary.py and are given on from here.

Moments are stored in UTC and read back aware; money is an integer of hundredths; enums are their values as
text, held by a CHECK. Rules live in bot/; queries live beside this file, one file a subject.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, CheckConstraint, Index, Table, text
from sqlmodel import Field, SQLModel

from storage.models.columns import Bytewise, Id, json_column, key, one_of, only, reference, word_column
from storage.models.disputes import Dispute
from storage.models.people import ContentFeedback, Person, UserGroup
from storage.models.reports import Report, ReportDecision
from storage.models.vocabulary import (
    Actor,
    Answer,
    Cause,
    ClockKind,
    DeliveryKind,
    DeliveryOp,
    DeliveryState,
    EventKind,
    HandoffState,
    NagKind,
    Outcome,
    Ruling,
    Stage,
    TouchKind,
    member_of,
)

__all__ = [  # what stands in the files beside this one, for whoever uses the tables
    "Actor",
    "Answer",
    "Cause",
    "ClockKind",
    "ContentFeedback",
    "DeliveryKind",
    "DeliveryOp",
    "DeliveryState",
    "Dispute",
    "EventKind",
    "HandoffState",
    "NagKind",
    "Outcome",
    "Person",
    "Report",
    "ReportDecision",
    "Ruling",
    "Stage",
    "TouchKind",
    "UserGroup",
    "member_of",
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


class Lead(SQLModel, table=True):
    """A person at a company who showed interest."""

    __tablename__ = "lead"
    __table_args__ = (
        one_of("stage", Stage),
        CheckConstraint("amount_minor IS NULL OR amount_minor >= 0", name="ck_amount"),
        Index("ix_lead_company_key", "company_key", "id"),
        Index("ix_lead_company_domain", "company_domain", "owner"),
        Index("ix_lead_recycled_until", "recycled_until", **only("stage = 'recycled'")),
        Index("ix_lead_unrouted", "unrouted_at", **only("unrouted_at IS NOT NULL")),
    )
    id: int = key()
    stage: Stage = word_column(Stage, Stage.INQUIRY)
    email: str | None = None
    email_key: str | None = Field(default=None, unique=True)
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    phone: str | None = None
    company: str | None = None
    company_key: str | None = Field(default=None, sa_type=cast(Any, Bytewise))
    domain: str | None = None
    company_domain: str | None = Field(default=None, sa_type=cast(Any, Bytewise))  # never a free-mail domain
    employees: int | None = None
    industry: str | None = None
    country: str | None = None
    region: str | None = None
    source: str | None = None
    campaign: str | None = None
    amount_minor: int | None = Field(default=None, sa_type=cast(Any, BigInteger))
    currency: str | None = None
    crm_url: str | None = None
    owner: str | None = None  # the rep who holds it, or held it last
    crm_owner: str | None = None  # whom the CRM names, in its own words
    notes: str | None = None
    qualified: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    extra: dict[str, Any] = json_column()
    grade: str | None = None
    priority: str | None = None
    why: list[str] = json_column("[]")
    recycled_until: datetime | None = None
    unrouted_at: datetime | None = None  # qualified, but no team matches
    merged_into: int | None = reference("lead.id", nullable=True)
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None


class LeadAlias(SQLModel, table=True):
    """An id under which another system knows a lead. A lead may have several."""

    __tablename__ = "lead_alias"
    external_id: str = Field(primary_key=True)
    lead_id: int = reference("lead.id", index=True)


class Activity(SQLModel, table=True):
    """Something that a lead did, or a rep did with it. The same type at the same moment counts once."""

    __tablename__ = "activity"
    __table_args__ = (Index("uq_activity", "lead_id", "type", "at", unique=True),)
    id: int = key()
    lead_id: int = reference("lead.id")
    type: str
    at: datetime
    detail: str | None = None


_OPEN_HANDOFF = "state IN ('waiting', 'accepted')"


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
    touch: str | None = None  # call, email, meeting
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
    snoozed_at: datetime | None = None  # a handoff may be snoozed once
    reassigned: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})  # by the ladder
    card_id: int | None = Field(default=None, sa_type=cast(Any, Id))  # the delivery that is its card now


_OPEN_CLOCK = "met_at IS NULL AND stopped_at IS NULL"


class SlaClock(SQLModel, table=True):
    """One running commitment of a handoff, and how it ended."""

    __tablename__ = "clock"
    __table_args__ = (
        one_of("kind", ClockKind),
        one_of("cause", Cause, nullable=True),
        Index("uq_clock_open", "handoff_id", "kind", unique=True, **only(_OPEN_CLOCK)),
        Index("ix_clock_answer", "due_at", **only("kind = 'answer' AND " + _OPEN_CLOCK)),
        Index("ix_clock_long", "due_at", **only("kind IN ('outcome', 'answer')")),
        Index("ix_clock_next", "next_at", **only(_OPEN_CLOCK + " AND next_at IS NOT NULL")),
    )
    id: int = key()
    handoff_id: int = reference("handoff.id", index=True)
    lead_id: int = reference("lead.id")
    agreement_id: int = reference("agreement_version.id")
    kind: ClockKind = word_column(ClockKind)
    owner: str | None = None  # whose commitment it is; none: the team's, or marketing's
    started_at: datetime
    due_at: datetime
    duration: int  # seconds of working time, or of any time where `wall`
    wall: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    next_at: datetime | None = None  # when the next step of the ladder falls due
    next_step: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    met_at: datetime | None = None
    met_by: str | None = None
    breached_at: datetime | None = None
    cause: Cause | None = word_column(Cause, nullable=True)
    stopped_at: datetime | None = None  # ended without being met: taken over, rerouted, merged
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    remaining: int | None = None  # seconds of working time that were left when it was paused
    worked: int | None = None  # seconds of working time from start to met


class Event(SQLModel, table=True):
    """One line of the history: who did what, when, to which lead. Never changed."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_lead", "lead_id", "id"), Index("ix_event_kind", "kind", "at"))
    id: int = key()
    at: datetime
    kind: str
    actor: str  # a Slack user id, or: baton, crm, import, api:<token name>
    lead_id: int | None = reference("lead.id", nullable=True)
    handoff_id: int | None = reference("handoff.id", nullable=True)
    detail: dict[str, Any] = json_column()
    trace: str  # follows one click or call through log, history and deliveries


_WAITING_NAG = "kind = 'nag' AND op = 'post' AND state = 'pending'"


class Delivery(SQLModel, table=True):
    """One change that Slack must be made to show: the outbox."""

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("kind", DeliveryKind),
        one_of("op", DeliveryOp),
        one_of("state", DeliveryState),
        Index("ix_delivery_pending", "lane", "rank", "id", **only("state = 'pending'")),
        Index(
            "ix_delivery_open",
            "state",
            "due_at",
            postgresql_where=text("state IN ('claimed', 'unknown', 'parked')"),
            sqlite_where=text("state IN ('claimed', 'unknown', 'parked')"),
        ),
        Index("uq_delivery_update", "target_id", unique=True, **only("op = 'update' AND state = 'pending'")),
        Index("uq_delivery_publish", "place", unique=True, **only("op = 'publish' AND state = 'pending'")),
        Index("ix_delivery_handoff", "handoff_id", "kind"),
        Index("uq_delivery_nag", "place", unique=True, **only(_WAITING_NAG + " AND thread_id IS NULL")),
        Index(
            "uq_delivery_nag_thread",
            "place",
            "thread_id",
            unique=True,
            **only(_WAITING_NAG + " AND thread_id IS NOT NULL"),
        ),
        Index("ix_delivery_list", "list_id", **only("list_id IS NOT NULL")),
        # A row that is deleted is looked for in every column that refers to it.
        Index("ix_delivery_target", "target_id", **only("target_id IS NOT NULL")),
        Index("ix_delivery_thread", "thread_id", **only("thread_id IS NOT NULL")),
    )
    id: int = key()
    kind: DeliveryKind = word_column(DeliveryKind)
    op: DeliveryOp = word_column(DeliveryOp)
    state: DeliveryState = word_column(DeliveryState, DeliveryState.PENDING)
    lane: str  # what waits together: the operation and the place, "post:C0SALES"
    rank: int  # lower goes first
    place: str  # the channel, or the person whom it is said to
    lead_id: int | None = reference("lead.id", nullable=True)
    handoff_id: int | None = reference("handoff.id", nullable=True)
    thread_id: int | None = reference("delivery.id", nullable=True)  # the post whose thread it goes to
    target_id: int | None = reference("delivery.id", nullable=True)  # the post that an update rewrites
    list_id: int | None = reference("delivery.id", nullable=True)  # the list in which a card stands as a row
    # What was frozen when it was written; the rest is read when it is sent.
    body: dict[str, Any] = json_column()
    trace: str
    created_at: datetime
    due_at: datetime  # pending: not before; claimed: the lease's end; unknown: look it up then
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    reposts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    channel: str | None = None  # where Slack put it
    ts: str | None = None
    error: str | None = None


class Nag(SQLModel, table=True):
    """One step of one clock, as somebody is told of it. Written once for each step, whatever is killed."""

    __tablename__ = "nag"
    __table_args__ = (
        Index("uq_nag", "clock_id", "step", "place", "what", unique=True),
        Index("ix_nag_delivery", "delivery_id"),
        Index("ix_nag_handoff", "handoff_id"),
        Index("ix_nag_at", "at"),
    )
    id: int = key()
    delivery_id: int = reference("delivery.id")
    handoff_id: int = reference("handoff.id")
    clock_id: int = reference("clock.id")
    step: int  # its index in the agreement's ladder; -1 for what no step caused
    what: str  # a NagKind
    place: str  # whom or where it is said to
    at: datetime


class Ping(SQLModel, table=True):
    """When somebody, or a channel, was last reminded of anything: nobody is within the agreed quiet."""

    __tablename__ = "ping"
    place: str = Field(primary_key=True)
    at: datetime


class Outage(SQLModel, table=True):
    """A stretch in which no replica was at work; what fell due in it counts against nobody."""

    __tablename__ = "outage"
    id: int = key()
    began_at: datetime
    ended_at: datetime = Field(index=True)


class Lane(SQLModel, table=True):
    """The pace of one operation in one place, shared by all replicas, and whether Slack refuses the place."""

    __tablename__ = "lane"
    __table_args__ = (Index("ix_lane_parked", "parked_at", **only("parked_at IS NOT NULL")),)
    name: str = Field(primary_key=True)
    ready_at: datetime
    parked_at: datetime | None = None
    error: str | None = None


class Rotation(SQLModel, table=True):
    """Whose turn it is in a team: the counts since the roster last changed."""

    __tablename__ = "rotation"
    team: str = Field(primary_key=True)
    state: dict[str, Any] = json_column()


class Heartbeat(SQLModel, table=True):
    """When a part of the running bot last said that all is well."""

    __tablename__ = "heartbeat"
    name: str = Field(primary_key=True)
    at: datetime


def _table(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel adds it when table=True


agreement_versions = _table(AgreementVersion)
people = _table(Person)
user_groups = _table(UserGroup)
content_feedback = _table(ContentFeedback)
campaigns = _table(Campaign)
leads = _table(Lead)
lead_aliases = _table(LeadAlias)
activities = _table(Activity)
handoffs = _table(Handoff)
clocks = _table(SlaClock)
events = _table(Event)
disputes = _table(Dispute)
deliveries = _table(Delivery)
lanes = _table(Lane)
rotations = _table(Rotation)
heartbeats = _table(Heartbeat)
nags = _table(Nag)
pings = _table(Ping)
outages = _table(Outage)
reports = _table(Report)
decisions = _table(ReportDecision)
