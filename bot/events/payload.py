"""An event as another tool reads it: what happened, and the lead and handoff as they are when it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.events.sinks import Message
from bot.events.types import FORGOTTEN, TYPES
from bot.lookups.api_lead import handoff_details, lead_summary
from bot.lookups.history import shown
from storage import handoffs, history, leads
from storage.models import Dispatch, Event


def messages(tx: Connection, rows: Sequence[Dispatch]) -> list[Message]:
    """What is sent for each, in their order."""
    found = {event.id: event for event in history.by_id(tx, {row.event_id for row in rows})}
    return [_message(tx, row, found.get(row.event_id)) for row in rows]


def _message(tx: Connection, row: Dispatch, event: Event | None) -> Message:
    """An event that is gone by now was about somebody who was forgotten; that alone is said."""
    name = (event and TYPES.get(event.kind)) or FORGOTTEN
    body = {"id": f"evt_{row.event_id}", "type": name, "sequence": row.sequence}
    body |= _about(tx, event) if event is not None else {"lead": {"id": row.lead_id}}
    return Message(f"evt_{row.event_id}", name, row.lead_id, _json(body))


def _about(tx: Connection, event: Event) -> Mapping[str, object]:
    lead = leads.get(tx, event.lead_id) if event.lead_id is not None else None
    handoff = handoffs.get(tx, event.handoff_id) if event.handoff_id is not None else None
    return {
        "at": event.at,
        "actor": event.actor,
        "lead": None if lead is None else lead_summary(tx, lead),
        "handoff": None if handoff is None else asdict(handoff_details(tx, handoff)),
        "change": {"kind": event.kind, **shown(event.detail)},
    }


def _json(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_text).encode()


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} in an event")
