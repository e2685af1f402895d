"""What a body leaves to the CRM, asked for by a command as the door does: a contact by its ID."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from bot.agreement import Agreement
from bot.agreement.vocabulary import Preset
from bot.intake import NoLead, Source
from storage.models import RefusedCause

Variable = Callable[[str | None], str | None]


def completed_now(
    agreement: Agreement, variable: Variable, source: Source, records: Sequence[Any]
) -> list[Any]:
    """The records with what the CRM says of them; in place of one without a lead a NoLead that says why."""
    if agreement.crm is None:
        return list(records)
    return asyncio.run(_completed(agreement, variable, source.intake.preset, records))


async def _completed(
    agreement: Agreement, variable: Variable, preset: Preset, records: Sequence[Any]
) -> list[Any]:
    from bot.crm.completion import completed  # loaded once there is a CRM
    from bot.crm.connection import Connections
    from bot.crm.port import CrmTrouble

    connections = Connections(variable)
    try:
        return await completed(agreement, connections, preset, records)
    except CrmTrouble as trouble:
        why = f"It has only an ID, and the CRM did not answer: {trouble.why}. Try again later."
        return [NoLead(RefusedCause.NOBODY, why)] * len(records)
    finally:
        await connections.close()
