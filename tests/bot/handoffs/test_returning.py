"""Recycled leads come back: by themselves on their day, or earlier with new interest."""

from __future__ import annotations

from datetime import timedelta

from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.returning import return_due
from bot.lookups.cards import card_state
from storage.models import HandoffState, Outcome, Stage
from tests.bot.ledger import RILEY, Ledger


def resting(ledger: Ledger, **fields: object) -> int:
    handoff_id = ledger.handoff_comes(**fields)
    ledger.does(RILEY, reject, Reject(handoff_id, "low_intent", "Just looking"))
    return handoff_id


def test_a_lead_comes_back_on_its_day_as_a_new_handoff(ledger: Ledger) -> None:
    handoff_id = resting(ledger)
    ledger.passes(timedelta(days=89, hours=23))
    assert ledger.does("baton", return_due, 100) == 0
    ledger.passes(timedelta(hours=2))
    assert ledger.does("baton", return_due, 100) == 1
    lead = ledger.lead_of(handoff_id)
    again = ledger.handoff(handoff_id + 1)
    assert (lead.stage, lead.recycled_until) == (Stage.MQL, None)
    assert (again.state, again.lead_id) == (HandoffState.WAITING, lead.id)
    assert again.why[0] == "Back from nurture, as agreed on 16 Nov 2026"
    assert ledger.does("baton", return_due, 100) == 0


def test_the_new_card_tells_what_became_of_it_before(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    entered = Entered(reason="no_budget", note="Frozen until summer")
    ledger.does(RILEY, set_outcome, SetOutcome(handoff_id, Outcome.DISQUALIFIED, entered))
    ledger.passes(timedelta(days=91))
    ledger.does("baton", return_due, 100)
    card = ledger.database.read_now(card_state, ledger.book, handoff_id + 1)
    assert card is not None
    assert card.earlier == ("16 Nov 2026: in nurture: No budget — Frozen until summer",)


def test_the_longest_due_come_first_and_no_more_than_asked_for(ledger: Ledger) -> None:
    first = resting(ledger)
    ledger.passes(timedelta(hours=1))
    second = resting(ledger, external_id="hs-2", email="bob@other.example", company="Other")
    ledger.passes(timedelta(days=91))
    assert ledger.does("baton", return_due, 1) == 1
    assert ledger.lead_of(first).stage == Stage.MQL
    assert ledger.lead_of(second).stage == Stage.RECYCLED


def test_new_interest_brings_it_back_earlier(ledger: Ledger) -> None:
    resting(ledger)
    ledger.passes(timedelta(days=10))
    taken = ledger.takes_in()
    assert taken.handed_off
    ledger.passes(timedelta(days=100))
    assert ledger.does("baton", return_due, 100) == 0


def test_a_routine_update_does_not_bring_it_back(ledger: Ledger) -> None:
    handoff_id = resting(ledger)
    assert not ledger.tells(external_id="hs-1", phone="+1 555 0100").handed_off
    assert ledger.lead_of(handoff_id).stage == Stage.RECYCLED
