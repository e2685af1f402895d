"""By what a lead is known again: ids, words, former addresses, and what was said of it before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from storage.models.columns import Bytewise, Id, key, reference


class LeadAlias(SQLModel, table=True):
    """An id under which another system knows a lead: it means one lead, and a lead may have several."""

    __tablename__ = "lead_alias"
    system: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True, index=True)
    lead_id: int = reference("lead.id", index=True)


class LeadWord(SQLModel, table=True):
    """A word by which a lead is found; which they are is decided in storage/words.py."""

    __tablename__ = "lead_word"
    word: str = Field(sa_column=Column(Bytewise, primary_key=True))
    lead_id: int = Field(sa_column=Column(Id, ForeignKey("lead.id"), primary_key=True, index=True))


class FormerAddress(SQLModel, table=True):
    """An address that a lead had before a change of address; under its name it still means that lead."""

    __tablename__ = "former_address"
    email_key: str = Field(primary_key=True)
    lead_id: int = Field(sa_column=Column(Id, ForeignKey("lead.id"), primary_key=True, index=True))


class LeadRecord(SQLModel, table=True):
    """What a system has said of a lead before, as a digest: the same record again is no news."""

    __tablename__ = "lead_record"
    __table_args__ = (Index("uq_lead_record", "lead_id", "digest", unique=True),)
    id: int = key()
    lead_id: int = reference("lead.id")
    digest: str
    at: datetime
