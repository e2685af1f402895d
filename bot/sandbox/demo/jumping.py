"""The page's button that jumps to the next due moment: it moves the clock, and says what happened then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from zoneinfo import ZoneInfo

from rich.console import Console
from sqlalchemy import Connection, func, select

from bot.lookups.cards import name_of
from bot.lookups.history import line_of
from bot.sandbox.demo.stage import Stage
from bot.sandbox.demo.telling import Teller
from bot.views.history import history_words
from storage import leads
from storage.database.sql import Query, known
from storage.models import Event, EventKind, events

NOTHING = "Nothing is due. Send a lead, or wait until one comes in."
BY_WEIGHT = (EventKind.REASSIGNED, EventKind.CLOCK_BREACHED, EventKind.RETURNED, EventKind.CLOCK_NUDGED)
"""What is told of a moment, the weightiest first."""
A_REMINDER = "a reminder went out"


def jumper(stage: Stage) -> Callable[[], Awaitable[str]]:
    """The function behind the button."""
    engine, database = stage.bot.engine, stage.bot.desk.database
    zone = ZoneInfo(stage.agreement.timezone)
    teller = Teller(Console(quiet=True), stage.sandbox.workspace, zone)

    async def jump() -> str:
        """Move to the next due moment and tell of it in a sentence."""
        moment = await engine.next_due_moment()
        if moment is None:
            return NOTHING
        last = await database.read(_last_event)
        await engine.advance(max(moment, stage.clock.now()))
        said = teller.plain(await database.read(_since, last))
        return f"{moment.astimezone(zone):%A %H:%M}: {said}."

    return jump


def _last_event(tx: Connection) -> int:
    return int(tx.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one())


def _since(tx: Connection, last: int) -> str:
    """What the ladder did after an event, in words: the weightiest of it, and how much else there was."""
    told = select(events).where(events.c.id > last, events.c.kind.in_(BY_WEIGHT)).order_by(events.c.id)
    rows = Query(Event, told).all(tx)
    if not rows:
        return A_REMINDER
    first = min(rows, key=lambda row: BY_WEIGHT.index(row.kind))
    others = _others(rows, first)
    words = f"{_name(tx, first)}: {history_words(line_of(first))}"
    return words + (f", and {others} more" if others else "")


def _others(rows: Sequence[Event], first: Event) -> int:
    return len({row.lead_id for row in rows} - {first.lead_id})


def _name(tx: Connection, event: Event) -> str:
    lead = leads.get(tx, known(event.lead_id))
    return name_of(lead) if lead is not None else "a lead"
