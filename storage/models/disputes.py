"""The table of what marketing answers to rejections; given on by models.py like every other."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.models.columns import Id, key, one_of, only, reference, word_column
from storage.models.vocabulary import Answer, Ruling


class Dispute(SQLModel, table=True):
    """What marketing answered to a rejection, and how the manager ruled where it was contested."""

    __tablename__ = "dispute"
    __table_args__ = (
        one_of("answer", Answer),
        one_of("ruling", Ruling, nullable=True),
        Index("ix_dispute_open", "at", **only(f"answer = '{Answer.CONTESTED}' AND ruling IS NULL")),
    )
    id: int = key()
    handoff_id: int = Field(sa_type=cast(Any, Id), foreign_key="handoff.id", unique=True)  # the rejected one
    answer: Answer = word_column(Answer)
    argument: str | None = None
    by: str
    at: datetime
    ruling: Ruling | None = word_column(Ruling, nullable=True)
    ruled_by: str | None = None
    ruled_at: datetime | None = None
    again_id: int | None = reference("handoff.id", nullable=True)  # the new handoff that came of it
