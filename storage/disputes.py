"""What marketing answered to rejections, and how managers ruled. One answer for each rejection."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from storage.database.sql import Query
from storage.models import Dispute, Ruling, disputes
from storage.models.values import DisputeValues

_ADD = insert(disputes)
_OF_HANDOFF = Query(Dispute, select(disputes).where(disputes.c.handoff_id == bindparam("handoff")))
_RULE = update(disputes).where(disputes.c.handoff_id == bindparam("handoff"))


def add(tx: Connection, values: DisputeValues) -> None:
    """Keep an answer."""
    tx.execute(_ADD, dict(values))


def of_handoff(tx: Connection, handoff_id: int) -> Dispute | None:
    """The answer to the rejection of this handoff, if there is one."""
    return _OF_HANDOFF.one(tx, {"handoff": handoff_id})


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
