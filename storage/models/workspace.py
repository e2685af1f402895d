"""The tables of the Slack workspace: which one it is, and what was ever heard from it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class Workspace(SQLModel, table=True):
    """The workspace whose token this database was first run with."""

    __tablename__ = "workspace"
    team_id: str = Field(primary_key=True)
    name: str
    first_at: datetime


class Heard(SQLModel, table=True):
    """A kind of thing that Slack tells: when it was first heard, and about when last."""

    __tablename__ = "heard"
    kind: str = Field(primary_key=True)  # a HeardKind
    first_at: datetime
    last_at: datetime
