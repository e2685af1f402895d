"""A company with a CRM, for tests: the use cases, a bot that tells the CRM, and people whom Slack knows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.agreement import default_agreement, loaded
from bot.agreement.book import open_book
from bot.agreement.loader import LoadedAgreement
from bot.clock import Clock
from bot.crm.connection import Connections
from bot.crm.polling import Poller
from bot.crm.side import CrmSide
from bot.events import Dispatcher, retries
from storage import crm, destinations, people
from storage.database import Database
from storage.destinations import Backlog
from storage.models import CrmLink, Dispatch
from tests.bot.crm.hubspot_account import TOKEN
from tests.bot.ledger import RILEY, ROBIN, SASHA, Ledger

SECRETS = {"HUBSPOT_TOKEN": TOKEN, "SF_ID": "3MVG9", "SF_SECRET": "client-secret"}
EMAILS = {
    RILEY: "riley@acme-sales.example",
    ROBIN: "robin@acme-sales.example",
    SASHA: "sasha@acme-sales.example",
}

HUBSPOT_FIELDS = """
[crm.fields]
rejection_reason = "baton_reason"
note = "baton_note"
first_touch = "baton_first_touch"
outcome = "baton_outcome"
amount = "baton_amount"
next_step = "baton_next_step"
"""


def with_crm(tables: str) -> LoadedAgreement:
    """The default agreement with a CRM."""
    return loaded(f"{default_agreement().text}\n{tables}")


def with_hubspot(url: str, more: str = HUBSPOT_FIELDS, keys: str = "") -> LoadedAgreement:
    return with_crm(f'[crm]\nkind = "hubspot"\ntoken_env = "HUBSPOT_TOKEN"\nurl = "{url}"\n{keys}\n{more}')


async def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for it, with an end for what never comes."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


@dataclass
class Office:
    """The ledger, and how the CRM is doing."""

    database: Database
    ledger: Ledger
    agreement: LoadedAgreement
    clock: Clock
    poller: Poller | None = None

    def link(self, lead_id: int) -> CrmLink | None:
        table = self.ledger.book.current.crm
        assert table is not None
        return self.database.read_now(crm.links, table.account, [lead_id]).get(lead_id)

    def backlog(self) -> Backlog:
        return self.database.read_now(destinations.backlogs).get("crm", Backlog())

    def parked(self) -> list[Dispatch]:
        return list(self.database.read_now(destinations.parked, "crm", 50))

    def trouble(self) -> str | None:
        row = self.database.read_now(destinations.get, "crm")
        return row.trouble if row is not None else None

    def told(self) -> bool:
        """Whether the CRM has heard of all that happened, but for what is parked."""
        row = self.database.read_now(destinations.get, "crm")
        last = self.database.read_now(destinations.last_event)
        return row is not None and row.cursor >= last and self.backlog().pending == 0

    async def does(self, act: Callable[[], object]) -> None:
        """Let somebody do something, and wait until the CRM has heard of it."""
        await asyncio.to_thread(act)
        await until(self.told)

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[Dispatcher]:
        """While the bot tells the CRM."""
        log = logging.getLogger("office")
        side = CrmSide(self.database, self.clock, self.ledger.book, log, SECRETS.get)
        teller = Dispatcher(self.database, self.clock, self.ledger.book, log, SECRETS.get, side.subscriptions)
        running = asyncio.create_task(teller.run())
        await until(lambda: self.database.read_now(destinations.get, "crm") is not None)
        try:
            yield teller
        finally:
            await teller.stop(timedelta(seconds=5))
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def asks(self) -> int:
        """Ask the CRM what changed there; gives how many changes took effect."""
        if self.poller is None:
            connections = Connections(SECRETS.get)
            log = logging.getLogger("office")
            self.poller = Poller(connections, self.database, self.clock, self.ledger.book, log)
        return await self.poller.look(at_once=True)

    async def closes(self) -> None:
        """Let go of what asked."""
        table = self.ledger.book.current.crm
        if self.poller is not None and table is not None:
            await self.poller.connections.to(table).crm.close()


def office(database: Database, agreement: LoadedAgreement) -> Office:
    """An office in which Slack has told of everybody's address."""
    ledger = Ledger(database, now=datetime.now(UTC), agreement=agreement)
    for user, email in EMAILS.items():
        name = email.partition("@")[0].title()
        database.write_now(
            people.remember, user, name=name, email=email, timezone=None, left=False, asked_at=ledger.now
        )
    return Office(database, ledger, agreement, Clock())


def with_salesforce(
    url: str, more: str = '[crm.fields]\nnote = "Baton_Note__c"', keys: str = ""
) -> LoadedAgreement:
    client = 'client_id_env = "SF_ID"\nclient_secret_env = "SF_SECRET"'
    return with_crm(f'[crm]\nkind = "salesforce"\nurl = "{url}"\n{client}\n{keys}\n{more}')


def work(database_url: str, agreement: str) -> None:
    """Tell the CRM of an agreement until killed; what does not arrive is tried again soon."""
    retries.FIRST = timedelta(seconds=0.5)
    database, clock = Database.open(database_url), Clock()
    book = database.write_now(open_book, loaded(agreement), clock.now())
    log = logging.getLogger("office")
    side = CrmSide(database, clock, book, log, SECRETS.get)
    asyncio.run(Dispatcher(database, clock, book, log, SECRETS.get, side.subscriptions).run())
