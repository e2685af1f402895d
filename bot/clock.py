"""The one place that reads the time. Everything else is given a moment.

Production builds `Clock()`, which is the system's clock in UTC. The sandbox drives the same class faster,
stops it or jumps it ahead; nothing else in Baton can tell the difference.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class _Anchor:
    """At the system's moment `real`, Baton's time was `now` and the wire's time `wire`."""

    real: datetime
    now: datetime
    wire: datetime
    speed: float


class Clock:
    """Baton's time, aware and in UTC.

    `speed` is how many seconds pass for each second of the system's clock; 0 is a stopped clock.
    `idle_speed` is the pace that the wire keeps while the clock stands still.
    """

    def __init__(self, *, start: datetime | None = None, speed: float = 1.0, idle_speed: float = 1.0) -> None:
        real = datetime.now(UTC)
        at = start or real
        self._anchor = _Anchor(real, at, at, speed)
        self._idle_speed = idle_speed
        self._lock = threading.Lock()

    @property
    def speed(self) -> float:
        """Seconds that pass for each second of the system's clock."""
        return self._anchor.speed

    def now(self) -> datetime:
        """The moment it is, in UTC: what clocks, digests and history are measured by."""
        anchor = self._anchor
        return anchor.now + (datetime.now(UTC) - anchor.real) * anchor.speed

    def wire(self) -> datetime:
        """The moment it is for the transport, in UTC: pace, leases, retries.

        It is `now()` until the clock is stopped. Then it goes on, because a message on its way does not stop
        when somebody holds the demo's clock.
        """
        anchor = self._anchor
        return anchor.wire + (datetime.now(UTC) - anchor.real) * (anchor.speed or self._idle_speed)

    def real(self) -> datetime:
        """The system's moment, in UTC: for how long something took here, however fast Baton's time passes."""
        return datetime.now(UTC)

    def real_seconds(self, wire_time: timedelta) -> float:
        """How many seconds of the system's clock a stretch of the wire's time takes."""
        return wire_time.total_seconds() / (self._anchor.speed or self._idle_speed)

    def set_speed(self, speed: float) -> None:
        """Go on at another speed from this moment; 0 stops the clock. Raises ValueError below 0."""
        if speed < 0:
            raise ValueError("time does not run backwards: give a speed of 0 or more")
        self._reanchor(speed, timedelta(0))

    def jump(self, by: timedelta) -> None:
        """Move ahead at once, the wire with it. Raises ValueError for a jump backwards."""
        if by < timedelta(0):
            raise ValueError("time does not run backwards: give a jump of 0 or more")
        self._reanchor(self._anchor.speed, by)

    def _reanchor(self, speed: float, by: timedelta) -> None:
        with self._lock:
            real, anchor = datetime.now(UTC), self._anchor
            passed = real - anchor.real
            now = anchor.now + passed * anchor.speed + by
            wire = anchor.wire + passed * (anchor.speed or self._idle_speed) + by
            self._anchor = _Anchor(real, now, wire, speed)
