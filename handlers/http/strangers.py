"""Calls that are turned away before anybody is known: counted by why, and told in the log once a second."""

from __future__ import annotations

import logging
import time
from collections import Counter
from enum import StrEnum

from bot.instruments import Instruments

_EVERY = 1.0  # seconds between two lines of the log

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
