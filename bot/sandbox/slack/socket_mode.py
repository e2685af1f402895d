"""The Socket Mode transport: `apps.connections.open`, up to ten WebSockets, envelopes and their acks.

Each envelope goes to any one of the connections, in turn; an ack counts only over the one that brought it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import uuid
from contextlib import suppress
from enum import StrEnum

from aiohttp import WSMsgType, web

from bot.sandbox.slack.context import Context
from bot.sandbox.slack.dispatch import ACK_SECONDS, Ack, Envelope
from bot.sandbox.slack.model import APP_ID, JsonDict

MAX_CONNECTIONS = 10


class DisconnectReason(StrEnum):
    """Why Slack ends a connection. `WARNING` comes about 10 s ahead; the others end it at once."""

    WARNING = "warning"
    REFRESH_REQUESTED = "refresh_requested"
    LINK_DISABLED = "link_disabled"


class SocketMode:
    """The connections of one app, and what waits for an ack. `enabled`: whether the app may connect."""

    def __init__(self, context: Context, *, ack_seconds: float = ACK_SECONDS) -> None:
        self._context = context
        self._ack_seconds = ack_seconds
        self._connections: list[web.WebSocketResponse] = []
        self._turn = itertools.count()
        self._waiting: dict[str, asyncio.Future[JsonDict]] = {}
        self._sent_over: dict[str, web.WebSocketResponse] = {}
        self._arrived = asyncio.Condition()
        self.enabled = True
        self.app_id = APP_ID  # whose app-level token it is, as `hello` says

    @property
    def connected(self) -> int:
        """How many connections there are now."""
        return len(self._connections)

    def open(self, context: Context, _args: JsonDict) -> JsonDict:
        """apps.connections.open"""
        address = context.base_url.replace("http://", "ws://")
        return {"url": f"{address}/socket?ticket={context.tickets.socket()}&app_id={APP_ID}"}

    async def wait_connected(self, count: int = 1, timeout: float = 10.0) -> None:
        """Wait until the bot has this many connections. Raises TimeoutError after `timeout` real seconds."""
        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(lambda: self.connected >= count)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection from hello to its end."""
        if not self._context.tickets.admit(request.query.get("ticket", "")):
            return web.Response(status=403, text="the ticket is unknown or was used")
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        refusal = "" if self.enabled else DisconnectReason.LINK_DISABLED.value
        if self.connected >= MAX_CONNECTIONS:
            refusal = "too_many_websockets"
        if refusal:
            await socket.send_json(disconnect_message(refusal))
            await socket.close()
            return socket
        await self._serve(socket)
        return socket

    async def _serve(self, socket: web.WebSocketResponse) -> None:
        async with self._arrived:
            self._connections.append(socket)
            await socket.send_json(hello(self.connected, self.app_id))
            self._arrived.notify_all()
        try:
            with suppress(ConnectionError):  # whoever was killed hears no answer to its last ping
                async for message in socket:
                    if message.type is WSMsgType.TEXT:
                        self._take_ack(socket, message.data)
        finally:
            self._connections.remove(socket)
            self._fail_unacked(socket)

    def _fail_unacked(self, socket: web.WebSocketResponse) -> None:
        """What was sent over a connection that is gone will not be acked."""
        for envelope_id, carrier in self._sent_over.items():
            waiting = self._waiting[envelope_id]
            if carrier is socket and not waiting.done():
                waiting.set_exception(ConnectionError("the connection closed before the ack"))

    def _take_ack(self, socket: web.WebSocketResponse, text: str) -> None:
        try:
            body = json.loads(text)
        except ValueError:
            return
        envelope_id = str(body.get("envelope_id"))
        waiting = self._waiting.get(envelope_id)
        if waiting is not None and not waiting.done() and self._sent_over[envelope_id] is socket:
            payload = body.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})

    async def deliver(self, envelope: Envelope) -> Ack:
        """See `Transport.deliver`."""
        if not self._connections:
            return Ack(0.0, error="no_connection", reason="the bot has no Socket Mode connection")
        loop = asyncio.get_running_loop()
        started = loop.time()
        envelope_id = str(uuid.uuid4())
        waiting: asyncio.Future[JsonDict] = loop.create_future()
        self._waiting[envelope_id] = waiting
        socket = self._sent_over[envelope_id] = self._pick()
        try:
            await socket.send_json(wire_form(envelope, envelope_id))
            payload = await asyncio.wait_for(waiting, self._ack_seconds)
        except TimeoutError:
            return Ack(round((loop.time() - started) * 1000, 2), error="timeout", reason="no ack in time")
        except ConnectionError as error:
            took = round((loop.time() - started) * 1000, 2)
            return Ack(took, error="connection_failed", reason=str(error))
        finally:
            del self._waiting[envelope_id], self._sent_over[envelope_id]
        return Ack(round((loop.time() - started) * 1000, 2), payload=payload)

    def _pick(self) -> web.WebSocketResponse:
        return self._connections[next(self._turn) % len(self._connections)]

    async def disconnect(self, reason: DisconnectReason, *, connection: int = 0) -> None:
        """Tell one connection to go. Unless it is a warning, the connection is closed at once.

        `LINK_DISABLED` also keeps the app from connecting again until `enabled` is set.
        """
        socket = self._connections[connection]
        if reason is DisconnectReason.LINK_DISABLED:
            self.enabled = False
        await socket.send_json(disconnect_message(reason.value))
        if reason is not DisconnectReason.WARNING:
            await socket.close()

    async def close_oldest(self) -> None:
        """End the connection that was made first, as Slack does some seconds after its warning."""
        await self._connections[0].close()

    async def drop(self) -> None:
        """Break every connection without a word, as a failing network does."""
        for socket in tuple(self._connections):
            await socket.close(code=1011)

    async def close(self) -> None:
        """End every connection."""
        for socket in tuple(self._connections):
            await socket.close()


def hello(connections: int, app_id: str) -> JsonDict:
    """The first message on a connection."""
    return {
        "type": "hello",
        "num_connections": connections,
        "connection_info": {"app_id": app_id},
        "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
    }


def disconnect_message(reason: str) -> JsonDict:
    """What a connection is told before its end."""
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}


def wire_form(envelope: Envelope, envelope_id: str) -> JsonDict:
    """An envelope as it goes over the socket."""
    message: JsonDict = {
        "envelope_id": envelope_id,
        "type": envelope.kind,
        "payload": envelope.body,
        "accepts_response_payload": envelope.kind != "events_api",
    }
    if envelope.kind == "events_api":
        message |= {"retry_attempt": envelope.retry_num, "retry_reason": envelope.retry_reason}
    return message
