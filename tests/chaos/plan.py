"""What happens in a run, and when: a function of its seed and its shape, so that a seed plays the same again.

Moments and stretches are real seconds. What depends on Baton's own waits (a lease, a look for a lost post) is
written in the wire's seconds and divided by the speed of the run.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox import FaultKind


class Deed(StrEnum):
    """What can happen. The first are people and tools at work, the others are troubles."""

    LEAD = "lead"
    AGAIN = "again"  # a record of before, sent once more
    BATCH = "batch"
    FORM = "form"  # over an intake source
    IMPORT = "import"
    BESIDE = "beside"  # a command of the terminal, and a third of them killed
    ACCEPT = "accept"
    REJECT = "reject"
    TOUCH = "touch"
    KILL = "kill"
    FREEZE = "freeze"  # stopped, and continued once its lease is over
    JUMP = "jump"  # of the system's clock
    SLACK = "slack"  # fails in one of its ways
    HOOK = "hook"  # the webhook's destination fails
    DISK = "disk"  # full, and free again
    RESTART = "restart"  # of PostgreSQL
    PAUSE = "pause"  # of PostgreSQL: it answers nobody and hangs up on nobody
    CUT = "cut"  # half of the connections to PostgreSQL


@dataclass(frozen=True, slots=True)
class Shape:
    """How a run is laid out. `speed`: seconds of Baton's time that pass for each real one."""

    database: str
    replicas: int
    seconds: float
    speed: float


@dataclass(frozen=True, slots=True)
class Step:
    """One deed at its moment. `number` chooses whom or what it is about, `how` the way in which it fails."""

    at: float
    deed: Deed
    number: int
    lasting: float = 0.0
    how: str = ""


EVERY: Mapping[Deed, float] = {
    Deed.LEAD: 2,
    Deed.AGAIN: 6,
    Deed.BATCH: 20,
    Deed.FORM: 8,
    Deed.IMPORT: 40,
    Deed.BESIDE: 4,
    Deed.ACCEPT: 1.5,
    Deed.REJECT: 6,
    Deed.TOUCH: 3,
    Deed.KILL: 15,
    Deed.FREEZE: 75,
    Deed.JUMP: 20,
    Deed.SLACK: 6,
    Deed.HOOK: 15,
    Deed.DISK: 25,
    Deed.RESTART: 60,
    Deed.PAUSE: 40,
    Deed.CUT: 20,
}
"""Real seconds from one to the next, on average. Each comes at least once, however short the run is."""

LASTING: Mapping[Deed, tuple[float, float]] = {
    Deed.BESIDE: (0, 2),
    Deed.KILL: (0, 6),
    Deed.FREEZE: (32, 45),  # a lease is 30 s
    Deed.JUMP: (3, 60),
    Deed.SLACK: (3, 25),
    Deed.HOOK: (3, 30),
    Deed.DISK: (3, 20),
    Deed.PAUSE: (5, 25),
}
"""The least and the most, in seconds of the wire; what is not here is over at once."""

ONLY: Mapping[Deed, str] = {
    Deed.DISK: "sqlite",
    Deed.RESTART: "postgresql",
    Deed.PAUSE: "postgresql",
    Deed.CUT: "postgresql",
}

POST, UPDATE, ANY = "chat.postMessage", "chat.update", "*"
SLACK_FAILS: tuple[tuple[FaultKind, str], ...] = (
    (FaultKind.SERVER_ERROR, ANY),
    (FaultKind.SERVER_ERROR_AFTER, POST),
    (FaultKind.SERVER_ERROR_AFTER, UPDATE),
    (FaultKind.INTERNAL_ERROR, POST),
    (FaultKind.INTERNAL_ERROR_AFTER, POST),
    (FaultKind.FATAL_ERROR_AFTER, POST),
    (FaultKind.DROPPED, ANY),
    (FaultKind.DROPPED_AFTER, POST),
    (FaultKind.DROPPED_AFTER, UPDATE),
    (FaultKind.RATE_LIMITED, ANY),
    (FaultKind.RATE_LIMITED, POST),
    (FaultKind.UNTOLD_AFTER, POST),
    (FaultKind.UNTOLD_AFTER, UPDATE),
    (FaultKind.SLOW, POST),
    (FaultKind.SLOW, ANY),
)
BACKUP, EXPORT = "backup FILE", "export leads"
COMMANDS = (
    BACKUP,
    EXPORT,
    "export events --format json",
    "check",
    "digest --week week --format json",
    "digest --week week",
    "replay --format json",
    "refused list",
    "webhooks list",
    "forget nobody@nowhere.example",
)
"""What somebody runs in a terminal beside a running bot."""
HOOK_FAILS = ("503", "silence")
_WAYS: Mapping[Deed, tuple[str, ...]] = {
    Deed.SLACK: tuple(f"{kind} {method}" for kind, method in SLACK_FAILS),
    Deed.HOOK: HOOK_FAILS,
    Deed.BESIDE: COMMANDS,
    Deed.JUMP: ("86400", "-86400", "7200", "-300"),
}


def planned(seed: int, shape: Shape) -> list[Step]:
    """All that happens, in its order."""
    steps = []
    for deed in Deed:
        if ONLY.get(deed, shape.database) != shape.database:
            continue
        chance = random.Random(f"{seed} {deed}")  # so that one more of a deed moves none of another
        for _ in range(max(1, round(shape.seconds / EVERY[deed]))):
            lasting = chance.uniform(*LASTING.get(deed, (0, 0))) / shape.speed
            how = chance.choice(_WAYS.get(deed, ("",)))
            steps.append(
                Step(chance.uniform(0, shape.seconds), deed, chance.randrange(1 << 30), lasting, how)
            )
    return sorted(steps, key=lambda step: step.at)
