"""What Slack tells twice is heard once, whichever replica it is told to."""

from __future__ import annotations

from handlers.desk import Desk
from storage import repeats


class Once:
    """The events that were heard: Slack repeats one whose answer it missed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def is_new(self, event_id: str) -> bool:
        """Whether it was not heard before; from now on it was. Raises DatabaseAway."""
        return await self._desk.database.write(repeats.is_new, event_id, self._desk.clock.wire())
