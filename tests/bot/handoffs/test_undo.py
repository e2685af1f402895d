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
from storage.models.values import ActivityValues
from tests.bot.ledger import MANAGER, RILEY, ROBIN, SASHA, Ledger

OTHER: dict[str, Any] = {"external_id": "hs-2", "email": "jane.doe@acme.example", "activities": []}


def standing(ledger: Ledger, handoff_id: int) -> tuple[Any, ...]:
    """Stage, owner, deal and clocks: all that a person could see."""
    lead, handoff = columns_of(ledger.lead_of(handoff_id)), ledger.handoff(handoff_id)
    del lead["updated_at"]
    return lead, handoff, ledger.running(handoff_id)


def rejects(reason: str, **more: str) -> Callable[[Ledger, int], None]:
    return lambda ledger, handoff_id: _does(ledger, RILEY, reject, Reject(handoff_id, reason, **more))


def sets(outcome: Outcome, **entered: str) -> Callable[[Ledger, int], None]:
    return lambda ledger, handoff_id: _does(
        ledger, RILEY, set_outcome, SetOutcome(handoff_id, outcome, Entered(**entered))
    )


def _does(ledger: Ledger, who: str, use_case: Any, command: Any) -> None:
    ledger.does(who, use_case, command)


WAITING: dict[str, Callable[[Ledger, int], None]] = {
    "accept": lambda ledger, handoff_id: _does(ledger, RILEY, accept, Accept(handoff_id)),
    "reject to be put right": rejects("bad_contact"),
    "reject into nurture": rejects("low_intent"),
    "reject for good": rejects("junk"),
    "reroute": rejects("wrong_territory"),
    "to the account's owner": rejects("existing_customer"),
    "merge": rejects("duplicate", merge_into="ext:hs-2"),
    "snooze": lambda ledger, handoff_id: _does(ledger, RILEY, snooze, Snooze(handoff_id, "1h", "Call")),
}
ACCEPTED: dict[str, Callable[[Ledger, int], None]] = {
    "touch": lambda ledger, handoff_id: _does(ledger, RILEY, touch, Touch(handoff_id, TouchKind.CALL)),
    "sql": sets(Outcome.SQL),
    "opportunity": sets(Outcome.OPPORTUNITY, amount="100"),
    "won": sets(Outcome.WON, amount="100"),
    "lost": sets(Outcome.LOST),
    "recycled": sets(Outcome.RECYCLED, until="2027-03-01"),
    "disqualified": sets(Outcome.DISQUALIFIED, reason="no_project"),
    "snooze": lambda ledger, handoff_id: _does(ledger, RILEY, snooze, Snooze(handoff_id, "15m", "Call")),
}


@pytest.mark.parametrize("action", WAITING)
def test_a_waiting_lead_stands_as_before(ledger: Ledger, action: str) -> None:
    ledger.takes_in(**OTHER)
    handoff_id = ledger.handoff_comes()
    ledger.passes(timedelta(minutes=2))
    before = standing(ledger, handoff_id)
    WAITING[action](ledger, handoff_id)
    assert standing(ledger, handoff_id) != before
    ledger.passes(timedelta(seconds=59))
    ledger.does(RILEY, undo, Undo(handoff_id))
    assert standing(ledger, handoff_id) == before
    assert ledger.kinds(handoff_id)[-1] == "lead.undone"


@pytest.mark.parametrize("action", ACCEPTED)
def test_a_lead_that_is_worked_stands_as_before(ledger: Ledger, action: str) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(minutes=2))
    before = standing(ledger, handoff_id)
    ACCEPTED[action](ledger, handoff_id)
    assert standing(ledger, handoff_id) != before
    ledger.passes(timedelta(seconds=59))
    ledger.does(RILEY, undo, Undo(handoff_id))
    assert standing(ledger, handoff_id) == before


@pytest.mark.parametrize("to", [ROBIN, SASHA])
def test_a_manager_takes_back_what_he_passed_on(ledger: Ledger, to: str) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    before = standing(ledger, handoff_id)
    ledger.does(MANAGER, reassign, Reassign(handoff_id, to))
    ledger.does(MANAGER, undo, Undo(handoff_id))
    assert standing(ledger, handoff_id) == before


