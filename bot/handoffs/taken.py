"""By which door a record comes, what became of it, and what its past is worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.agreement import Agreement
from bot.context import IMPORT, Context
from bot.lookups.history import DOOR
from bot.rules.qualification import ActivityLike, Judgement
from storage.models import Stage
from storage.models.details import Detail

JUST_NOW = timedelta(hours=1)
"""How old an activity in a file may be and still be what somebody does just now."""

HELD, PAST = "held", "past"
"""What the history says of a door: it hands nothing off; what comes by it lies in the past."""

KNOWN_RECORD = "This record came before, and nothing in it is new."


@dataclass(frozen=True, slots=True)
class Door:
    """By which door a record comes: the system whose ids it bears, and what may follow from it.

    `hands_off`: whether a lead that qualifies goes to sales. `past`: what it tells lies in the past, as in a
    file, and starts no clock of the most urgent priority.
    """

    system: str
    hands_off: bool = True
    past: bool = False

    @property
    def kept(self) -> Detail:
        """What the history keeps of a door by which less may follow than by others."""
        words = [*(() if self.hands_off else (HELD,)), *((PAST,) if self.past else ())]
        return {DOOR: words} if words else {}

    @classmethod
    def of(cls, ctx: Context) -> Door:
        """The door that somebody comes by who names none: the API's by the token's name, Slack by its own."""
        actor = str(ctx.actor)
        if actor == IMPORT:
            return cls(IMPORT, past=True)
        return cls(actor.removeprefix("api:") if actor.startswith("api:") else _SYSTEMS.get(actor, "slack"))


_SYSTEMS = {"crm": "crm", "baton": "baton"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a record: the answer of `POST /leads`.

    `created`: the lead, or the activity, was not known before. `handoff_id` is the open handoff;
    `handed_off` says that it began just now. `reason` is why it goes to sales, or does not. `notes` are
    sentences about what was read otherwise than its sender may expect. `judged` is the whole judgement.
    """

    id: int
    external_id: str | None
    created: bool
    stage: Stage
    grade: str
    priority: str
    handoff_id: int | None
    handed_off: bool
    why: tuple[str, ...]
    reason: str = ""
    notes: tuple[str, ...] = ()
    judged: Judgement | None = None


def as_past(ctx: Context, door: Door, judged: Judgement, activities: Iterable[ActivityLike]) -> Judgement:
    """What a file tells of the past is never as urgent as what somebody does just now."""
    return less_urgent(ctx.book.current, judged, activities, ctx.now) if door.past else judged


def less_urgent(
    agreement: Agreement, judged: Judgement, activities: Iterable[ActivityLike], now: datetime
) -> Judgement:
    """A judgement of what a file tells: of the second priority at most, unless something is of just now."""
    if len(agreement.priorities) < 2 or judged.priority != agreement.priorities[0].name:
        return judged
    if any(now - each.at <= JUST_NOW for each in activities):
        return judged
    return replace(judged, priority=agreement.priorities[1].name)
