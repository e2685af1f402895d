"""What a step of a Slack workflow answers: the values that later steps take, or why it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.settings import PROGRAM
from bot.views.text import short
from storage.models import Stage

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The lead as it stands after the step. Without a `team` sales does not have it; `reason` says why."""

    lead_id: int
    name: str
    stage: Stage
    owner: str | None
    team: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class NotTakenIn:
    """Why the step took no lead, in words. What it was given is kept among the refused."""

    faults: tuple[str, ...]


def outputs(done: HandedOff) -> Mapping[str, Any]:
    """The step's outputs, by their names in the manifest; an owner only where there is one."""
    told = {
        "lead": done.lead_id,
        "stage": done.stage.value,
        "summary": _summary(done),
        "owner": done.owner,
    }
    return {name: value for name, value in told.items() if value is not None}


def _summary(done: HandedOff) -> str:
    who = f"{short(done.name, 120)} (#{done.lead_id})"
    if done.team is None:
        return f"{who} is kept, but not with sales: {done.reason or 'the agreement does not ask for it'}."
    return f"{who} is with team {short(done.team, 75)}."


def failure(done: NotTakenIn) -> str:
    """Why the step failed, as whoever built the workflow reads it."""
    return short("No lead was handed off. " + "; ".join(done.faults) + ".", _LONGEST) + (
        f" What came is kept: an admin sees it with `{PROGRAM} refused list`."
    )
