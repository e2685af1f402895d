"""The desk: what a use case leaves in the log."""

from __future__ import annotations

import logging

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.handoffs import Reject, reject, take_in
from bot.leadform import read_lead
from handlers.desk import Desk
from storage.database import Database
from tests.bot.ledger import JANE, MONDAY, RILEY, Ledger


def desk_of(ledger: Ledger) -> Desk:
    clock = Clock(start=MONDAY, speed=0)
    return Desk(ledger.database, clock, ledger.book, AsyncWebClient(), logging.getLogger("desk"))


async def test_the_log_has_the_numbers_of_a_click_and_nothing_that_was_written(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(database)
    handoff_id = ledger.handoff_comes()
    lead_id = ledger.lead_of(handoff_id).id
    caplog.set_level(logging.DEBUG)
    await desk_of(ledger).do(reject, Reject(handoff_id, "bad_contact", note="Her mother answered"), RILEY)
    assert [record.getMessage() for record in caplog.records if record.name == "desk"] == [
        f"reject by {RILEY} lead={lead_id} handoff={handoff_id}"
    ]
    assert "mother" not in caplog.text


async def test_the_log_has_nothing_of_the_record_that_came(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(database)
    caplog.set_level(logging.DEBUG)
    await desk_of(ledger).do(take_in, read_lead({**JANE, "notes": "Rang at noon"}, now=MONDAY), "api:crm")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "desk"]
    assert line.startswith("take_in by api:crm")
    for told in (*map(str, JANE.values()), "Rang at noon"):
        assert told not in line
