"""A manager passes a lead on, or takes it over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from bot.errors import AlreadyDecided, InvalidInput, NotAllowed
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.reassign import Reassign, Take, reassign, take
from storage import people
from storage.models import HandoffState, nags
from tests.bot.house import MANAGER, MARKETER, RILEY, ROBIN, SASHA, House


@pytest.fixture
def accepted(house: House) -> int:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.passes(timedelta(minutes=10))
    return handoff_id


def test_the_new_owner_gets_a_fresh_and_full_clock_of_the_kind_that_ran(house: House, accepted: int) -> None:
    old = house.running(accepted)["first_touch"]
    house.does(MANAGER, reassign, Reassign(accepted, ROBIN, "Speaks German"))
    new = house.running(accepted)["first_touch"]
    assert (new.owner, new.started_at, new.due_at) == (ROBIN, house.now, house.now + timedelta(minutes=15))
    stopped = next(row for row in house.clocks(accepted) if row.id == old.id)
    assert (stopped.owner, stopped.stopped_at, stopped.met_at) == (RILEY, house.now, None)
    assert house.handoff(accepted).owner == house.lead_of(accepted).owner == ROBIN
    event = house.events(accepted)[-1]
    assert (event.kind, event.detail["owner"], event.detail["from"]) == ("lead.reassigned", ROBIN, RILEY)
    assert event.detail["note"] == "Speaks German"


def test_the_new_owner_is_told(house: House, accepted: int) -> None:
    house.does(MANAGER, reassign, Reassign(accepted, ROBIN))
    told = [message for message in house.messages("nag") if message.place == ROBIN]
    assert len(told) == 1
    lines = house.database.read_now(
        lambda tx: tx.execute(select(nags).where(nags.c.delivery_id == told[0].id)).all()
    )
    assert [(line.what, line.handoff_id) for line in lines] == [("given", accepted)]


def test_a_waiting_lead_can_be_given_to_somebody(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.passes(timedelta(minutes=3))
    house.does(MANAGER, reassign, Reassign(handoff_id, ROBIN))
    assert house.handoff(handoff_id).state == HandoffState.WAITING
    assert house.running(handoff_id)["accept"].owner == ROBIN


def test_a_rep_of_another_team_takes_the_lead_into_theirs(house: House, accepted: int) -> None:
    house.does(MANAGER, reassign, Reassign(accepted, SASHA))
    handoff = house.handoff(accepted)
    old, new = house.messages("card")
    assert (handoff.team, handoff.owner, handoff.card_id) == ("Growth", SASHA, new.id)
    assert (old.place, new.place) == ("C0SALES", "C0GROWTH")


def test_giving_it_to_who_has_it_changes_nothing(house: House, accepted: int) -> None:
    before = house.events(accepted)
    assert house.does(MANAGER, reassign, Reassign(accepted, RILEY)).again
    assert house.events(accepted) == before


@pytest.mark.parametrize("somebody", [RILEY, ROBIN, MARKETER])
def test_only_a_manager_passes_on_or_takes_over(house: House, accepted: int, somebody: str) -> None:
    with pytest.raises(NotAllowed):
        house.does(somebody, reassign, Reassign(accepted, ROBIN))
    with pytest.raises(NotAllowed):
        house.does(somebody, take, Take(accepted))


def test_nobody_outside_the_teams_and_nobody_who_left_gets_a_lead(house: House, accepted: int) -> None:
    def robin_leaves(tx: Connection) -> None:
        people.remember(tx, ROBIN, name="Robin", email=None, timezone=None, left=True, asked_at=house.now)

    house.database.write_now(robin_leaves)
    for user in (ROBIN, MARKETER, "U0NOBODY"):
        with pytest.raises(InvalidInput) as refused:
            house.does(MANAGER, reassign, Reassign(accepted, user))
        assert refused.value.faults.keys() == {"owner"}


def test_a_manager_who_takes_a_waiting_lead_has_accepted_it(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(MANAGER, take, Take(handoff_id))
    handoff = house.handoff(handoff_id)
    assert (handoff.state, handoff.accepted_by, handoff.owner) == (HandoffState.ACCEPTED, MANAGER, MANAGER)
    assert house.running(handoff_id)["first_touch"].owner == MANAGER


def test_a_manager_takes_over_a_lead_that_is_worked(house: House, accepted: int) -> None:
    house.does(MANAGER, take, Take(accepted))
    assert house.running(accepted)["first_touch"].owner == MANAGER
    assert house.handoff(accepted).accepted_by == RILEY
    assert house.does(MANAGER, take, Take(accepted)).again


def test_what_is_decided_goes_to_nobody(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, reject, Reject(handoff_id, "junk"))
    for permission in ((reassign, Reassign(handoff_id, ROBIN)), (take, Take(handoff_id))):
        with pytest.raises(AlreadyDecided):
            house.does(MANAGER, *permission)
