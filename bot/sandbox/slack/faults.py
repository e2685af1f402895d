"""Misfortunes on demand: 429s, 5xx, dropped connections, errors with and without effect, slowness.

A test or the demo plants them; the Web API asks before and after each call whether one strikes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox.slack.model import JsonDict


class FaultKind(StrEnum):
    """What goes wrong. `…_after`: the call took effect, and the caller does not learn of it."""

    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    INTERNAL_ERROR = "internal_error"
    INTERNAL_ERROR_AFTER = "internal_error_after"
    FATAL_ERROR = "fatal_error"
    FATAL_ERROR_AFTER = "fatal_error_after"
    DROPPED = "dropped"
    DROPPED_AFTER = "dropped_after"
    UNTOLD_AFTER = "untold_after"  # answered with ok, and not where the message stands
    SLOW = "slow"
    REFUSED = "refused"

    @property
    def after(self) -> bool:
        """Whether it strikes when the call has taken effect."""
        return self.value.endswith("_after")

    @property
    def drops(self) -> bool:
        """Whether the connection breaks without an answer."""
        return self in (FaultKind.DROPPED, FaultKind.DROPPED_AFTER)


@dataclass(slots=True)
class PlantedFault:
    """One misfortune that waits for its call.

    `method` `*` strikes any method, an empty `channel` any channel; `times` None strikes until it is lifted.
    `error` is the name of a REFUSED call, `seconds` the `Retry-After` of RATE_LIMITED or the delay of SLOW.
    """

    method: str
    kind: FaultKind
    times: int | None = 1
    channel: str = ""
    when: Callable[[JsonDict], bool] | None = None
    error: str = ""
    seconds: float = 1.0
    struck: int = 0

    def matches(self, method: str, args: JsonDict) -> bool:
        """Whether it strikes this call."""
        return (
            (self.times is None or self.struck < self.times)
            and self.method in ("*", method)
            and self.channel in ("", str(args.get("channel", "")))
            and (self.when is None or self.when(args))
        )


class Faults:
    """The planted misfortunes, in the order in which they were planted."""

    def __init__(self) -> None:
        self._planted: list[PlantedFault] = []

    def plant(self, fault: PlantedFault) -> PlantedFault:
        """Let a misfortune wait for its call."""
        self._planted.append(fault)
        return fault

    def lift(self, fault: PlantedFault | None = None) -> None:
        """End one misfortune, or all of them."""
        self._planted = [] if fault is None else [other for other in self._planted if other is not fault]

    def strike(self, method: str, args: JsonDict) -> PlantedFault | None:
        """The misfortune that strikes this call, if any; it counts as having struck."""
        found = next((fault for fault in self._planted if fault.matches(method, args)), None)
        if found is not None:
            found.struck += 1
        return found
