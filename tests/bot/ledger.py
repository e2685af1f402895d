"""The use cases on an empty database, for their tests: the default agreement, a clock one can move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, select, update

from bot.agreement import LoadedAgreement, default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.context import Context
from bot.handoffs import Taken, take_in
from bot.leadform import read_lead
from storage import absences
from storage.database import Database
from storage.database.sql import Query
from storage.models import (
    Delivery,
    Event,
    Handoff,
    Lead,
    SlaClock,
    clocks,
    deliveries,
    events,
    handoffs,
    leads,
)
from storage.models.values import AbsenceValues

P = ParamSpec("P")
T = TypeVar("T")

MONDAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
"""10:00 in New York and 16:00 in Berlin: everybody in the default agreement is at work."""

ADMIN, MARKETER, MANAGER = "U0ADMIN", "U0MARA", "U0MGR"
RILEY, ROBIN = "U0REP1", "U0REP2"  # Enterprise, a pool
SASHA, TONI = "U0REP3", "U0REP4"  # Growth, by rotation

JANE: dict[str, Any] = {
    "external_id": "hs-1",
    "email": "jane@acme.example",
    "first_name": "Jane",
    "last_name": "Doe",
    "title": "CTO",
    "company": "ACME",
    "employees": 450,
}


@dataclass
class Ledger:
    """Runs use cases as people at a moment. Each call is a click of its own, with a trace of its own."""

    database: Database
    now: datetime = MONDAY
    agreement: LoadedAgreement = field(default_factory=default_agreement)
    book: AgreementBook = field(init=False)
    _clicks: count[int] = field(default_factory=count, init=False)

    def __post_init__(self) -> None:
        self.book = self.database.write_now(open_book, self.agreement, self.now)

    def agrees(self, agreement: LoadedAgreement) -> None:
        """Another agreement is in force from now on."""
        self.book = self.database.write_now(open_book, agreement, self.now)

    def context(self, actor: str) -> Context:
        return Context(self.now, self.now, self.book, actor, f"click-{next(self._clicks)}")

    def does(
        self,
        actor: str,
        use_case: Callable[Concatenate[Connection, Context, P], T],
        *args: P.args,
        **kw: P.kwargs,
    ) -> T:
        return self.database.write_now(use_case, self.context(actor), *args, **kw)

    def passes(self, by: timedelta) -> None:
        self.now += by

    def takes_in(self, actor: str = "api:crm", **fields: Any) -> Taken:
        """Jane, who asked for a demo, unless told otherwise."""
        asked = [{"type": "demo_request", "at": self.now.isoformat()}]
        return self.tells(actor, **{**JANE, "activities": asked, **fields})

    def tells(self, actor: str = "api:crm", **fields: Any) -> Taken:
        """A record as another system sends it, with nothing added."""
        return self.does(actor, take_in, read_lead(fields, now=self.now))

    def handoff_comes(self, **fields: Any) -> int:
        """Jane is handed to sales; gives the handoff's id."""
        taken = self.takes_in(**fields)
        assert taken.handoff_id is not None
        return taken.handoff_id

    def goes_away(self, user: str, lasting: timedelta | None = None) -> int:
        """Somebody is away from now on, without a word to anybody; None: until they are back."""
        ends = None if lasting is None else self.now + lasting
        row: AbsenceValues = {"user_id": user, "begins": self.now, "ends": ends, "set_by": user}
        return self.database.write_now(absences.add, {**row, "set_at": self.now})

    def slack_shows(self, kind: str) -> None:
        """Slack has taken every post of a kind."""
        posted = update(deliveries).where(deliveries.c.kind == kind, deliveries.c.op == "post")
        self.database.write_now(lambda tx: tx.execute(posted.values(state="sent", ts="1.0")) and None)

    def handoff(self, handoff_id: int) -> Handoff:
        return self._row(Query(Handoff, select(handoffs).where(handoffs.c.id == handoff_id)))

    def lead_of(self, handoff_id: int) -> Lead:
        lead_id = self.handoff(handoff_id).lead_id
        return self._row(Query(Lead, select(leads).where(leads.c.id == lead_id)))

    def clocks(self, handoff_id: int) -> list[SlaClock]:
        wanted = select(clocks).where(clocks.c.handoff_id == handoff_id).order_by(clocks.c.id)
        return self._rows(Query(SlaClock, wanted))

    def running(self, handoff_id: int) -> dict[str, SlaClock]:
        """The clocks that run, by kind."""
        rows = (row for row in self.clocks(handoff_id) if row.met_at is None and row.stopped_at is None)
        return {row.kind: row for row in rows}

    def clock(self, handoff_id: int, kind: str) -> SlaClock:
        """The newest clock of a kind."""
        return [row for row in self.clocks(handoff_id) if row.kind == kind][-1]

    def events(self, handoff_id: int) -> list[Event]:
        wanted = select(events).where(events.c.handoff_id == handoff_id).order_by(events.c.id)
        return self._rows(Query(Event, wanted))

    def kinds(self, handoff_id: int) -> list[str]:
        return [event.kind for event in self.events(handoff_id)]

    def messages(self, kind: str, op: str = "post") -> list[Delivery]:
        wanted = select(deliveries).where(deliveries.c.kind == kind, deliveries.c.op == op)
        return self._rows(Query(Delivery, wanted.order_by(deliveries.c.id)))

    def _rows(self, query: Query[T]) -> list[T]:
        return list(self.database.read_now(query.all))

    def _row(self, query: Query[T]) -> T:
        return self.database.read_now(query.the)
