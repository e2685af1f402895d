"""Whole tables, row by row, in the order in which they were written; never all at once in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage.models import events, handoffs, lead_aliases, leads

BATCH = 1000

_EXTERNAL = (
    select(func.min(lead_aliases.c.external_id))
    .where(lead_aliases.c.lead_id == leads.c.id)
    .scalar_subquery()
    .label("external_id")
)
_INTERNAL = {"email_key", "company_key", "card_id"}
_STATEMENTS: Mapping[str, Callable[[], Select[Any]]] = {
    "leads": lambda: select(
        leads.c.id, _EXTERNAL, *(c for c in leads.c if c.name not in _INTERNAL | {"id"})
    ).order_by(leads.c.id),
    "handoffs": lambda: select(*(c for c in handoffs.c if c.name not in _INTERNAL)).order_by(handoffs.c.id),
    "events": lambda: select(events).order_by(events.c.id),
}
WHAT = tuple(_STATEMENTS)
"""What can be exported."""


def columns(what: str) -> list[str]:
    """The names of the columns, in order. Raises KeyError for what is not in `WHAT`."""
    return [column.name for column in _STATEMENTS[what]().selected_columns]


def rows(tx: Connection, what: str) -> Iterator[tuple[Any, ...]]:
    """The rows, read on demand; only while the transaction is open. Raises KeyError as `columns`."""
    result = tx.execution_options(yield_per=BATCH).execute(_STATEMENTS[what]())
    for row in result:
        yield tuple(row)
