"""Recycled leads come back: by themselves on their day, or earlier with new interest."""

from __future__ import annotations

from datetime import timedelta

from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.returning import return_due
from bot.lookups.cards import card_state
from storage.models import HandoffState, Outcome, Stage
from tests.bot.house import RILEY, House


def resting(house: House, **fields: object) -> int:
    handoff_id = house.handoff_comes(**fields)
    house.does(RILEY, reject, Reject(handoff_id, "low_intent", "Just looking"))
    return handoff_id


def test_a_lead_comes_back_on_its_day_as_a_new_handoff(house: House) -> None:
    handoff_id = resting(house)
    house.passes(timedelta(days=89, hours=23))
    assert house.does("baton", return_due, 100) == 0
    house.passes(timedelta(hours=2))
    assert house.does("baton", return_due, 100) == 1
    lead = house.lead_of(handoff_id)
    again = house.handoff(handoff_id + 1)
    assert (lead.stage, lead.recycled_until) == (Stage.MQL, None)
    assert (again.state, again.lead_id) == (HandoffState.WAITING, lead.id)
    assert again.why[0] == "Back from nurture, as agreed on 16 Nov 2026"
    assert house.does("baton", return_due, 100) == 0


def test_the_new_card_tells_what_became_of_it_before(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    entered = Entered(reason="no_budget", note="Frozen until summer")
    house.does(RILEY, set_outcome, SetOutcome(handoff_id, Outcome.DISQUALIFIED, entered))
    house.passes(timedelta(days=91))
    house.does("baton", return_due, 100)
    card = house.database.read_now(card_state, house.book, handoff_id + 1)
    assert card is not None
    assert card.earlier == ("16 Nov 2026: in nurture: No budget — Frozen until summer",)


def test_the_longest_due_come_first_and_no_more_than_asked_for(house: House) -> None:
    first = resting(house)
    house.passes(timedelta(hours=1))
    second = resting(house, external_id="hs-2", email="bob@other.example", company="Other")
    house.passes(timedelta(days=91))
    assert house.does("baton", return_due, 1) == 1
    assert house.lead_of(first).stage == Stage.MQL
    assert house.lead_of(second).stage == Stage.RECYCLED


def test_new_interest_brings_it_back_earlier(house: House) -> None:
    resting(house)
    house.passes(timedelta(days=10))
    taken = house.takes_in()
    assert taken.handed_off
    house.passes(timedelta(days=100))
    assert house.does("baton", return_due, 100) == 0


def test_a_routine_update_does_not_bring_it_back(house: House) -> None:
    handoff_id = resting(house)
    assert not house.tells(external_id="hs-1", phone="+1 555 0100").handed_off
    assert house.lead_of(handoff_id).stage == Stage.RECYCLED
