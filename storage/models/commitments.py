"""The clocks of a handoff, and when somebody was there to look at them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.models.columns import is_in, key, loose_json_column, one_of, only, reference, word_column
from storage.models.vocabulary import Cause, ClockKind

_OPEN_CLOCK = "met_at IS NULL AND stopped_at IS NULL"


class SlaClock(SQLModel, table=True):
    """One running commitment of a handoff, and how it ended."""

    __tablename__ = "clock"
    __table_args__ = (
        one_of("kind", ClockKind),
        one_of("cause", Cause, nullable=True),
        Index("uq_clock_open", "handoff_id", "kind", unique=True, **only(_OPEN_CLOCK)),
        Index("ix_clock_answer", "due_at", **only(f"kind = '{ClockKind.ANSWER}' AND " + _OPEN_CLOCK)),
        Index("ix_clock_long", "due_at", **only(is_in("kind", ClockKind.OUTCOME, ClockKind.ANSWER))),
        Index("ix_clock_stayed", "id", **only("stayed_at IS NOT NULL AND " + _OPEN_CLOCK)),
        Index("ix_clock_next", "next_at", **only(_OPEN_CLOCK + " AND next_at IS NOT NULL")),
    )
    id: int = key()
    handoff_id: int = reference("handoff.id", index=True)
    lead_id: int = reference("lead.id")
    agreement_id: int = reference("agreement_version.id")
    kind: ClockKind = word_column(ClockKind)
    owner: str | None = None  # whose commitment it is; none: the team's, or marketing's
    started_at: datetime
    due_at: datetime
    duration: int  # seconds of working time, or of any time where `wall`
    wall: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    next_at: datetime | None = None  # when the next step of the ladder falls due
    next_step: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    met_at: datetime | None = None
    met_by: str | None = None
    breached_at: datetime | None = None
    cause: Cause | None = word_column(Cause, nullable=True)
    stopped_at: datetime | None = None  # ended without being met: taken over, rerouted, merged
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    remaining: int | None = None  # seconds of working time that were left when it was paused
    worked: int | None = None  # seconds of working time from start to met
    stayed_at: datetime | None = None  # late, and since then nobody could have the lead next
    present: list[str] | None = loose_json_column()  # in a pool: the reps in whose hours it runs


class Replica(SQLModel, table=True):
    """A running Baton on this database: when it was last at work, and the hash of its agreement."""

    __tablename__ = "replica"
    name: str = Field(primary_key=True)
    at: datetime
    agreement: str


class Outage(SQLModel, table=True):
    """A stretch in which no replica was at work; what fell due in it counts against nobody."""

    __tablename__ = "outage"
    id: int = key()
    began_at: datetime
    ended_at: datetime = Field(index=True)


class Heartbeat(SQLModel, table=True):
    """When a part of the running bot last said that all is well."""

    __tablename__ = "heartbeat"
    name: str = Field(primary_key=True)
    at: datetime
