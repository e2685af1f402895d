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
from tests.bot.ledger import MANAGER, MARKETER, RILEY, ROBIN, Ledger


@pytest.fixture
def accepted(ledger: Ledger) -> int:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(minutes=4))
    return handoff_id


@pytest.mark.parametrize("kind", TouchKind)
def test_the_first_contact_meets_its_clock_and_starts_the_outcomes(
    ledger: Ledger, accepted: int, kind: TouchKind
) -> None:
    ledger.does(RILEY, touch, Touch(accepted, kind, "Left a message"))
    handoff, first = ledger.handoff(accepted), ledger.clock(accepted, "first_touch")
    assert (handoff.touched_at, handoff.touched_by, handoff.touch) == (ledger.now, RILEY, kind)
    assert (first.met_at, first.met_by, first.breached_at, first.worked) == (ledger.now, RILEY, None, 240)
    assert ledger.running(accepted)["outcome"].started_at == ledger.now
    assert ledger.running(accepted)["outcome"].owner == RILEY
    told = ledger.messages("history")[-1].body
    assert (told["event"], told["detail"]["touch"]) == ("lead.touched", kind)
    assert "before" not in told["detail"]


def test_later_contacts_are_history_only(ledger: Ledger, accepted: int) -> None:
    ledger.does(RILEY, touch, Touch(accepted, TouchKind.EMAIL))
    first, clocks = ledger.handoff(accepted), ledger.clocks(accepted)
    ledger.passes(timedelta(hours=1))
    ledger.does(RILEY, touch, Touch(accepted, TouchKind.MEETING, "Good talk"))
    assert ledger.handoff(accepted) == first
    assert ledger.clocks(accepted) == clocks
    assert ledger.kinds(accepted)[-2:] == ["lead.touched", "lead.touched"]


def test_a_contact_after_it_was_due_is_a_breach_whether_or_not_it_was_seen(
    ledger: Ledger, accepted: int
) -> None:
    ledger.passes(timedelta(minutes=20))
    ledger.does(RILEY, touch, Touch(accepted, TouchKind.CALL))
    first = ledger.clock(accepted, "first_touch")
    assert (first.breached_at, first.cause) == (first.due_at, "rep")


def test_a_lead_that_nobody_accepted_cannot_be_touched(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    with pytest.raises(NotPossible) as refused:
        ledger.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL))
    assert refused.value.obstacle is Obstacle.NOT_ACCEPTED


def test_a_rejected_lead_cannot_be_touched(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "junk"))
    with pytest.raises(AlreadyDecided) as refused:
        ledger.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL))
    assert (refused.value.state, refused.value.by) == (HandoffState.REJECTED, RILEY)


