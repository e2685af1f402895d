"""What becomes of a lead that heats up while sales has it: a better grade and priority, a shorter clock.

Pure. Whether what came is news at all is news.py's; writing it down and telling people is the use cases'.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.agreement import Agreement, Rep, Team
from bot.agreement.fields import activity_name
from bot.rules import sla
from bot.rules.qualification import Judgement
from storage.models import ClockKind, HandoffState


class Tell(StrEnum):
    """Who has to hear of it at once."""

    NOBODY = "nobody"
    CLAIMANTS = "whoever should act"  # the owner of a waiting handoff; in a pool the reps at work
    OWNER = "the owner"  # one line, gathered with others of the next minutes


@dataclass(frozen=True, slots=True)
class Held:
    """An open handoff as it stands.

    `team` and `rep` are whose clock runs: the owner, in a pool nobody. `due_at` is when the running clock
    falls due, for acceptance or for the first touch, None where neither runs; `present` are the reps in whose
    hours it runs in a pool.
    """

    state: HandoffState
    grade: str
    priority: str
    team: Team | None
    rep: Rep | None
    due_at: datetime | None
    present: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """What becomes of an open handoff.

    `grade` and `priority` are those that every place shows from now on. `clock` is the new clock that takes
    the place of the running one of its kind, None where that runs on. `says` is the line for the card and for
    whoever is told. Where `raised`, the history has an event `lead.raised`.
    """

    grade: str
    priority: str
    raised: bool = False
    tell: Tell = Tell.NOBODY
    says: str = ""
    clock: sla.Clock | None = None


def heat(agreement: Agreement, held: Held, judged: Judgement, now: datetime, *, hand: bool = False) -> Heat:
    """What a new judgement does to an open handoff. Nothing gets worse while it is open.

    `hand`: a hand was raised just now (`Change.HAND_RAISED`); an owner hears of it even if the priority was
    the best before. A clock is renewed, from `now` on and under `agreement`, of which the judgement came,
    only where it then falls due earlier; that ends a snooze too.
    """
    priority = _better_priority(agreement, held.priority, judged.priority)
    grade = _better_grade(held.grade, judged.grade)
    hotter = priority != held.priority
    clock = _renewed(agreement, held, priority, now) if hotter or hand else None
    if held.state == HandoffState.ACCEPTED:
        raised, tell = hotter or hand, Tell.OWNER
    else:
        raised, tell = hotter or clock is not None, Tell.CLAIMANTS
    if not raised:
        return Heat(grade, held.priority)
    because = because_of(judged)
    says = f"now {priority}: {because}" if hotter else f"{because[:1].upper()}{because[1:]}"
    return Heat(grade, priority, True, tell, says, clock)


def shown(held: Held | None, judged: Judgement) -> tuple[str, str]:
    """The grade and the priority that every place shows: those of the open handoff, if there is one."""
    return (held.grade, held.priority) if held is not None else (judged.grade, judged.priority)


def because_of(judged: Judgement) -> str:
    """What a judgement rests on, in words that follow a colon: `asked for a demo`.

    The reason of the raised hand, else of what counts most.
    """
    by_weight = sorted(judged.why, key=lambda why: -why.points)
    hand = [why for why in by_weight if why.activity and activity_name(why.activity.type) == judged.raised]
    if not hand and judged.raised:
        return f"raised a hand, {judged.raised.replace('_', ' ')}"
    found = next(iter([*hand, *by_weight]), None)
    if found is None:
        return f"grade {judged.grade}"
    return (
        found.because if found.because[1:2].isupper() else f"{found.because[:1].lower()}{found.because[1:]}"
    )


def _better_priority(agreement: Agreement, held: str, judged: str) -> str:
    """The one that stands first in the agreement; one that it does not know stands last."""
    order = {each.name: number for number, each in enumerate(agreement.priorities)}
    return judged if order.get(judged, len(order)) < order.get(held, len(order)) else held


def _better_grade(held: str, judged: str) -> str:
    """The new grade where neither its letter nor its digit is worse, else the one it was handed off with."""
    return judged if judged[0] <= held[0] and judged[1] <= held[1] else held


def _renewed(agreement: Agreement, held: Held, priority: str, now: datetime) -> sla.Clock | None:
    if held.due_at is None:
        return None
    kind = ClockKind.ACCEPT if held.state == HandoffState.WAITING else ClockKind.FIRST_TOUCH
    clock = sla.start(agreement, kind, priority, held.team, held.rep, now, present=held.present)
    return clock if clock is not None and clock.due_at < held.due_at else None
