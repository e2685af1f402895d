"""What the CRM tells of a lead's stage and its deal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.handoffs import Accept, Reject, accept, reject
from storage import people
from storage.models import HandoffState, Stage
from tests.bot.house import RILEY, ROBIN, House


def tells(house: House, **fields: Any) -> Any:
    return house.tells(external_id="hs-1", **fields)


def test_a_lead_goes_forward_through_every_stage_between(house: House) -> None:
    handoff_id = house.handoff_comes()
    taken = tells(house, stage="opportunity", amount="5000", currency="EUR")
    handoff = house.handoff(handoff_id)
    assert (taken.stage, taken.handoff_id) == (Stage.OPPORTUNITY, handoff_id)
    assert house.kinds(handoff_id)[-3:] == ["lead.accepted", "lead.sql", "lead.opportunity"]
    assert {event.actor for event in house.events(handoff_id)[-3:]} == {"crm"}
    assert handoff.accepted_by == "crm"
    assert {handoff.accepted_at, handoff.touched_at, handoff.sql_at, handoff.opportunity_at} == {house.now}
    assert (handoff.amount_minor, handoff.currency) == (500_000, "EUR")
    assert house.running(handoff_id) == {}


def test_what_a_rep_does_in_the_crm_ends_the_nagging_here(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.passes(timedelta(minutes=10))
    tells(house, stage="SQL")
    for kind in ("first_touch", "outcome"):
        assert (house.clock(handoff_id, kind).met_at, house.clock(handoff_id, kind).met_by) == (
            house.now,
            "crm",
        )


def test_won_in_the_crm_is_dated_by_the_crm(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.passes(timedelta(days=3))
    taken = tells(house, stage="Closed Won", amount=900, closed_at="2026-11-18T12:00:00Z")
    handoff = house.handoff(handoff_id)
    assert (taken.stage, taken.handoff_id) == (Stage.WON, None)
    assert (handoff.state, handoff.won_at) == (HandoffState.CLOSED, house.now)
    assert handoff.deal_at == datetime(2026, 11, 18, 12, tzinfo=UTC)
    assert handoff.amount_minor == 90_000


def test_a_later_amount_keeps_the_deal_in_step(house: House) -> None:
    handoff_id = house.handoff_comes()
    tells(house, stage="won", amount=900)
    tells(house, stage="won", amount=1000, closed_at="2026-11-15")
    handoff = house.handoff(handoff_id)
    assert (handoff.amount_minor, handoff.deal_at) == (100_000, datetime(2026, 11, 15, tzinfo=UTC))
    assert house.kinds(handoff_id).count("lead.won") == 1


@pytest.mark.parametrize("stage", ["recycled", "disqualified"])
def test_what_was_put_aside_before_anybody_accepted_is_a_rejection_and_marketing_hears(
    house: House, stage: str
) -> None:
    handoff_id = house.handoff_comes()
    assert tells(house, stage=stage).stage == Stage(stage)
    handoff = house.handoff(handoff_id)
    assert (handoff.state, handoff.rejected_by, handoff.reason) == (HandoffState.REJECTED, "crm", None)
    assert [message.body["by"] for message in house.messages("rejection")] == ["crm"]
    assert house.running(handoff_id) == {}


def test_lost_before_anybody_accepted_counts_as_accepted_and_lost(house: House) -> None:
    handoff_id = house.handoff_comes()
    tells(house, stage="lost")
    assert house.kinds(handoff_id)[-2:] == ["lead.accepted", "lead.lost"]


def test_a_move_that_is_not_legal_is_noted_once_and_no_error(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    for _ in range(3):
        assert tells(house, stage="opportunity").stage == Stage.INQUIRY
    refused = [event for event in _events(house, handoff_id) if event.kind == "lead.stage_refused"]
    assert [event.detail for event in refused] == [{"stage": "inquiry", "told": "opportunity"}]
    assert refused[0].actor == "crm"


def test_a_lead_does_not_go_back(house: House) -> None:
    handoff_id = house.handoff_comes()
    tells(house, stage="opportunity", amount=5)
    assert tells(house, stage="sql").stage == Stage.OPPORTUNITY
    assert house.handoff(handoff_id).state == HandoffState.ACCEPTED


def test_the_same_stage_again_changes_nothing(house: House) -> None:
    handoff_id = house.handoff_comes()
    tells(house, stage="sal")
    before = house.events(handoff_id)
    tells(house, stage="sal")
    assert house.events(handoff_id) == before


def test_a_new_lead_that_is_in_work_already_is_accepted_by_the_crm(house: House) -> None:
    taken = house.takes_in(stage="sql")
    assert taken.stage == Stage.SQL
    assert taken.handoff_id is not None
    assert house.handoff(taken.handoff_id).accepted_by == "crm"


def test_an_end_of_long_ago_does_not_close_a_lead_that_raises_its_hand_now(house: House) -> None:
    taken = house.takes_in(stage="lost")
    assert (taken.stage, taken.handed_off) == (Stage.MQL, True)


@pytest.mark.parametrize("named", ["Robin Brandt", "ROBIN@example.com"])
def test_whom_the_crm_names_as_the_owner_has_it(house: House, named: str) -> None:
    def knows_robin(tx: Connection) -> None:
        people.remember(
            tx,
            ROBIN,
            name="Robin Brandt",
            email="robin@example.com",
            timezone=None,
            left=False,
            asked_at=house.now,
        )

    house.database.write_now(knows_robin)
    handoff_id = house.handoff_comes()
    tells(house, stage="sal", owner=named)
    assert house.handoff(handoff_id).owner == ROBIN
    assert house.running(handoff_id)["first_touch"].owner == ROBIN


def _events(house: House, handoff_id: int) -> Any:
    from sqlalchemy import select

    from storage.models import events

    lead_id = house.handoff(handoff_id).lead_id
    return house.database.read_now(
        lambda tx: tx.execute(select(events).where(events.c.lead_id == lead_id)).all()
    )


def test_a_call_told_with_the_stage_that_accepts_counts_as_contact(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.passes(timedelta(minutes=3))
    tells(house, stage="sal", activities=[{"type": "call", "at": house.now.isoformat()}])
    handoff = house.handoff(handoff_id)
    assert (handoff.accepted_by, handoff.touch, handoff.touched_at) == ("crm", "call", house.now)
