"""What was not taken at a door is kept without its secrets, and can be taken after all once that is mended.

The door answers its caller first; here is what is remembered of it. How a body is read is leadform's.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.context import IMPORT, Context
from bot.errors import RefusedNotFound
from bot.handoffs.identity import NotTaken
from bot.handoffs.intake import take_in
from bot.handoffs.taken import Door, Taken
from bot.leadform import FieldFault, LeadFaults, LeadForm, email_key, field_of, read_lead
from storage import refused
from storage.models import Refused, RefusedCause
from storage.models.values import RefusedValues

API, FILE = "api", "import"
"""The doors that every Baton has; others go by the name of their source."""
KEPT_FOR = timedelta(days=30)
NO_RECORD = "body"
"""The name under which a body is kept that is no record."""
_WHOLE = frozenset({NO_RECORD, "lead", "row"})  # under these the readers name a body that is no record
_SECRET = re.compile(
    r".*token.*|.*secret.*|.*passw(or)?d.*|passphrase|.*_key|api_?key|.*authorization|cookie"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET_IN_TEXT = re.compile(
    r"""(?i)([\w-]*(?:token|secret|passw(?:or)?d|[_-]key|apikey|authorization)["']?\s*[:=]\s*)"""
    r"""("[^"]*"?|'[^']*'?|(?:bearer|basic)\s+[^\s&;,]+|[^\s&;,}\]]+)"""
)
_DEEPEST = 20
_LONGEST = 10_000  # characters of one text
_MOST = 1_000  # entries of one list or object
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Reading = Callable[[Mapping[str, Any], datetime], LeadForm]
"""How a door reads a kept body as of a moment. Raises LeadFaults."""


def keep(tx: Connection, ctx: Context, door: str, system: str, raw: object, fault: LeadFaults) -> int:
    """Keep what a door refused, without its secrets, and give its number.

    `raw` is the body or row as it was read, a text where it could not be; `system` is whose ids it bears.
    """
    body = without_secrets(raw)
    record = body if isinstance(body, dict) else {NO_RECORD: body}
    return refused.add(
        tx,
        {
            "at": ctx.now,
            "door": door,
            "system": system,
            **_why(fault, shapeless=not isinstance(body, dict)),
            "email_key": _email_key(record),
            "body": record,
            "trace": ctx.trace,
        },
    )


def retry(
    tx: Connection, ctx: Context, number: int, readings: Mapping[str, Reading] | None = None
) -> Taken | LeadFaults:
    """Send one through today's reading and rules. Taken, it is kept no longer; else with today's reason.

    `readings` are those of doors that have one of their own, by the door. Raises RefusedNotFound.
    """
    kept = refused.get(tx, number, lock=True)
    if kept is None:
        raise RefusedNotFound(number)
    read = {**_READINGS, **(readings or {})}.get(kept.door, _read_strictly)
    actor = str(IMPORT) if kept.door == FILE else f"api:{kept.system}"
    try:
        taken = take_in(tx, replace(ctx, actor=actor), read(kept.body, ctx.now), _door(kept))
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
    """Keep nothing longer than `KEPT_FOR`; gives how many went."""
    return refused.purge(tx, ctx.now - KEPT_FOR)


def without_secrets(raw: object, depth: int = 0) -> Any:
    """A body as JSON stores it, at any depth without what stands under a key that looks like a secret's."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(raw, Mapping):
        pairs = [(_text(str(key)), value) for key, value in raw.items()][:_MOST]
        return {key: without_secrets(value, depth + 1) for key, value in pairs if not is_secret(key)}
    if isinstance(raw, list | tuple):
        return [without_secrets(each, depth + 1) for each in raw[:_MOST]]
    if raw is None or isinstance(raw, bool) or (isinstance(raw, int) and abs(raw) < 1 << 53):
        return raw
    if isinstance(raw, float) and math.isfinite(raw):
        return raw
    return _text(str(raw))


def is_secret(key: str) -> bool:
    """Whether a key's name says that a secret stands under it: `apiKey`, `X-Auth-Token`, `password` …"""
    return _SECRET.fullmatch(re.sub(r"\W+", "_", _CAMEL.sub("_", key)).casefold()) is not None


def _text(text: str) -> str:
    return _SECRET_IN_TEXT.sub(r"\1[secret]", _UNSTORABLE.sub("\ufffd", text)[:_LONGEST])


def _why(fault: LeadFaults, *, shapeless: bool) -> RefusedValues:
    if isinstance(fault, NotTaken):
        return {"cause": fault.cause, "why": _text(str(fault)), "lead_id": fault.lead_id}
    shapeless = shapeless or all(each.field in _WHOLE for each in fault.faults)
    cause = RefusedCause.SHAPE if shapeless else RefusedCause.FIELDS
    return {"cause": cause, "why": _text(str(fault)), "lead_id": None}


def _email_key(record: Mapping[str, Any]) -> str | None:
    found = (value for key, value in record.items() if field_of(key) == "email" and isinstance(value, str))
    return next((email_key(value) for value in found if "@" in value), None)


def _door(kept: Refused) -> Door:
    return Door(kept.system, past=kept.door == FILE)


def _record_of(body: Mapping[str, Any]) -> Any:
    """The record, also where it came as text that is one by now."""
    if body.keys() != {NO_RECORD}:
        return body
    if not isinstance(body[NO_RECORD], str):
        return body[NO_RECORD]
    try:
        return json.loads(body[NO_RECORD])
    except (ValueError, RecursionError):
        raise LeadFaults([FieldFault("body", "is not a record that can be read")]) from None


def _read_strictly(body: Mapping[str, Any], now: datetime) -> LeadForm:
    return read_lead(_record_of(body), now=now)


def _read_leniently(body: Mapping[str, Any], now: datetime) -> LeadForm:
    return read_lead(_record_of(body), now=now, aside=[])


_READINGS: Mapping[str, Reading] = {API: _read_strictly, FILE: _read_leniently}
