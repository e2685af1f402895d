"""`refused list|show|retry|drop` in the terminal: what was not taken, why, and taking it after all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from rich.console import Console
from rich.table import Table

from bot.agreement import load_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.context import BATON, Context
from bot.errors import CannotStart, RefusedNotFound
from bot.handoffs import Taken
from bot.handoffs.received import reading_of
from bot.handoffs.refused import Reading, drop, retry
from bot.handoffs.workflow import DOOR, read_step
from bot.intake import NoLead, sources_of
from bot.leadform import LeadFaults, LeadForm
from bot.logs import trace
from bot.settings import Settings
from handlers.cli.completing import completed_now
from handlers.cli.opening import existing_database
from handlers.cli.terminal import as_json, cell, say
from storage import refused
from storage.database import Database
from storage.models import Refused, RefusedCause, member_of

SHOWN = 50
"""How many a list shows unless more are asked for."""

Command: TypeAlias = Callable[["Counter"], int]


@dataclass(frozen=True, slots=True)
class Counter:
    """Where the commands are served: the database, how to make a context, and where to write.

    `readings` are how the agreement's sources read what their doors kept; `completed` asks the CRM for what a
    body does not say, and gives a NoLead where there is nothing.
    """

    database: Database
    context: Callable[[], Context]
    console: Console
    readings: Mapping[str, Reading] = field(default_factory=dict)
    completed: Callable[[str, Mapping[str, Any]], Any] = lambda _door, body: body

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """One line, as it is."""
        say(self.console, sentence, bad=bad)


def refused_command(command: Command, settings: Settings, clock: Clock, console: Console) -> int:
    """Carry out a command against the database that the settings name. Gives the exit status.

    Raises AgreementError, DatabaseAway, BadDatabaseUrl or CannotStart.
    """
    with existing_database(settings) as database:
        loaded = load_agreement(settings.agreement)
        book = database.write_now(open_book, loaded, clock.now())
        sources = sources_of(loaded.agreement, settings.variable)
        readings = {DOOR: read_step} | {name: reading_of(source) for name, source in sources.items()}

        def context() -> Context:
            return Context(clock.now(), clock.wire(), book, BATON, trace())

        def completed(door: str, body: Mapping[str, Any]) -> Any:
            source = sources.get(door)
            if source is None:
                return body
            (whole,) = completed_now(loaded.agreement, settings.variable, source, [body])
            return whole

        return command(Counter(database, context, console, readings, completed))


def list_refused(door: str = "", cause: str = "", *, tests: bool = False, most: int = SHOWN) -> Command:
    """A table of the latest, newest first; `door` and `cause` leave the others out."""

    def listed(counter: Counter) -> int:
        wanted = member_of(RefusedCause, cause) if cause else None
        if cause and wanted is None:
            raise CannotStart(f"{cause} is not a cause; write one of {', '.join(RefusedCause)}.")
        found = counter.database.read_now(
            refused.newest,
            limit=most,
            door=door or None,
            cause=wanted,
            tests=tests or wanted is RefusedCause.TEST,
        )
        if not found:
            counter.say("There are no refused records.")
            return 0
        counter.console.print(_table(found))
        if len(found) == most:
            counter.say(f"These are the latest {most}. For more use --most.")
        return 0

    return listed


def show_refused(number: int) -> Command:
    """One of them with its body. Status 1 if it is not kept."""

    def shown(counter: Counter) -> int:
        kept = counter.database.read_now(refused.get, number)
        if kept is None:
            return _unknown(counter, number)
        about = f" · stored as lead #{kept.lead_id}" if kept.lead_id is not None else ""
        counter.say(
            f"#{kept.id} · {kept.at:%Y-%m-%d %H:%M} UTC · {kept.door} · IDs from {kept.system}{about}"
        )
        counter.say(f"{kept.cause.value}: {kept.why}")
        counter.say(as_json(kept.body, indent=2))
        return 0

    return shown


def retry_refused(numbers: Sequence[int], *, every: bool = False, door: str = "") -> Command:
    """Send some, all, or all of a door through today's reading and mapping.

    Status 1 if any is still refused, or is not kept.
    """

    def retried(counter: Counter) -> int:
        if sum((bool(numbers), every, bool(door))) != 1:
            raise CannotStart("Say what to retry: numbers, --door NAME, or --all.")
        several = every or bool(door)
        chosen = counter.database.read_now(refused.numbers, door) if several else sorted(set(numbers))
        taken = sum(_retry(counter, number) for number in chosen)
        counter.say(f"{taken} stored, {len(chosen) - taken} still refused.")
        return 0 if taken == len(chosen) else 1

    return retried


def drop_refused(numbers: Sequence[int]) -> Command:
    """Keep some no longer. Status 1 if one was not kept."""

    def dropped(counter: Counter) -> int:
        status = 0
        for number in sorted(set(numbers)):
            try:
                counter.database.write_now(drop, counter.context(), number)
            except RefusedNotFound:
                status = _unknown(counter, number)
            else:
                counter.say(f"#{number} dropped.")
        return status

    return dropped


def _retry(counter: Counter, number: int) -> bool:
    try:
        outcome = counter.database.write_now(retry, counter.context(), number, _readings(counter, number))
    except RefusedNotFound:
        _unknown(counter, number)
        return False
    if isinstance(outcome, LeadFaults):
        counter.say(f"#{number} is still refused: {outcome}", bad=True)
        return False
    counter.say(f"#{number} is now {_words(outcome)}")
    return True


def _readings(counter: Counter, number: int) -> Mapping[str, Reading]:
    """How one is read today. The CRM is asked before the transaction, so that nobody waits for it."""
    kept = counter.database.read_now(refused.get, number)
    if kept is None or kept.door not in counter.readings:
        return counter.readings
    whole, reading = counter.completed(kept.door, kept.body), counter.readings[kept.door]

    def read(_body: Mapping[str, Any], now: datetime) -> LeadForm:
        if isinstance(whole, NoLead):
            raise whole
        return reading(whole, now)

    return {**counter.readings, kept.door: read}


def _words(taken: Taken) -> str:
    what = "new" if taken.created else "known"
    sent = ", handed off" if taken.handed_off else ""
    return f"lead #{taken.id}: {what}, {taken.grade} {taken.priority}{sent}."


def _unknown(counter: Counter, number: int) -> int:
    counter.say(
        f"There is no refused record #{number}: it was stored, dropped, or is over a month old.", bad=True
    )
    return 1


def _table(found: Sequence[Refused]) -> Table:
    table = Table(box=None)
    table.add_column("#", justify="right")
    for name in ("when (UTC)", "door", "cause"):
        table.add_column(name, no_wrap=True)
    table.add_column("why", overflow="fold")
    for each in found:
        cells = (str(each.id), f"{each.at:%Y-%m-%d %H:%M}", _door(each), each.cause.value, each.why)
        table.add_row(*map(cell, cells))
    return table


def _door(kept: Refused) -> str:
    return kept.door if kept.door == kept.system else f"{kept.door} ({kept.system})"
