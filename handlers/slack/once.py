"""What Slack tells twice is heard once, whichever replica it is told to."""

from __future__ import annotations

from bot.clock import Clock
from storage import repeats
from storage.database import Database


class Once:
    """The events that were heard: Slack repeats one whose answer it missed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def is_new(self, event_id: str) -> bool:
        """Whether it was not heard before; from now on it was. Raises DatabaseAway."""
        return await self._database.write(repeats.is_new, event_id, self._clock.wire())
