"""Whether a PostgreSQL server answers at all, asked beside the work on a connection of its own.

A server that is frozen keeps its connections open: whoever waits for an answer would wait without an end.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import URL

from storage.database.away import DatabaseAway, name_of

PATIENCE = 1.0
"""Seconds that a transaction may take before the server is asked whether it is there."""
ANSWERS_WITHIN = 1.5
"""Seconds; with `PATIENCE` less than the three in which Slack wants an answer."""
READY_AFTER = 2.0
"""Seconds after which a connection is made ready, for when it is wanted in a hurry."""


class Pulse:
    """Asks only while somebody has waited for long; whoever waits for a server that is frozen is told."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._connection: Any = None
        self._asking: asyncio.Future[None] | None = None
        self._is_frozen = self._has_begun = self._is_closed = False
        self._lock, self._waiting = threading.Lock(), 0  # so many threads wait for the server

    def begin(self) -> None:
        """Have a connection ready after a while; once."""
        if not self._has_begun:
            self._has_begun = True
            asyncio.get_running_loop().call_later(READY_AFTER, self._ask)

    def require(self) -> None:
        """Raise DatabaseAway while the server is known to be frozen."""
        if self._is_frozen and self._asking is not None and not self._asking.done():
            raise self._away()
        self._is_frozen = False

    async def watch(self, is_done: Callable[[], bool], give_up: Callable[[DatabaseAway], None]) -> None:
        """Give up for somebody who waits once the server does not answer; if it does it may take its time."""
        while not is_done():
            asking = self._ask()
            await asyncio.wait({asking}, timeout=ANSWERS_WITHIN)
            if not asking.done():
                self._is_frozen = True
                if not is_done():
                    give_up(self._away())
                return
            await asyncio.sleep(PATIENCE)

    def close(self) -> None:
        """Give back the connection, unless the server still holds up whoever asks."""
        with self._lock:
            self._is_closed = True
            if not self._waiting:
                self._drop()

    def _ask(self) -> asyncio.Future[None]:
        """Asked once for all who want to know at the same time; done as soon as the server says anything.

        A thread of its own waits for that: it cannot be told to stop, and ends with the process.
        """
        if self._asking is None or self._asking.done() or self._asking.get_loop().is_closed():
            loop = asyncio.get_running_loop()
            self._asking = asked = loop.create_future()
            with self._lock:
                self._waiting += 1
            threading.Thread(target=self._wait, args=(loop, asked), name="pulse", daemon=True).start()
        return self._asking

    def _wait(self, loop: asyncio.AbstractEventLoop, asked: asyncio.Future[None]) -> None:
        import psycopg  # only where PostgreSQL is used

        for _ in range(2):  # then on a fresh connection: the server may have been restarted
            try:
                if self._connection is None:
                    plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
                    self._connection = psycopg.connect(plain, autocommit=True)
                self._connection.execute("SELECT 1")
                break
            except psycopg.Error:  # it is there, and says to others what is wrong
                self._drop()
        with self._lock:
            self._waiting -= 1
            if self._is_closed:
                self._drop()
        with suppress(RuntimeError):  # the loop has been closed: nobody is left to hear it
            loop.call_soon_threadsafe(_done, asked)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _away(self) -> DatabaseAway:
        return DatabaseAway(f"{name_of(self._url)} does not answer; look at what holds up its server.")


def _done(asked: asyncio.Future[None]) -> None:
    if not asked.done():
        asked.set_result(None)
