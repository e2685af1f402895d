"""Before every listener: note that Slack was heard, and by which way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.slack.hearing import Hearing
from handlers.slack.payloads import Body
from storage.models import HeardKind


def listens(hearing: Hearing) -> Callable[..., Awaitable[None]]:
    """A middleware of Bolt, which by then has checked that Slack sent it."""

    async def note(body: Body, next_: Callable[[], Awaitable[None]]) -> None:
        hearing.note(kind_of(body))
        await next_()

    return note


def kind_of(body: Body) -> HeardKind:
    """What a payload is; over HTTP each comes from a Request URL of its own."""
    if "command" in body:
        return HeardKind.COMMANDS
    return HeardKind.EVENTS if "event" in body else HeardKind.CLICKS
