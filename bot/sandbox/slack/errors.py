"""The two ways in which the sandbox says no: to the bot, in Slack's error names, and to a test, in words."""

from __future__ import annotations

from collections.abc import Iterable

from bot.sandbox.slack.model import JsonDict
from bot.sandbox.slack.schema import Fault


class ApiError(Exception):
    """A refusal of a call of the Web API. `name` is Slack's own, `extra` goes into the answer beside it."""

    def __init__(self, name: str, *, faults: Iterable[Fault] = (), **extra: object) -> None:
        self.name = name
        lines = [str(fault) for fault in faults]
        self.reason = "; ".join(lines)
        self.extra: JsonDict = dict(extra)
        if lines:
            self.extra["errors"] = [line.removeprefix("[ERROR] ") for line in lines]
            self.extra["response_metadata"] = {"messages": lines}
        super().__init__(f"{name} {self.reason}".strip())

    def to_api(self) -> JsonDict:
        """The answer that the bot gets."""
        return {"ok": False, "error": self.name, **self.extra}


class NotPossible(AssertionError):  # reads as the sentence it is in a failed test
    """A person was asked to do what nobody could do on this screen: no such button, no open modal."""
