"""Who is who in the workspace, as Slack told it, and who is away."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from storage.models import people
from storage.sql import Record


def among(tx: Connection, user_ids: Iterable[str]) -> dict[str, Record]:
    """The rows of `person` that exist for these ids, by id."""
    rows = tx.execute(select(people).where(people.c.user_id.in_(list(user_ids)))).all()
    return {row.user_id: row for row in rows}
