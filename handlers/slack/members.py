"""Before every listener: whether whoever asks is a member of this workspace, or named in the agreement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from bot.errors import NotAMember, Unverified
from bot.slack.directory import Directory
from handlers.slack.payloads import Body, user_of

Next = Callable[[], Awaitable[None]]
ASKING = frozenset({"app_mention", "message"})
"""The events in which somebody asks for something. Everybody has a Home: an outsider's shows nothing."""


def members_only(directory: Directory) -> Callable[..., Awaitable[None]]:
    """A middleware of Bolt that lets only members pass. It raises NotAMember or Unverified for others."""

    async def check(body: Body, next_: Next) -> None:
        if body.get("event", {}).get("type") == "app_home_opened":
            with suppress(NotAMember, Unverified):  # theirs says so itself, once it is known who they are
                await directory.require_member(user_of(body))
        elif asker := _asker(body):
            await directory.require_member(asker)
        await next_()

    return check


def _asker(body: Body) -> str | None:
    """Who asks for something; None for what Slack tells by itself, and for what other bots write."""
    event: Mapping[str, Any] | None = body.get("event")
    if event is None:
        return user_of(body)
    return is_by_a_person(event) if event.get("type") in ASKING else None


def is_by_a_person(event: Mapping[str, Any]) -> str | None:
    """Who wrote a message; None for bots, this one included, and for edits, joins and deletions."""
    if event.get("bot_id") or event.get("app_id") or event.get("hidden"):
        return None
    if event.get("subtype") not in (None, "thread_broadcast", "file_share"):
        return None
    user = event.get("user")
    return user if isinstance(user, str) and user != "USLACKBOT" else None
