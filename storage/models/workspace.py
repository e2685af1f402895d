"""The tables of the Slack workspace: which one it is, and what was ever heard from it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class Workspace(SQLModel, table=True):
    """The workspace whose token this database was first run with."""

    __tablename__ = "workspace"
    team_id: str = Field(primary_key=True)
    name: str
    first_at: datetime


class SlackEvent(SQLModel, table=True):
    """An event that was heard lately: Slack tells one again whose answer it missed."""

    __tablename__ = "slack_event"
    __table_args__ = (Index("ix_slack_event_at", "at"),)
    id: str = Field(primary_key=True)
    at: datetime


class Heard(SQLModel, table=True):
    """A kind of thing that Slack tells: when it was first heard, and about when last."""

    __tablename__ = "heard"
    kind: str = Field(primary_key=True)  # a HeardKind
    first_at: datetime
    last_at: datetime


class SentForm(SQLModel, table=True):
    """A form that was sent, so that it is recorded once; kept for a day."""

    __tablename__ = "sent_form"
    key: str = Field(primary_key=True)  # the use case, the view and its state
    at: datetime = Field(index=True)
