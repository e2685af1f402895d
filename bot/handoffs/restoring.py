"""A lead comes back from an export of Baton's own: as it was, with all its ids, and without a new handoff for
what sales had or closed.

How the file is read is leadform's; whose record it is and what follows is decided as for any other.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs.intake import take_in
from bot.handoffs.taken import Door, Taken
from bot.leadform.own import OwnRecord
from storage import leads
from storage.models import Stage

WITH_SALES = "Sales had it when it was exported."


def take_own(tx: Connection, ctx: Context, own: OwnRecord, door: Door) -> Taken:
    """Store a lead of an export, or what is new about it. A lead that is new here keeps where it stood, if
    nobody has anything to do there. Raises NotTaken as `take_in` does."""
    rests = own.stage is not Stage.INQUIRY
    its_door = replace(door, system=own.system or door.system, hands_off=door.hands_off and not rests)
    taken = take_in(tx, ctx, own.form, its_door)
    for system, external_id in own.others:
        leads.add_alias(tx, taken.id, system, external_id)
    if not taken.created:
        return taken
    leads.change(tx, taken.id, own.restored)
    return replace(
        taken,
        stage=own.restored.get("stage", taken.stage),
        reason=WITH_SALES if rests else taken.reason,
    )
