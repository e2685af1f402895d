"""The tables; the enums of their own vocabulary stand in vocabulary.py and are given on from here.

Moments are stored in UTC and read back aware; money is an integer of hundredths; enums are their values as
text, held by a CHECK. Rules live in bot/; queries live beside this file, one file a subject.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Integer, Table, Text, text
from sqlmodel import Field, SQLModel

from storage.vocabulary import Cause, ClockKind, DeliveryKind, DeliveryOp, DeliveryState, HandoffState, Stage

__all__ = [  # the words of the data belong to the tables for whoever uses them
    "Cause",
    "ClockKind",
    "DeliveryKind",
    "DeliveryOp",
    "DeliveryState",
    "HandoffState",
    "Stage",
]

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite only counts up by itself in an INTEGER


def _one_of(column: str, values: type[StrEnum], *, nullable: bool = False) -> CheckConstraint:
    allowed = f"{column} IN ({', '.join(repr(value.value) for value in values)})"
    return CheckConstraint(f"{column} IS NULL OR {allowed}" if nullable else allowed, name=f"ck_{column}")


def _only(condition: str) -> dict[str, Any]:
    """Makes an index cover only the rows for which this holds."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


def _key() -> Any:
    return Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))


def _reference(target: str, *, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_type=cast(Any, Id), foreign_key=target, nullable=nullable, index=index)


def _json(default: str = "{}") -> Any:
    return Field(sa_column=Column(JSON, nullable=False, server_default=text(f"'{default}'")))


def _text(default: str | None = None) -> Any:
    return Field(
        sa_column=Column(
            Text, nullable=False, server_default=None if default is None else text(f"'{default}'")
        )
    )


class AgreementVersion(SQLModel, table=True):
    """One version of the agreement as it was in force; never changed once written."""

    __tablename__ = "agreement_version"
    id: int = _key()
    version: str
    hash: str = Field(unique=True)
    text: str
    first_seen_at: datetime


class Person(SQLModel, table=True):
    """Somebody in the workspace, as Slack told it when last asked."""

    __tablename__ = "person"
    user_id: str = Field(primary_key=True)
    name: str | None = None
    email: str | None = None
    timezone: str | None = None
    left: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    away_until: datetime | None = None
    asked_at: datetime | None = None


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
        _one_of("stage", Stage),
        CheckConstraint("amount_minor IS NULL OR amount_minor >= 0", name="ck_amount"),
        Index("ix_lead_recycled_until", "recycled_until", **_only("stage = 'recycled'")),
        Index("ix_lead_unrouted", "unrouted_at", **_only("unrouted_at IS NOT NULL")),
    )
    id: int = _key()
    stage: str = _text("inquiry")
    email: str | None = None
    email_key: str | None = Field(default=None, unique=True)
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    phone: str | None = None
    company: str | None = None
    company_key: str | None = Field(default=None, index=True)
    domain: str | None = None
    company_domain: str | None = Field(default=None, index=True)  # never a free-mail domain
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
    extra: dict[str, Any] = _json()
    grade: str | None = None
    priority: str | None = None
    why: list[str] = _json("[]")
    recycled_until: datetime | None = None
    unrouted_at: datetime | None = None  # qualified, but no team matches
    merged_into: int | None = _reference("lead.id", nullable=True)
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None


class LeadAlias(SQLModel, table=True):
    """An id under which another system knows a lead. A lead may have several."""

    __tablename__ = "lead_alias"
    external_id: str = Field(primary_key=True)
    lead_id: int = _reference("lead.id", index=True)


class Activity(SQLModel, table=True):
    """Something that a lead did, or a rep did with it. The same type at the same moment counts once."""

    __tablename__ = "activity"
    __table_args__ = (Index("uq_activity", "lead_id", "type", "at", unique=True),)
    id: int = _key()
    lead_id: int = _reference("lead.id")
    type: str
    at: datetime
    detail: str | None = None


_OPEN_HANDOFF = "state IN ('waiting', 'accepted')"


class Handoff(SQLModel, table=True):
    """One passing of one lead to sales, from post to outcome."""

    __tablename__ = "handoff"
    __table_args__ = (
        _one_of("state", HandoffState),
        Index("uq_handoff_open", "lead_id", unique=True, **_only(_OPEN_HANDOFF)),
        Index("ix_handoff_open_owner", "owner", **_only(_OPEN_HANDOFF)),
        Index("ix_handoff_open_team", "team", **_only(_OPEN_HANDOFF)),
    )
    id: int = _key()
    lead_id: int = _reference("lead.id", index=True)
    agreement_id: int = _reference("agreement_version.id")
    state: str = _text("waiting")
    team: str
    priority: str
    grade: str
    why: list[str] = _json("[]")  # why it qualified, in words, as judged at the handoff
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
        _one_of("kind", ClockKind),
        _one_of("cause", Cause, nullable=True),
        Index("uq_clock_open", "handoff_id", "kind", unique=True, **_only(_OPEN_CLOCK)),
        Index("ix_clock_next", "next_at", **_only(_OPEN_CLOCK + " AND next_at IS NOT NULL")),
    )
    id: int = _key()
    handoff_id: int = _reference("handoff.id", index=True)
    lead_id: int = _reference("lead.id")
    agreement_id: int = _reference("agreement_version.id")
    kind: str = _text()
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
    cause: str | None = Field(default=None, sa_column=Column(Text))
    stopped_at: datetime | None = None  # ended without being met: taken over, rerouted, merged
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    remaining: int | None = None  # seconds of working time that were left when it was paused
    worked: int | None = None  # seconds of working time from start to met


