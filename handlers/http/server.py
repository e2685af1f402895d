"""The HTTP server inside the bot's own event loop: it leaves signals alone and binds before it promises."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.errors import CannotStart
from bot.instruments import Instruments
from handlers.http.connections import limited, most_connections
from handlers.http.strangers import Strangers

SHUTDOWN_SECONDS = 3
_WAIT = 0.005


class PortTaken(CannotStart):
    """The address cannot be listened on; the text says why and what to do."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are for app.py, which has more to end than this."""
        yield


class HttpServer:
    """Serves one ASGI app. Port 0 takes any free one."""

    def __init__(self, app: ASGIApp, host: str, port: int, strangers: Strangers | None = None) -> None:
        self._socket = _bound(host, port)
        config = uvicorn.Config(
            app,
            http=limited(strangers or Strangers(Instruments()), most_connections()),
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def start(self) -> None:
        """Answer from now on."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._serving.done():
                await self._serving
            await asyncio.sleep(_WAIT)

    async def stop(self) -> None:
        """Take nothing new, and answer what is in hand within `SHUTDOWN_SECONDS`."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
        self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=1024)
        # Inherited by each connection. asyncio sees to it only for sockets that say that they are TCP, and
        # without it an answer waits 40 ms for the client's acknowledgement of its head.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound
    except OSError as error:
        raise PortTaken(_why(error, host, port)) from None


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use. Stop what uses it, or set another PORT."
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. Set PORT to 1024 or more."
    return f"Baton cannot listen on {host}:{port} ({error.strerror or error}). Correct HOST or PORT."
