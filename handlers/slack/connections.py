"""Slack's Socket Mode client, changed in three things.

An ack goes back over the connection that brought its envelope, and a connection that Slack is about to close
is read to its end while the new one stands already.

And it does not reconnect without a rest: not at all where Slack says that the app may not connect.

The SDK answers over the newest connection, where Slack does not wait for the answer, and closes the old one
before it has a new one: a click in between would look failed to whoever made it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from aiohttp import ClientConnectionError, ClientWebSocketResponse, WSMessage, WSMsgType
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bot.clock import steady_seconds

OLD_SECONDS = 15
"""Real seconds that an old connection is read on: Slack closes it about ten after its warning."""

SHORT_SECONDS = 10.0
"""Real seconds: one that stood for less, like those before it, is followed by the next after a rest."""
AT_ONCE = 4
LONGEST_REST = 30.0
LINK_DISABLED = "link_disabled"
"""The reason that Slack gives for a disconnect where Socket Mode is switched off for the app."""

_came_over: ContextVar[ClientWebSocketResponse | None] = ContextVar("came_over", default=None)


class ConnectionClient(SocketModeClient):
    """The SDK's client, which knows over which of its connections each message came.

    `on_hello` is given the id of the app that Slack says it speaks to, with each new connection; `on_goodbye`
    why Slack ends one.
    """

    on_hello: Callable[[str], None] | None = None
    on_goodbye: Callable[[str], None] | None = None

    def __init__(self, **settings: Any) -> None:
        self._held: set[asyncio.Future[None]] = set()
        self._old: set[asyncio.Future[None]] = set()
        self.heard_at = steady_seconds()
        self._opened_at, self._short = float("-inf"), 0
        super().__init__(**settings)

    async def connect(self) -> None:
        """Open a new connection and make it the current one; the old one is still read for a while."""
        old, reader = self.current_session, self.message_receiver
        self.current_session = self.message_receiver = (
            None  # else the SDK closes the one and cancels the other
        )
        await super().connect()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        self.heard_at = self._opened_at = steady_seconds()
        if old is not None and not old.closed and reader is not None:
            _hold(self._old, reader)
            _hold(self._old, asyncio.create_task(_retire(old)))
        elif reader is not None and reader is not asyncio.current_task():
            reader.cancel()

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """As the SDK does; after a rest where several connections in a row did not last."""
        self._short = self._short + 1 if steady_seconds() - self._opened_at < SHORT_SECONDS else 0
        if self._short >= AT_ONCE:
            await asyncio.sleep(min(2.0 ** (self._short - AT_ONCE), LONGEST_REST))
        if self.auto_reconnect_enabled and not self.closed:
            await super().connect_to_new_endpoint(force)

    async def receive_messages(self) -> None:
        """Read one connection to its end, also once it is no longer the current one."""
        session = self.current_session
        if session is None:
            return
        _came_over.set(session)
        while not (self.closed or session.closed):
            message = await session.receive()
            self.heard_at = steady_seconds()
            if message.type is WSMsgType.TEXT:
                await self.enqueue_message(message.data)
            elif message.type is WSMsgType.PING:
                await session.pong(message.data)
            elif message.type is WSMsgType.PONG:
                self._note_pong(message)
        if session is self.current_session and self.auto_reconnect_enabled and not self.closed:
            await self.connect_to_new_endpoint()

    def _note_pong(self, message: WSMessage) -> None:
        """The SDK's own watch goes by the moment of the last pong."""
        name, _, at = bytes(message.data).decode("utf-8", "replace").partition(":")
        if name == "sdk-ping-pong":
            self.last_ping_pong_time = float(at)

    async def enqueue_message(self, message: str) -> None:
        """Let it be worked on at once, in a context that knows its connection."""
        body = json.loads(message) if message.startswith("{") else {}
        if body.get("type") == "hello" and self.on_hello is not None:
            self.on_hello(str(body.get("connection_info", {}).get("app_id", "")))
        if body.get("type") == "disconnect":
            reason = str(body.get("reason", ""))
            if reason == LINK_DISABLED:
                self.auto_reconnect_enabled = False  # whoever watches tries again, now and then
            if self.on_goodbye is not None:
                self.on_goodbye(reason)
        await self.message_queue.put((message, _came_over.get()))

    async def process_message(self) -> None:
        """Take the next message, and remember for its answer which connection brought it."""
        raw, session = await self.message_queue.get()
        body = json.loads(raw) if raw.startswith("{") else {}
        token = _came_over.set(session)
        try:
            _hold(self._held, asyncio.create_task(self.run_message_listeners(body, raw)))
        finally:
            _came_over.reset(token)

    async def send_message(self, message: str) -> None:
        """Send over the connection that brought what this answers; over the newest if that one is gone."""
        session = _came_over.get()
        if session is not None and not session.closed:
            try:
                await session.send_str(message)
                return
            except (ClientConnectionError, ConnectionError):
                self.logger.debug("a connection closed before its answer went out")
        await super().send_message(message)

    async def close(self) -> None:
        """Let go of every connection."""
        for task in tuple(self._old):
            task.cancel()
        await super().close()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


def _hold(tasks: set[asyncio.Future[None]], task: asyncio.Future[None]) -> None:
    """Hold a task until it is done: one that nobody holds may be collected."""
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def _retire(session: ClientWebSocketResponse) -> None:
    """Slack closes an old connection itself; one that it forgets is closed here."""
    await asyncio.sleep(OLD_SECONDS)
    await session.close()
