"""Rows of boards and leads as the views take them, with the clock of each as it stands."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.lookups.cards import clock_facts, lead_facts
from bot.views.rows import LeadRow
from storage import boards
from storage.boards import BoardRow
from storage.models import Lead, SlaClock


def rows_of(tx: Connection, book: AgreementBook, found: Sequence[BoardRow]) -> tuple[LeadRow, ...]:
    """Rows that `storage.boards` found, in their order."""
    clocks = boards.clocks_of(tx, [row.clock_id for row in found if row.clock_id is not None])
    return tuple(
        _row(tx, book, row, clocks.get(row.clock_id) if row.clock_id is not None else None) for row in found
    )


def rows_of_leads(tx: Connection, book: AgreementBook, leads: Sequence[Lead]) -> tuple[LeadRow, ...]:
    """Leads, each with its open handoff if it has one, in their order."""
    handed = boards.open_of_leads(tx, [lead.id for lead in leads])
    rows = {row.lead.lead_id: row for row in rows_of(tx, book, list(handed.values()))}
    return tuple(rows.get(lead.id) or LeadRow(lead_facts(lead), owner=lead.owner) for lead in leads)


def _row(tx: Connection, book: AgreementBook, row: BoardRow, clock: SlaClock | None) -> LeadRow:
    return LeadRow(
        lead_facts(row),
        handoff_id=row.handoff_id,
        team=row.team,
        priority=row.handoff_priority,
        owner=row.handoff_owner,
        state=row.handoff_state,
        clock=clock_facts(tx, book, clock, row.team, row.handoff_priority) if clock is not None else None,
        handed_at=row.handed_at,
    )
