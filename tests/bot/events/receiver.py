"""Another tool on this machine: takes what it is sent over HTTP, checks it as it should, and answers."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook as Verifier

SECRET = "whsec_" + base64.b64encode(b"a secret that both sides know!!!").decode()

Answering = Callable[[dict[str, Any]], web.StreamResponse]


def well(_body: dict[str, Any]) -> web.StreamResponse:
    """Take it."""
    return web.Response(status=204)


@dataclass
class Receiver:
    """What arrived, in order, each verified with the secret. `answer` may be changed at any time."""

    url: str = ""
    answer: Answering = well
    secret: str = SECRET
    seconds: float = 0.0
    """What an answer takes."""
    verifies: bool = True
    """Not where the sender's clock is put on: what is signed in the future is refused."""
    arrived: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    """Of those, what was answered well."""
    known: set[tuple[int, str]] = field(default_factory=set)
    """The leads of these, with the types."""
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Verify it, keep it, answer it."""
        raw = await request.text()
        await self.may_answer.wait()
        await asyncio.sleep(self.seconds)
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = json.loads(raw)
        assert not self.verifies or Verifier(self.secret).verify(raw, headers) == body
        self.arrived.append(body)
        self.headers.append(headers)
        answer = self.answer(body)
        if answer.status < 300:
            self.taken.append(body)
            self.known.add(((body["lead"] or {}).get("id", 0), body.get("type", "")))
        return answer

    def of_lead(self, lead: int) -> list[str]:
        """The types that were taken of a lead, in order."""
        return [each["type"] for each in self.taken if (each["lead"] or {}).get("id") == lead]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens on loopback."""
    receiver = Receiver()
    receiver.may_answer.set()
    app = web.Application()
    app.router.add_route("*", "/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
