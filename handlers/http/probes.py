"""Which parts `/readyz` asks, and what it asks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.clock import Clock
from bot.delivery import Sender
from bot.engine.reloading import Reloading
from bot.engine.scheduler import Engine
from handlers.http.health import Probe, database_probe, heard_probe, parked_probe
from storage.database import Database


def probes_of(
    database: Database,
    clock: Clock,
    sender: Sender,
    engine: Engine,
    reloading: Reloading,
    slack: Sequence[Callable[[], tuple[bool, str]]],
) -> dict[str, Probe]:
    """The probes of `/readyz` by name. `slack`: its link's own word, and Socket Mode's where there is one."""
    over_http = len(slack) == 1  # Socket Mode has something to say too
    return {
        "database": database_probe(database, clock),
        "slack": _probe(*slack),
        "sender": _probe(sender.health),
        "engine": _probe(engine.health),
        "auditor": _probe(engine.auditors_word),
        "parked": parked_probe(database),
        "agreement": reloading.health,
        "heard": heard_probe(database, over_http=over_http),
    }


def _probe(*parts: Callable[[], tuple[bool, str]]) -> Probe:
    """Whether all of these say that they are well, in their own words."""

    async def ask() -> tuple[bool, str]:
        answers = [part() for part in parts]
        return all(well for well, _ in answers), " ".join(says for _, says in answers)

    return ask
