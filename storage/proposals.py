"""Proposed changes of the agreement, from the form to the day they go live or are dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text, update

from storage.database.sql import Query, upsert
from storage.models import UNSETTLED_PROPOSAL, Proposal, ProposalState, proposals
from storage.models.columns import is_in
from storage.models.values import ProposalValues

_GET = Query(Proposal, select(proposals).where(proposals.c.id == bindparam("wanted")))
_LOCK = Query(Proposal, select(proposals).where(proposals.c.id == bindparam("wanted")).with_for_update())
_UNSETTLED = Query(
    Proposal,
    select(proposals).where(proposals.c.state.in_(UNSETTLED_PROPOSAL)).order_by(proposals.c.id),
)
_OF_SUBJECT = Query(
    Proposal,
    select(proposals).where(
        proposals.c.subject == bindparam("wanted"), proposals.c.state.in_(UNSETTLED_PROPOSAL)
    ),
)
_LIVE = Query(
    Proposal,
    select(proposals)
    .where(
        proposals.c.state == ProposalState.LIVE,
        proposals.c.ended_at >= bindparam("since"),
        proposals.c.ended_at < bindparam("before"),
    )
    .order_by(proposals.c.ended_at, proposals.c.id),
)
_UNSETTLED_ROWS = text(is_in("state", *UNSETTLED_PROPOSAL))
_CHANGE = update(proposals).where(proposals.c.id == bindparam("number"))


def add(tx: Connection, values: ProposalValues) -> Proposal | None:
    """Keep a new one; None if another that can still go live changes the same."""
    new = upsert(tx, proposals).values(**values)
    once = new.on_conflict_do_nothing(index_elements=["subject"], index_where=_UNSETTLED_ROWS)
    number = tx.execute(once.returning(proposals.c.id)).scalar_one_or_none()
    return get(tx, number) if number is not None else None


def get(tx: Connection, number: int) -> Proposal | None:
    """The proposal of this number, if there is one."""
    return _GET.one(tx, {"wanted": number})


def lock(tx: Connection, number: int) -> Proposal | None:
    """The same, held until the commit: of two who sign at once the second sees the first."""
    return _LOCK.one(tx, {"wanted": number})


def unsettled(tx: Connection) -> Sequence[Proposal]:
    """All that can still go live, the oldest first."""
    return _UNSETTLED.all(tx)


def about(tx: Connection, subject: str) -> Proposal | None:
    """The one that can still go live and changes this, if there is one."""
    return _OF_SUBJECT.one(tx, {"wanted": subject})


def went_live(tx: Connection, since: datetime, before: datetime) -> Sequence[Proposal]:
    """Those that went live in a period, in order."""
    return _LIVE.all(tx, {"since": since, "before": before})


def change(tx: Connection, number: int, values: ProposalValues) -> None:
    """Write these columns of one."""
    tx.execute(_CHANGE.values(**values), {"number": number})
