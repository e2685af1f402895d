"""What watches Baton, behind a token where one is set: health, metrics and the API's description."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING

from handlers.http.plain import header, send_json

if TYPE_CHECKING:
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
            given = header(scope, b"authorization")
            if not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
                sentence = "Send Authorization: Bearer and Baton's MONITOR_TOKEN."
                await send_json(send, 401, {"detail": sentence}, ((b"www-authenticate", b"Bearer"),))
                return
        await self._app(scope, receive, send)
