"""Marketing answers a rejection, and the manager rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import InvalidInput, NotAllowed, NotPossible, Obstacle
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.dispute import Agree, Contest, Resubmit, Rule, agree, contest, resubmit, rule
from bot.handoffs.undo import Undo, undo
from storage import disputes
from storage.models import Answer, Dispute, HandoffState, Ruling, Stage
from tests.bot.house import ADMIN, MANAGER, MARKETER, RILEY, ROBIN, SASHA, TONI, House

OVERTURN, UPHOLD = Ruling.OVERTURNED, Ruling.UPHELD


def rejected(house: House, reason: str = "bad_contact", **fields: object) -> int:
    handoff_id = house.handoff_comes(**fields)
    house.passes(timedelta(minutes=3))
    house.does(RILEY, reject, Reject(handoff_id, reason, "The phone is dead"))
    house.passes(timedelta(hours=1))
    return handoff_id


def dispute_of(house: House, handoff_id: int) -> Dispute:
    kept = house.database.read_now(disputes.of_handoff, handoff_id)
    assert kept is not None
    return kept


def newest(house: House, handoff_id: int) -> int:
    again = dispute_of(house, handoff_id).again_id
    assert again is not None
    return again


ANSWERS: dict[Answer, tuple[Any, Callable[[int], Any]]] = {
    Answer.AGREED: (agree, lambda handoff_id: Agree(handoff_id, "Fair")),
    Answer.RESUBMITTED: (resubmit, lambda handoff_id: Resubmit(handoff_id, {"phone": "+1 555 0100"})),
    Answer.CONTESTED: (contest, lambda handoff_id: Contest(handoff_id, "I called: it works")),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_each_answer_is_an_event_and_ends_marketings_clock(house: House, answer: Answer) -> None:
    handoff_id = rejected(house)
    permission, command = ANSWERS[answer]
    house.does(MARKETER, permission, command(handoff_id))
    clock = house.clock(handoff_id, "answer")
    assert (clock.met_at, clock.met_by, clock.breached_at) == (house.now, MARKETER, None)
    assert house.kinds(handoff_id)[-1] == f"lead.{answer.value}"
    kept = dispute_of(house, handoff_id)
    assert (kept.answer, kept.by, kept.at) == (answer, MARKETER, house.now)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_given_once(house: House, answer: Answer) -> None:
    handoff_id = rejected(house)
    permission, command = ANSWERS[answer]
    house.does(MARKETER, permission, command(handoff_id))
    assert house.does(MARKETER, permission, command(handoff_id)).again
    with pytest.raises(NotPossible) as refused:
        house.does(ADMIN, permission, command(handoff_id))
    assert (refused.value.obstacle, refused.value.by) == (Obstacle.ANSWERED, MARKETER)


def test_what_was_agreed_on_stays_rejected(house: House) -> None:
    handoff_id = rejected(house)
    house.does(MARKETER, agree, Agree(handoff_id))
    assert house.handoff(handoff_id).state == HandoffState.REJECTED
    assert house.lead_of(handoff_id).stage == Stage.INQUIRY


@pytest.mark.parametrize("reason", ["bad_contact", "low_intent", "too_small"])
def test_a_corrected_lead_comes_again_and_says_so(house: House, reason: str) -> None:
    handoff_id = rejected(house, reason)
    corrections = {"email": "jane.doe@acme.example", "employees": "1,200", "title": "CTO", "phone": ""}
    house.does(MARKETER, resubmit, Resubmit(handoff_id, corrections))
    lead, again = house.lead_of(handoff_id), house.handoff(newest(house, handoff_id))
    assert (lead.email, lead.employees, lead.stage) == ("jane.doe@acme.example", 1200, Stage.MQL)
    assert (lead.closed_at, lead.recycled_until) == (None, None)
    assert (again.state, again.lead_id) == (HandoffState.WAITING, lead.id)
    assert again.why[0] == "Corrected and sent in again: E-mail address, Employees"
    assert set(house.running(again.id)) == {"accept"}
    assert len(house.messages("card")) == 2


@pytest.mark.parametrize(
    ("corrections", "field"),
    [
        ({}, "email"),
        ({"title": "CTO"}, "email"),  # as it was
        ({"email": "nowhere"}, "email"),
        ({"employees": "many"}, "employees"),
        ({"email": "bob@other.example"}, "email"),
    ],
)
def test_a_correction_that_is_none_is_refused_at_its_field(
    house: House, corrections: dict[str, str], field: str
) -> None:
    house.tells(external_id="hs-2", email="bob@other.example")
    handoff_id = rejected(house)
    with pytest.raises(InvalidInput) as refused:
        house.does(MARKETER, resubmit, Resubmit(handoff_id, corrections))
    assert refused.value.faults.keys() == {field}
    assert house.database.read_now(disputes.of_handoff, handoff_id) is None


def test_the_manager_gets_both_sides_of_what_is_contested(house: House) -> None:
    handoff_id = rejected(house)
    house.does(MARKETER, contest, Contest(handoff_id, "I called: it works"))
    (message,) = house.messages("answer")
    assert (message.place, message.handoff_id) == (MANAGER, handoff_id)
    with pytest.raises(InvalidInput) as refused:
        house.does(MARKETER, contest, Contest(rejected(house, external_id="hs-3", email="c@c.example"), " "))
    assert refused.value.faults.keys() == {"argument"}


def test_an_upheld_rejection_stands(house: House) -> None:
    handoff_id = rejected(house)
    house.does(MARKETER, contest, Contest(handoff_id, "It works"))
    house.does(MANAGER, rule, Rule(handoff_id, UPHOLD))
    kept = dispute_of(house, handoff_id)
    assert (kept.ruling, kept.ruled_by, kept.ruled_at, kept.again_id) == (UPHOLD, MANAGER, house.now, None)
    assert house.lead_of(handoff_id).stage == Stage.INQUIRY
    assert house.kinds(handoff_id)[-1] == "lead.upheld"
    assert house.does(MANAGER, rule, Rule(handoff_id, UPHOLD)).again
    with pytest.raises(NotPossible) as refused:
        house.does(ADMIN, rule, Rule(handoff_id, OVERTURN))
    assert refused.value.obstacle is Obstacle.RULED


@pytest.mark.parametrize("reason", ["bad_contact", "low_intent", "too_small"])
def test_an_overturned_lead_goes_to_the_team_again(house: House, reason: str) -> None:
    handoff_id = rejected(house, reason)
    house.does(MARKETER, contest, Contest(handoff_id, "They have the budget"))
    house.does(MANAGER, rule, Rule(handoff_id, OVERTURN))
    again = house.handoff(newest(house, handoff_id))
    assert (again.team, again.state) == ("Enterprise", HandoffState.WAITING)
    assert again.why[0] == "The rejection was overturned"
    assert house.lead_of(handoff_id).stage == Stage.MQL
    assert house.handoff(handoff_id).state == HandoffState.REJECTED
    assert dispute_of(house, handoff_id).ruling == OVERTURN


def test_an_overturned_lead_does_not_go_to_who_rejected_it(house: House) -> None:
    handoff_id = house.handoff_comes(employees=60)
    first = house.handoff(handoff_id).owner
    assert first in (SASHA, TONI)
    other = TONI if first == SASHA else SASHA
    house.does(other, reject, Reject(handoff_id, "bad_contact"))
    house.does(MARKETER, contest, Contest(handoff_id, "It works"))
    house.does(MANAGER, rule, Rule(handoff_id, OVERTURN))
    assert house.handoff(newest(house, handoff_id)).owner is None  # one had it, one rejected it


def test_a_lead_that_came_again_meanwhile_is_not_handed_off_twice(house: House) -> None:
    handoff_id = rejected(house)
    house.does(MARKETER, contest, Contest(handoff_id, "It works"))
    house.handoff_comes()
    house.does(MANAGER, rule, Rule(handoff_id, OVERTURN))
    assert dispute_of(house, handoff_id).again_id is None
    assert len(house.messages("card")) == 2


def test_marketings_notice_is_rewritten_and_hears_of_the_ruling(house: House) -> None:
    handoff_id = rejected(house)
    (notice,) = house.messages("rejection")
    house.does(MARKETER, contest, Contest(handoff_id, "It works"))
    house.does(MANAGER, rule, Rule(handoff_id, UPHOLD))
    beneath = [message for message in house.messages("history") if message.thread_id == notice.id]
    assert [(message.body["event"], message.body["detail"]["owner"]) for message in beneath] == [
        ("lead.upheld", MARKETER)
    ]


def test_only_marketing_answers_and_only_the_manager_rules(house: House) -> None:
    handoff_id = rejected(house)
    with pytest.raises(NotAllowed) as refused:
        house.does(RILEY, agree, Agree(handoff_id))
    assert refused.value.who_can == (MARKETER, "U0CMO", ADMIN)
    house.does("U0CMO", contest, Contest(handoff_id, "It works"))
    for somebody in (RILEY, ROBIN, MARKETER):
        with pytest.raises(NotAllowed):
            house.does(somebody, rule, Rule(handoff_id, OVERTURN))


def test_what_was_not_rejected_or_contested_is_not_disputed(house: House) -> None:
    handoff_id = house.handoff_comes()
    for permission, command in ANSWERS.values():
        with pytest.raises(NotPossible) as refused:
            house.does(MARKETER, permission, command(handoff_id))
        assert refused.value.obstacle is Obstacle.NOT_REJECTED
    with pytest.raises(NotPossible) as nobody:
        house.does(MANAGER, rule, Rule(handoff_id, UPHOLD))
    assert nobody.value.obstacle is Obstacle.NOT_CONTESTED
    house.does(RILEY, accept, Accept(handoff_id))


def test_a_rejection_that_marketing_answered_is_not_taken_back(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    house.does(MARKETER, agree, Agree(handoff_id))
    with pytest.raises(NotPossible) as refused:
        house.does(RILEY, undo, Undo(handoff_id))
    assert (refused.value.obstacle, refused.value.by) == (Obstacle.NOT_YOURS_TO_UNDO, MARKETER)


def test_a_lead_that_was_put_right_in_the_crm_answers_its_rejection(house: House) -> None:
    handoff_id = rejected(house)
    taken = house.tells(external_id="hs-1", phone="+1 555 0199")
    assert taken.handed_off
    clock, kept = house.clock(handoff_id, "answer"), dispute_of(house, handoff_id)
    assert (clock.met_at, clock.met_by) == (house.now, "api:crm")
    assert (kept.answer, kept.again_id) == (Answer.RESUBMITTED, taken.handoff_id)
