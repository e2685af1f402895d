"""Who is who in the workspace, as Slack told it, and who is away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from storage.models import people
from storage.sql import Record, upsert

_AMONG = select(people).where(people.c.user_id.in_(bindparam("users", expanding=True)))


def among(tx: Connection, user_ids: Iterable[str]) -> dict[str, Record]:
    """The rows of `person` that exist for these ids, by id."""
    rows = tx.execute(_AMONG, {"users": list(user_ids)}).all()
    return {row.user_id: row for row in rows}


def remember(
    tx: Connection,
    user_id: str,
    *,
    name: str | None,
    email: str | None,
    timezone: str | None,
    left: bool,
    asked_at: datetime,
) -> None:
    """Keep what Slack told about somebody; whether they are away is not touched."""
    told = {"name": name, "email": email, "timezone": timezone, "left": left, "asked_at": asked_at}
    statement = upsert(tx, people).values(user_id=user_id, **told)
    tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=told))
