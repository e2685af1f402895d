"""Marketing answers a rejection, and the manager rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.agreement import default_agreement, loaded
from bot.context import BATON
from bot.errors import InvalidInput, NotAllowed, NotPossible, Obstacle
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.dispute import (
    Agree,
    Contest,
    Resubmit,
    Rule,
    agree,
    ask_who_decides,
    contest,
    resubmit,
    rule,
)
from bot.handoffs.undo import Undo, undo
from bot.lookups.home import home_of
from storage import disputes
from storage.models import Answer, Dispute, HandoffState, Ruling, Stage
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY, ROBIN, SASHA, TONI, Ledger

OVERTURN, UPHOLD = Ruling.OVERTURNED, Ruling.UPHELD


def rejected(ledger: Ledger, reason: str = "bad_contact", **fields: object) -> int:
    handoff_id = ledger.handoff_comes(**fields)
    ledger.passes(timedelta(minutes=3))
    ledger.does(RILEY, reject, Reject(handoff_id, reason, "The phone is dead"))
    ledger.passes(timedelta(hours=1))
    return handoff_id


def dispute_of(ledger: Ledger, handoff_id: int) -> Dispute:
    kept = ledger.database.read_now(disputes.of_handoff, handoff_id)
    assert kept is not None
    return kept


def newest(ledger: Ledger, handoff_id: int) -> int:
    again = dispute_of(ledger, handoff_id).again_id
    assert again is not None
    return again


ANSWERS: dict[Answer, tuple[Any, Callable[[int], Any]]] = {
    Answer.AGREED: (agree, lambda handoff_id: Agree(handoff_id, "Fair")),
    Answer.RESUBMITTED: (resubmit, lambda handoff_id: Resubmit(handoff_id, {"phone": "+1 555 0100"})),
    Answer.CONTESTED: (contest, lambda handoff_id: Contest(handoff_id, "I called: it works")),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_each_answer_is_an_event_and_ends_marketings_clock(ledger: Ledger, answer: Answer) -> None:
    handoff_id = rejected(ledger)
    permission, command = ANSWERS[answer]
    ledger.does(MARKETER, permission, command(handoff_id))
    clock = ledger.clock(handoff_id, "answer")
    assert (clock.met_at, clock.met_by, clock.breached_at) == (ledger.now, MARKETER, None)
    assert ledger.kinds(handoff_id)[-1] == f"lead.{answer.value}"
    kept = dispute_of(ledger, handoff_id)
    assert (kept.answer, kept.by, kept.at) == (answer, MARKETER, ledger.now)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_given_once(ledger: Ledger, answer: Answer) -> None:
    handoff_id = rejected(ledger)
    permission, command = ANSWERS[answer]
    ledger.does(MARKETER, permission, command(handoff_id))
    assert ledger.does(MARKETER, permission, command(handoff_id)).again
    with pytest.raises(NotPossible) as refused:
        ledger.does(ADMIN, permission, command(handoff_id))
    assert (refused.value.obstacle, refused.value.by) == (Obstacle.ANSWERED, MARKETER)


def test_what_was_agreed_on_stays_rejected(ledger: Ledger) -> None:
    handoff_id = rejected(ledger)
    ledger.does(MARKETER, agree, Agree(handoff_id))
    assert ledger.handoff(handoff_id).state == HandoffState.REJECTED
    assert ledger.lead_of(handoff_id).stage == Stage.INQUIRY


@pytest.mark.parametrize("reason", ["bad_contact", "low_intent", "too_small"])
def test_a_corrected_lead_comes_again_and_says_so(ledger: Ledger, reason: str) -> None:
    handoff_id = rejected(ledger, reason)
    corrections = {"email": "jane.doe@acme.example", "employees": "1,200", "title": "CTO", "phone": ""}
    ledger.does(MARKETER, resubmit, Resubmit(handoff_id, corrections))
    lead, again = ledger.lead_of(handoff_id), ledger.handoff(newest(ledger, handoff_id))
    assert (lead.email, lead.employees, lead.stage) == ("jane.doe@acme.example", 1200, Stage.MQL)
    assert (lead.closed_at, lead.recycled_until) == (None, None)
    assert (again.state, again.lead_id) == (HandoffState.WAITING, lead.id)
    assert again.why[0] == "Fixed and resubmitted: E-mail address, Employees"
    assert set(ledger.running(again.id)) == {"accept"}
    assert len(ledger.messages("card")) == 2


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
    ledger: Ledger, corrections: dict[str, str], field: str
) -> None:
    ledger.tells(external_id="hs-2", email="bob@other.example")
    handoff_id = rejected(ledger)
    with pytest.raises(InvalidInput) as refused:
        ledger.does(MARKETER, resubmit, Resubmit(handoff_id, corrections))
    assert refused.value.faults.keys() == {field}
    assert ledger.database.read_now(disputes.of_handoff, handoff_id) is None


def test_the_manager_gets_both_sides_of_what_is_contested(ledger: Ledger) -> None:
    handoff_id = rejected(ledger)
    ledger.does(MARKETER, contest, Contest(handoff_id, "I called: it works"))
    (message,) = ledger.messages("answer")
    assert (message.place, message.handoff_id) == (MANAGER, handoff_id)
    with pytest.raises(InvalidInput) as refused:
        ledger.does(
            MARKETER, contest, Contest(rejected(ledger, external_id="hs-3", email="c@c.example"), " ")
        )
    assert refused.value.faults.keys() == {"argument"}


BIG = '"Big"\nrenamed_from = ["Enterprise"]'
FOR_ENTERPRISE = 'manager = "U0MGR"                  # is told what slips'


@pytest.mark.parametrize(
    ("was", "becomes", "decides"),
    [
        ('"Enterprise"', BIG, MANAGER),
        ('"Enterprise"', '"Big"', ADMIN),  # no team says that it had this name
        (FOR_ENTERPRISE, FOR_ENTERPRISE.replace(MANAGER, ROBIN), ROBIN),
    ],
)
def test_what_is_contested_waits_for_whoever_decides_under_the_agreement_in_force(
    ledger: Ledger, was: str, becomes: str, decides: str
) -> None:
    handoff_id = rejected(ledger)
    ledger.does(MARKETER, contest, Contest(handoff_id, "It works"))
    ledger.agrees(loaded(default_agreement().text.replace(was, becomes, 1)))
    for _ in range(2):  # nobody is asked twice
        ledger.does(BATON, ask_who_decides)
    assert [message.place for message in ledger.messages("answer")] == list(dict.fromkeys((MANAGER, decides)))
    waiting = ledger.database.read_now(home_of, ledger.book, decides, ledger.now).contested
    assert [each.handoff_id for each in waiting] == [handoff_id]
    ledger.does(decides, rule, Rule(handoff_id, OVERTURN))
    again = ledger.handoff(newest(ledger, handoff_id))
    assert ledger.book.current.team(again.team) is not None
    assert ledger.does(BATON, ask_who_decides) == 0


def test_what_is_contested_waits_for_whoever_stands_in_once_the_manager_is_away(ledger: Ledger) -> None:
    handoff_id = rejected(ledger)
    ledger.does(MARKETER, contest, Contest(handoff_id, "It works"))
    ledger.goes_away(MANAGER)
    assert ledger.does(BATON, ask_who_decides) == 1
    assert [message.place for message in ledger.messages("answer")] == [MANAGER, ADMIN]


def test_an_upheld_rejection_stands(ledger: Ledger) -> None:
    handoff_id = rejected(ledger)
    ledger.does(MARKETER, contest, Contest(handoff_id, "It works"))
    ledger.does(MANAGER, rule, Rule(handoff_id, UPHOLD))
    kept = dispute_of(ledger, handoff_id)
    assert (kept.ruling, kept.ruled_by, kept.ruled_at, kept.again_id) == (UPHOLD, MANAGER, ledger.now, None)
    assert ledger.lead_of(handoff_id).stage == Stage.INQUIRY
    assert ledger.kinds(handoff_id)[-1] == "lead.upheld"
    assert ledger.does(MANAGER, rule, Rule(handoff_id, UPHOLD)).again
    with pytest.raises(NotPossible) as refused:
        ledger.does(ADMIN, rule, Rule(handoff_id, OVERTURN))
    assert refused.value.obstacle is Obstacle.RULED


@pytest.mark.parametrize("reason", ["bad_contact", "low_intent", "too_small"])
def test_an_overturned_lead_goes_to_the_team_again(ledger: Ledger, reason: str) -> None:
    handoff_id = rejected(ledger, reason)
    ledger.does(MARKETER, contest, Contest(handoff_id, "They have the budget"))
    ledger.does(MANAGER, rule, Rule(handoff_id, OVERTURN))
    again = ledger.handoff(newest(ledger, handoff_id))
    assert (again.team, again.state) == ("Enterprise", HandoffState.WAITING)
    assert again.why[0] == "The rejection was overturned"
    assert ledger.lead_of(handoff_id).stage == Stage.MQL
    assert ledger.handoff(handoff_id).state == HandoffState.REJECTED
    assert dispute_of(ledger, handoff_id).ruling == OVERTURN


def test_an_overturned_lead_does_not_go_to_who_rejected_it(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(employees=60)
    first = ledger.handoff(handoff_id).owner
    assert first in (SASHA, TONI)
    other = TONI if first == SASHA else SASHA
    ledger.does(other, reject, Reject(handoff_id, "bad_contact"))
    ledger.does(MARKETER, contest, Contest(handoff_id, "It works"))
    ledger.does(MANAGER, rule, Rule(handoff_id, OVERTURN))
    assert ledger.handoff(newest(ledger, handoff_id)).owner == first


def test_a_lead_that_came_again_meanwhile_is_not_handed_off_twice(ledger: Ledger) -> None:
    handoff_id = rejected(ledger)
    ledger.does(MARKETER, contest, Contest(handoff_id, "It works"))
    ledger.handoff_comes()
    ledger.does(MANAGER, rule, Rule(handoff_id, OVERTURN))
    assert dispute_of(ledger, handoff_id).again_id is None
    assert len(ledger.messages("card")) == 2


def test_marketings_notice_is_rewritten_and_hears_of_the_ruling(ledger: Ledger) -> None:
    handoff_id = rejected(ledger)
    (notice,) = ledger.messages("rejection")
    ledger.does(MARKETER, contest, Contest(handoff_id, "It works"))
    ledger.does(MANAGER, rule, Rule(handoff_id, UPHOLD))
    beneath = [message for message in ledger.messages("history") if message.thread_id == notice.id]
    assert [(message.body["event"], message.body["detail"]["owner"]) for message in beneath] == [
        ("lead.upheld", MARKETER)
    ]


def test_only_marketing_answers_and_only_the_manager_rules(ledger: Ledger) -> None:
    handoff_id = rejected(ledger)
    with pytest.raises(NotAllowed) as refused:
        ledger.does(RILEY, agree, Agree(handoff_id))
    assert refused.value.who_can == (MARKETER, "U0CMO", ADMIN)
    ledger.does("U0CMO", contest, Contest(handoff_id, "It works"))
    for somebody in (RILEY, ROBIN, MARKETER):
        with pytest.raises(NotAllowed):
            ledger.does(somebody, rule, Rule(handoff_id, OVERTURN))


def test_what_was_not_rejected_or_contested_is_not_disputed(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    for permission, command in ANSWERS.values():
        with pytest.raises(NotPossible) as refused:
            ledger.does(MARKETER, permission, command(handoff_id))
        assert refused.value.obstacle is Obstacle.NOT_REJECTED
    with pytest.raises(NotPossible) as nobody:
        ledger.does(MANAGER, rule, Rule(handoff_id, UPHOLD))
    assert nobody.value.obstacle is Obstacle.NOT_CONTESTED
    ledger.does(RILEY, accept, Accept(handoff_id))


def test_a_rejection_that_marketing_answered_is_not_taken_back(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    ledger.does(MARKETER, agree, Agree(handoff_id))
    with pytest.raises(NotPossible) as refused:
        ledger.does(RILEY, undo, Undo(handoff_id))
    assert (refused.value.obstacle, refused.value.by) == (Obstacle.NOT_YOURS_TO_UNDO, MARKETER)


def test_a_lead_that_was_put_right_in_the_crm_answers_its_rejection(ledger: Ledger) -> None:
    handoff_id = rejected(ledger)
    taken = ledger.tells(external_id="hs-1", phone="+1 555 0199")
    assert taken.handed_off
    clock, kept = ledger.clock(handoff_id, "answer"), dispute_of(ledger, handoff_id)
    assert (clock.met_at, clock.met_by) == (ledger.now, "api:crm")
    assert (kept.answer, kept.again_id) == (Answer.RESUBMITTED, taken.handoff_id)


def test_a_ruling_can_be_undone_and_what_came_of_it_is_withdrawn(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "too_small"))
    ledger.does(MARKETER, contest, Contest(handoff_id, "They have 450 employees"))
    stage = ledger.lead_of(handoff_id).stage
    for ruling in (Ruling.UPHELD, Ruling.OVERTURNED):
        ledger.does(MANAGER, rule, Rule(handoff_id, ruling))
        came = ledger.database.read_now(disputes.of_handoff, handoff_id)
        assert came is not None
        ledger.does(MANAGER, undo, Undo(handoff_id))
        known = ledger.database.read_now(disputes.of_handoff, handoff_id)
        assert known is not None
        assert (known.answer, known.ruling, known.again_id) == (Answer.CONTESTED, None, None)
        assert ledger.lead_of(handoff_id).stage == stage
        if came.again_id is not None:
            assert ledger.handoff(came.again_id).state == HandoffState.MERGED
            assert ledger.running(came.again_id) == {}
    ledger.does(MANAGER, rule, Rule(handoff_id, Ruling.OVERTURNED))
    again = ledger.database.read_now(disputes.of_handoff, handoff_id)
    assert again is not None
    assert again.again_id is not None
    ledger.does(ROBIN, accept, Accept(again.again_id))
    with pytest.raises(NotPossible):
        ledger.does(MANAGER, undo, Undo(handoff_id))
