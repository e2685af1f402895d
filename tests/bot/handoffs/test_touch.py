"""Contact with a lead: reported in Slack, or told of by another system."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from bot.errors import AlreadyDecided, InvalidInput, NotAllowed, NotPossible, Obstacle
from bot.handoffs import Accept, Reject, accept, note_activity, reject
from bot.handoffs.touch import Touch, touch
from bot.leadform import ActivityForm
from storage import clocks
from storage.models import Cause, HandoffState, Stage, TouchKind
from tests.bot.house import MANAGER, MARKETER, RILEY, ROBIN, House


@pytest.fixture
def accepted(house: House) -> int:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.passes(timedelta(minutes=4))
    return handoff_id


@pytest.mark.parametrize("kind", TouchKind)
def test_the_first_contact_meets_its_clock_and_starts_the_outcomes(
    house: House, accepted: int, kind: TouchKind
) -> None:
    house.does(RILEY, touch, Touch(accepted, kind, "Left a message"))
    handoff, first = house.handoff(accepted), house.clock(accepted, "first_touch")
    assert (handoff.touched_at, handoff.touched_by, handoff.touch) == (house.now, RILEY, kind)
    assert (first.met_at, first.met_by, first.breached_at, first.worked) == (house.now, RILEY, None, 240)
    assert house.running(accepted)["outcome"].started_at == house.now
    assert house.running(accepted)["outcome"].owner == RILEY
    told = house.messages("history")[-1].body
    assert (told["event"], told["detail"]["touch"]) == ("lead.touched", kind)
    assert "before" not in told["detail"]


def test_later_contacts_are_history_only(house: House, accepted: int) -> None:
    house.does(RILEY, touch, Touch(accepted, TouchKind.EMAIL))
    first, clocks = house.handoff(accepted), house.clocks(accepted)
    house.passes(timedelta(hours=1))
    house.does(RILEY, touch, Touch(accepted, TouchKind.MEETING, "Good talk"))
    assert house.handoff(accepted) == first
    assert house.clocks(accepted) == clocks
    assert house.kinds(accepted)[-2:] == ["lead.touched", "lead.touched"]


def test_a_contact_after_it_was_due_is_a_breach_whether_or_not_it_was_seen(
    house: House, accepted: int
) -> None:
    house.passes(timedelta(minutes=20))
    house.does(RILEY, touch, Touch(accepted, TouchKind.CALL))
    first = house.clock(accepted, "first_touch")
    assert (first.breached_at, first.cause) == (first.due_at, "rep")


def test_a_lead_that_nobody_accepted_cannot_be_touched(house: House) -> None:
    handoff_id = house.handoff_comes()
    with pytest.raises(NotPossible) as refused:
        house.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL))
    assert refused.value.obstacle is Obstacle.NOT_ACCEPTED


def test_a_rejected_lead_cannot_be_touched(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, reject, Reject(handoff_id, "junk"))
    with pytest.raises(AlreadyDecided) as refused:
        house.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL))
    assert (refused.value.state, refused.value.by) == (HandoffState.REJECTED, RILEY)


@pytest.mark.parametrize("somebody", [ROBIN, MARKETER])
def test_only_the_owner_and_the_manager_report_contact(house: House, accepted: int, somebody: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        house.does(somebody, touch, Touch(accepted, TouchKind.CALL))
    assert refused.value.who_can[:2] == (RILEY, MANAGER)
    house.does(MANAGER, touch, Touch(accepted, TouchKind.CALL))
    assert house.handoff(accepted).touched_by == MANAGER


def test_a_contact_of_no_kind_is_refused_at_its_field(house: House, accepted: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        house.does(RILEY, touch, Touch(accepted, None))
    assert refused.value.faults.keys() == {"touch"}


@pytest.mark.parametrize("kind", TouchKind)
def test_an_activity_of_the_crm_is_the_owners_contact(house: House, accepted: int, kind: TouchKind) -> None:
    at = house.now - timedelta(minutes=1)
    lead_id = house.handoff(accepted).lead_id
    house.does("api:crm", note_activity, lead_id, ActivityForm(type=kind, at=at))
    handoff = house.handoff(accepted)
    assert (handoff.touched_at, handoff.touched_by, handoff.touch) == (at, RILEY, kind)
    assert house.clock(accepted, "first_touch").met_by == RILEY
    assert house.events(accepted)[-1].actor == "api:crm"


def test_the_same_activity_told_twice_counts_once(house: House, accepted: int) -> None:
    lead_id, call = house.handoff(accepted).lead_id, ActivityForm(type="call", at=house.now)
    for _ in range(2):
        house.does("api:crm", note_activity, lead_id, call)
    assert house.kinds(accepted).count("lead.touched") == 1


def test_activities_of_a_record_count_too(house: House, accepted: int) -> None:
    house.tells(external_id="hs-1", activities=[{"type": "Call", "at": house.now.isoformat()}])
    assert house.handoff(accepted).touch == "call"


def test_an_activity_does_not_accept_a_lead(house: House) -> None:
    handoff_id = house.handoff_comes()
    lead_id = house.handoff(handoff_id).lead_id
    house.does("api:crm", note_activity, lead_id, ActivityForm(type="call", at=house.now))
    assert house.handoff(handoff_id).state == HandoffState.WAITING
    assert house.handoff(handoff_id).touched_at is None
    assert set(house.running(handoff_id)) == {"accept"}


def test_what_was_before_the_handoff_is_no_contact_of_it(house: House, accepted: int) -> None:
    lead_id = house.handoff(accepted).lead_id
    before = ActivityForm(type="email", at=house.now - timedelta(days=1))
    house.does("api:crm", note_activity, lead_id, before)
    assert house.handoff(accepted).touched_at is None


def test_a_contact_in_time_that_was_told_of_late_is_no_breach(house: House, accepted: int) -> None:
    called_at = house.now
    house.passes(timedelta(hours=2))
    clock = house.clock(accepted, "first_touch")
    house.database.write_now(_mark_breached, clock.id, clock.due_at)
    lead_id = house.handoff(accepted).lead_id
    house.does("api:crm", note_activity, lead_id, ActivityForm(type="call", at=called_at))
    met = house.clock(accepted, "first_touch")
    assert (met.met_at, met.breached_at, met.cause) == (called_at, None, None)


def _mark_breached(tx: Connection, clock_id: int, at: datetime) -> None:
    clocks.change(tx, clock_id, {"breached_at": at, "cause": Cause.REP})


def test_a_reps_own_calls_do_not_bring_a_resting_lead_back(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, reject, Reject(handoff_id, "low_intent"))
    assert house.lead_of(handoff_id).stage == Stage.RECYCLED
    house.passes(timedelta(days=1))
    lead_id = house.handoff(handoff_id).lead_id
    taken = house.does("api:crm", note_activity, lead_id, ActivityForm(type="call", at=house.now))
    assert taken.handed_off is False
    again = ActivityForm(type="demo_request", at=house.now)
    assert house.does("api:crm", note_activity, lead_id, again).handed_off is True
