"""Use cases with ticking ladders: cards that Slack has taken, ticks at any moment, and reminders as read."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from bot.agreement.book import AgreementBook
from bot.context import BATON
from bot.delivery.rendering import render
from bot.delivery.shown import card_shown
from bot.ladder import tick
from bot.views.message import Rendered
from storage import people
from storage.database.sql import Query
from storage.models import Delivery, DeliveryState, Nag, deliveries
from storage.models import nags as nag_table
from storage.outbox import posts
from tests.bot.ledger import Ledger
from tests.bot.views.reading import said

_LOG = logging.getLogger("tests")
MINUTE = timedelta(minutes=1)
GROWTH = {"employees": 20}
"""Goes to the Growth team, where Baton picks the rep."""


@dataclass
class TickingLedger(Ledger):
    """Use cases with a Slack that takes whatever is given to it, when it is told to."""

    def delivers(self) -> list[Delivery]:
        """Slack takes all that may go now; gives the posts among them."""
        return self.database.write_now(_deliver, self.book, self.now)

    def ticks(self, after: timedelta = timedelta(0)) -> None:
        """So much time passes, and everything due by then is looked at."""
        self.now += after
        while self.does(BATON, tick).more:
            pass

    def card_comes(self, **fields: object) -> int:
        """Jane is handed to sales and her card is shown; gives the handoff's id."""
        handoff_id = self.handoff_comes(**fields)
        self.delivers()
        return handoff_id

    def leaves(self, user: str) -> None:
        """Somebody's account is switched off."""
        told: dict[str, Any] = {"name": None, "email": None, "timezone": None, "asked_at": self.now}
        self.database.write_now(lambda tx: people.remember(tx, user, left=True, **told))

    def waiting(self) -> list[Delivery]:
        """The reminders that wait to go."""
        return [row for row in self.messages("nag") if row.state == DeliveryState.PENDING]

    def lines(self) -> list[tuple[str, str, int]]:
        """Every line of every reminder: to whom or where, what, and which step of the ladder."""
        rows = self._rows(Query(Nag, select(nag_table).order_by(nag_table.c.id)))
        return [(row.place, row.what, row.step) for row in rows]

    def reads(self, message: Delivery) -> str:
        """What a reminder says now, as it is posted or, once it was, as it is rewritten; empty if nothing."""
        shown = self.database.read_now(self._render, message.id)
        return said(shown) if shown is not None else ""

    def deliveries(self) -> list[Delivery]:
        """All of the outbox."""
        return self._rows(Query(Delivery, select(deliveries).order_by(deliveries.c.id)))

    def shown(self, message: Delivery) -> Rendered | None:
        """What a message reads now; None where nothing is left to say."""
        return self.database.read_now(self._render, message.id)

    def is_called(self, user: str, name: str) -> None:
        """Slack has told what somebody is called."""
        told: dict[str, Any] = {"email": None, "timezone": None, "left": False, "asked_at": self.now}
        self.database.write_now(lambda tx: people.remember(tx, user, name=name, **told))

    def blocks(self, message: Delivery) -> list[dict[str, Any]]:
        """The blocks that it consists of now."""
        shown = self.database.read_now(self._render, message.id)
        return shown.blocks if shown is not None else []

    def _render(self, tx: Connection, delivery_id: int) -> Rendered | None:
        return render(tx, self.book, posts.require(tx, delivery_id), self.now)


def _deliver(tx: Connection, book: AgreementBook, now: datetime) -> list[Delivery]:
    going = select(deliveries).where(deliveries.c.state == DeliveryState.PENDING, deliveries.c.due_at <= now)
    rows = Query(Delivery, going.order_by(deliveries.c.id)).all(tx)
    for row in rows:
        shown = {"state": DeliveryState.SENT, "channel": row.place, "ts": f"{row.id}.0", "sent_at": now}
        tx.execute(update(deliveries).where(deliveries.c.id == row.id).values(**shown))
        if row.kind == "nag" and row.op == "post":
            card_shown(tx, book, _LOG, row, now, now)
    return [row for row in rows if row.op == "post"]
