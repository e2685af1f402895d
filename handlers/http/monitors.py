"""What watches Baton, behind a token where one is set: health, metrics and the API's description."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

WATCHED = frozenset({"/readyz", "/metrics", "/docs", "/openapi.json"})
"""Not /livez, which says nothing and restarts a process, nor what has tokens of its own."""


class MonitorsOnly:
    """Asks for the token before these paths; for none while there is none."""

    def __init__(self, app: ASGIApp, token: Callable[[], str | None]) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what bears the token, or is about something else."""
        wanted = self._token() if scope["type"] == "http" and scope["path"] in WATCHED else None
        if wanted is not None:
            given = Headers(scope=scope).get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
                refused = JSONResponse(
                    {"detail": "Send Authorization: Bearer and Baton's MONITOR_TOKEN."},
                    401,
                    {"WWW-Authenticate": "Bearer"},
                )
                return await refused(scope, receive, send)
        return await self._app(scope, receive, send)
