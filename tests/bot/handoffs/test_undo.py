"""Taking back what one did oneself, within a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import HandoffNotFound, NotPossible, Obstacle
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.reassign import Reassign, reassign
from bot.handoffs.snooze import MoreTime, Snooze, give_more_time, snooze
from bot.handoffs.touch import Touch, touch
from bot.handoffs.undo import Undo, undo
from bot.ladder import tick
from bot.lookups.reminders import nag_state
from storage.database.sql import columns_of, known
from storage.models import HandoffState, Outcome, TouchKind
from tests.bot.house import MANAGER, RILEY, ROBIN, SASHA, House

OTHER: dict[str, Any] = {"external_id": "hs-2", "email": "jane.doe@acme.example", "activities": []}


def standing(house: House, handoff_id: int) -> tuple[Any, ...]:
    """Stage, owner, deal and clocks: all that a person could see."""
    lead, handoff = columns_of(house.lead_of(handoff_id)), house.handoff(handoff_id)
    del lead["updated_at"]
    return lead, handoff, house.running(handoff_id)


def rejects(reason: str, **more: str) -> Callable[[House, int], None]:
    return lambda house, handoff_id: _does(house, RILEY, reject, Reject(handoff_id, reason, **more))


def sets(outcome: Outcome, **entered: str) -> Callable[[House, int], None]:
    return lambda house, handoff_id: _does(
        house, RILEY, set_outcome, SetOutcome(handoff_id, outcome, Entered(**entered))
    )


def _does(house: House, who: str, use_case: Any, command: Any) -> None:
    house.does(who, use_case, command)


WAITING: dict[str, Callable[[House, int], None]] = {
    "accept": lambda house, handoff_id: _does(house, RILEY, accept, Accept(handoff_id)),
    "reject to be put right": rejects("bad_contact"),
    "reject into nurture": rejects("low_intent"),
    "reject for good": rejects("junk"),
    "reroute": rejects("wrong_territory"),
    "merge": rejects("duplicate", merge_into="ext:hs-2"),
    "snooze": lambda house, handoff_id: _does(house, RILEY, snooze, Snooze(handoff_id, "1h", "Call")),
}
ACCEPTED: dict[str, Callable[[House, int], None]] = {
    "touch": lambda house, handoff_id: _does(house, RILEY, touch, Touch(handoff_id, TouchKind.CALL)),
    "sql": sets(Outcome.SQL),
    "opportunity": sets(Outcome.OPPORTUNITY, amount="100"),
    "won": sets(Outcome.WON, amount="100"),
    "lost": sets(Outcome.LOST),
    "recycled": sets(Outcome.RECYCLED, until="2027-03-01"),
    "disqualified": sets(Outcome.DISQUALIFIED, reason="no_project"),
    "snooze": lambda house, handoff_id: _does(house, RILEY, snooze, Snooze(handoff_id, "15m", "Call")),
}


@pytest.mark.parametrize("action", WAITING)
def test_a_waiting_lead_stands_as_before(house: House, action: str) -> None:
    house.takes_in(**OTHER)
    handoff_id = house.handoff_comes()
    house.passes(timedelta(minutes=2))
    before = standing(house, handoff_id)
    WAITING[action](house, handoff_id)
    assert standing(house, handoff_id) != before
    house.passes(timedelta(seconds=59))
    house.does(RILEY, undo, Undo(handoff_id))
    assert standing(house, handoff_id) == before
    assert house.kinds(handoff_id)[-1] == "lead.undone"


@pytest.mark.parametrize("action", ACCEPTED)
def test_a_lead_that_is_worked_stands_as_before(house: House, action: str) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.passes(timedelta(minutes=2))
    before = standing(house, handoff_id)
    ACCEPTED[action](house, handoff_id)
    assert standing(house, handoff_id) != before
    house.passes(timedelta(seconds=59))
    house.does(RILEY, undo, Undo(handoff_id))
    assert standing(house, handoff_id) == before


@pytest.mark.parametrize("to", [ROBIN, SASHA])
def test_a_manager_takes_back_what_he_passed_on(house: House, to: str) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    before = standing(house, handoff_id)
    house.does(MANAGER, reassign, Reassign(handoff_id, to))
    house.does(MANAGER, undo, Undo(handoff_id))
    assert standing(house, handoff_id) == before


def test_more_time_can_be_taken_back(house: House) -> None:
    handoff_id = house.handoff_comes()
    before = standing(house, handoff_id)
    house.does(MANAGER, give_more_time, MoreTime(handoff_id, "4h"))
    house.does(MANAGER, undo, Undo(handoff_id))
    assert standing(house, handoff_id) == before


def test_a_merged_lead_gets_its_names_and_activities_back(house: House) -> None:
    other = house.takes_in(**OTHER)
    handoff_id = house.handoff_comes()
    lead_id = house.handoff(handoff_id).lead_id
    house.does(RILEY, reject, Reject(handoff_id, "duplicate", merge_into="ext:hs-2"))
    house.does(RILEY, undo, Undo(handoff_id))
    assert house.tells(external_id="hs-1", notes="News").id == lead_id
    from storage import leads

    assert house.database.read_now(lambda tx: leads.activities_of(tx, other.id)) == []


def test_the_messages_say_that_it_was_taken_back(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    house.does(RILEY, undo, Undo(handoff_id))
    for kind in ("history", "rejection"):
        (message,) = house.messages(kind)
        assert message.body["taken_back"]["by"] == RILEY


def test_the_same_click_twice_takes_back_once(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL))
    house.does(RILEY, undo, Undo(handoff_id))
    assert house.does(RILEY, undo, Undo(handoff_id)).again
    assert house.handoff(handoff_id).state == HandoffState.ACCEPTED


@pytest.mark.parametrize(
    ("who", "later", "obstacle"),
    [
        (ROBIN, 5, Obstacle.NOT_YOURS_TO_UNDO),
        (MANAGER, 5, Obstacle.NOT_YOURS_TO_UNDO),
        (RILEY, 61, Obstacle.TOO_LATE_TO_UNDO),
    ],
)
def test_only_who_did_it_takes_it_back_and_only_within_a_minute(
    house: House, who: str, later: int, obstacle: Obstacle
) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.passes(timedelta(seconds=later))
    with pytest.raises(NotPossible) as refused:
        house.does(who, undo, Undo(handoff_id))
    assert (refused.value.obstacle, refused.value.by) == (obstacle, RILEY)


def test_where_nothing_was_done_there_is_nothing_to_take_back(house: House) -> None:
    handoff_id = house.handoff_comes()
    with pytest.raises(NotPossible) as refused:
        house.does(RILEY, undo, Undo(handoff_id))
    assert refused.value.obstacle is Obstacle.NOTHING_TO_UNDO
    with pytest.raises(HandoffNotFound):
        house.does(RILEY, undo, Undo(99))


def test_what_the_crm_did_since_stands(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.tells(external_id="hs-1", stage="sql")
    with pytest.raises(NotPossible) as refused:
        house.does(RILEY, undo, Undo(handoff_id))
    assert refused.value.by == "crm"


def test_a_lead_that_came_again_since_has_gone_on(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    house.passes(timedelta(seconds=10))
    house.handoff_comes()
    with pytest.raises(NotPossible) as refused:
        house.does(RILEY, undo, Undo(handoff_id))
    assert refused.value.obstacle is Obstacle.MOVED_ON


def test_a_lead_can_be_decided_again_after_an_undo(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.does(RILEY, undo, Undo(handoff_id))
    house.does(ROBIN, accept, Accept(handoff_id))
    assert house.handoff(handoff_id).owner == ROBIN
    assert house.running(handoff_id)["first_touch"].owner == ROBIN


def test_a_reminder_that_the_decision_settled_comes_alive_again(house: House) -> None:
    handoff_id = house.handoff_comes(employees=60)  # by rotation, so somebody has it
    owner = known(house.handoff(handoff_id).owner)
    house.slack_shows("card")
    house.passes(timedelta(minutes=4))
    house.database.write_now(tick, house.context("baton"))
    (reminder,) = house.messages("nag")

    def alive() -> bool:
        state = house.database.read_now(nag_state, house.book, reminder, house.now, posting=False)
        assert state is not None
        return state.lines[0].settled is None

    assert alive()
    house.does(owner, accept, Accept(handoff_id))
    assert not alive()
    house.does(owner, undo, Undo(handoff_id))
    assert alive()
