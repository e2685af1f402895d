"""What the CRM tells of a lead's stage and its deal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.handoffs import Accept, Reject, accept, reject
from storage import people
from storage.models import ClockKind, HandoffState, Stage
from tests.bot.ledger import RILEY, ROBIN, Ledger


def tells(ledger: Ledger, **fields: Any) -> Any:
    return ledger.tells(external_id="hs-1", **fields)


def test_a_lead_goes_forward_through_every_stage_between(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    taken = tells(ledger, stage="opportunity", amount="5000", currency="EUR")
    handoff = ledger.handoff(handoff_id)
    assert (taken.stage, taken.handoff_id) == (Stage.OPPORTUNITY, handoff_id)
    assert ledger.kinds(handoff_id)[-3:] == ["lead.accepted", "lead.sql", "lead.opportunity"]
    assert {event.actor for event in ledger.events(handoff_id)[-3:]} == {"crm"}
    assert handoff.accepted_by == "crm"
    assert {handoff.accepted_at, handoff.touched_at, handoff.sql_at, handoff.opportunity_at} == {ledger.now}
    assert (handoff.amount_minor, handoff.currency) == (500_000, "EUR")
    assert ledger.running(handoff_id).keys() == {"outcome"}, "the deal's own"


def test_what_a_rep_does_in_the_crm_ends_the_nagging_here(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(minutes=10))
    tells(ledger, stage="SQL")
    met = {row.kind: row for row in reversed(ledger.clocks(handoff_id))}
    for kind in (ClockKind.FIRST_TOUCH, ClockKind.OUTCOME):
        assert (met[kind].met_at, met[kind].met_by) == (ledger.now, "crm")


def test_won_in_the_crm_is_dated_by_the_crm(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(days=3))
    taken = tells(ledger, stage="Closed Won", amount=900, closed_at="2026-11-18T12:00:00Z")
    handoff = ledger.handoff(handoff_id)
    assert (taken.stage, taken.handoff_id) == (Stage.WON, None)
    assert (handoff.state, handoff.won_at) == (HandoffState.CLOSED, ledger.now)
    assert handoff.deal_at == datetime(2026, 11, 18, 12, tzinfo=UTC)
    assert handoff.amount_minor == 90_000


def test_a_later_amount_keeps_the_deal_in_step(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    tells(ledger, stage="won", amount=900)
    tells(ledger, stage="won", amount=1000, closed_at="2026-11-15")
    handoff = ledger.handoff(handoff_id)
    assert (handoff.amount_minor, handoff.deal_at) == (100_000, datetime(2026, 11, 15, tzinfo=UTC))
    assert ledger.kinds(handoff_id).count("lead.won") == 1


@pytest.mark.parametrize("stage", ["recycled", "disqualified"])
def test_what_was_put_aside_before_anybody_accepted_is_a_rejection_and_marketing_hears(
    ledger: Ledger, stage: str
) -> None:
    handoff_id = ledger.handoff_comes()
    assert tells(ledger, stage=stage).stage == Stage(stage)
    handoff = ledger.handoff(handoff_id)
    assert (handoff.state, handoff.rejected_by, handoff.reason) == (HandoffState.REJECTED, "crm", None)
    assert [message.body["by"] for message in ledger.messages("rejection")] == ["crm"]
    assert ledger.running(handoff_id) == {}


def test_lost_before_anybody_accepted_counts_as_accepted_and_lost(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    tells(ledger, stage="lost")
    assert ledger.kinds(handoff_id)[-2:] == ["lead.accepted", "lead.lost"]


def test_a_move_that_is_not_legal_is_noted_once_and_no_error(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    for _ in range(3):
        assert tells(ledger, stage="opportunity").stage == Stage.INQUIRY
    refused = [event for event in _events(ledger, handoff_id) if event.kind == "lead.stage_refused"]
    assert [event.detail for event in refused] == [{"stage": "inquiry", "told": "opportunity"}]
    assert refused[0].actor == "crm"


def test_a_lead_does_not_go_back(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    tells(ledger, stage="opportunity", amount=5)
    assert tells(ledger, stage="sql").stage == Stage.OPPORTUNITY
    assert ledger.handoff(handoff_id).state == HandoffState.ACCEPTED


def test_a_record_that_contradicts_itself_hears_what_was_ignored(ledger: Ledger) -> None:
    won = ledger.tells(external_id="w-1", stage="won")
    assert (won.stage, won.handed_off) == (Stage.INQUIRY, False)
    assert won.notes == ("stage won was ignored: it does not follow from inquiry",)


def test_the_same_stage_again_changes_nothing(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    tells(ledger, stage="sal")
    before = ledger.events(handoff_id)
    tells(ledger, stage="sal")
    assert ledger.events(handoff_id) == before


def test_a_new_lead_that_is_in_work_already_is_accepted_by_the_crm(ledger: Ledger) -> None:
    taken = ledger.takes_in(stage="sql")
    assert taken.stage == Stage.SQL
    assert taken.handoff_id is not None
    assert ledger.handoff(taken.handoff_id).accepted_by == "crm"


def test_an_end_of_long_ago_does_not_close_a_lead_that_raises_its_hand_now(ledger: Ledger) -> None:
    taken = ledger.takes_in(stage="lost")
    assert (taken.stage, taken.handed_off) == (Stage.MQL, True)


@pytest.mark.parametrize("named", ["Robin Brandt", "ROBIN@example.com"])
def test_whom_the_crm_names_as_the_owner_has_it(ledger: Ledger, named: str) -> None:
    def knows_robin(tx: Connection) -> None:
        people.remember(
            tx,
            ROBIN,
            name="Robin Brandt",
            email="robin@example.com",
            timezone=None,
            left=False,
            asked_at=ledger.now,
        )

    ledger.database.write_now(knows_robin)
    handoff_id = ledger.handoff_comes()
    tells(ledger, stage="sal", owner=named)
    assert ledger.handoff(handoff_id).owner == ROBIN
    assert ledger.running(handoff_id)["first_touch"].owner == ROBIN


def _events(ledger: Ledger, handoff_id: int) -> Any:
    from sqlalchemy import select

    from storage.models import events

    lead_id = ledger.handoff(handoff_id).lead_id
    return ledger.database.read_now(
        lambda tx: tx.execute(select(events).where(events.c.lead_id == lead_id)).all()
    )


def test_a_call_told_with_the_stage_that_accepts_counts_as_contact(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.passes(timedelta(minutes=3))
    tells(ledger, stage="sal", activities=[{"type": "call", "at": ledger.now.isoformat()}])
    handoff = ledger.handoff(handoff_id)
    assert (handoff.accepted_by, handoff.touch, handoff.touched_at) == ("crm", "call", ledger.now)
