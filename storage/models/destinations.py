"""The tables of what other tools are told: a cursor over the history for each, and what is on its way."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.models.columns import Id, one_of, only, word_column
from storage.models.vocabulary import DispatchState

_PENDING = f"state = '{DispatchState.PENDING}'"


class Destination(SQLModel, table=True):
    """Another tool that hears of events: how far it has been told, who tells it now, and how that goes."""

    __tablename__ = "destination"
    name: str = Field(primary_key=True)
    cursor: int = Field(sa_type=cast(Any, Id))  # the last event that was looked at for it
    sequence: int = Field(default=0, sa_type=cast(Any, Id), sa_column_kwargs={"server_default": text("0")})
    paused: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    worker: str | None = None  # the process that tells it, until its lease ends
    lease_until: datetime | None = None
    failures: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})  # in a row
    retry_at: datetime | None = None  # it fails throughout: one event is tried then, and nothing before
    trouble: str | None = None  # what was wrong the last time, in words; None since it last went well
    delivered_at: datetime | None = None


class Dispatch(SQLModel, table=True):
    """An event on its way to one destination. What has arrived is deleted."""

    __tablename__ = "dispatch"
    __table_args__ = (
        one_of("state", DispatchState),
        Index("ix_dispatch_lead", "destination", "lead_id", "sequence", **only(_PENDING)),
        Index("ix_dispatch_state", "destination", "state", "sequence"),
    )
    destination: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=cast(Any, Id))  # from 1, without holes
    event_id: int = Field(sa_type=cast(Any, Id))  # no reference: what is forgotten may be gone by then
    lead_id: int = Field(sa_type=cast(Any, Id))  # whose events go in order; 0 for what is about no lead
    state: DispatchState = word_column(DispatchState, DispatchState.PENDING)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    first_at: datetime | None = None  # when it was tried first
    due_at: datetime
    error: str | None = None
