"""Tells the bot what happened in the workspace, over the transport that is connected, and waits for the ack.

Slack's rules are kept here: 3 s for an ack, late ones recorded as failures, events tried again.
The transports themselves are `socket_mode` and `http_mode`.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.sandbox.slack.model import APP_ID, TEAM_ID, JsonDict
from bot.sandbox.slack.traffic import Exchange, Traffic

ACK_SECONDS = 3.0
RETRY_DELAYS = (0.0, 60.0, 300.0)
"""Seconds of real time before each of the three retries of an event."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One thing to tell the bot. `kind` is `events_api`, `interactive` or `slash_commands`."""

    kind: str
    name: str
    body: JsonDict
    retry_num: int = 0
    retry_reason: str = ""


@dataclass(frozen=True, slots=True)
class Ack:
    """How the bot took it. `ms` is real time; `payload` is what came with an ack in time, empty if nothing.

    `error`: `timeout`, `http_error`, `connection_failed` or `no_connection`; empty when it was acked in time.
    """

    ms: float
    payload: JsonDict = field(default_factory=dict)
    error: str = ""
    reason: str = ""
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether it was acked in time."""
        return not self.error


class Transport(Protocol):
    """A way to reach the bot."""

    @property
    def connected(self) -> int:
        """How many connections there are to it now; over HTTP always one."""
        ...

    async def deliver(self, envelope: Envelope) -> Ack:
        """Hand over one envelope and wait for its ack, at most 3 s. Never raises for what the bot does."""
        ...


class Dispatcher:
    """Sends envelopes over `transport`, logs them, and tries events again. `close()` ends what still runs."""

    def __init__(self, transport: Transport, traffic: Traffic, *, retry_delays: Sequence[float]) -> None:
        self.transport = transport
        self.retry_delays = tuple(retry_delays)
        self._traffic = traffic
        self._event_numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def send(self, envelope: Envelope) -> Ack:
        """Deliver one envelope and log how it was taken."""
        ack = await self.transport.deliver(envelope)
        again = f"retry {envelope.retry_num}" if envelope.retry_num else ""
        reason = "; ".join(filter(None, (again, ack.reason)))
        self._traffic.add(
            Exchange("out", envelope.name, ok=ack.ok, ms=ack.ms, error=ack.error, reason=reason)
        )
        return ack

    async def event(self, event: JsonDict, *, authorized_user: str) -> Ack:
        """Deliver an Events API event; not acked, it is tried three times more in the background."""
        number = next(self._event_numbers)
        body: JsonDict = {
            "token": "verification",
            "team_id": TEAM_ID,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:08d}",
            "event_time": int(float(event.get("event_ts", 0))),
            "authorizations": [{"team_id": TEAM_ID, "user_id": authorized_user, "is_bot": True}],
            "event_context": secrets.token_hex(8),
        }
        envelope = Envelope("events_api", str(event["type"]), body)
        ack = await self.send(envelope)
        if not ack.ok and not ack.no_retry:
            self.spawn(self._again(envelope, ack))
        return ack

    async def _again(self, envelope: Envelope, ack: Ack) -> None:
        for number, delay in enumerate(self.retry_delays, start=1):
            await asyncio.sleep(delay)
            ack = await self.send(replace(envelope, retry_num=number, retry_reason=ack.error))
            if ack.ok or ack.no_retry:
                return

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something in the background until it ends or the sandbox closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop everything that still runs in the background."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
