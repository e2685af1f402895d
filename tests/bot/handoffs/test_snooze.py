"""Putting a lead off, and the manager's more time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import InvalidInput, NotAllowed, NotPossible, Obstacle
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.snooze import EXTENSIONS, MoreTime, Snooze, give_more_time, snooze
from storage import clocks
from storage.models import Cause
from storage.models.values import ClockValues
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY, ROBIN, SASHA, Ledger


@pytest.fixture
def accepted(ledger: Ledger) -> int:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(minutes=5))
    return handoff_id


@pytest.mark.parametrize(("length", "by"), [("15m", timedelta(minutes=15)), ("1h", timedelta(hours=1))])
def test_a_clock_stands_still_and_goes_on_with_what_was_left(
    ledger: Ledger, accepted: int, length: str, by: timedelta
) -> None:
    was = ledger.running(accepted)["first_touch"]
    ledger.does(RILEY, snooze, Snooze(accepted, length, "In a meeting with them"))
    clock = ledger.running(accepted)["first_touch"]
    assert (clock.paused_at, clock.paused_until) == (ledger.now, ledger.now + by)
    assert clock.due_at == was.due_at + by
    assert clock.next_at == ledger.now + by
    assert ledger.handoff(accepted).snoozed_at == ledger.now
    event = ledger.events(accepted)[-1]
    assert (event.kind, event.detail["note"]) == ("lead.snoozed", "In a meeting with them")


def test_tomorrow_morning_is_the_owners(ledger: Ledger, accepted: int) -> None:
    ledger.does(RILEY, snooze, Snooze(accepted, "tomorrow", "They asked me to"))
    until = ledger.running(accepted)["first_touch"].paused_until
    assert until == datetime(2026, 11, 17, 14, 0, tzinfo=UTC)  # nine in New York


def test_no_snooze_is_longer_than_a_day(ledger: Ledger) -> None:
    ledger.now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # a Friday
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.does(RILEY, snooze, Snooze(handoff_id, "tomorrow", "They asked me to"))
    clock = ledger.running(handoff_id)["first_touch"]
    assert clock.paused_until == ledger.now + timedelta(hours=24)
    assert clock.due_at == datetime(2026, 11, 23, 14, 15, tzinfo=UTC)  # a quarter of an hour into Monday


def test_a_lead_is_put_off_once_whatever_clock_runs(ledger: Ledger, accepted: int) -> None:
    ledger.does(RILEY, snooze, Snooze(accepted, "15m", "Lunch"))
    for somebody in (RILEY, MANAGER):
        with pytest.raises(NotPossible) as refused:
            ledger.does(somebody, snooze, Snooze(accepted, "15m", "Lunch again"))
        assert refused.value.obstacle is Obstacle.SNOOZED_BEFORE


def test_a_reason_and_a_length_are_asked_for(ledger: Ledger, accepted: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        ledger.does(RILEY, snooze, Snooze(accepted, "3y", " "))
    assert refused.value.faults.keys() == {"note", "length"}


def test_a_waiting_lead_of_the_pool_can_be_put_off_by_its_reps(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    with pytest.raises(NotAllowed):
        ledger.does(SASHA, snooze, Snooze(handoff_id, "15m", "Later"))
    ledger.does(ROBIN, snooze, Snooze(handoff_id, "15m", "In a call, then I take it"))
    assert ledger.running(handoff_id)["accept"].paused_until == ledger.now + timedelta(minutes=15)


def test_nobody_puts_off_a_colleagues_lead_or_one_that_is_done(ledger: Ledger, accepted: int) -> None:
    with pytest.raises(NotAllowed) as refused:
        ledger.does(ROBIN, snooze, Snooze(accepted, "15m", "Later"))
    assert refused.value.holder == RILEY
    other = ledger.handoff_comes(external_id="hs-2", email="bob@other.example", company="Other")
    ledger.does(RILEY, reject, Reject(other, "bad_contact"))
    with pytest.raises(NotPossible) as done:  # marketing's clock is not for sales to put off
        ledger.does(RILEY, snooze, Snooze(other, "15m", "Later"))
    assert done.value.obstacle is Obstacle.NOTHING_RUNS


@pytest.mark.parametrize(
    ("length", "due"),
    [
        ("30m", datetime(2026, 11, 16, 15, 35, tzinfo=UTC)),
        ("4h", datetime(2026, 11, 16, 19, 5, tzinfo=UTC)),
        ("1d", datetime(2026, 11, 17, 15, 5, tzinfo=UTC)),
        ("2d", datetime(2026, 11, 18, 15, 5, tzinfo=UTC)),
    ],
)
def test_the_manager_starts_a_fresh_clock(ledger: Ledger, accepted: int, length: str, due: datetime) -> None:
    old = ledger.running(accepted)["first_touch"]
    ledger.does(MANAGER, give_more_time, MoreTime(accepted, length, "Trade fair"))
    clock = ledger.running(accepted)["first_touch"]
    assert (clock.started_at, clock.due_at, clock.owner) == (ledger.now, due, RILEY)
    assert clock.next_step == 0
    assert next(row for row in ledger.clocks(accepted) if row.id == old.id).stopped_at == ledger.now
    assert ledger.kinds(accepted)[-1] == "lead.more_time"


def test_more_time_does_not_undo_a_breach(ledger: Ledger, accepted: int) -> None:
    old = ledger.running(accepted)["first_touch"]

    missed_it: ClockValues = {"breached_at": old.due_at, "cause": Cause.REP}
    ledger.database.write_now(clocks.change, old.id, missed_it)
    ledger.passes(timedelta(hours=1))
    ledger.does(MANAGER, give_more_time, MoreTime(accepted, "1h"))
    missed = next(row for row in ledger.clocks(accepted) if row.id == old.id)
    assert (missed.breached_at, missed.cause) == (old.due_at, "rep")


def test_only_a_manager_gives_more_time(ledger: Ledger, accepted: int) -> None:
    for somebody in (RILEY, MARKETER):
        with pytest.raises(NotAllowed) as refused:
            ledger.does(somebody, give_more_time, MoreTime(accepted, "1h"))
        assert refused.value.who_can == (MANAGER, ADMIN)
    with pytest.raises(InvalidInput):
        ledger.does(MANAGER, give_more_time, MoreTime(accepted, "9y"))


def test_marketings_manager_gives_marketing_more_time(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    with pytest.raises(NotAllowed) as refused:
        ledger.does(MANAGER, give_more_time, MoreTime(handoff_id, "1d"))
    assert "U0CMO" in refused.value.who_can
    ledger.does("U0CMO", give_more_time, MoreTime(handoff_id, "1d"))
    assert ledger.running(handoff_id)["answer"].started_at == ledger.now


def test_where_nothing_runs_there_is_nothing_to_give_time_for(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "junk"))
    with pytest.raises(NotPossible):
        ledger.does(MANAGER, give_more_time, MoreTime(handoff_id, "1h"))
    assert all(length <= timedelta(days=2) for length in EXTENSIONS.values())
