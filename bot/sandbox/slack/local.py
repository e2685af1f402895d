"""Who may call the sandbox: programs of this machine and its own page, no other site in the same browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_local(request: web.Request) -> bool:
    """Whether the request was made to this machine's own name, and by this page if a browser made it."""
    if request.host.rpartition(":")[0] not in LOCAL_NAMES and request.host not in LOCAL_NAMES:
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


@web.middleware
async def only_local(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse every other call, whatever route it is for: the tokens of a sandbox are no secret."""
    if not is_local(request):
        return web.json_response({"ok": False, "error": "only the page itself may ask this"}, status=403)
    return await handler(request)
