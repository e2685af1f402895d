"""Bodies that tell an id only: what the CRM has of that contact is read from it and put beside the id."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bot.agreement import Agreement
from bot.agreement.vocabulary import CrmKind, Preset
from bot.crm.connection import Connections
from bot.crm.port import CrmTrouble, Record
from bot.events.signing import BadSecret

WITHIN = 4.0
"""Seconds that reading may take: HubSpot waits five for its answer, and then sends the same again."""
FIELDS = (
    *("email", "firstname", "lastname", "phone", "mobilephone", "company", "jobtitle", "numemployees"),
    *("industry", "website", "country", "state", "hs_analytics_source", "lifecyclestage", "hs_lead_status"),
    *("recent_conversion_event_name", "recent_conversion_date", "hubspot_owner_id"),
)
_GONE = ("contact.deletion", "contact.privacyDeletion")


async def completed(
    agreement: Agreement, connections: Connections, preset: Preset, records: Sequence[Any]
) -> list[Any]:
    """The records of a body, those that tell a contact's id alone as the agreement's CRM has them now.

    What it does not know stays as it is, and so does everything where the agreement has no such CRM. Raises
    CrmTrouble where the CRM cannot be asked.
    """
    table = agreement.crm
    wanted = list(dict.fromkeys(filter(None, map(_id_alone, records))))
    if (
        not wanted
        or preset is not Preset.HUBSPOT_WEBHOOK
        or table is None
        or table.kind is not CrmKind.HUBSPOT
    ):
        return list(records)
    try:
        crm = connections.to(table).crm  # the one that is written and asked too: its limits hold for all
    except BadSecret as bad:
        raise CrmTrouble(str(bad)) from None
    try:
        known = await asyncio.wait_for(crm.read(wanted, FIELDS), WITHIN)
    except TimeoutError:
        raise CrmTrouble("HubSpot took too long to answer") from None
    return [_with(each, known) for each in records]


def _id_alone(record: Any) -> str | None:
    """The id of a contact of which a record says nothing else."""
    if not isinstance(record, Mapping) or "properties" in record:
        return None
    kind = str(record.get("subscriptionType", ""))
    found = record.get("objectId")
    is_contact = kind.startswith("contact.") and kind not in _GONE
    return str(found) if is_contact and isinstance(found, int | str) else None


def _with(record: Any, known: Mapping[str, Record]) -> Any:
    """The contact alone: of the same contact the same, whichever event told of it and however often."""
    number = _id_alone(record)
    found = known.get(number) if number is not None else None
    if found is None:
        return record
    said = {name: value for name, value in {**found.fields, "email": found.email}.items() if value}
    return {"objectId": number, "properties": said}
