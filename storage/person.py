"""Everything that the tables hold about a person, table by table, as it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from storage import erasing
from storage.models import leads

_OF_LEAD, _OF_HANDOFF = "lead_id", "handoff_id"
_NOT_THEIRS = frozenset({"refused", "tombstone", "erasure"})  # told apart, or of nobody any more


def rows_about(tx: Connection, lead_ids: Collection[int]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows about these leads, by table: the leads themselves, and all that refers to them."""
    ids, passes = list(lead_ids), erasing.handoffs_of(tx, lead_ids)
    for table in SQLModel.metadata.sorted_tables:
        if table.name in _NOT_THEIRS:
            continue
        if table is leads:
            mine = leads.c.id.in_(ids)
        elif _OF_LEAD in table.c:
            mine = table.c[_OF_LEAD].in_(ids)
        elif _OF_HANDOFF in table.c:
            mine = table.c[_OF_HANDOFF].in_(passes)
        else:
            continue
        found = tx.execute(select(table).where(mine).order_by(*table.primary_key.columns))
        yield table.name, [dict(row._mapping) for row in found]
