"""The tables of people: who is who, what each chose, and what they say of the playbook."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.models.columns import json_column, key, only, reference


class Person(SQLModel, table=True):
    """Somebody in the workspace: as Slack told it when last asked, and what they told Baton themselves."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_home", "home_opened_at", **only("home_opened_at IS NOT NULL")),)
    user_id: str = Field(primary_key=True)
    name: str | None = None
    email: str | None = None
    timezone: str | None = None
    left: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    outsider: bool | None = None  # a guest, or of another organisation; None: Slack was not asked yet
    asked_at: datetime | None = None
    prefs: dict[str, Any] = json_column()  # how they want to be reminded; what is not said is the default
    home_opened_at: datetime | None = None  # when they last looked at their Home


class Absence(SQLModel, table=True):
    """A stretch for which a rep takes no new leads, whoever set it.

    `ends` is not in it, and None until somebody says so.
    """

    __tablename__ = "absence"
    __table_args__ = (
        Index("ix_absence_user", "user_id", "begins"),
        Index("ix_absence_speak", "speak_at", **only("speak_at IS NOT NULL")),
    )
    id: int = key()
    user_id: str
    begins: datetime
    ends: datetime | None = None
    set_by: str
    set_at: datetime
    speak_at: datetime | None = None  # when something is to be said of it next
    handed_on: list[int] = json_column("[]")  # the handoffs that went to colleagues because of it


class UserGroup(SQLModel, table=True):
    """A user group that the agreement names, and who was in it when Slack was last asked."""

    __tablename__ = "user_group"
    group_id: str = Field(primary_key=True)
    members: list[str] = json_column("[]")
    asked_at: datetime


class ContentFeedback(SQLModel, table=True):
    """What somebody said of the playbook: that a piece of content helped, or what was missing."""

    __tablename__ = "content_feedback"
    __table_args__ = (Index("uq_content_feedback", "handoff_id", "user_id", "subject", unique=True),)
    id: int = key()
    at: datetime = Field(index=True)
    user_id: str
    lead_id: int = reference("lead.id")
    handoff_id: int = reference("handoff.id")
    subject: str  # the address of a piece of content, or "missing"
    helped: bool
    persona: str | None = None
    journey: str | None = None
    note: str | None = None  # what was missing, in the person's own words
