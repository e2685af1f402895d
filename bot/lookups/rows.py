"""Rows of boards and leads as the views take them, with the clock of each as it stands."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.lookups.cards import clock_facts, lead_facts
from bot.rules.roles import MAY, Permission, Role, roles_of
from bot.views.ids import Action
from bot.views.rows import LeadRow
from storage import boards
from storage.boards import BoardRow
from storage.models import ClockKind, HandoffState, Lead, SlaClock
from storage.outbox import links


def rows_of(
    tx: Connection, book: AgreementBook, found: Sequence[BoardRow], reader: str
) -> tuple[LeadRow, ...]:
    """Rows that `storage.boards` found, in their order, as `reader` sees them."""
    clocks = boards.clocks_of(tx, [row.clock_id for row in found if row.clock_id is not None])
    cards = links.of_handoffs(tx, [row.handoff_id for row in found])
    return tuple(
        _row(tx, book, row, clocks.get(row.clock_id or 0), reader, cards.get(row.handoff_id)) for row in found
    )


def rows_of_leads(
    tx: Connection, book: AgreementBook, leads: Sequence[Lead], reader: str
) -> tuple[LeadRow, ...]:
    """Leads, each with its open handoff if it has one, in their order."""
    handed = boards.open_of_leads(tx, [lead.id for lead in leads])
    rows = {row.lead.lead_id: row for row in rows_of(tx, book, list(handed.values()), reader)}
    return tuple(rows.get(lead.id) or LeadRow(lead_facts(lead), owner=lead.owner) for lead in leads)


def _row(
    tx: Connection, book: AgreementBook, row: BoardRow, clock: SlaClock | None, reader: str, card: str | None
) -> LeadRow:
    return LeadRow(
        lead_facts(row),
        handoff_id=row.handoff_id,
        team=row.team,
        priority=row.handoff_priority,
        owner=row.handoff_owner,
        state=row.handoff_state,
        clock=clock_facts(tx, book, clock, row.team, row.handoff_priority) if clock is not None else None,
        handed_at=row.handed_at,
        due=due_of(book, row, clock, reader),
        card_url=card,
    )


def due_of(book: AgreementBook, row: BoardRow, clock: SlaClock | None, reader: str) -> Action | None:
    """What the reader should do next about a handoff; None where it is somebody else's turn.

    Whoever has the lead, or could have it, works on it; a manager of somebody else's lead passes it on.
    """
    held = roles_of(book, reader, book.current.team(row.team), row.handoff_owner)
    if row.handoff_state == HandoffState.REJECTED:
        return Action.DISPUTE if _owes_answer(book, row, clock, reader, held) else None
    if row.handoff_state not in _WORK:
        return None
    if Role.OWNER in held:
        if row.handoff_state == HandoffState.WAITING:
            return Action.ACCEPT
        return Action.TOUCH if clock is not None and clock.kind is ClockKind.FIRST_TOUCH else Action.OUTCOME
    return Action.REASSIGN_FORM if MAY[Permission.REASSIGN] & held else None


_WORK = (HandoffState.WAITING, HandoffState.ACCEPTED)


def _owes_answer(
    book: AgreementBook, row: BoardRow, clock: SlaClock | None, reader: str, held: frozenset[Role]
) -> bool:
    if clock is None or clock.kind is not ClockKind.ANSWER:
        return False
    campaign = book.current.campaign(row.campaign)
    return bool(MAY[Permission.DISPUTE] & held) or (campaign is not None and campaign.owner == reader)
