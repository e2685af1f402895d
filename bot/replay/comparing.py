"""Each handoff as it was recorded beside the same as replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.replay.record import Record
from bot.replay.running import Replayed
from bot.replay.state import Pass
from bot.rules.value import value
from storage.models import Cause, ClockKind, NagKind
from storage.replaying import Passed


@value
class Step:
    """A rung that was taken: of which clock, its place in the ladder, what was said, and when."""

    clock: ClockKind
    step: int
    what: NagKind
    at: datetime


@value
class Breach:
    """A clock that was missed: whose it was, when it fell due, and why it was missed."""

    clock: ClockKind
    owner: str | None
    due_at: datetime
    cause: Cause | None


@value
class Course:
    """How a handoff went: as what and to whom, when each commitment was due, what was said and missed."""

    handed_at: datetime
    grade: str
    priority: str
    team: str
    owner: str | None
    due: Mapping[ClockKind, datetime]
    steps: tuple[Step, ...]
    breaches: tuple[Breach, ...]

    def to_json(self) -> dict[str, Any]:
        """As `replay --format json` gives it."""
        return {
            "grade": self.grade,
            "priority": self.priority,
            "team": self.team,
            "owner": self.owner,
            "due": {kind.value: at.isoformat() for kind, at in self.due.items()},
            "steps": [
                {"clock": one.clock.value, "step": one.step, "what": one.what.value, "at": one.at.isoformat()}
                for one in self.steps
            ],
            "breaches": [
                {
                    "clock": one.clock.value,
                    "owner": one.owner,
                    "due_at": one.due_at.isoformat(),
                    "cause": one.cause and one.cause.value,
                }
                for one in self.breaches
            ],
        }


@value
class Compared:
    """One handoff, both ways; None where there is none. `found` is the replayed one itself."""

    lead: int
    handoff: int | None
    replayed: Course | None
    recorded: Course | None
    found: Pass | None = None
    row: Passed | None = None

    @property
    def same(self) -> bool:
        """Whether it comes out as it was recorded."""
        return self.replayed == self.recorded

    def to_json(self) -> dict[str, Any]:
        """As `replay --format json` gives it."""
        nothing = dict.fromkeys(("grade", "priority", "team", "owner")) | {
            "due": {},
            "steps": [],
            "breaches": [],
        }
        return {
            "lead": self.lead,
            "handoff": self.handoff,
            **(self.replayed.to_json() if self.replayed else nothing),
            "estimated": sorted(kind.value for kind in self.found.guessed) if self.found else [],
            "recorded": self.recorded.to_json() if self.recorded else None,
            "same": self.same,
        }


def compare(record: Record, replayed: Replayed, since: datetime, until: datetime) -> list[Compared]:
    """Every handoff that began in the period, recorded or replayed, in the order of the recorded ones."""
    found: list[Compared] = []
    seen: set[int] = set()
    for number, row in record.handoffs.items():
        if row.history or not since <= row.handed_at < until:
            continue
        made = replayed.of.get(number)
        stands = made is not None and made.number not in seen and made.ids[0] == number
        if made is not None and stands:
            seen.add(made.number)
        course = replayed_course(made) if made is not None and stands else None
        found.append(
            Compared(row.lead_id, number, course, recorded_course(record, row), made if stands else None, row)
        )
    found.extend(
        Compared(made.lead.id, None, replayed_course(made), None, made)
        for made in replayed.passes
        if not made.ids and since <= made.handed_at < until
    )
    return found


def replayed_course(found: Pass) -> Course:
    """How a handoff went as replayed."""
    return Course(
        found.handed_at,
        found.grade,
        found.priority,
        found.team,
        found.owner,
        {ran.kind: ran.clock.due_at for ran in found.clocks},
        _ordered(Step(one.kind, one.step, one.what, one.at) for one in found.steps),
        tuple(
            Breach(ran.kind, ran.owner, ran.clock.breached_at, ran.cause)
            for ran in found.clocks
            if ran.clock.breached_at is not None
        ),
    )


def recorded_course(record: Record, row: Passed) -> Course:
    """How a handoff went as recorded."""
    clocks = record.clocks.get(row.id, [])
    return Course(
        row.handed_at,
        row.grade,
        row.priority,
        row.team,
        row.owner,
        {ClockKind(clock.kind): clock.due_at for clock in clocks},
        _ordered(
            Step(ClockKind(one.kind), one.step, NagKind(one.what), one.at)
            for one in record.steps.get(row.id, [])
        ),
        tuple(
            Breach(ClockKind(clock.kind), clock.owner, clock.breached_at, clock.cause)
            for clock in clocks
            if clock.breached_at is not None
        ),
    )


def _ordered(steps: Any) -> tuple[Step, ...]:
    return tuple(sorted(set(steps), key=lambda one: (one.at, one.clock, one.step, one.what)))


def differences(compared: Sequence[Compared]) -> list[Compared]:
    """Those that did not come out as recorded."""
    return [each for each in compared if not each.same]
