"""Calls that are turned away before anybody is known: told in the log, never one by one, and why."""

from __future__ import annotations

import logging
import time
from collections import Counter
from enum import StrEnum

from bot.instruments import Instruments
from bot.views.text import plural

_EVERY = 1.0  # seconds between two lines of the log
_EVERY_DOOR = 10.0

_log = logging.getLogger("baton.http")


class Why(StrEnum):
    """Why a call was turned away."""

    SIGNATURE = "signature"  # it does not bear Slack's signature
    TOKEN = "token"  # it bears no token that is known
    HEAD = "head"  # too many headers, or too long ones
    MALFORMED = "malformed"  # it is no HTTP
    SLOW = "slow"  # it did not come to an end
    CROWD = "crowd"  # too many connections at once


class Strangers:
    """Counts who was turned away."""

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._untold: Counter[Why] = Counter()
        self._told_at = float("-inf")

    def turned_away(self, why: Why) -> None:
        """Count one, and say so in the log unless that was done within the last second."""
        self._instruments.refused_stranger(why)
        self._untold[why] += 1
        now = time.monotonic()
        if now - self._told_at >= _EVERY:
            said = ", ".join(f"{why.value} {count}" for why, count in sorted(self._untold.items()))
            _log.warning("turned away since the last such line: %s", said)
            self._untold.clear()
            self._told_at = now


class Unproven:
    """Tells of calls that did not prove themselves: the first at each door, then how many in ten seconds."""

    def __init__(self) -> None:
        self._untold: Counter[str] = Counter()
        self._told_at: dict[str, float] = {}

    def turned_away(self, door: str, why: str) -> None:
        """One more at this door; `why` is the latest reason in words, and says nothing that a caller sent."""
        self._untold[door] += 1
        now = time.monotonic()
        if now - self._told_at.get(door, float("-inf")) >= _EVERY_DOOR:
            _log.warning("%s turned away %s: %s", door, plural(self._untold.pop(door), "call"), why)
            self._told_at[door] = now
