"""What went over the wire: every call of the bot and every dispatch to it, with its outcome. Bounded."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass

from bot.sandbox.slack.model import JsonDict
from bot.sandbox.slack.state import Workspace

KEPT_ENTRIES = 2_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange. `direction` `in` is a call by the bot, `out` a dispatch to it; `ms` how long it took.

    `error` is Slack's name for what went wrong, empty if nothing did; `reason` says more, for people.
    """

    direction: str
    name: str
    ok: bool
    ms: float
    error: str = ""
    reason: str = ""
    channel: str = ""
    at: str = ""


class Traffic:
    """The log of exchanges, newest last."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.entries: deque[Exchange] = deque(maxlen=KEPT_ENTRIES)

    def add(self, exchange: Exchange) -> None:
        """Note an exchange and announce it."""
        self.entries.append(exchange)
        self._workspace.emit("traffic", audience=None, exchange=as_json(exchange))

    def refused(self) -> list[Exchange]:
        """The exchanges that went wrong."""
        return [entry for entry in self.entries if not entry.ok]

    def calls(self, name: str) -> list[Exchange]:
        """The exchanges of one method or kind of dispatch."""
        return [entry for entry in self.entries if entry.name == name]


def as_json(exchange: Exchange) -> JsonDict:
    """An exchange as a plain dict."""
    return asdict(exchange)
