"""`crm check|fields|pull|push|replay` in the terminal: the CRM that Baton works with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.table import Table

from bot.agreement import Agreement, load_agreement
from bot.agreement.book import open_book
from bot.agreement.crm import Crm as CrmTable
from bot.clock import Clock
from bot.crm.connection import Connection, Connections, connect
from bot.crm.polling import Poller
from bot.crm.port import CrmTrouble, FieldInfo
from bot.crm.pushing import push
from bot.errors import CannotStart
from bot.events.rounds import replay
from bot.events.signing import BadSecret
from bot.settings import Settings
from bot.setup.crm import account_of, addresses_of, crm_findings
from bot.views.text import plural
from handlers.cli.checking import told
from handlers.cli.terminal import cell
from storage import crm as storage
from storage import destinations
from storage.database import Database
from storage.migrations import migrate

Command: TypeAlias = Callable[["CrmDesk"], int]


@dataclass(frozen=True, slots=True)
class CrmDesk:
    """What the commands work on; `secret` looks an environment variable up."""

    agreement: Agreement
    path: Path
    table: CrmTable
    database: Database
    secret: Callable[[str], str | None]
    clock: Clock
    console: Console

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """One line, as it is."""
        style = "red" if bad else None
        self.console.print(sentence, style=style, markup=False, highlight=False, soft_wrap=True)

    def connection(self) -> Connection:
        """The CRM, reached. Raises CannotStart."""
        try:
            return connect(self.table, self.secret)
        except BadSecret as error:
            raise CannotStart(str(error)) from None


def crm_command(command: Command, settings: Settings, clock: Clock, console: Console) -> int:
    """Carry out a command, whether the bot is running or not. Gives the exit status.

    Raises AgreementError, DatabaseAway, BadDatabaseUrl or CannotStart.
    """
    agreement = load_agreement(settings.agreement).agreement
    if agreement.crm is None:
        raise CannotStart("The agreement names no CRM; add [crm] with its kind.")
    database = Database.open(settings.database_url.get_secret_value())
    try:
        migrate(database)
        return command(
            CrmDesk(agreement, settings.agreement, agreement.crm, database, settings.variable, clock, console)
        )
    except CrmTrouble as trouble:
        raise CannotStart(f"{trouble.why}.") from None
    finally:
        database.close()


def check_crm() -> Command:
    """Say what the CRM lacks, and where to set it. Status 1 if anything does."""

    def checked(desk: CrmDesk) -> int:
        addresses = desk.database.read_now(addresses_of, desk.agreement)
        account = desk.database.read_now(account_of, desk.agreement)
        findings = crm_findings(desk.table, desk.secret, addresses, account)
        return asyncio.run(told(findings, desk.console, "The CRM has everything Baton needs."))

    return checked


def list_fields(*, every: bool) -> Command:
    """A table of what Baton says, in which field, and what the CRM says of that; with `every` all fields."""

    def listed(desk: CrmDesk) -> int:
        connection = desk.connection()
        known = asyncio.run(_known(connection))
        table = Table(box=None)
        for name in ("Baton's field", "CRM field", "CRM label", "CRM values"):
            table.add_column(name, overflow="fold")
        said = {name: says.value for says, name in connection.mapping.fields.items()}
        names = [*said, *sorted(known.keys() - said.keys())] if every else list(said)
        for name in names:
            field = known.get(name)
            label = field.label if field is not None else "not in the CRM"
            options = ", ".join(field.options) if field is not None else ""
            table.add_row(*map(cell, (said.get(name, ""), name, label, options)))
        desk.console.print(table)
        return 0

    return listed


def push_leads(lead: int | None, *, overwrite: bool) -> Command:
    """Let the running bot write what Baton says of one lead, or of all that sales has."""

    def pushed(desk: CrmDesk) -> int:
        desk.database.write_now(destinations.begin, desk.table.name)
        count = desk.database.write_now(push, desk.table, desk.clock.now(), lead, overwrite=overwrite)
        if not count:
            why = "Sales has no lead" if lead is None else f"Sales never had a lead #{lead}"
            desk.say(f"{why}, so nothing is written.", bad=True)
            return 1
        desk.say(f"The running bot will write {plural(count, 'lead')}.")
        return 0

    return pushed


def pull_changes() -> Command:
    """Ask what changed there now, and let it take effect. Status 1 if something could not be asked for."""

    def pulled(desk: CrmDesk) -> int:
        desk.connection()
        book = desk.database.write_now(open_book, load_agreement(desk.path), desk.clock.now())
        connections, log = Connections(desk.secret), logging.getLogger("baton.crm.pull")
        log.addHandler(logging.NullHandler())  # what went wrong is said below, once
        poller = Poller(connections, desk.database, desk.clock, book, log)
        count = asyncio.run(_pull(poller, connections, desk.table))
        feeds = desk.database.read_now(storage.feeds, desk.table.account)
        for feed in feeds:
            if feed.trouble:
                desk.say(f"{feed.name}: {feed.trouble}.", bad=True)
            elif feed.worker is not None:
                desk.say(f"{feed.name}: the running bot is reading it right now.")
        desk.say(f"{plural(count, 'change')} took effect.")
        return 1 if any(feed.trouble for feed in feeds) else 0

    return pulled


async def _pull(poller: Poller, connections: Connections, table: CrmTable) -> int:
    try:
        return await poller.look(at_once=True)
    finally:
        await connections.to(table).crm.close()


def replay_crm() -> Command:
    """Try again what was parked."""

    def replayed(desk: CrmDesk) -> int:
        desk.database.write_now(destinations.begin, desk.table.name)
        count = desk.database.write_now(replay, desk.table, desk.clock.now(), None)
        desk.say(f"The running bot will retry {plural(count, 'event')}.")
        return 0

    return replayed


async def _known(connection: Connection) -> dict[str, FieldInfo]:
    try:
        return (await connection.directory.known()).fields
    finally:
        await connection.crm.close()
