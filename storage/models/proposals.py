"""The table of proposed changes of the agreement; given on by models.py like every other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.models.columns import is_in, json_column, key, one_of, only, reference, word_column
from storage.models.vocabulary import UNSETTLED_PROPOSAL, ProposalState


class Proposal(SQLModel, table=True):
    """One change of the agreement that somebody proposed, and who signed it for which side."""

    __tablename__ = "proposal"
    __table_args__ = (
        one_of("state", ProposalState),
        Index("uq_proposal_open", "subject", unique=True, **only(is_in("state", *UNSETTLED_PROPOSAL))),
        Index("ix_proposal_ended", "state", "ended_at"),
    )
    id: int = key()
    state: ProposalState = word_column(ProposalState, ProposalState.OPEN)
    subject: str  # what it would change; two open proposals never change the same
    change: dict[str, Any] = json_column()  # as bot/agreement/changes.py writes it
    agreement_id: int = reference("agreement_version.id")  # the version it was made for
    team: str  # whose manager signs for sales
    says: list[str] = json_column("[]")  # what would change, in words
    why: str | None = None
    live_at: datetime | None = None  # when it goes live at the earliest; None: once it is signed
    by: str
    at: datetime
    marketing_by: str | None = None
    marketing_at: datetime | None = None
    sales_by: str | None = None
    sales_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    trouble: str | None = None  # why it could not be written, in words
    follows: int | None = reference("proposal.id", nullable=True)  # it counters this one, or shows it anew
    replayed: str | None = None  # what it would have meant, in lines; None: not known yet
    cards: dict[str, int] = json_column()  # who was shown it, with the delivery of each card
