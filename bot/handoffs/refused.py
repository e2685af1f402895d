"""What was not taken at a door is kept without its secrets, and can be taken after all once that is mended.

The door answers its caller first; here is what is remembered of it. How a body is read is leadform's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.context import IMPORT, Context
from bot.errors import AmbiguousId, LeadNotFound, RefusedNotFound
from bot.handoffs.forgotten import Forgotten, names_forgotten
from bot.handoffs.identity import NotTaken
from bot.handoffs.intake import note_activity, take_in
from bot.handoffs.posts import tell_admins_refused
from bot.handoffs.taken import Door, Taken
from bot.intake import NoLead
from bot.leadform import FieldFault, LeadFaults, LeadForm, email_key, field_of, read_activity, read_lead
from bot.leadform.secrets import storable, without_secrets
from bot.lookups.api_lead import lead_named
from bot.rules.identity import Outcome as Whose
from bot.rules.identity import Verdict
from storage import refused
from storage.models import Refused, RefusedCause
from storage.models.values import RefusedValues

API, ACTIVITY, FILE = "api", "activity", "import"
"""The doors that every Baton has: records, single activities, rows. Others go by the name of their source."""
KEPT_FOR = timedelta(days=30)
NO_RECORD = "body"
"""The name under which a body is kept that is no record."""
_WHOLE = frozenset({NO_RECORD, "lead", "row"})  # under these the readers name a body that is no record
_ADDRESS = re.compile(r"(?:mailto:)?[^\s@<>]+@[^\s@<>]+")
_LEAD, _ACTIVITY = "lead", "activity"  # of an activity is kept which lead it was for, and what was told

Reading = Callable[[Mapping[str, Any], datetime], LeadForm]
"""How a door reads a kept body as of a moment. Raises LeadFaults."""


def keep(tx: Connection, ctx: Context, door: str, system: str, raw: object, fault: LeadFaults) -> int:
    """Keep what a door refused, without its secrets, and give its number. The admins hear of it, gathered.

    `raw` is the body or row as it was read, a text where it could not be; `system` is whose ids it bears.
    """
    body = without_secrets(raw)
    record = body if isinstance(body, dict) else {NO_RECORD: body}
    if door == ACTIVITY and names_forgotten(tx, str(record.get(_LEAD, "")), system):
        fault = Forgotten(_LEAD)
    if isinstance(fault, Forgotten):
        record = {}
    values: RefusedValues = {
        "at": ctx.now,
        "door": door,
        "system": system,
        **_why(fault, shapeless=not isinstance(body, dict)),
        **_about(tx, door, record),
        "email_key": _email_key(record),
        "body": record,
        "trace": ctx.trace,
    }
    number, new = refused.add(tx, values)
    if new and values["cause"] is not RefusedCause.TEST:
        tell_admins_refused(tx, ctx)
    return number


def activity_of(lead: str, raw: object) -> dict[str, object]:
    """A single activity as it is kept at its door: `lead` is what its address named, `raw` its body."""
    return {_LEAD: lead, _ACTIVITY: raw}


def unplaced(error: LeadNotFound | AmbiguousId) -> NotTaken:
    """Why an activity was not taken that was told of a lead which is unknown, or one of several."""
    if isinstance(error, AmbiguousId):
        words = f"the id {error.external_id} is known to {', '.join(error.systems)}"
        return NotTaken(Verdict(Whose.AMBIGUOUS, words), _LEAD)
    return NotTaken(Verdict(Whose.NOBODY, f"there is no lead {error.wanted}"), _LEAD)


def retry(
    tx: Connection, ctx: Context, number: int, readings: Mapping[str, Reading] | None = None
) -> Taken | LeadFaults:
    """Send one through today's reading and rules. Taken, it is kept no longer; else with today's reason.

    `readings` are those of doors that have one of their own, by the door. Raises RefusedNotFound.
    """
    kept = refused.get(tx, number, lock=True)
    if kept is None:
        raise RefusedNotFound(number)
    actor = str(IMPORT) if kept.door == FILE else f"api:{kept.system}"
    acting = replace(ctx, actor=actor)
    try:
        if kept.door == ACTIVITY:
            taken = _note(tx, acting, kept.body)
        else:
            read = {**_READINGS, **(readings or {})}.get(kept.door, _read_strictly)
            taken = take_in(tx, acting, read(kept.body, ctx.now), _door(kept))
    except LeadFaults as bad:  # found before anything was written
        refused.change(tx, number, _why(bad, shapeless=kept.body.keys() == {NO_RECORD}))
        return bad
    refused.drop(tx, [number])
    return taken


def drop(tx: Connection, _ctx: Context, number: int) -> None:
    """Keep one no longer. Raises RefusedNotFound."""
    if not refused.drop(tx, [number]):
        raise RefusedNotFound(number)


def forget_old_refused(tx: Connection, ctx: Context) -> int:
    """Keep nothing longer than `KEPT_FOR`; gives how many went, 0 once nothing is left to go."""
    return refused.purge(tx, ctx.now - KEPT_FOR)


def _why(fault: LeadFaults, *, shapeless: bool) -> RefusedValues:
    if isinstance(fault, Forgotten):
        return {"cause": RefusedCause.FORGOTTEN, "why": storable(str(fault)), "lead_id": None}
    if isinstance(fault, NotTaken | NoLead):
        lead_id = fault.lead_id if isinstance(fault, NotTaken) else None
        return {"cause": fault.cause, "why": storable(str(fault)), "lead_id": lead_id}
    shapeless = shapeless or all(each.field in _WHOLE for each in fault.faults)
    cause = RefusedCause.SHAPE if shapeless else RefusedCause.FIELDS
    return {"cause": cause, "why": storable(str(fault)), "lead_id": None}


def _about(tx: Connection, door: str, record: Mapping[str, Any]) -> RefusedValues:
    """The lead that a single activity was told of, where it is known."""
    if door != ACTIVITY:
        return {}
    try:
        return {"lead_id": lead_named(tx, str(record.get(_LEAD, ""))).id}
    except (LeadNotFound, AmbiguousId):
        return {}


def _email_key(record: Mapping[str, Any]) -> str | None:
    """Whose address a record tells: that under a name for one, else the first that stands anywhere in it."""
    named = (value for key, value in record.items() if field_of(key) == "email" or key == _LEAD)
    found = (value for value in (*named, *_texts(record)) if isinstance(value, str))
    return next((email_key(value) for value in found if _ADDRESS.fullmatch(value.strip())), None)


def _texts(value: Any) -> Iterator[str]:
    """Every text at any depth, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def _door(kept: Refused) -> Door:
    return Door(kept.system, past=kept.door == FILE)


def _note(tx: Connection, ctx: Context, body: Mapping[str, Any]) -> Taken:
    activity = read_activity(_json_of(body[_ACTIVITY]), now=ctx.now)
    try:
        lead_id = lead_named(tx, str(body[_LEAD])).id
    except (LeadNotFound, AmbiguousId) as error:
        raise unplaced(error) from None
    return note_activity(tx, ctx, lead_id, activity)


def _record_of(body: Mapping[str, Any]) -> Any:
    return _json_of(body[NO_RECORD]) if body.keys() == {NO_RECORD} else body


def _json_of(kept: Any) -> Any:
    """What was told, also where it came as text that is JSON by now."""
    if not isinstance(kept, str):
        return kept
    try:
        return json.loads(kept)
    except (ValueError, RecursionError):
        raise LeadFaults([FieldFault("body", "is not a record that can be read")]) from None


def _read_strictly(body: Mapping[str, Any], now: datetime) -> LeadForm:
    return read_lead(_record_of(body), now=now)


def _read_leniently(body: Mapping[str, Any], now: datetime) -> LeadForm:
    return read_lead(_record_of(body), now=now, aside=[])


_READINGS: Mapping[str, Reading] = {API: _read_strictly, FILE: _read_leniently}
