"""What Baton and the CRM both changed: whoever owns the lead is shown both values; nothing is overwritten."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs.shared import record_and_announce
from storage import handoffs, history
from storage.models import EventKind


def tell_conflict(tx: Connection, ctx: Context, lead_id: int, what: str) -> None:
    """Say in the thread of the lead's card what differs, with both values, to whoever owns it."""
    latest = handoffs.latest_of_lead(tx, lead_id)
    found = handoffs.lock(tx, latest.id) if latest is not None else None
    if found is None:
        history.record(tx, ctx.stamp, EventKind.CRM_CONFLICT, lead_id=lead_id, detail={"label": what})
        return
    record_and_announce(tx, ctx, found, EventKind.CRM_CONFLICT, {"label": what, "owner": found.owner})
