"""The short-lived passes that Slack hands out: triggers, response URLs, Socket Mode tickets."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.state import WireClock

TRIGGER_LIFE = 3.0
"""Seconds of real time in which a trigger can be used, once."""
RESPONSE_URL_USES = 5
RESPONSE_URL_LIFE = timedelta(minutes=30)
KEPT = 5_000


@dataclass(slots=True)
class Trigger:
    """A pass for one view. `view_id` is the modal that it came from, if it came from one."""

    user: str
    issued: float
    view_id: str = ""
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """A pass for answering one interaction: where the answer goes and who sees it."""

    channel: str
    user: str
    issued: datetime
    message_ts: str = ""
    uses: int = 0


class Tickets:
    """Issues passes and takes them back. `monotonic` counts real seconds."""

    def __init__(self, clock: WireClock, monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._numbers = itertools.count(1)
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}
        self._sockets: set[str] = set()

    def trigger(self, user: str, view_id: str = "") -> str:
        """A new trigger_id for something that a person just did."""
        trigger_id = f"{next(self._numbers)}.{secrets.token_hex(8)}"
        self._triggers[trigger_id] = Trigger(user, self._monotonic(), view_id)
        forget_oldest(self._triggers)
        return trigger_id

    def redeem(self, trigger_id: str) -> Trigger:
        """Use a trigger up. Raises ApiError when it is unknown, was used before, or is over 3 s old."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        trigger.used = True
        if self._monotonic() - trigger.issued > TRIGGER_LIFE:
            raise ApiError("expired_trigger_id")
        return trigger

    def response_url(self, channel: str, user: str, message_ts: str = "") -> str:
        """The path of a new response URL."""
        key = secrets.token_hex(12)
        self._response_urls[key] = ResponseUrl(channel, user, self._clock.wire(), message_ts)
        forget_oldest(self._response_urls)
        return f"/response/{key}"

    def respond(self, key: str) -> ResponseUrl:
        """Use a response URL once. Raises ApiError when it is unknown, older than 30 min, or used 5 times."""
        url = self._response_urls.get(key)
        if url is None or self._clock.wire() - url.issued > RESPONSE_URL_LIFE:
            raise ApiError("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise ApiError("used_url")
        url.uses += 1
        return url

    def socket(self) -> str:
        """A ticket for one Socket Mode connection."""
        ticket = secrets.token_hex(12)
        self._sockets.add(ticket)
        return ticket

    def admit(self, ticket: str) -> bool:
        """Whether a connection may be made with this ticket; it works once."""
        if ticket not in self._sockets:
            return False
        self._sockets.remove(ticket)
        return True


def forget_oldest(passes: dict[str, Trigger] | dict[str, ResponseUrl]) -> None:
    """Keep the memory of a long demo bounded."""
    while len(passes) > KEPT:
        passes.pop(next(iter(passes)))
