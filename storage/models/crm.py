"""The tables of what is known of the CRM: which record is which lead's, and how far it has been asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from storage.models.columns import Id, json_column, only


class CrmLink(SQLModel, table=True):
    """A lead's record in one CRM, its fields as they were last read, and as Baton last wrote them.

    `system` is the CRM whose record it is: after a change of CRM the links to the other one stay, unused.
    `intended` is what was to be written in a call of which nobody knows whether it came through.
    `conflicts` are fields that both sides changed, each with both values; `trouble` is what could not be
    written, in words.
    """

    __tablename__ = "crm_link"
    __table_args__ = (
        Index("ix_crm_link_record", "system", "record"),
        Index("ix_crm_link_trouble", "lead_id", **only("trouble IS NOT NULL")),
    )
    lead_id: int = Field(sa_column=Column(Id, ForeignKey("lead.id"), primary_key=True, autoincrement=False))
    system: str = Field(primary_key=True)
    record: str
    seen: dict[str, Any] = json_column()
    sent: dict[str, Any] = json_column()
    intended: dict[str, Any] = json_column()
    conflicts: dict[str, Any] = json_column()
    trouble: str | None = None
    changed_at: datetime


class CrmAccount(SQLModel, table=True):
    """The account whose ids the links of a `system` are: HubSpot's portal, Salesforce's organisation."""

    __tablename__ = "crm_account"
    system: str = Field(primary_key=True)
    account: str
    since: datetime


class CrmFeed(SQLModel, table=True):
    """One kind of change that the CRM is asked for: up to where, by which process now, and how that goes."""

    __tablename__ = "crm_feed"
    name: str = Field(primary_key=True)
    position: str
    worker: str | None = None  # the process that asks, until its lease ends
    lease_until: datetime | None = None
    polled_at: datetime | None = None
    read_at: datetime | None = None  # when the position was reached, by this system's clock
    trouble: str | None = None
