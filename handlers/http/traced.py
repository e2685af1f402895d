"""What every call passes on its way in and out: a trace id, and an answer to what nobody expected.

Neither this nor anything else that answers who only watches loads a framework.
"""

from __future__ import annotations

import logging
import re
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from bot.logs import begin_trace
from bot.spans import NOTHING, Span, span
from handlers.http.plain import header, send_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_WATCHED = frozenset({"/livez", "/readyz", "/metrics"})
_SANE_TRACE = re.compile(r"[A-Za-z0-9._:-]{1,64}")

_log = logging.getLogger("baton.api")


class Traced:
    """Gives each call a trace id, the caller's own `X-Request-Id` if it is sane, and tells it in the answer.

    An error that nobody expected is logged once, and the caller gets the trace id to ask by.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call; anything but HTTP passes untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = begin_trace(_told_trace(scope))
        started, status = False, 0

        async def send_traced(message: Message) -> None:
            nonlocal started, status
            if message["type"] == "http.response.start":
                started = True
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", trace.encode())]
            await send(message)

        try:
            with _span_of(scope, trace) as at_hand:
                await self._app(scope, receive, send_traced)
                _note_end(at_hand, scope, status)
        except Exception as error:  # the outermost place of the API
            if _hung_up(error):
                _log.info("the caller hung up before the end")
                return
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                raise
            sentence = f"Something went wrong in Baton. Its log has the details under {trace}."
            await send_json(send_traced, 500, {"detail": sentence})


def _hung_up(error: Exception) -> bool:
    from starlette.requests import ClientDisconnect  # only who reads bodies raises it, and has loaded it

    return isinstance(error, ClientDisconnect)


def _told_trace(scope: Scope) -> str | None:
    """The trace that the caller goes by: of `X-Request-Id`, else of `traceparent`."""
    told = header(scope, b"x-request-id")
    if _SANE_TRACE.fullmatch(told):
        return told
    theirs = _TRACEPARENT.fullmatch(header(scope, b"traceparent"))
    return theirs[1] if theirs else None


def _span_of(scope: Scope, trace: str) -> AbstractContextManager[Span]:
    """The span of a call. What only watches is none: it would be most of them."""
    if scope["path"] in _WATCHED:
        return NOTHING
    parent = header(scope, b"traceparent")
    mine = _TRACEPARENT.fullmatch(parent)
    caller = parent if mine and mine[1] == trace else None
    return span(scope["method"], trace, {"http.request.method": scope["method"]}, caller=caller)


def _note_end(at_hand: Span, scope: Scope, status: int) -> None:
    route = _route(scope)
    told = {"http.route": route, "http.response.status_code": status or None}
    at_hand.note(told, name=f"{scope['method']} {route}" if route else "")
    if status >= 500:
        at_hand.failed(str(status))


def _route(scope: Scope) -> str | None:
    """The address as the API describes it, without what a caller wrote into it."""
    return getattr(scope.get("route"), "path", None)
