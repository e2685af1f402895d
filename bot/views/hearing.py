"""What was ever heard from Slack, in words for the terminal, the log and `/readyz`, and what to try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.settings import PROGRAM
from storage.models import HeardKind

HEARD_WORDS: Mapping[HeardKind, tuple[str, str]] = {
    HeardKind.EVENTS: ("events", "Event Subscriptions"),
    HeardKind.CLICKS: ("clicks", "Interactivity & Shortcuts"),
    HeardKind.COMMANDS: ("commands", "Slash Commands"),
}
"""What is heard, and under which heading of the app's settings its Request URL stands."""
OVER_HTTP = (
    "If it fails there, Slack does not reach POST /slack/events: create the app from "
    f"`{PROGRAM} manifest --url https://…`, with Baton's public address."
)
IN_SOCKET_MODE = (
    f"If it fails there, the app in Slack is another one, or from an older manifest: `{PROGRAM} check`."
)


def heard_words(
    heard: Mapping[HeardKind, datetime], since: datetime | None, *, over_http: bool
) -> tuple[bool, str]:
    """Whether Slack was ever heard, and a sentence that says so. `since` is when Baton was first at work."""
    if not heard:
        from_then_on = f", since {moment_words(since)}" if since is not None else ""
        remedy = OVER_HTTP if over_http else IN_SOCKET_MODE
        return False, f"Nothing was ever heard from Slack{from_then_on}. Type /lead help in Slack. {remedy}"
    kind, last = max(heard.items(), key=lambda item: item[1])
    says = f"Slack was last heard about {moment_words(last)} ({HEARD_WORDS[kind][0]})."
    missing = [HEARD_WORDS[kind] for kind in HeardKind if kind not in heard]
    if over_http and missing:
        names, places = (" or ".join(parts) for parts in zip(*missing, strict=True))
        says += f" It never sent {names}: if people miss them, set the Request URL under {places}."
    return True, says


def moment_words(at: datetime) -> str:
    """A moment to the minute, in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def what_to_try(url: str) -> str:
    """For the log, once Baton serves HTTP at an address of this machine."""
    return (
        f"HTTP mode: Slack must reach {url}/slack/events from outside, over HTTPS. "
        f"Try it: type /lead help in Slack. {OVER_HTTP}"
    )
