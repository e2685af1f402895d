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
from tests.bot.house import ADMIN, MANAGER, MARKETER, RILEY, ROBIN, SASHA, House


@pytest.fixture
def accepted(house: House) -> int:
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.passes(timedelta(minutes=5))
    return handoff_id


@pytest.mark.parametrize(("length", "by"), [("15m", timedelta(minutes=15)), ("1h", timedelta(hours=1))])
def test_a_clock_stands_still_and_goes_on_with_what_was_left(
    house: House, accepted: int, length: str, by: timedelta
) -> None:
    was = house.running(accepted)["first_touch"]
    house.does(RILEY, snooze, Snooze(accepted, length, "In a meeting with them"))
    clock = house.running(accepted)["first_touch"]
    assert (clock.paused_at, clock.paused_until) == (house.now, house.now + by)
    assert clock.due_at == was.due_at + by
    assert clock.next_at == house.now + by
    assert house.handoff(accepted).snoozed_at == house.now
    event = house.events(accepted)[-1]
    assert (event.kind, event.detail["note"]) == ("lead.snoozed", "In a meeting with them")


def test_tomorrow_morning_is_the_owners(house: House, accepted: int) -> None:
    house.does(RILEY, snooze, Snooze(accepted, "tomorrow", "They asked me to"))
    until = house.running(accepted)["first_touch"].paused_until
    assert until == datetime(2026, 11, 17, 14, 0, tzinfo=UTC)  # nine in New York


def test_no_snooze_is_longer_than_a_day(house: House) -> None:
    house.now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # a Friday
    handoff_id = house.handoff_comes()
    house.does(RILEY, accept, Accept(handoff_id))
    house.does(RILEY, snooze, Snooze(handoff_id, "tomorrow", "They asked me to"))
    clock = house.running(handoff_id)["first_touch"]
    assert clock.paused_until == house.now + timedelta(hours=24)
    assert clock.due_at == datetime(2026, 11, 23, 14, 15, tzinfo=UTC)  # a quarter of an hour into Monday


def test_a_lead_is_put_off_once_whatever_clock_runs(house: House, accepted: int) -> None:
    house.does(RILEY, snooze, Snooze(accepted, "15m", "Lunch"))
    for somebody in (RILEY, MANAGER):
        with pytest.raises(NotPossible) as refused:
            house.does(somebody, snooze, Snooze(accepted, "15m", "Lunch again"))
        assert refused.value.obstacle is Obstacle.SNOOZED_BEFORE


def test_a_reason_and_a_length_are_asked_for(house: House, accepted: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        house.does(RILEY, snooze, Snooze(accepted, "3y", " "))
    assert refused.value.faults.keys() == {"note", "length"}


def test_a_waiting_lead_of_the_pool_can_be_put_off_by_its_reps(house: House) -> None:
    handoff_id = house.handoff_comes()
    with pytest.raises(NotAllowed):
        house.does(SASHA, snooze, Snooze(handoff_id, "15m", "Later"))
    house.does(ROBIN, snooze, Snooze(handoff_id, "15m", "In a call, then I take it"))
    assert house.running(handoff_id)["accept"].paused_until == house.now + timedelta(minutes=15)


def test_nobody_puts_off_a_colleagues_lead_or_one_that_is_done(house: House, accepted: int) -> None:
    with pytest.raises(NotAllowed) as refused:
        house.does(ROBIN, snooze, Snooze(accepted, "15m", "Later"))
    assert refused.value.holder == RILEY
    other = house.handoff_comes(external_id="hs-2", email="bob@other.example", company="Other")
    house.does(RILEY, reject, Reject(other, "bad_contact"))
    with pytest.raises(NotPossible) as done:  # marketing's clock is not for sales to put off
        house.does(RILEY, snooze, Snooze(other, "15m", "Later"))
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
def test_the_manager_starts_a_fresh_clock(house: House, accepted: int, length: str, due: datetime) -> None:
    old = house.running(accepted)["first_touch"]
    house.does(MANAGER, give_more_time, MoreTime(accepted, length, "Trade fair"))
    clock = house.running(accepted)["first_touch"]
    assert (clock.started_at, clock.due_at, clock.owner) == (house.now, due, RILEY)
    assert clock.next_step == 0
    assert next(row for row in house.clocks(accepted) if row.id == old.id).stopped_at == house.now
    assert house.kinds(accepted)[-1] == "lead.more_time"


def test_more_time_does_not_undo_a_breach(house: House, accepted: int) -> None:
    old = house.running(accepted)["first_touch"]

    missed_it: ClockValues = {"breached_at": old.due_at, "cause": Cause.REP}
    house.database.write_now(clocks.change, old.id, missed_it)
    house.passes(timedelta(hours=1))
    house.does(MANAGER, give_more_time, MoreTime(accepted, "1h"))
    missed = next(row for row in house.clocks(accepted) if row.id == old.id)
    assert (missed.breached_at, missed.cause) == (old.due_at, "rep")


def test_only_a_manager_gives_more_time(house: House, accepted: int) -> None:
    for somebody in (RILEY, MARKETER):
        with pytest.raises(NotAllowed) as refused:
            house.does(somebody, give_more_time, MoreTime(accepted, "1h"))
        assert refused.value.who_can == (MANAGER, ADMIN)
    with pytest.raises(InvalidInput):
        house.does(MANAGER, give_more_time, MoreTime(accepted, "9y"))


def test_marketings_manager_gives_marketing_more_time(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    with pytest.raises(NotAllowed) as refused:
        house.does(MANAGER, give_more_time, MoreTime(handoff_id, "1d"))
    assert "U0CMO" in refused.value.who_can
    house.does("U0CMO", give_more_time, MoreTime(handoff_id, "1d"))
    assert house.running(handoff_id)["answer"].started_at == house.now


def test_where_nothing_runs_there_is_nothing_to_give_time_for(house: House) -> None:
    handoff_id = house.handoff_comes()
    house.does(RILEY, reject, Reject(handoff_id, "junk"))
    with pytest.raises(NotPossible):
        house.does(MANAGER, give_more_time, MoreTime(handoff_id, "1h"))
    assert all(length <= timedelta(days=2) for length in EXTENSIONS.values())
