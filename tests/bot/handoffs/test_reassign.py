"""A manager passes a lead on, or takes it over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from bot.errors import AlreadyDecided, InvalidInput, NotAllowed
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.lookups.cards import card_state
from bot.views.card import card
from storage import people
from storage.models import HandoffState, nags
from tests.bot.ledger import MANAGER, MARKETER, RILEY, ROBIN, SASHA, Ledger
from tests.bot.views.reading import said


@pytest.fixture
def accepted(ledger: Ledger) -> int:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(minutes=10))
    return handoff_id


def test_the_new_owner_gets_a_fresh_and_full_clock_of_the_kind_that_ran(
    ledger: Ledger, accepted: int
) -> None:
    old = ledger.running(accepted)["first_touch"]
    ledger.does(MANAGER, reassign, Reassign(accepted, ROBIN, "Speaks German"))
    new = ledger.running(accepted)["first_touch"]
    assert (new.owner, new.started_at, new.due_at) == (ROBIN, ledger.now, ledger.now + timedelta(minutes=15))
    stopped = next(row for row in ledger.clocks(accepted) if row.id == old.id)
    assert (stopped.owner, stopped.stopped_at, stopped.met_at) == (RILEY, ledger.now, None)
    assert ledger.handoff(accepted).owner == ledger.lead_of(accepted).owner == ROBIN
    event = ledger.events(accepted)[-1]
    assert (event.kind, event.detail["owner"], event.detail["from"]) == ("lead.reassigned", ROBIN, RILEY)
    assert event.detail["note"] == "Speaks German"


def test_the_new_owner_is_told(ledger: Ledger, accepted: int) -> None:
    ledger.does(MANAGER, reassign, Reassign(accepted, ROBIN))
    told = [message for message in ledger.messages("nag") if message.place == ROBIN]
    assert len(told) == 1
    lines = ledger.database.read_now(
        lambda tx: tx.execute(select(nags).where(nags.c.delivery_id == told[0].id)).all()
    )
    assert [(line.what, line.handoff_id) for line in lines] == [("given", accepted)]


def test_a_waiting_lead_can_be_given_to_somebody(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.passes(timedelta(minutes=3))
    ledger.does(MANAGER, reassign, Reassign(handoff_id, ROBIN))
    assert ledger.handoff(handoff_id).state == HandoffState.WAITING
    assert ledger.running(handoff_id)["accept"].owner == ROBIN


def test_its_card_still_says_since_when_they_wait(ledger: Ledger) -> None:
    came = ledger.now
    handoff_id = ledger.handoff_comes()
    ledger.passes(timedelta(minutes=3))
    ledger.does(MANAGER, reassign, Reassign(handoff_id, ROBIN))
    state = ledger.database.read_now(card_state, ledger.book, handoff_id)
    assert state is not None
    assert (state.owner, state.handed_at) == (ROBIN, came)
    assert "waiting since" in said(card(state, ledger.now))


def test_a_rep_of_another_team_takes_the_lead_into_theirs(ledger: Ledger, accepted: int) -> None:
    ledger.does(MANAGER, reassign, Reassign(accepted, SASHA))
    handoff = ledger.handoff(accepted)
    old, new = ledger.messages("card")
    assert (handoff.team, handoff.owner, handoff.card_id) == ("Growth", SASHA, new.id)
    assert (old.place, new.place) == ("C0SALES", "C0GROWTH")


def test_giving_it_to_who_has_it_changes_nothing(ledger: Ledger, accepted: int) -> None:
    before = ledger.events(accepted)
    assert ledger.does(MANAGER, reassign, Reassign(accepted, RILEY)).again
    assert ledger.events(accepted) == before


@pytest.mark.parametrize("somebody", [RILEY, ROBIN, MARKETER])
def test_only_a_manager_passes_on_or_takes_over(ledger: Ledger, accepted: int, somebody: str) -> None:
    with pytest.raises(NotAllowed):
        ledger.does(somebody, reassign, Reassign(accepted, ROBIN))
    with pytest.raises(NotAllowed):
        ledger.does(somebody, take, Take(accepted))


def test_nobody_outside_the_teams_and_nobody_who_left_gets_a_lead(ledger: Ledger, accepted: int) -> None:
    def robin_leaves(tx: Connection) -> None:
        people.remember(tx, ROBIN, name="Robin", email=None, timezone=None, left=True, asked_at=ledger.now)

    ledger.database.write_now(robin_leaves)
    for user in (ROBIN, MARKETER, "U0NOBODY"):
        with pytest.raises(InvalidInput) as refused:
            ledger.does(MANAGER, reassign, Reassign(accepted, user))
        assert refused.value.faults.keys() == {"owner"}


def test_a_manager_who_takes_a_waiting_lead_has_accepted_it(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(MANAGER, take, Take(handoff_id))
    handoff = ledger.handoff(handoff_id)
    assert (handoff.state, handoff.accepted_by, handoff.owner) == (HandoffState.ACCEPTED, MANAGER, MANAGER)
    assert ledger.running(handoff_id)["first_touch"].owner == MANAGER


def test_a_manager_takes_over_a_lead_that_is_worked(ledger: Ledger, accepted: int) -> None:
    ledger.does(MANAGER, take, Take(accepted))
    assert ledger.running(accepted)["first_touch"].owner == MANAGER
    assert ledger.handoff(accepted).accepted_by == RILEY
    assert ledger.does(MANAGER, take, Take(accepted)).again


def test_what_is_decided_goes_to_nobody(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "junk"))
    for permission in ((reassign, Reassign(handoff_id, ROBIN)), (take, Take(handoff_id))):
        with pytest.raises(AlreadyDecided):
            ledger.does(MANAGER, *permission)
