"""Work that goes on after its cause was answered: kept hold of, its failures logged, finished at the end."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from storage.database import DatabaseAway

_log = logging.getLogger("baton.background")


class Background:
    """The tasks at hand. A task that nobody holds may be collected before it is done.

    `is_passing`: whether a failure is nobody's fault here, so that one line of the log is enough; `is_usual`:
    whether it is none at all.
    """

    def __init__(
        self,
        is_passing: Callable[[BaseException], bool] = lambda _: False,
        is_usual: Callable[[BaseException], bool] = lambda _: False,
    ) -> None:
        self._is_passing, self._is_usual = is_passing, is_usual
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], what: str) -> None:
        """Begin now, and log if it fails. `what` names it in the log: "answer a click"."""
        task = asyncio.get_running_loop().create_task(work, name=what)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            if isinstance(error, DatabaseAway):
                _log.warning("could not %s: %s", task.get_name(), error)
            elif self._is_passing(error):
                says = str(error).replace("\n", " ") or type(error).__name__
                level = logging.INFO if self._is_usual(error) else logging.WARNING
                _log.log(level, "could not %s: %s", task.get_name(), says)
            else:
                _log.error("could not %s", task.get_name(), exc_info=error)

    async def finish(self, within: timedelta) -> None:
        """Wait for everything at hand, and end what takes longer. Real time."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


_USUAL = gc.get_threshold()
_SELDOM = (100_000, 20, 100)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look for garbage seldom meanwhile: a long row of like things makes hardly any that reference counts do
    not free, and looking for it again and again takes a quarter of the time."""
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)
