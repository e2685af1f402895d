"""The tables of the weekly report: what was posted, and what people decided over it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.models.columns import json_column, key, reference


class Report(SQLModel, table=True):
    """One periodic report in one channel. Its figures are kept as they were posted."""

    __tablename__ = "report"
    __table_args__ = (Index("uq_report", "report", "period", "channel", unique=True),)
    id: int = key()
    report: str  # which report it is: "digest"
    period: str  # what it covers, as people name it: "2026-W47"
    channel: str
    from_at: datetime
    to_at: datetime
    made_at: datetime
    delivery_id: int | None = reference("delivery.id", nullable=True)
    body: dict[str, Any] = json_column()


class ReportDecision(SQLModel, table=True):
    """What was decided on one point of a report's agenda."""

    __tablename__ = "decision"
    __table_args__ = (Index("uq_decision", "report_id", "point", unique=True),)
    id: int = key()
    report_id: int = reference("report.id")
    point: str  # the key of the figure that the point is about
    what: str
    who: str | None = None
    until: date | None = Field(default=None)
    decided_by: str
    decided_at: datetime
