"""How each destination is doing, and pausing one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.events.retries import OPEN_AFTER
from bot.events.sinks import Subscriber
from storage import destinations
from storage.destinations import Backlog
from storage.models import Destination


@dataclass(frozen=True, slots=True)
class Standing:
    """How a destination is doing. `hook` None: it is no longer in the agreement; `row` None: never told."""

    name: str
    hook: Subscriber | None
    row: Destination | None
    backlog: Backlog

    @property
    def words(self) -> str:
        """In a few words, as a table has room for."""
        if self.hook is None:
            return "no longer in the agreement"
        if self.row is None:
            return "nothing sent yet"
        if self.row.paused:
            return "paused"
        if self.row.failures >= OPEN_AFTER:
            return f"failing, tried each minute: {self.row.trouble}"
        return self.row.trouble or "well"


def standings(tx: Connection, hooks: Sequence[Subscriber]) -> list[Standing]:
    """Every destination of the agreement, and those that were in it and still have a cursor."""
    rows = {row.name: row for row in destinations.all_known(tx)}
    agreed = {hook.name: hook for hook in hooks}
    backlogs = destinations.backlogs(tx)
    names = dict.fromkeys((*agreed, *rows))
    return [Standing(name, agreed.get(name), rows.get(name), backlogs.get(name, Backlog())) for name in names]


def pause(tx: Connection, name: str) -> None:
    """Tell a destination nothing; what happens meanwhile waits, in order."""
    destinations.begin(tx, name)
    destinations.change(tx, name, {"paused": True})


def resume(tx: Connection, name: str) -> None:
    """Go on telling it, at once even if it failed before."""
    destinations.begin(tx, name)
    destinations.change(tx, name, {"paused": False, "failures": 0, "retry_at": None})
