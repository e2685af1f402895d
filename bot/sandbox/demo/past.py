"""Time that has already passed: what somebody did at a moment, and what Baton did by itself in between.

The use cases and the ladder are the real ones, given a `now` that moves from one moment to the next. Messages
count as sent when they fell due; what the workspace shows of them is recall.py's.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, literal_column, update

from bot.agreement.book import AgreementBook
from bot.context import BATON, Context
from bot.ladder.ticking import tick
from storage import clocks
from storage.models import DeliveryOp, DeliveryState, deliveries
from storage.outbox.posts import PENDING

NOWHERE_YET = "past"
"""Stands for the `ts` of a message of the past until the workspace gives it one."""

Act = Callable[[datetime], None]

_SEND_DUE = (
    update(deliveries)
    .where(PENDING, deliveries.c.op == DeliveryOp.POST.value, deliveries.c.due_at <= bindparam("now"))
    .values(
        state=DeliveryState.SENT,
        ts=literal_column(f"'{NOWHERE_YET}'"),
        channel=deliveries.c.place,
        sent_at=deliveries.c.due_at,
    )
)


class Past:
    """A stretch of time, played in order inside one transaction."""

    def __init__(self, tx: Connection, book: AgreementBook, began: datetime) -> None:
        self.tx, self.book = tx, book
        self._now = began
        self._numbers = itertools.count(1)
        self._plans: list[tuple[datetime, int, Act]] = []

    def at(self, moment: datetime, act: Act) -> None:
        """Let something happen then, or at once where that moment is over."""
        heapq.heappush(self._plans, (max(moment, self._now), next(self._numbers), act))

    def as_(self, actor: str, at: datetime) -> Context:
        """The context of something that somebody does at a moment."""
        return Context(at, at, self.book, actor, f"past-{next(self._numbers)}")

    def play(self, until: datetime) -> None:
        """Let everything happen that is planned before `until`, and all that falls due meanwhile."""
        while self._plans and self._plans[0][0] < until:
            moment, _, act = heapq.heappop(self._plans)
            self._pass(moment)
            act(moment)
        self._pass(until)

    def _pass(self, until: datetime) -> None:
        """Look at every clock that falls due on the way."""
        while (moment := clocks.next_moment(self.tx, self._now)) is not None and moment <= until:
            self._send(moment)
            tick(self.tx, self.as_(BATON, moment))
            self._now = moment
        self._send(until)
        self._now = until

    def _send(self, now: datetime) -> None:
        self.tx.execute(_SEND_DUE, {"now": now})
