"""What marketing answered to rejections, and how managers ruled. One answer for each rejection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnClause, Connection, bindparam, func, insert, literal_column, select, update

from storage.database.sql import Query
from storage.models import Answer, Dispute, Ruling, disputes, handoffs, leads
from storage.models.values import DisputeValues


class Undecided:
    """So many rejections of one team that marketing contests and nobody has ruled on."""

    team: str
    number: int


_ADD = insert(disputes)
_OF_HANDOFF = Query(Dispute, select(disputes).where(disputes.c.handoff_id == bindparam("handoff")))
UNDECIDED: ColumnClause[bool] = literal_column(
    f"dispute.answer = '{Answer.CONTESTED}' AND dispute.ruling IS NULL"
)
"""A rejection that marketing contests and nobody has ruled on."""
_UNDECIDED = (
    select(handoffs.c.team, handoffs.c.id)
    .join(disputes, disputes.c.handoff_id == handoffs.c.id)
    .join(leads, leads.c.id == handoffs.c.lead_id)
    .where(UNDECIDED, leads.c.forgotten_at.is_(None))
)
_BY_TEAM = Query(
    Undecided,
    _UNDECIDED.with_only_columns(handoffs.c.team, func.count().label("number")).group_by(handoffs.c.team),
)
_ALL_UNDECIDED = _UNDECIDED.with_only_columns(handoffs.c.id).order_by(handoffs.c.id)
_RULE = update(disputes).where(disputes.c.handoff_id == bindparam("handoff"))


def add(tx: Connection, values: DisputeValues) -> None:
    """Keep an answer."""
    tx.execute(_ADD, dict(values))


def of_handoff(tx: Connection, handoff_id: int) -> Dispute | None:
    """The answer to the rejection of this handoff, if there is one."""
    return _OF_HANDOFF.one(tx, {"handoff": handoff_id})


def undecided(tx: Connection) -> Sequence[int]:
    """The handoffs whose rejection is contested and not ruled on, by id."""
    return tx.execute(_ALL_UNDECIDED).scalars().all()


def undecided_by_team(tx: Connection) -> Sequence[Undecided]:
    """The same, counted by team."""
    return _BY_TEAM.all(tx)


def rule(
    tx: Connection, handoff_id: int, *, ruling: Ruling, by: str, at: datetime, again_id: int | None
) -> None:
    """Keep how the manager ruled, and the new handoff that came of it."""
    values: DisputeValues = {"ruling": ruling, "ruled_by": by, "ruled_at": at, "again_id": again_id}
    tx.execute(_RULE, {"handoff": handoff_id, **values})


def unrule(tx: Connection, handoff_id: int) -> None:
    """Forget how the manager ruled: the answer waits for it again."""
    values: DisputeValues = {"ruling": None, "ruled_by": None, "ruled_at": None, "again_id": None}
    tx.execute(_RULE, {"handoff": handoff_id, **values})
