"""A meeting that is booked in a calendar tool is contact with the lead, and so is one that nobody came to."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.agreement.intake import Intake
from bot.handoffs.accept import Accept, accept
from bot.handoffs.received import receive
from bot.intake import Source, read_record
from storage.database import Database
from storage.models import TouchKind
from tests.bot.ledger import RILEY, Ledger

BOOKED = Path(__file__).parents[1] / "intake" / "data" / "calendly_created.json"
CALENDLY = Source(Intake.model_validate({"name": "calendly", "preset": "calendly", "secret_env": "KEY"}))


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def calendly_tells(ledger: Ledger, event: str, at: datetime) -> None:
    body: dict[str, Any] = json.loads(BOOKED.read_text(encoding="utf-8"))
    body |= {"event": event, "created_at": at.isoformat()}
    body["payload"]["email"] = "jane@acme.example"
    read = read_record(CALENDLY, body, ledger.now)
    ledger.does("api:calendly", receive, "calendly", [read])


def test_a_booking_after_the_accept_is_the_first_touch_and_a_no_show_is_told(ledger: Ledger) -> None:
    handoff = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff))
    ledger.passes(timedelta(minutes=5))
    calendly_tells(ledger, "invitee.created", ledger.now)
    row = ledger.handoff(handoff)
    assert (row.touch, row.touched_at) == (TouchKind.MEETING_BOOKED, ledger.now)
    assert ledger.clock(handoff, "first_touch").met_at == ledger.now
    ledger.passes(timedelta(days=1))
    calendly_tells(ledger, "invitee_no_show.created", ledger.now)
    touched = [each.detail["touch"] for each in ledger.events(handoff) if each.kind == "lead.touched"]
    assert touched == ["meeting_booked", "no_show"]


def test_a_booking_before_the_accept_is_no_contact_of_sales(ledger: Ledger) -> None:
    handoff = ledger.handoff_comes()
    calendly_tells(ledger, "invitee.created", ledger.now)
    ledger.passes(timedelta(minutes=5))
    ledger.does(RILEY, accept, Accept(handoff))
    assert ledger.handoff(handoff).touched_at is None
