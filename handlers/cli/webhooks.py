"""`webhooks list|test|replay|pause|resume` in the terminal: the tools that hear of events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias

from rich.console import Console
from rich.table import Table

from bot.agreement import Agreement, load_agreement
from bot.agreement.webhooks import Told
from bot.clock import Clock
from bot.errors import CannotStart
from bot.events.reaching import subscriptions
from bot.events.rounds import replay
from bot.events.signing import BadSecret
from bot.events.sinks import Answer, Message, Subscriber, Verdict
from bot.events.standing import pause, resume, standings
from bot.settings import Settings
from bot.views.text import plural
from handlers.cli.terminal import cell
from storage import destinations
from storage.database import Database
from storage.migrations import migrate

Command: TypeAlias = Callable[["Webhooks"], int]


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What the commands work on; `secret` looks an environment variable up."""

    agreement: Agreement
    database: Database
    secret: Callable[[str], str | None]
    clock: Clock
    console: Console

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """One line, as it is."""
        style = "red" if bad else None
        self.console.print(sentence, style=style, markup=False, highlight=False, soft_wrap=True)

    def named(self, name: str) -> str:
        """The name, if a destination has it: a webhook, a stream, or the CRM. Raises CannotStart."""
        crm = self.agreement.crm
        return name if crm is not None and name == crm.name else self.require(name).name

    def require(self, name: str) -> Told:
        """The agreed destination of this name. Raises CannotStart."""
        for tool in self.agreement.told:
            if tool.name == name:
                return tool
        known = ", ".join(tool.name for tool in self.agreement.told) or "none yet; add [[webhooks]]"
        raise CannotStart(f"The agreement has no webhook {name}. It has: {known}.")


def webhooks_command(command: Command, settings: Settings, clock: Clock, console: Console) -> int:
    """Carry out a command, whether the bot is running or not. Gives the exit status.

    Raises AgreementError, DatabaseAway, BadDatabaseUrl or CannotStart.
    """
    agreement = load_agreement(settings.agreement).agreement
    database = Database.open(settings.database_url.get_secret_value())
    try:
        migrate(database)
        return command(Webhooks(agreement, database, settings.variable, clock, console))
    finally:
        database.close()


def list_webhooks() -> Command:
    """A table of every destination: how it is doing, what waits, and what is parked."""

    def listed(webhooks: Webhooks) -> int:
        agreement = webhooks.agreement
        tools: list[Subscriber] = [*agreement.told, *filter(None, [agreement.crm])]
        found = webhooks.database.read_now(standings, tools)
        if not found:
            webhooks.say("The agreement has no webhooks.")
            return 0
        table = Table(box=None)
        for name, justify in (("name", "left"), ("sent", "right"), ("waiting", "right"), ("parked", "right")):
            table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True)
        table.add_column("last sent (UTC)", no_wrap=True)
        table.add_column("state", overflow="fold")
        for each in found:
            told = each.row.delivered_at if each.row else None
            sent = (each.row.sequence if each.row else 0) - each.backlog.pending - each.backlog.parked
            counts = (sent, each.backlog.pending, each.backlog.parked)
            when = f"{told:%Y-%m-%d %H:%M}" if told else "never"
            table.add_row(*map(cell, (each.name, *map(str, counts), when, each.words)))
        webhooks.console.print(table)
        return 0

    return listed


def test_webhook(name: str) -> Command:
    """Send one signed message of the type `test`. Status 1 if it did not arrive."""

    def tested(webhooks: Webhooks) -> int:
        answer = asyncio.run(_try(webhooks.require(name).name, webhooks))
        if answer.verdict is Verdict.ARRIVED:
            webhooks.say(f"{name} accepted the test message.")
            return 0
        webhooks.say(f"{name} {answer.why}.", bad=True)
        return 1

    return tested


def replay_webhook(name: str, since: str) -> Command:
    """Send again what is parked, or all since a day (UTC)."""

    def replayed(webhooks: Webhooks) -> int:
        hook = webhooks.require(name)
        moment = _day(since) if since else None
        webhooks.database.write_now(destinations.begin, name)
        count = webhooks.database.write_now(replay, hook, webhooks.clock.now(), moment)
        webhooks.say(f"The running bot will resend {plural(count, 'event')}.")
        return 0

    return replayed


def pause_webhook(name: str) -> Command:
    """Tell it nothing until it is resumed."""

    def paused(webhooks: Webhooks) -> int:
        webhooks.database.write_now(pause, webhooks.named(name))
        webhooks.say(f"{name} is paused. Its events wait until you run webhooks resume {name}.")
        return 0

    return paused


def resume_webhook(name: str) -> Command:
    """Go on telling it."""

    def resumed(webhooks: Webhooks) -> int:
        webhooks.database.write_now(resume, webhooks.named(name))
        webhooks.say(f"{name} gets events again, the waiting ones first.")
        return 0

    return resumed


async def _try(name: str, webhooks: Webhooks) -> Answer:
    told = subscriptions(webhooks.agreement, webhooks.secret, webhooks.clock)
    try:
        sink = next(each for each in told if each.name == name).reach()
    except BadSecret as error:
        return Answer(Verdict.REFUSED, f"cannot be called: {str(error).removesuffix('.')}")
    now = webhooks.clock.now()
    mark = f"evt_test_{now:%Y%m%d%H%M%S}"  # a stream keeps one of those that have the same id
    body = {"id": mark, "type": "test", "at": now.isoformat().replace("+00:00", "Z"), "sequence": 0}
    try:
        (answer,) = await sink.send([Message(mark, "test", 0, json.dumps(body).encode())])
    finally:
        await sink.close()
    return answer


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError:
        raise CannotStart(f"“{text}” is not a date; write --since 2026-11-20.") from None
