"""What every kind of destination is: messages are sent to it, and it says what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """An event as it is sent. `id` is the same whenever it is sent again; `lead` 0 is no lead."""

    id: str
    type: str
    lead: int
    body: bytes


class Verdict(StrEnum):
    """What became of a message."""

    ARRIVED = "arrived"
    RETRY = "retry"  # the destination is at fault, or nobody knows
    REFUSED = "refused"  # this message will never be taken; the next one may be


@dataclass(frozen=True, slots=True)
class Answer:
    """What a destination made of a message; `why` in words, `wait` if it asked to be left alone so long."""

    verdict: Verdict
    why: str | None = None
    wait: timedelta | None = None


class Subscriber(Protocol):
    """Whoever hears of events: under which name, of which types, and of which teams' (of none named: all)."""

    @property
    def name(self) -> str: ...

    @property
    def events(self) -> tuple[str, ...]: ...

    @property
    def teams(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Subscription:
    """A subscriber as it is set up now, and how to reach it. Another `setup` is another subscription.

    `reach` raises BadSecret where a secret is missing. `newest_alone`: it is told how a lead stands by now;
    so of all that waits for a lead the newest event is enough, and its body is not read.
    """

    name: str
    events: tuple[str, ...]
    teams: tuple[str, ...]
    setup: str
    reach: Callable[[], Sink] = field(compare=False)
    newest_alone: bool = False


class Sink(Protocol):
    """A kind of destination."""

    async def send(self, batch: Sequence[Message]) -> Sequence[Answer]:
        """Send messages of different leads, all at once; an answer for each, in their order. Never raises."""

    async def close(self) -> None:
        """Let go of its connections."""
