"""The tables of what was erased: who must not come back, what is being erased, and the installation's own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.models.columns import key, only, reference


class Installation(SQLModel, table=True):
    """What is this installation's own and made once: its id, and keys that never leave the database."""

    __tablename__ = "installation"
    name: str = Field(primary_key=True)
    value: str


class Erasure(SQLModel, table=True):
    """That a person is to be erased: asked for, agreed to, begun, done. It names no one.

    `agreed_at` is when it may begin; where the agreement asks for a second person, when they said yes.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        Index("uq_erasure_lead", "lead_id", unique=True),
        Index("ix_erasure_open", "id", **only("done_at IS NULL")),
    )
    id: int = key()
    lead_id: int = reference("lead.id")
    asked_by: str
    asked_at: datetime
    agreed_by: str | None = None
    agreed_at: datetime | None = None
    done_at: datetime | None = None
    aged: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class Tombstone(SQLModel, table=True):
    """One trace of a person who was erased, as a keyed hash: by it whoever sends them again is told.

    `lead_id` is none for somebody who never was a lead. `aged`: erased by age, so that what they do from then
    on lets them come in anew.
    """

    __tablename__ = "tombstone"
    digest: str = Field(primary_key=True)
    lead_id: int | None = reference("lead.id", nullable=True, index=True)
    at: datetime
    aged: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
