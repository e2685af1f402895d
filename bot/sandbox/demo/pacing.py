"""Moves a clock that stands still on, just far enough for the messages that wait for their turn.

Slack takes one message a second in a channel, by the clock of the story. Nobody who watches wants to wait for
that, and how far the story's clock goes on must not depend on how fast the machine is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from bot.clock import Clock
from bot.slack.pace import PACE
from storage.database import Database, announce
from storage.models import DeliveryOp, DeliveryState, deliveries, lanes
from storage.outbox.posts import OPEN, PENDING, TOPIC

LOOK_EVERY = 0.01
"""Real seconds between two looks at the outbox."""
STANDSTILL = 0.25
"""How fast the transport's time passes while the clock stands still: so slowly that little depends on it."""

_d = deliveries.c
_NOTHING = timedelta(0)
MOVING = timedelta.max
"""Stands for the unknown time until a message that is on its way has arrived."""
_ON_ITS_WAY = select(_d.id).where(OPEN, _d.state != DeliveryState.PARKED.value).limit(1)


class Pacer:
    """Sees to it that what is due reaches Slack although the clock stands still."""

    def __init__(self, clock: Clock, database: Database) -> None:
        self._clock, self._database = clock, database

    async def settle(self) -> None:
        """Wait until Slack shows everything that it should show by now."""
        while await self._database.write(self._move_on):
            await asyncio.sleep(LOOK_EVERY)

    def _move_on(self, tx: Connection) -> bool:
        """Let time pass if messages wait for nothing else; False if none are left.

        It is the writer who does it, as it is the writer who gives messages to the sender: so none is on its
        way while time jumps, and seems to have been there for long.
        """
        wait = held_for(tx, self._clock.wire())
        if wait is not None and wait is not MOVING:
            self._clock.jump(wait)
            announce(tx, TOPIC)  # the sender does not see that time has passed
        return wait is not None

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Let messages go while something else is done."""
        going = asyncio.create_task(self._keep_going())
        try:
            yield
        finally:
            going.cancel()
            with suppress(asyncio.CancelledError):
                await going

    async def _keep_going(self) -> None:
        while True:
            await self.settle()
            await asyncio.sleep(LOOK_EVERY)


def held_for(tx: Connection, wire: datetime) -> timedelta | None:
    """How long until the first message of each place where some are due may go; None if there are none.

    MOVING if one is on its way.
    """
    if tx.execute(_ON_ITS_WAY).first() is not None:
        return MOVING
    names = select(_d.lane).where(PENDING, _d.due_at <= wire, _d.op != DeliveryOp.PUBLISH.value).distinct()
    waiting = tx.execute(names).scalars().all()
    ready = {row.name: row.ready_at for row in tx.execute(select(lanes.c.name, lanes.c.ready_at))}
    opens = [max(_opens(ready, lane, wire), _opens(ready, _shared(lane), wire)) for lane in waiting]
    return max(_NOTHING, max(opens) - wire) if opens else None


def _opens(ready: dict[str, datetime], lane: str, wire: datetime) -> datetime:
    """From when one may go in a lane; as storage/outbox/claims.py reckons it."""
    pace = PACE[lane if lane.endswith(":*") else lane.partition(":")[0]]
    return ready.get(lane, wire) - pace.every * (pace.burst - 1)


def _shared(lane: str) -> str:
    return lane.partition(":")[0] + ":*"
