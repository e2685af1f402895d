"""New leads keep coming in while somebody watches: through the bot's own door, by the workspace's clock."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from random import Random

import aiohttp
from sqlalchemy import Connection, func, select

from bot.clock import Clock
from bot.rules.worktime import WorkCalendar
from bot.sandbox.demo.cast import Cast
from storage.database import Database, DatabaseAway
from storage.models import HandoffState, handoffs

LOOK_EVERY = 0.2
"""Real seconds between two looks at the clock."""
SOON = (timedelta(seconds=25), timedelta(seconds=70), timedelta(minutes=3))
"""The first ones come soon, so that something happens at the clock's own pace too."""
USUALLY = timedelta(minutes=25)
AT_NIGHT = timedelta(hours=4)
MOST_WAITING = 25
"""With so many leads undecided no more come: nobody could find their way in the channels."""
INTERESTS, SHARES = ("hot", "warm", "mild", "cold"), (4, 5, 3, 3)

_WAITING = select(func.count()).where(handoffs.c.state == HandoffState.WAITING.value)
_log = logging.getLogger("baton.demo")


class Arrivals:
    """Sends leads to the bot until it is cancelled. `url` is the bot's `POST /leads`."""

    def __init__(
        self, clock: Clock, database: Database, hours: WorkCalendar, seed: int, *, url: str, token: str
    ) -> None:
        self._clock, self._database, self._hours = clock, database, hours
        self._url, self._headers = url, {"Authorization": f"Bearer {token}"}
        self._rng = Random(f"arrivals {seed}")
        self._cast = Cast(self._rng, first_number=5000)
        self._soon = list(SOON)

    async def run(self) -> None:
        """Let one come whenever its moment is there; what was jumped over does not come all at once."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            due = self._clock.now() + self._gap()
            while True:
                await asyncio.sleep(LOOK_EVERY)
                if self._clock.now() >= due:
                    due = self._clock.now() + self._gap()
                    try:
                        if await self._database.read(_waiting) < MOST_WAITING:
                            await self._send(session)
                    except (aiohttp.ClientError, TimeoutError, DatabaseAway) as error:
                        _log.warning("a lead of the demo was not taken: %s", error)

    def _gap(self) -> timedelta:
        if self._soon:
            return self._soon.pop(0)
        mean = USUALLY if self._hours.is_open(self._clock.now()) else AT_NIGHT
        return mean * min(4.0, self._rng.expovariate(1.0))

    async def _send(self, session: aiohttp.ClientSession) -> None:
        lead = self._cast.lead(self._rng.choices(INTERESTS, SHARES)[0], self._now())
        async with session.post(self._url, json=lead, headers=self._headers) as answer:
            if answer.status >= 400:
                _log.warning("a lead of the demo was refused: %s", await answer.text())

    def _now(self) -> datetime:
        return self._clock.now()


def _waiting(tx: Connection) -> int:
    return int(tx.execute(_WAITING).scalar_one())
