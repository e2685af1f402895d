"""When an event that did not arrive is tried again, and when it is given up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST = timedelta(seconds=5)
FACTOR = 4
LONGEST = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)
JITTER = 0.2
LONGEST_WAIT_ASKED = timedelta(hours=1)  # a Retry-After of more is not believed

OPEN_AFTER = 5  # failures in a row, whatever the event
PROBE_EVERY = timedelta(minutes=1)


def wait_after(attempts: int, chance: float, asked: timedelta | None = None) -> timedelta:
    """How long to wait after this many attempts: 5 s, 20 s, 80 s … 4 h, a fifth more or less.

    `chance` is uniform in 0 to 1. `asked` is the receiver's Retry-After, which is waited for at least.
    """
    growing = min(FIRST * float(FACTOR ** min(attempts - 1, 10)), LONGEST)
    wait = growing * (1 + JITTER * (2 * chance - 1))
    return max(wait, min(asked, LONGEST_WAIT_ASKED)) if asked else wait


def asked_for(headers: Mapping[str, str]) -> timedelta | None:
    """What an answer's `Retry-After` asks for, within reason; None where it says nothing that is understood.

    A moment is counted from the answer's own `Date`, whatever the clock is here.
    """
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return min(timedelta(seconds=int(told[:9])), LONGEST_WAIT_ASKED)
    try:
        rest = parsedate_to_datetime(told) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):  # no moment, or one of them without a zone
        return None
    return min(max(rest, timedelta(0)), LONGEST_WAIT_ASKED)


def is_given_up(first_at: datetime | None, now: datetime) -> bool:
    """Whether an event first tried then has been tried long enough."""
    return first_at is not None and now - first_at >= GIVE_UP_AFTER
