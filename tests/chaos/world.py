"""What a run left behind, as plain values: what was answered, what Slack shows, what was told and kept.

`Kept` is from outside: the answers that whoever sent and clicked got. `Left` was looked at afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.chaos.plan import Deed


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed something, or sent a form, about a handoff. `acked`: and saw no fault."""

    user: str
    deed: Deed
    handoff: int
    acked: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command that ran beside the bots. `status`: empty where it was killed, by us or by itself.

    `lacks`: what it should have written and did not.
    """

    words: str
    status: str
    out: str
    err: str
    killed: bool = False
    lacks: tuple[str, ...] = ()


@dataclass(slots=True)
class Kept:
    """What the driver knows. `answered`: each record that was taken, and the ids of its lead it was told."""

    answered: dict[str, set[int]] = field(default_factory=dict)
    clicks: list[Click] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    """Answers that no tool should get."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of Baton's in Slack, and what its metadata say that it is."""

    channel: str
    ts: str
    delivery: int | None
    lead: int
    reply: bool


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery that the outbox holds for shown. `list_id`: the list in which a card stands as a row."""

    id: int
    kind: str
    state: str
    channel: str
    ts: str
    handoff: int | None
    list_id: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history. `told`: whether the destination asked for its kind."""

    id: int
    kind: str
    actor: str
    lead: int | None
    handoff: int | None
    clock: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """A clock. `open`: neither met nor stopped. `rungs`: so many reminders come before its breach."""

    handoff: int
    kind: str
    due_at: datetime
    open: bool
    rungs: int


@dataclass(frozen=True, slots=True)
class Left:
    """What was found once all was quiet, at `now`."""

    now: datetime
    leads: Mapping[str, int]
    lead_count: int
    handoffs: Mapping[int, int]  # its lead
    shown: Sequence[Shown]
    listed: Mapping[str, Sequence[int]]  # the ts of a list: its handoffs, as its rows say
    private: Sequence[tuple[str, str]]  # who was answered something alone, and what
    posts: Sequence[Delivered]
    history: Sequence[Line]
    clocks: Sequence[Ran]
    nags: Sequence[tuple[int, int, str, str]]  # clock, step, what, place
    told: Sequence[tuple[int, int]]  # event, lead: as they were first taken
    bots: int
    unready: Sequence[str]
    waiting: Sequence[str]
    tracebacks: Sequence[str]


@dataclass(frozen=True, slots=True)
class World:
    """All there is to be judged."""

    kept: Kept
    left: Left
