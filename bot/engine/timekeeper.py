"""Whether the machine's clock is right: held against itself, the database's and Slack's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from bot.clock import BELIEVED_AFTER, Clock
from bot.rules import sla
from storage import heartbeats
from storage.database import Database, DatabaseAway

ALLOWED = sla.LONGEST_BEAT
"""How far two clocks may be apart: as far as no outage is made of it."""
_log = logging.getLogger("baton.clock")


class Timekeeper:
    """Compares clocks. `slack_off` is how far this machine's clock is ahead of Slack's, as last heard."""

    def __init__(self, database: Database, clock: Clock, slack_off: Callable[[], timedelta | None]) -> None:
        self._database, self._clock, self._slack_off = database, clock, slack_off
        self._database_off: timedelta | None = None
        self._said: str | None = None

    async def look(self) -> bool:
        """Whether clocks may be judged by this machine's. Says in the log when that changes.

        Where its clock and the database's disagree, Slack's decides. Raises DatabaseAway.
        """
        theirs = await self._database.read(heartbeats.database_time)
        self._database_off = None if theirs is None else self._clock.real() - theirs
        says = self._trouble()
        if says and says != self._said:
            _log.error("%s", says)
        elif self._said and not says:
            _log.info("the clocks agree again")
        self._said = says
        return not _is_off(self._database_off) or _agrees(self._slack_off())

    async def health(self) -> tuple[bool, str]:
        """Whether all clocks agree, and a sentence that says so."""
        try:
            await self.look()
        except DatabaseAway:
            self._database_off = None
        says = self._trouble()
        return says is None, says or "The clock agrees with the others."

    def is_right(self) -> bool:
        """Whether no other clock was heard to differ from this machine's: only then may time erase."""
        return self._trouble() is None

    def _trouble(self) -> str | None:
        if (jump := self._clock.system_jump) is not None:
            return (
                f"The system's clock has just jumped by {in_words(jump)}. "
                f"Baton goes by the old time until that has lasted for {BELIEVED_AFTER:g} s."
            )
        off = {"the database's": self._database_off, "Slack's": self._slack_off()}
        apart = [f"{in_words(by)} of {whose}" for whose, by in off.items() if by is not None and _is_off(by)]
        return f"This machine's clock is {' and '.join(apart)}. Set it by NTP." if apart else None


def in_words(by: timedelta) -> str:
    """A difference between two clocks: "1 day, 0:00:00 ahead"."""
    whole = timedelta(seconds=round(abs(by).total_seconds()))
    return f"{whole} {'ahead' if by > timedelta(0) else 'behind'}"


def _is_off(by: timedelta | None) -> bool:
    return by is not None and abs(by) > ALLOWED


def _agrees(by: timedelta | None) -> bool:
    return by is not None and abs(by) <= ALLOWED
