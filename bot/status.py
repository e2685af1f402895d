"""Where a lead stands, for `/lead status`: one read, for anybody who asks."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import LeadNotFound
from bot.facts import lead_facts, running_clock
from bot.handoffs.finding import find_lead
from bot.views.status import LeadStatus
from storage import handoffs
from storage.models import HandoffState


def lead_status(tx: Connection, ctx: Context, typed: str) -> LeadStatus:
    """The lead that was meant by an e-mail address, "#12" or "ext:…". Raises LeadNotFound."""
    lead = find_lead(tx, typed)
    if lead is None:
        raise LeadNotFound(typed)
    handoff = handoffs.latest_of_lead(tx, lead.id)
    if handoff is None:
        return LeadStatus(lead_facts(lead), unrouted=lead.unrouted_at is not None)
    return LeadStatus(
        lead_facts(lead),
        team=handoff.team,
        owner=handoff.owner,
        state=HandoffState(handoff.state),
        priority=handoff.priority,
        clock=running_clock(tx, ctx.book, handoff),
        unrouted=lead.unrouted_at is not None,
        until=lead.recycled_until,
    )
