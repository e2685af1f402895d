"""What the modals are given to show: reads, with the same refusals as the deed that follows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import HandoffNotFound
from bot.handoffs.shared import still_waiting
from bot.lookups.cards import name_of
from bot.rules.roles import Deed, require
from bot.views.states import ReasonChoice, RejectForm
from storage import handoffs, leads


@dataclass(frozen=True, slots=True)
class AskReject:
    """The rejection form of a handoff, drawn for a reason once one is chosen."""

    handoff_id: int
    chosen: str | None = None


def reject_form(tx: Connection, ctx: Context, asked: AskReject) -> RejectForm:
    """The form for the context's actor. Raises HandoffNotFound, NotAllowed or AlreadyDecided."""
    found = handoffs.get(tx, asked.handoff_id)
    lead = leads.get(tx, found.lead_id) if found else None
    if found is None or lead is None:
        raise HandoffNotFound(asked.handoff_id)
    require(ctx.book, ctx.actor, Deed.REJECT, ctx.book.current.team(found.team), found.owner)
    still_waiting(found)
    reasons = ctx.book.of(tx, found.agreement_id).reasons_of("reject")
    return RejectForm(
        handoff_id=found.id,
        lead_name=name_of(lead),
        company=lead.company,
        reasons=tuple(
            ReasonChoice(reason.code, reason.label, reason.then, reason.note == "required", reason.group)
            for reason in reasons
        ),
        chosen=asked.chosen,
        teams=tuple(team.name for team in ctx.book.current.teams if team.name != found.team),
    )
