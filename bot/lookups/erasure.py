"""A request to erase a person as its card shows it to one admin."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.lookups.cards import lead_facts
from bot.views.erasure import ErasureFacts
from bot.views.ids import Action
from storage import erasures, leads
from storage.models import Erasure
from storage.outbox.bodies import ErasureBody

OPEN_FOR = timedelta(days=7)
"""How long the other admins can agree."""


def is_over(asked_at: datetime, now: datetime) -> bool:
    """Whether nobody can agree any more to what was asked for then."""
    return now >= asked_at + OPEN_FOR


def erasure_facts(
    tx: Connection, lead_id: int, body: ErasureBody, reader: str, now: datetime
) -> ErasureFacts | None:
    """What is known of it, and what the reader may do about it at `now`; None without the lead."""
    lead = leads.get(tx, lead_id)
    if lead is None:
        return None
    asked_at = datetime.fromisoformat(body["at"])
    asked = erasures.of_lead(tx, lead_id)
    stands = asked is not None and asked.agreed_at is None and asked.asked_at == asked_at
    may: tuple[Action, ...] = ()
    if stands and "ended_by" not in body and not is_over(asked_at, now):
        own = reader == body["by"]
        may = (Action.KEEP_PERSON,) if own else (Action.ERASE, Action.KEEP_PERSON)
    return ErasureFacts(lead_facts(lead), body["by"], asked_at + OPEN_FOR, may, body.get("ended_by"))


def waiting_erasures(tx: Connection, reader: str, now: datetime) -> tuple[ErasureFacts, ...]:
    """The requests that wait for a yes, oldest first, with what the reader may do about each."""
    found = (erasure_facts(tx, asked.lead_id, _body(asked), reader, now) for asked in erasures.asked(tx))
    return tuple(facts for facts in found if facts is not None and facts.may)


def _body(asked: Erasure) -> ErasureBody:
    return {"by": asked.asked_by, "at": asked.asked_at.isoformat()}