@pytest.mark.parametrize("somebody", [ROBIN, MARKETER])
def test_only_the_owner_and_the_manager_report_contact(ledger: Ledger, accepted: int, somebody: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        ledger.does(somebody, touch, Touch(accepted, TouchKind.CALL))
    assert refused.value.who_can[:2] == (RILEY, MANAGER)
    ledger.does(MANAGER, touch, Touch(accepted, TouchKind.CALL))
    assert ledger.handoff(accepted).touched_by == MANAGER


def test_a_contact_of_no_kind_is_refused_at_its_field(ledger: Ledger, accepted: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        ledger.does(RILEY, touch, Touch(accepted, None))
    assert refused.value.faults.keys() == {"touch"}


@pytest.mark.parametrize("kind", TouchKind)
def test_a_contact_that_the_crm_tells_of_meets_the_clock_and_is_nobodys_word(
    ledger: Ledger, accepted: int, kind: TouchKind
) -> None:
    at = ledger.now - timedelta(minutes=1)
    lead_id = ledger.handoff(accepted).lead_id
    ledger.does("api:crm", note_activity, lead_id, ActivityForm(type=kind, at=at))
    handoff = ledger.handoff(accepted)
    assert (handoff.touched_at, handoff.touched_by, handoff.touch) == (at, "api:crm", kind)
    assert ledger.clock(accepted, "first_touch").met_by == "api:crm"
    assert ledger.events(accepted)[-1].actor == "api:crm"


def test_a_contact_is_whose_the_record_says(ledger: Ledger, accepted: int) -> None:
    lead_id = ledger.handoff(accepted).lead_id
    call = ActivityForm(type="call", at=ledger.now, by=ROBIN)
    ledger.does("api:crm", note_activity, lead_id, call)
    assert ledger.handoff(accepted).touched_by == ROBIN
    assert ledger.clock(accepted, "first_touch").met_by == ROBIN


@pytest.mark.parametrize(
    "told",
    [{"summary": True}, {"automated": True}, {"dated": False}],
    ids=["a summary", "automated", "without a moment"],
)
def test_what_nobody_did_at_a_moment_is_no_contact(
    ledger: Ledger, accepted: int, told: dict[str, bool]
) -> None:
    lead_id = ledger.handoff(accepted).lead_id
    ledger.does("api:crm", note_activity, lead_id, ActivityForm(type="email", at=ledger.now, **told))
    assert ledger.handoff(accepted).touched_at is None


def test_the_same_activity_told_twice_counts_once(ledger: Ledger, accepted: int) -> None:
    lead_id, call = ledger.handoff(accepted).lead_id, ActivityForm(type="call", at=ledger.now)
    for _ in range(2):
        ledger.does("api:crm", note_activity, lead_id, call)
    assert ledger.kinds(accepted).count("lead.touched") == 1


def test_activities_of_a_record_count_too(ledger: Ledger, accepted: int) -> None:
    ledger.tells(external_id="hs-1", activities=[{"type": "Call", "at": ledger.now.isoformat()}])
    assert ledger.handoff(accepted).touch == "call"


def test_an_activity_does_not_accept_a_lead(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    lead_id = ledger.handoff(handoff_id).lead_id
    ledger.does("api:crm", note_activity, lead_id, ActivityForm(type="call", at=ledger.now))
    assert ledger.handoff(handoff_id).state == HandoffState.WAITING
    assert ledger.handoff(handoff_id).touched_at is None
    assert set(ledger.running(handoff_id)) == {"accept"}


def test_what_was_before_the_handoff_is_no_contact_of_it(ledger: Ledger, accepted: int) -> None:
    lead_id = ledger.handoff(accepted).lead_id
    before = ActivityForm(type="email", at=ledger.now - timedelta(days=1))
    ledger.does("api:crm", note_activity, lead_id, before)
    assert ledger.handoff(accepted).touched_at is None


def test_a_contact_in_time_that_was_told_of_late_is_no_breach(ledger: Ledger, accepted: int) -> None:
    called_at = ledger.now
    ledger.passes(timedelta(hours=2))
    clock = ledger.clock(accepted, "first_touch")
    ledger.database.write_now(_mark_breached, clock.id, clock.due_at)
    lead_id = ledger.handoff(accepted).lead_id
    ledger.does("api:crm", note_activity, lead_id, ActivityForm(type="call", at=called_at))
    met = ledger.clock(accepted, "first_touch")
    assert (met.met_at, met.breached_at, met.cause) == (called_at, None, None)


def test_at_the_moment_that_it_is_due_what_was_said_stands(ledger: Ledger, accepted: int) -> None:
    due_at = ledger.clock(accepted, "first_touch").due_at
    ledger.passes(due_at - ledger.now)
    lead_id = ledger.handoff(accepted).lead_id
    clock = ledger.clock(accepted, "first_touch")
    ledger.database.write_now(_mark_breached, clock.id, due_at)
    ledger.does("api:crm", note_activity, lead_id, ActivityForm(type="call", at=due_at))
    met = ledger.clock(accepted, "first_touch")
    assert (met.met_at, met.breached_at, met.cause) == (due_at, due_at, "rep")


def test_a_contact_at_the_moment_that_it_is_due_is_in_time(ledger: Ledger, accepted: int) -> None:
    ledger.passes(ledger.clock(accepted, "first_touch").due_at - ledger.now)
    ledger.does(RILEY, touch, Touch(accepted, TouchKind.CALL))
    assert ledger.clock(accepted, "first_touch").breached_at is None


def _mark_breached(tx: Connection, clock_id: int, at: datetime) -> None:
    clocks.change(tx, clock_id, {"breached_at": at, "cause": Cause.REP})


def test_a_reps_own_calls_do_not_bring_a_resting_lead_back(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "low_intent"))
    assert ledger.lead_of(handoff_id).stage == Stage.RECYCLED
    ledger.passes(timedelta(days=1))
    lead_id = ledger.handoff(handoff_id).lead_id
    taken = ledger.does("api:crm", note_activity, lead_id, ActivityForm(type="call", at=ledger.now))
    assert taken.handed_off is False
    again = ActivityForm(type="demo_request", at=ledger.now)
    assert ledger.does("api:crm", note_activity, lead_id, again).handed_off is True
