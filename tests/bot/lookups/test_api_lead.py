from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import LeadNotFound
from bot.handoffs import Accept, Reject, accept, reject
from bot.lookups.api_lead import ExternalId, LeadDetails, lead_details
from storage import leads
from tests.bot.house import JANE, RILEY, House


def read(house: House, reference: str) -> LeadDetails:
    return house.database.read_now(lead_details, reference)


def test_a_met_clock_says_when_and_by_whom(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.passes(timedelta(minutes=2))
    house.does(RILEY, accept, Accept(handoff_id))
    lead = read(house, "ext:hs-1")
    met, running = lead.clocks
    assert (met.kind, met.met_at, met.met_by, met.breached_at) == ("accept", house.now, RILEY, None)
    assert (running.kind, running.met_at, running.owner) == ("first_touch", None, RILEY)
    assert (lead.stage, lead.owner, lead.handoffs[0].accepted_by) == ("sal", RILEY, RILEY)
    assert [event.kind for event in lead.events] == ["lead.created", "lead.handed_off", "lead.accepted"]


def test_every_handoff_of_a_lead_is_there_oldest_first(house: House) -> None:
    first = house.handoff_comes()
    house.does(RILEY, reject, Reject(first, "bad_contact"))
    house.passes(timedelta(days=1))
    second = house.takes_in(phone="+1 555 0100").handoff_id
    lead = read(house, "ext:hs-1")
    assert [handoff.id for handoff in lead.handoffs] == [first, second]
    assert [handoff.state for handoff in lead.handoffs] == ["rejected", "waiting"]
    assert lead.handoffs[0].reason == "bad_contact"
    assert lead.activities[0].at > lead.activities[1].at


def test_a_lead_that_joined_another_answers_with_that_one(house: House) -> None:
    gone, kept = house.tells(external_id="1"), house.tells(external_id="2")
    house.database.write_now(leads.merge, gone.id, kept.id, house.now)
    for reference in (str(gone.id), str(kept.id), "ext:1", "ext:2"):
        assert read(house, reference).id == kept.id
    assert read(house, "ext:1").external_ids == (ExternalId("crm", "1"), ExternalId("crm", "2"))


@pytest.mark.parametrize("reference", ["", "7", "ext:", "ext:unknown", JANE["email"], "#1", "ext:a\0b"])
def test_what_names_no_lead_is_not_found(house: House, reference: str) -> None:
    house.takes_in()
    with pytest.raises(LeadNotFound):
        read(house, reference)