class Event(SQLModel, table=True):
    """One line of the history: who did what, when, to which lead. Never changed."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_lead", "lead_id", "id"), Index("ix_event_kind", "kind", "at"))
    id: int = _key()
    at: datetime
    kind: str
    actor: str  # a Slack user id, or: baton, crm, import, api:<token name>
    lead_id: int | None = _reference("lead.id", nullable=True)
    handoff_id: int | None = _reference("handoff.id", nullable=True)
    detail: dict[str, Any] = _json()
    trace: str  # follows one click or call through log, history and deliveries


_WAITING_NAG = "kind = 'nag' AND op = 'post' AND state = 'pending'"


class Delivery(SQLModel, table=True):
    """One change that Slack must be made to show: the outbox."""

    __tablename__ = "delivery"
    __table_args__ = (
        _one_of("kind", DeliveryKind),
        _one_of("op", DeliveryOp),
        _one_of("state", DeliveryState),
        Index("ix_delivery_pending", "lane", "rank", "id", **_only("state = 'pending'")),
        Index(
            "ix_delivery_open",
            "state",
            "due_at",
            postgresql_where=text("state IN ('claimed', 'unknown', 'parked')"),
            sqlite_where=text("state IN ('claimed', 'unknown', 'parked')"),
        ),
        Index("uq_delivery_update", "target_id", unique=True, **_only("op = 'update' AND state = 'pending'")),
        Index("ix_delivery_handoff", "handoff_id", "kind"),
        Index("uq_delivery_nag", "place", unique=True, **_only(_WAITING_NAG + " AND thread_id IS NULL")),
        Index(
            "uq_delivery_nag_thread",
            "place",
            "thread_id",
            unique=True,
            **_only(_WAITING_NAG + " AND thread_id IS NOT NULL"),
        ),
        Index("ix_delivery_list", "list_id", **_only("list_id IS NOT NULL")),
    )
    id: int = _key()
    kind: str = _text()
    op: str = _text()
    state: str = _text("pending")
    lane: str  # what waits together: the operation and the place, "post:C0SALES"
    rank: int  # lower goes first
    place: str  # the channel, or the person whom it is said to
    lead_id: int | None = _reference("lead.id", nullable=True)
    handoff_id: int | None = _reference("handoff.id", nullable=True)
    thread_id: int | None = _reference("delivery.id", nullable=True)  # the post whose thread it goes to
    target_id: int | None = _reference("delivery.id", nullable=True)  # the post that an update rewrites
    list_id: int | None = _reference("delivery.id", nullable=True)  # the list in which a card stands as a row
    body: dict[str, Any] = _json()  # what was frozen when it was written; the rest is read when it is sent
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
    )
    id: int = _key()
    delivery_id: int = _reference("delivery.id")
    handoff_id: int = _reference("handoff.id")
    clock_id: int = _reference("clock.id")
    step: int  # its index in the agreement's ladder; -1 for what no step caused
    what: str  # nudge, breach, reassigned, choose
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
    id: int = _key()
    began_at: datetime
    ended_at: datetime = Field(index=True)


class Lane(SQLModel, table=True):
    """The pace of one operation in one place, shared by all replicas, and whether Slack refuses the place."""

    __tablename__ = "lane"
    __table_args__ = (Index("ix_lane_parked", "parked_at", **_only("parked_at IS NOT NULL")),)
    name: str = Field(primary_key=True)
    ready_at: datetime
    parked_at: datetime | None = None
    error: str | None = None


class Rotation(SQLModel, table=True):
    """Whose turn it is in a team: the counts since the roster last changed."""

    __tablename__ = "rotation"
    team: str = Field(primary_key=True)
    state: dict[str, Any] = _json()


class Heartbeat(SQLModel, table=True):
    """When a part of the running bot last said that all is well."""

    __tablename__ = "heartbeat"
    name: str = Field(primary_key=True)
    at: datetime


def _table(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel adds it when table=True


agreement_versions = _table(AgreementVersion)
people = _table(Person)
campaigns = _table(Campaign)
leads = _table(Lead)
lead_aliases = _table(LeadAlias)
activities = _table(Activity)
handoffs = _table(Handoff)
clocks = _table(SlaClock)
events = _table(Event)
deliveries = _table(Delivery)
lanes = _table(Lane)
rotations = _table(Rotation)
heartbeats = _table(Heartbeat)
nags = _table(Nag)
pings = _table(Ping)
outages = _table(Outage)
