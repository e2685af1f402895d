"""Listeners whose modules are loaded when one of them is first called, or soon after the bot is up.

A bot hears clicks before it has loaded what each of them does: that would be a third of its start.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

Listener = Callable[..., Awaitable[Any]]

_awaited: set[str] = set()
"""The modules that some `Later` stands for."""


class Later:
    """A module beside this one, whose listeners may be registered before it is loaded.

    `Later("reject").open_reject` does what the function of that name does, which gets `desk` and whatever
    else it was registered with, and of `ack`, `body` and `context` what it takes.
    """

    def __init__(self, name: str) -> None:
        self.module = f"handlers.slack.{name}"
        _awaited.add(self.module)

    def __getattr__(self, name: str) -> Listener:
        async def listener(desk: Any, ack: Any, body: Any, context: Any = None, **given: Any) -> Any:
            found = getattr(import_module(self.module), name)
            heard = {"ack": ack, "body": body, "context": context}
            taken = inspect.signature(found).parameters.keys() & heard.keys()
            return await found(desk, **{each: heard[each] for each in taken}, **given)

        listener.__module__, listener.__name__ = self.module, name
        return listener


def load_all() -> None:
    """Load every module that a `Later` stands for."""
    for module in sorted(_awaited):
        import_module(module)
