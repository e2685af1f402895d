"""The one place that reads the time. Everything else is given a moment.

Production builds `Clock()`, which is the system's clock in UTC. The sandbox drives the same class faster,
stops it or jumps it ahead; nothing else in Baton can tell the difference.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

STEP = timedelta(seconds=2)
"""So much the system's clock may be set by and is followed at once. More is a jump."""
BELIEVED_AFTER = 60.0
"""Seconds for which a jump of the system's clock must last before it is followed."""


def system_time() -> datetime:
    """What the system's clock shows, right or wrong, in UTC."""
    return datetime.now(UTC)


def steady_seconds() -> float:
    """Seconds of a clock that nobody sets; where the system has one, it goes on while the machine sleeps."""
    return time.clock_gettime(_STEADY)


_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Steadied:
    """The system's clock without its jumps: one that is set wrong and soon set right again is not followed.

    What lasts for `BELIEVED_AFTER` is believed: then somebody has set the clock right.
    """

    def __init__(
        self, system: Callable[[], datetime] = system_time, steady: Callable[[], float] = steady_seconds
    ) -> None:
        self._system, self._steady = system, steady
        self._known = system(), steady()
        self._jump: tuple[timedelta, float] | None = None
        self.believed = 0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The moment it is, in UTC."""
        system, steady = self._system(), self._steady()
        known, since = self._known
        expected = known + timedelta(seconds=steady - since)
        jump = system - expected
        if abs(jump) <= STEP:
            self._known, self._jump = (system, steady), None
            return system
        with self._lock:
            if self._jump is None or abs(self._jump[0] - jump) > STEP:
                self._jump = jump, steady
            if steady - self._jump[1] < BELIEVED_AFTER:
                return expected
            self._known, self._jump = (system, steady), None
            self.believed += 1
            return system

    @property
    def jump(self) -> timedelta | None:
        """By how much the system's clock has jumped, while that is not believed."""
        return self._jump[0] if self._jump else None


@dataclass(frozen=True, slots=True)
class _Anchor:
    """At the system's moment `real`, Baton's time was `now` and the wire's time `wire`."""

    real: datetime
    now: datetime
    wire: datetime
    speed: float


class Clock:
    """Baton's time, aware and in UTC.

    `speed` is how many seconds pass for each second of the system's clock; 0 is a stopped clock. Jumps of the
    system's clock are kept from it.
    `idle_speed` is the pace that the wire keeps while the clock stands still.
    """

    def __init__(
        self,
        *,
        start: datetime | None = None,
        speed: float = 1.0,
        idle_speed: float = 1.0,
        system: Steadied | None = None,
    ) -> None:
        self._system = system or Steadied()
        real = self._system.now()
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
        return anchor.now + (self._system.now() - anchor.real) * anchor.speed

    def wire(self) -> datetime:
        """The moment it is for the transport, in UTC: pace, leases, retries.

        It is `now()` until the clock is stopped. Then it goes on, because a message on its way does not stop
        when somebody holds the demo's clock.
        """
        anchor = self._anchor
        return anchor.wire + (self._system.now() - anchor.real) * (anchor.speed or self._idle_speed)

    def real(self) -> datetime:
        """The system's moment, in UTC: for how long something took here, however fast Baton's time passes."""
        return self._system.now()

    @property
    def system_jump(self) -> timedelta | None:
        """By how much the system's clock has jumped, while that is not believed."""
        return self._system.jump

    @property
    def jumps_believed(self) -> int:
        """How many jumps of the system's clock have been followed so far."""
        return self._system.believed

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
            real, anchor = self._system.now(), self._anchor
            passed = real - anchor.real
            now = anchor.now + passed * anchor.speed + by
            wire = anchor.wire + passed * (anchor.speed or self._idle_speed) + by
            self._anchor = _Anchor(real, now, wire, speed)
