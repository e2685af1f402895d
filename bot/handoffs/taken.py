"""By which door a record comes, what became of it, and what its past is worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.context import IMPORT, Context
from bot.leadform import ActivityForm
from bot.rules.qualification import Judgement
from storage.models import Stage

JUST_NOW = timedelta(hours=1)
"""How old an activity in a file may be and still be what somebody does just now."""

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


def as_past(ctx: Context, door: Door, judged: Judgement, activities: Iterable[ActivityForm]) -> Judgement:
    """What a file tells of the past is never as urgent as what somebody does just now."""
    names = [each.name for each in ctx.book.current.priorities]
    if not door.past or len(names) < 2 or judged.priority != names[0]:
        return judged
    if any(ctx.now - each.at <= JUST_NOW for each in activities):
        return judged
    return replace(judged, priority=names[1])
