from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import LeadNotFound
from bot.handoffs import Accept, Reject, accept, reject
from bot.lookups.api_lead import ExternalId, LeadDetails, lead_details
from storage import leads
from tests.bot.ledger import JANE, RILEY, Ledger


def read(ledger: Ledger, reference: str) -> LeadDetails:
    return ledger.database.read_now(lead_details, reference)


def test_a_met_clock_says_when_and_by_whom(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.passes(timedelta(minutes=2))
    ledger.does(RILEY, accept, Accept(handoff_id))
    lead = read(ledger, "ext:hs-1")
    met, running = lead.clocks
    assert (met.kind, met.met_at, met.met_by, met.breached_at) == ("accept", ledger.now, RILEY, None)
    assert (running.kind, running.met_at, running.owner) == ("first_touch", None, RILEY)
    assert (lead.stage, lead.owner, lead.handoffs[0].accepted_by) == ("sal", RILEY, RILEY)
    assert [event.kind for event in lead.events] == ["lead.created", "lead.handed_off", "lead.accepted"]


def test_the_history_is_told_in_words_and_exactly(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    lead = read(ledger, "ext:hs-1")
    created, handed, accepted = lead.events
    assert created.words == "Created via crm"
    assert handed.words.startswith("Handed off to sales: team ")
    assert accepted.words == f"Accepted by {RILEY}"
    assert (accepted.kind, accepted.actor, accepted.at) == ("lead.accepted", RILEY, ledger.now)
    assert handed.detail["team"] == lead.handoffs[0].team
    assert not any(mark in event.words for event in lead.events for mark in "<>*")
    assert (lead.handoffs[0].agreement, lead.handoffs[0].history) == ("2026-Q4", False)


def test_every_handoff_of_a_lead_is_there_oldest_first(ledger: Ledger) -> None:
    first = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(first, "bad_contact"))
    ledger.passes(timedelta(days=1))
    second = ledger.takes_in(phone="+1 555 0100").handoff_id
    lead = read(ledger, "ext:hs-1")
    assert [handoff.id for handoff in lead.handoffs] == [first, second]
    assert [handoff.state for handoff in lead.handoffs] == ["rejected", "waiting"]
    assert lead.handoffs[0].reason == "bad_contact"
    assert lead.activities[0].at > lead.activities[1].at


def test_a_lead_that_joined_another_answers_with_that_one(ledger: Ledger) -> None:
    gone, kept = ledger.tells(external_id="1"), ledger.tells(external_id="2")
    ledger.database.write_now(leads.merge, gone.id, kept.id, ledger.now)
    for reference in (str(gone.id), str(kept.id), "ext:1", "ext:2"):
        assert read(ledger, reference).id == kept.id
    assert read(ledger, "ext:1").external_ids == (ExternalId("crm", "1"), ExternalId("crm", "2"))


@pytest.mark.parametrize("reference", ["", "7", "ext:", "ext:unknown", JANE["email"], "#1", "ext:a\0b"])
def test_what_names_no_lead_is_not_found(ledger: Ledger, reference: str) -> None:
    ledger.takes_in()
    with pytest.raises(LeadNotFound):
        read(ledger, reference)
