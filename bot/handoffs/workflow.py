"""A step of a Slack workflow hands off a lead: the form or the message before it is the door it comes by.

The step is answered with what became of the lead, in numbers and words that later steps can use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs.intake import take_in
from bot.handoffs.received import known_again
from bot.handoffs.refused import keep
from bot.handoffs.taken import Taken
from bot.leadform import FieldFault, LeadFaults, LeadForm, read_lead
from bot.lookups.cards import name_of
from bot.views.workflow import HandedOff, NotTakenIn
from storage import handoffs, leads

DOOR = "workflow"
"""The door, and the system whose ids its records bear."""
SOURCE = "Slack workflow"
_IDENTITY = ("email", "phone", "first_name", "last_name")
_NAMELESS = "is missing, and so are a phone number and a name: give one of them"


@dataclass(frozen=True, slots=True)
class StepInputs:
    """What the step was given, by the names of its inputs; what was left empty may be missing."""

    given: Mapping[str, Any]


def hand_off_by_step(tx: Connection, ctx: Context, inputs: StepInputs) -> HandedOff | NotTakenIn:
    """Take in the lead of a step, or keep what cannot be taken. The same inputs again are the same lead.

    Marketing has qualified it, unless the step leaves that to the agreement.
    """
    given = {name: value for name, value in inputs.given.items() if value not in (None, "")}
    try:
        return _handed_off(tx, take_in(tx, ctx, read_step(given, ctx.now)))
    except LeadFaults as bad:  # before anything was written
        keep(tx, ctx, DOOR, DOOR, given, bad)
        return NotTakenIn(tuple(str(each) for each in bad.faults))


def read_step(given: Mapping[str, Any], now: datetime) -> LeadForm:
    """The lead that a step was given. Raises LeadFaults where nothing says who it is."""
    told = {name: value for name, value in given.items() if name != "agreement_decides"}
    if not any(str(told.get(name, "")).strip() for name in _IDENTITY):
        raise LeadFaults([FieldFault("email", _NAMELESS)])
    qualified = not given.get("agreement_decides")
    form = read_lead({"source": SOURCE, **told, "qualified": qualified}, now=now, aside=[])
    return known_again(DOOR, form)


def _handed_off(tx: Connection, taken: Taken) -> HandedOff:
    lead = leads.get(tx, taken.id)
    handoff = handoffs.get(tx, taken.handoff_id) if taken.handoff_id is not None else None
    return HandedOff(
        lead_id=taken.id,
        name=name_of(lead) if lead is not None else f"Lead #{taken.id}",
        stage=taken.stage,
        owner=handoff.owner if handoff is not None else None,
        team=handoff.team if handoff is not None else None,
        reason=taken.reason,
    )
