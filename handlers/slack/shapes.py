"""Telling a payload of another shape than Slack's from a fault of Baton's."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from slack_bolt import BoltResponse

_log = logging.getLogger("baton")

_PERSON = re.compile(r"[UWB][A-Z0-9]{1,20}")
_PLACE = re.compile(r"[CDG][A-Z0-9]{1,20}")
_ADDRESS = re.compile(r"https?://[!-~]{1,500}")
_TICKET = re.compile(r"[!-~]{1,100}")
_SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (("user", "id"), _PERSON),
    (("user_id",), _PERSON),
    (("event", "user"), _PERSON),
    (("event", "user", "id"), _PERSON),
    (("channel", "id"), _PLACE),
    (("channel_id",), _PLACE),
    (("event", "channel"), _PLACE),
    (("trigger_id",), _TICKET),
    (("response_url",), _ADDRESS),
)
"""Where a payload says who, where and how to answer, and how such a thing is written by Slack."""
_MISSHAPEN = (KeyError, IndexError, TypeError, AttributeError, ValueError, ValidationError)
_READERS = ("/handlers/slack/", "/slack_bolt/", "/bot/views/ids.py", "/pydantic/")


def is_misshapen(error: BaseException) -> bool:
    """Whether something stumbled over what a payload lacks or holds, where payloads are read.

    It is no fault that the log should show in full: nothing was done, and nobody is there to be told.
    """
    if not isinstance(error, _MISSHAPEN):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and any(part in frames[-1].filename for part in _READERS)


def misshapen_in(body: Mapping[str, Any]) -> Iterator[str]:
    """The places at which a payload holds something that Slack writes otherwise; what is missing is fine."""
    for path, shape in _SHAPES:
        found: Any = body
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        if found is None or (isinstance(found, Mapping) and path == ("event", "user")):
            continue
        if not (isinstance(found, str) and shape.fullmatch(found)):
            yield ".".join(path)


async def only_slacks(body: Mapping[str, Any], next_: Callable[[], Awaitable[Any]]) -> Any:
    """A middleware of Bolt: what names nobody, or leads nowhere, gets no further."""
    if wrong := next(misshapen_in(body), None):
        _log.warning("a payload that is not Slack's: %s", wrong)
        return BoltResponse(status=200)
    return await next_()
