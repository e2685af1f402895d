"""Telling a payload of another shape than Slack's from a fault of Baton's."""

from __future__ import annotations

import traceback

from pydantic import ValidationError

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
