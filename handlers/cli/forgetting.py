"""`forget EMAIL` in the terminal: somebody is erased everywhere, or let in again after that."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console

from bot.agreement import load_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.context import IMPORT, Context
from bot.handoffs import forget
from bot.logs import trace
from bot.lookups.cards import name_of
from bot.lookups.finding import leads_meant
from bot.settings import Settings
from bot.views.text import plural
from handlers.cli.terminal import say
from storage import erasures
from storage.database import Database
from storage.migrations import migrate

_LEFT = "The running bot rewrites its Slack messages about them. Only counts are left."


def forget_command(typed: str, settings: Settings, clock: Clock, console: Console, *, lift: bool) -> int:
    """Erase whom `typed` means, an address or "#12", or with `lift` let them in again. Gives the exit status.

    Raises AgreementError, DatabaseAway or BadDatabaseUrl.
    """
    database = Database.open(settings.database_url.get_secret_value())
    try:
        migrate(database)
        book = database.write_now(open_book, load_agreement(settings.agreement), clock.now())

        def context() -> Context:
            return Context(clock.now(), clock.wire(), book, IMPORT, trace())

        if lift:
            return _lift(database, console, typed.strip())
        return _forget(database, context, console, typed.strip())
    finally:
        database.close()


def _forget(database: Database, context: Callable[[], Context], console: Console, typed: str) -> int:
    found = database.read_now(leads_meant, typed)
    if len(found) > 1:
        who = "; ".join(f"#{lead.id} {name_of(lead)}" for lead in found)
        say(console, f"Several leads have that address: {who}. Name one by its number.", bad=True)
        return 1
    if found:
        asked = database.write_now(forget.ask, context(), found[0].id)
        forget.carry_out(database, context, asked)
        say(console, f"Lead #{asked.lead_id} was removed. {_LEFT}")
        return 0
    return _unknown(database, context, console, typed)


def _unknown(database: Database, context: Callable[[], Context], console: Console, typed: str) -> int:
    """Nobody has it: they may have been removed before, or have come no further than the refused."""
    before = _removed_before(database, typed)
    if before is not None:
        if "@" in typed:  # refused since, or erased by age, which leaves that to its thirty days
            forget.drop_refused(database, typed)
        asked = database.write_now(forget.ask, context(), before)
        if asked.done_at is None:
            forget.carry_out(database, context, asked)
        say(console, f"Lead #{before} was removed on {asked.asked_at:%d %b %Y}.")
        return 0
    if "@" not in typed:
        say(console, f"There is no lead {typed}; write an e-mail address, or a number like #12.", bad=True)
        return 1
    dropped = forget.drop_refused(database, typed)
    database.write_now(forget.refuse_address, context(), typed)
    database.forget_pages()
    dropped_words = f"{plural(dropped, 'refused record')} dropped"
    say(console, f"No lead has that address; {dropped_words}. From now on Baton refuses it.")
    return 0


def _removed_before(database: Database, typed: str) -> int | None:
    if "@" in typed:
        stones = database.write_now(forget.stones_of_address, typed)
        return next((stone.lead_id for stone in stones if stone.lead_id is not None), None)
    number = typed.removeprefix("#")
    if not number.isdigit() or len(number) > 18:
        return None
    return int(number) if database.read_now(erasures.of_lead, int(number)) is not None else None


def _lift(database: Database, console: Console, typed: str) -> int:
    before = _removed_before(database, typed)
    if before is not None:
        stones = database.read_now(erasures.stones_of, before)
    else:
        stones = database.write_now(forget.stones_of_address, typed) if "@" in typed else ()
    if not stones:
        say(console, "Nobody with that address or number was removed.", bad=True)
        return 1
    database.write_now(erasures.lift, stones)
    say(console, "Baton accepts them again. What was removed stays removed.")
    return 0
