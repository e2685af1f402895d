"""What Slack tells over signed HTTP, given to Bolt: where there is no Socket Mode."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
from handlers.slack.shapes import is_misshapen

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NOT_SLACKS = (ValueError, TypeError, AttributeError, LookupError)
"""What Bolt stumbles over in a body of another shape than Slack's."""
_SKEW = 300  # seconds; what Slack asks for
LARGEST_BODY = 1_000_000  # bytes; Slack's own payloads stay far below


def events_route(
    slack_app: AsyncApp, signing_secret: Callable[[], str], clock: Clock, turned_away: Callable[[], None]
) -> APIRouter:
    """`POST /slack/events`: everything that Slack tells in HTTP mode.

    The signature is checked over the bytes as they came, before anything of them is read; of each that does
    not bear it `turned_away` hears.
    """
    routes = APIRouter()

    @routes.post("/slack/events", include_in_schema=False, response_model=None)
    async def events(request: Request) -> Response:
        body = await _limited(request)
        if body is None:
            return Response(status_code=413)
        if not is_signed(request.headers, body, signing_secret(), clock.real().timestamp()):
            turned_away()
            return Response("Only Slack may call this.", 401)
        try:
            told = to_async_bolt_request(request, body)
        except _NOT_SLACKS:
            return Response(status_code=400)
        try:
            return to_starlette_response(await slack_app.async_dispatch(told))
        except _NOT_SLACKS as error:
            if not is_misshapen(error):
                raise
            return Response(status_code=400)

    return routes


def is_signed(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Whether Slack signed these bytes within five minutes of `now`, in seconds since 1970."""
    told = headers.get("x-slack-request-timestamp", "")
    if not _TIMESTAMP.fullmatch(told) or abs(now - int(told)) > _SKEW or not secret:
        return False
    wanted = "v0=" + hmac.digest(secret.encode(), b"v0:%s:%s" % (told.encode(), body), "sha256").hex()
    given = headers.get("x-slack-signature", "").encode("utf-8", "replace")
    return hmac.compare_digest(wanted.encode(), given)


async def _limited(request: Request) -> bytes | None:
    """The body, or None for one that no request of Slack's would have. Nobody is known yet at this point."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)
