"""The tool that is told of events: checks each signature, keeps what it took, and fails when it is told to.

Its clock is not the run's, so that it leaves the age of a message alone.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = b"a secret that both sides know!!!"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass
class Destination:
    """`status` is what it answers; until `may_answer` is set it answers nothing."""

    url: str = ""
    status: int = 204
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    taken: list[dict[str, Any]] = field(default_factory=list)
    forged: int = 0

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Check it, keep it, answer it."""
        raw = await request.read()
        await self.may_answer.wait()
        if not _is_signed(request, raw):
            self.forged += 1
            return web.Response(status=401)
        status = self.status
        if status < 300:
            self.taken.append(await request.json())
        return web.Response(status=status)


def _is_signed(request: web.Request, raw: bytes) -> bool:
    about = f"{request.headers.get('webhook-id')}.{request.headers.get('webhook-timestamp')}.".encode()
    right = base64.b64encode(hmac.new(KEY, about + raw, hashlib.sha256).digest()).decode()
    return f"v1,{right}" in request.headers.get("webhook-signature", "").split()


@asynccontextmanager
async def listening() -> AsyncIterator[Destination]:
    """A destination on loopback."""
    destination = Destination()
    destination.may_answer.set()
    app = web.Application()
    app.router.add_post("/hook", destination.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    destination.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield destination
    finally:
        destination.may_answer.set()
        await runner.cleanup()
