"""Bodies that tell an id only: what the CRM has of that contact is read from it and put beside the id."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bot.agreement import Agreement
from bot.agreement.crm import Crm
from bot.agreement.vocabulary import CrmKind, Preset
from bot.crm.connection import Connections
from bot.crm.port import CrmTrouble, Record
from bot.events.signing import BadSecret
from bot.intake import NoLead
from storage.models import RefusedCause

WITHIN = 4.0
"""Seconds that reading may take: HubSpot waits five for its answer, and then sends the same again."""
FIELDS = (
    *("email", "firstname", "lastname", "phone", "mobilephone", "company", "jobtitle", "numemployees"),
    *("industry", "website", "country", "state", "hs_analytics_source", "lifecyclestage", "hs_lead_status"),
    *("recent_conversion_event_name", "recent_conversion_date", "hubspot_owner_id"),
)
_CONTACT, _CONTACT_TYPE = "contact", "0-1"
_GONE = ("deletion", "privacyDeletion")


async def completed(
    agreement: Agreement, connections: Connections, preset: Preset, records: Sequence[Any]
) -> list[Any]:
    """The records of a body, those that tell a contact's id alone as the agreement's CRM has them now.

    In place of a record of which it knows nothing stands a NoLead that says why. All stays as it is where the
    agreement has no such CRM. Raises CrmTrouble where the CRM cannot be asked.
    """
    table = agreement.crm
    if preset is not Preset.HUBSPOT_WEBHOOK or table is None or table.kind is not CrmKind.HUBSPOT:
        return list(records)
    mine = [each for each in records if _id_alone(each)]
    known = await _read(connections, table, mine) if mine else {}
    return [_with(each, known, table) for each in records]


async def _read(connections: Connections, table: Crm, records: Sequence[Any]) -> Mapping[str, Record]:
    """The contacts behind ids. One of another account is none of them: there it is somebody else's."""
    try:
        crm = connections.to(table).crm  # the one that is written and asked too: its limits hold for all
    except BadSecret as bad:
        raise CrmTrouble(str(bad)) from None
    try:
        async with asyncio.timeout(WITHIN):
            account = await crm.account()
            of_it = [each for each in records if account in (None, str(each.get("portalId", account)))]
            return await crm.read(list(dict.fromkeys(filter(None, map(_id_alone, of_it)))), FIELDS)
    except TimeoutError:
        raise CrmTrouble("HubSpot took too long to answer") from None


def _id_alone(record: Any) -> str | None:
    """The id of a contact of which a record says nothing else."""
    if not _tells_only_an_event(record) or _thing(record) != _CONTACT or _happened(record) in _GONE:
        return None
    found = record.get("objectId")
    return str(found) if isinstance(found, int | str) else None


def _tells_only_an_event(record: Any) -> bool:
    return isinstance(record, Mapping) and "properties" not in record and bool(record.get("subscriptionType"))


def _thing(record: Mapping[str, Any]) -> str:
    thing = str(record["subscriptionType"]).partition(".")[0]
    is_contact = thing == "object" and str(record.get("objectTypeId")) == _CONTACT_TYPE
    return _CONTACT if is_contact else thing


def _happened(record: Mapping[str, Any]) -> str:
    return str(record["subscriptionType"]).partition(".")[2]


def _with(record: Any, known: Mapping[str, Record], table: Crm) -> Any:
    """The contact alone: of the same contact the same, whichever event told of it and however often."""
    number = _id_alone(record)
    found = known.get(number) if number is not None else None
    if found is None:
        return NoLead(RefusedCause.NOBODY, _why(record, table)) if _tells_only_an_event(record) else record
    said = {name: value for name, value in {**found.fields, "email": found.email}.items() if value}
    return {"objectId": number, "properties": said}


def _why(record: Mapping[str, Any], table: Crm) -> str:
    """Why an event tells of nobody whom HubSpot knows."""
    number, thing = record.get("objectId"), _thing(record)
    if thing != _CONTACT:
        wrong = f"This webhook tells of {thing} events, and Baton takes contacts."
        return f"{wrong} Subscribe it to those in HubSpot."
    if _happened(record) in _GONE:
        gone = f"Contact {number} was deleted in HubSpot, so there is no lead."
        return f"{gone} Use forget to erase it here too."
    return (
        f"HubSpot has no contact {number}. It was deleted, or the webhook's portal {record.get('portalId')} "
        f"is not the account of the token in {table.token_env}."
    )
