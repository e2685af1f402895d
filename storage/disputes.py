"""What marketing answered to rejections, and how managers ruled. One answer for each rejection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from storage.database.sql import Record
from storage.models import disputes

_ADD = insert(disputes)
_OF_HANDOFF = select(disputes).where(disputes.c.handoff_id == bindparam("handoff"))
_RULE = update(disputes).where(disputes.c.handoff_id == bindparam("handoff"))


def add(tx: Connection, values: Mapping[str, Any]) -> None:
    """Keep an answer."""
    tx.execute(_ADD, dict(values))


def of_handoff(tx: Connection, handoff_id: int) -> Record | None:
    """The answer to the rejection of this handoff, if there is one."""
    return tx.execute(_OF_HANDOFF, {"handoff": handoff_id}).one_or_none()


def rule(
    tx: Connection, handoff_id: int, *, ruling: str, by: str, at: datetime, again_id: int | None
) -> None:
    """Keep how the manager ruled, and the new handoff that came of it."""
    values = {"ruling": ruling, "ruled_by": by, "ruled_at": at, "again_id": again_id}
    tx.execute(_RULE, {"handoff": handoff_id, **values})
