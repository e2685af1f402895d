"""Proposed changes of the agreement go live: written into its file once both sides signed and it is time.

The truth is in rows: whatever process looks next does what is due.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from bot.agreement import AgreementError
from bot.agreement.changes import change_of
from bot.clock import Clock
from bot.context import BATON, Context
from bot.engine.reloading import Moved, Reloading
from bot.errors import NotPossible
from bot.handoffs.proposals import is_due, note_trouble, readers, show, show_anew, went_live
from bot.logs import trace
from bot.views.agreement_change import refusal_words
from storage import proposals
from storage.database import Database
from storage.models import Proposal

_log = logging.getLogger("baton.agreement")


class Proposals:
    """Looks after the proposals that can still go live."""

    def __init__(self, database: Database, clock: Clock, reloading: Reloading) -> None:
        self._database, self._clock, self._reloading = database, clock, reloading

    async def look(self) -> None:
        """Show anew what the agreement has changed under, ask who is in charge now, and write what is due.

        Raises DatabaseAway.
        """
        found = await self._database.read(_unsettled, self._context())
        for row, lacks in found:
            ctx = self._context()
            if row.agreement_id != ctx.book.current_id:
                await self._database.write(show_anew, ctx, row.id)
                continue
            if lacks:
                await self._database.write(show, ctx, row.id)
            if is_due(row, ctx.now):
                await self._go_live(row)

    async def _go_live(self, row: Proposal) -> None:
        signers = (row.by, row.marketing_by, row.sales_by)
        by = list(dict.fromkeys(user for user in signers if user))
        made_for = self._reloading.book.text_hash
        try:
            await self._reloading.change(
                [change_of(row.change)], by, made_for=made_for, then=partial(_mark_live, row.id)
            )
        except (Moved, NotPossible) as late:
            _log.info("proposal %d did not go live: %s", row.id, late)
        except AgreementError as error:
            _log.warning("proposal %d could not be written: %s", row.id, error)
            await self._database.write(note_trouble, self._context(), (row.id, refusal_words(error)))

    def _context(self) -> Context:
        return Context(self._clock.now(), self._clock.wire(), self._reloading.book, BATON, trace())


def _unsettled(tx: Connection, ctx: Context) -> Sequence[tuple[Proposal, bool]]:
    """Each, and whether somebody who is asked to sign it has no card of it."""
    rows = proposals.unsettled(tx)
    return [(row, bool(readers(tx, ctx, row) - row.cards.keys())) for row in rows]


def _mark_live(number: int, tx: Connection, ctx: Context) -> None:
    went_live(tx, ctx, number)