def test_more_time_can_be_taken_back(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    before = standing(ledger, handoff_id)
    ledger.does(MANAGER, give_more_time, MoreTime(handoff_id, "4h"))
    ledger.does(MANAGER, undo, Undo(handoff_id))
    assert standing(ledger, handoff_id) == before


def test_a_merged_lead_gets_its_names_and_activities_back(ledger: Ledger) -> None:
    other = ledger.takes_in(**OTHER)
    handoff_id = ledger.handoff_comes()
    lead_id = ledger.handoff(handoff_id).lead_id
    ledger.does(RILEY, reject, Reject(handoff_id, "duplicate", merge_into="ext:hs-2"))
    ledger.does(RILEY, undo, Undo(handoff_id))
    assert ledger.tells(external_id="hs-1", notes="News").id == lead_id
    from storage import leads

    assert ledger.database.read_now(lambda tx: leads.activities_of(tx, other.id)) == []


def test_a_merge_brings_every_activity_however_many_there_are_and_gives_them_back(ledger: Ledger) -> None:
    from storage import leads

    other = ledger.takes_in(**OTHER)
    handoff_id = ledger.handoff_comes()
    lead_id = ledger.handoff(handoff_id).lead_id
    when = ledger.context(RILEY).now - timedelta(days=1)
    for n in range(250):
        seen: ActivityValues = {"lead_id": lead_id, "type": "page_view", "key": f"view {n}"}
        seen["at"] = when + timedelta(minutes=n)
        ledger.database.write_now(leads.add_activity, seen)

    def count(lead: int) -> int:
        return len(ledger.database.read_now(lambda tx: leads.activities_of(tx, lead, limit=1_000)))

    own = count(lead_id)
    ledger.does(RILEY, reject, Reject(handoff_id, "duplicate", merge_into="ext:hs-2"))
    assert count(other.id) == own > 250
    ledger.does(RILEY, undo, Undo(handoff_id))
    assert (count(lead_id), count(other.id)) == (own, 0)


def test_the_messages_say_that_it_was_taken_back(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    ledger.does(RILEY, undo, Undo(handoff_id))
    for kind in ("history", "rejection"):
        (message,) = ledger.messages(kind)
        assert message.body["taken_back"]["by"] == RILEY


def test_the_same_click_twice_takes_back_once(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL))
    ledger.does(RILEY, undo, Undo(handoff_id))
    assert ledger.does(RILEY, undo, Undo(handoff_id)).again
    assert ledger.handoff(handoff_id).state == HandoffState.ACCEPTED


@pytest.mark.parametrize(
    ("who", "later", "obstacle"),
    [
        (ROBIN, 5, Obstacle.NOT_YOURS_TO_UNDO),
        (MANAGER, 5, Obstacle.NOT_YOURS_TO_UNDO),
        (RILEY, 61, Obstacle.TOO_LATE_TO_UNDO),
    ],
)
def test_only_who_did_it_takes_it_back_and_only_within_a_minute(
    ledger: Ledger, who: str, later: int, obstacle: Obstacle
) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(seconds=later))
    with pytest.raises(NotPossible) as refused:
        ledger.does(who, undo, Undo(handoff_id))
    assert (refused.value.obstacle, refused.value.by) == (obstacle, RILEY)


def test_where_nothing_was_done_there_is_nothing_to_take_back(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    with pytest.raises(NotPossible) as refused:
        ledger.does(RILEY, undo, Undo(handoff_id))
    assert refused.value.obstacle is Obstacle.NOTHING_TO_UNDO
    with pytest.raises(HandoffNotFound):
        ledger.does(RILEY, undo, Undo(99))


def test_what_the_crm_did_since_stands(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.tells(external_id="hs-1", stage="sql")
    with pytest.raises(NotPossible) as refused:
        ledger.does(RILEY, undo, Undo(handoff_id))
    assert refused.value.by == "crm"


def test_a_lead_that_came_again_since_has_gone_on(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    ledger.passes(timedelta(seconds=10))
    ledger.handoff_comes()
    with pytest.raises(NotPossible) as refused:
        ledger.does(RILEY, undo, Undo(handoff_id))
    assert refused.value.obstacle is Obstacle.MOVED_ON


def test_a_lead_can_be_decided_again_after_an_undo(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.does(RILEY, undo, Undo(handoff_id))
    ledger.does(ROBIN, accept, Accept(handoff_id))
    assert ledger.handoff(handoff_id).owner == ROBIN
    assert ledger.running(handoff_id)["first_touch"].owner == ROBIN


def test_a_reminder_that_the_decision_settled_comes_alive_again(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(employees=60)  # by rotation, so somebody has it
    owner = known(ledger.handoff(handoff_id).owner)
    ledger.slack_shows("card")
    ledger.passes(timedelta(minutes=4))
    ledger.database.write_now(tick, ledger.context("baton"))
    (reminder,) = ledger.messages("nag")

    def alive() -> bool:
        state = ledger.database.read_now(nag_state, ledger.book, reminder, ledger.now, posting=False)
        assert state is not None
        return state.lines[0].settled is None

    assert alive()
    ledger.does(owner, accept, Accept(handoff_id))
    assert not alive()
    ledger.does(owner, undo, Undo(handoff_id))
    assert alive()
