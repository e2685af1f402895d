"""Writing leads into the CRM again, because somebody asks for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.crm import Crm as CrmTable
from storage import crm, destinations
from storage.models.upkeep import CrmLinkValues


def push(tx: Connection, table: CrmTable, now: datetime, lead: int | None, *, overwrite: bool) -> int:
    """Put what Baton says of a lead, or of each that sales has, on its way; gives of how many.

    With `overwrite` what was changed there meanwhile gives way: the conflicts of these leads are settled for
    Baton.
    """
    latest = crm.latest_events(tx, lead)
    destination = destinations.lock(tx, table.name)
    destinations.enqueue(
        tx,
        [
            {
                "destination": table.name,
                "sequence": number,
                "event_id": event_id,
                "lead_id": lead_id,
                "due_at": now,
            }
            for number, (lead_id, event_id) in enumerate(latest.items(), start=destination.sequence + 1)
        ],
    )
    destinations.change(tx, table.name, {"sequence": destination.sequence + len(latest)})
    if overwrite:
        for link in crm.links(tx, table.account, latest.keys()).values():
            theirs = {name: both[1] for name, both in link.conflicts.items()}
            settled: CrmLinkValues = {"seen": {**link.seen, **theirs}, "sent": {}, "conflicts": {}}
            crm.change(tx, table.account, link.lead_id, settled)
    return len(latest)
