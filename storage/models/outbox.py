"""The tables of the outbox: what Slack must be made to show, the reminders among it, and the pace of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnClause, Index, literal_column, text
from sqlmodel import Field, SQLModel

from storage.models.columns import (
    Id,
    is_in,
    json_column,
    key,
    loose_word_column,
    one_of,
    only,
    reference,
    word_column,
)
from storage.models.vocabulary import UNANSWERED, UNSETTLED, DeliveryKind, DeliveryOp, DeliveryState, NagKind

_PENDING = f"state = '{DeliveryState.PENDING}'"
_PENDING_UPDATE = f"op = '{DeliveryOp.UPDATE}' AND {_PENDING}"
_PENDING_PUBLISH = f"op = '{DeliveryOp.PUBLISH}' AND {_PENDING}"
_WAITING_NAG = f"kind = '{DeliveryKind.NAG}' AND op = '{DeliveryOp.POST}' AND {_PENDING}"
# Said as no other index says it: PostgreSQL, by sizes alone, would rather read all that is unsettled.
_HELD = f"op = '{DeliveryOp.POST}' AND {is_in('coalesce(state, state)', *UNANSWERED)}"
_CARDS = is_in("kind", DeliveryKind.CARD, DeliveryKind.LIST)
_UNLINKED = f"op = '{DeliveryOp.POST}' AND state = '{DeliveryState.SENT}' AND {_CARDS} AND permalink IS NULL"
UNLINKED: ColumnClause[bool] = literal_column(_UNLINKED)
"""Cards and lists that Slack shows and whose address is not known, in the words of their index."""


class Delivery(SQLModel, table=True):
    """One change that Slack must be made to show: the outbox."""

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("kind", DeliveryKind),
        one_of("op", DeliveryOp),
        one_of("state", DeliveryState),
        Index("ix_delivery_pending", "lane", "rank", "id", **only(_PENDING)),
        Index(
            "ix_delivery_open",
            "state",
            "due_at",
            **only(is_in("state", *UNSETTLED)),
        ),
        Index("ix_delivery_due", "lane", "due_at", **only(_PENDING)),
        Index("ix_delivery_held", "lane", "rank", **only(_HELD)),
        Index("uq_delivery_update", "target_id", unique=True, **only(_PENDING_UPDATE)),
        Index("uq_delivery_publish", "place", unique=True, **only(_PENDING_PUBLISH)),
        Index("ix_delivery_handoff", "handoff_id", "kind"),
        Index("uq_delivery_nag", "place", unique=True, **only(_WAITING_NAG + " AND thread_id IS NULL")),
        Index(
            "uq_delivery_nag_thread",
            "place",
            "thread_id",
            unique=True,
            **only(_WAITING_NAG + " AND thread_id IS NOT NULL"),
        ),
        Index("ix_delivery_unlinked", "id", **only(_UNLINKED)),
        Index("ix_delivery_lead", "lead_id", **only("handoff_id IS NULL AND lead_id IS NOT NULL")),
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
    permalink: str | None = None  # of a card or list, once Slack was asked; empty: it has none
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
    what: NagKind = loose_word_column(NagKind)
    place: str  # whom or where it is said to
    at: datetime
    by: str | None = None  # who gave the lead, or told that it heated up, where it is about that
    why: str | None = None  # and why, in words


class Ping(SQLModel, table=True):
    """When somebody, or a channel, was last reminded of anything: nobody is within the agreed quiet."""

    __tablename__ = "ping"
    place: str = Field(primary_key=True)
    at: datetime


class Lane(SQLModel, table=True):
    """The pace of one operation in one place, shared by all replicas, and whether Slack refuses the place."""

    __tablename__ = "lane"
    __table_args__ = (
        Index("ix_lane_parked", "parked_at", **only("parked_at IS NOT NULL")),
        Index("ix_lane_awake", "op", "rank", "head_id", **only("rank IS NOT NULL")),
        Index("ix_lane_wakes", "wakes_at", **only("wakes_at IS NOT NULL")),
    )
    name: str = Field(primary_key=True)
    op: str = Field(default="", sa_column_kwargs={"server_default": ""})
    ready_at: datetime
    # Of what is due and may go, the most urgent, or what went before that; nothing: the lane sleeps.
    rank: int | None = None
    head_id: int | None = Field(default=None, sa_type=Id)
    wakes_at: datetime | None = None  # from when there may be something new to see
    parked_at: datetime | None = None
    error: str | None = None
