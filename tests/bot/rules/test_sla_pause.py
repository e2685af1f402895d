from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.sla import Course, due_steps, meet, moments, next_moment, pause, plan, resume
from storage.models import ClockKind
from tests.bot.rules.test_sla import MONDAY, OFFICE, STEPS, clock_of, minutes, ny, on_ladder, steps_of


def test_a_pause_keeps_the_working_time_that_remained() -> None:
    on = on_ladder()
    clock = clock_of(now=ny("2026-11-23 09:00"))  # due at 13:00, nudges at 11:00 and 12:00
    paused = pause(clock, on, ny("2026-11-23 15:00"), ny("2026-11-23 10:00"))
    assert paused.remaining == timedelta(hours=3)
    assert paused.due_at == ny("2026-11-24 10:00")
    assert steps_of(paused, on) == [
        ("nudge", ny("2026-11-23 16:00")),
        ("nudge", ny("2026-11-23 17:00")),
        ("notify_manager", ny("2026-11-24 10:00")),
        ("reassign", ny("2026-11-24 12:00")),
    ]
    assert paused.next_at == ny("2026-11-23 15:00")  # when it is over
    woken = due_steps(paused, on, ny("2026-11-23 15:00"))
    assert (woken.woken, woken.moments, woken.clock.next_at) == (True, (), ny("2026-11-23 16:00"))
    assert not due_steps(woken.clock, on, ny("2026-11-23 16:00")).woken
    assert paused.is_paused(ny("2026-11-23 14:59"))
    assert not paused.is_paused(ny("2026-11-23 15:00"))
    assert not clock.is_paused(MONDAY)


def test_rungs_that_were_taken_before_a_pause_are_not_taken_again() -> None:
    on = on_ladder()
    clock = due_steps(clock_of(now=ny("2026-11-23 09:00")), on, ny("2026-11-23 11:00")).clock
    paused = pause(clock, on, ny("2026-11-23 15:00"), ny("2026-11-23 11:30"))
    assert next_moment(paused, on) is not None
    assert paused.next_step == 1
    assert due_steps(paused, on, ny("2026-11-23 15:00")).clock.next_at == ny("2026-11-23 15:30")


def test_a_clock_that_is_overdue_stays_so_when_it_is_paused() -> None:
    on = on_ladder()
    clock = due_steps(clock_of(now=ny("2026-11-23 09:00")), on, ny("2026-11-23 14:00")).clock
    paused = pause(clock, on, ny("2026-11-23 16:00"), ny("2026-11-23 14:00"))
    assert paused.remaining == timedelta(hours=-1)
    assert paused.due_at == clock.due_at == ny("2026-11-23 13:00")
    assert paused.breached_at == clock.due_at
    look = due_steps(paused, on, ny("2026-11-23 16:00"))
    assert look.clock.next_at == ny("2026-11-23 17:00")  # the reassignment that was an hour away


def test_an_early_resume_takes_up_what_remained() -> None:
    on = on_ladder()
    clock = clock_of(now=ny("2026-11-23 09:00"))
    paused = pause(clock, on, ny("2026-11-23 15:00"), ny("2026-11-23 10:00"))
    resumed = resume(paused, on, ny("2026-11-23 10:30"))
    assert resumed.due_at == ny("2026-11-23 13:30")
    assert resumed.next_at == ny("2026-11-23 11:30")
    assert not resumed.is_paused(ny("2026-11-23 10:30"))
    with pytest.raises(ValueError, match="not put off"):
        resume(resumed, on, ny("2026-11-23 10:31"))
    with pytest.raises(ValueError, match="not put off"):
        resume(clock, on, MONDAY)


@pytest.mark.parametrize("until", [MONDAY, MONDAY - minutes(1), MONDAY + timedelta(hours=24, seconds=1)])
def test_a_pause_is_for_24_hours_at_most(until: datetime) -> None:
    with pytest.raises(ValueError, match="24 hours at most"):
        pause(clock_of(), on_ladder(), until, MONDAY)


def test_a_clock_is_paused_once_and_not_after_it_was_met() -> None:
    paused = pause(clock_of(), on_ladder(), MONDAY + minutes(15), MONDAY)
    with pytest.raises(ValueError, match="once already"):
        pause(paused, on_ladder(), MONDAY + minutes(60), MONDAY + minutes(30))
    with pytest.raises(ValueError, match="done already"):
        pause(meet(clock_of(), MONDAY), on_ladder(), MONDAY + minutes(15), MONDAY)


@given(
    started=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - zone given
    hours=st.integers(1, 100),
    waited=st.integers(0, 10_000),
    snooze=st.integers(1, 1440),
)
@settings(max_examples=100, deadline=None)
def test_a_pause_shortens_no_clock_and_gives_no_working_time_away(
    started: datetime, hours: int, waited: int, snooze: int
) -> None:
    on = Course(OFFICE, tuple(enumerate(STEPS)))
    clock = plan(ClockKind.ACCEPT, started, timedelta(hours=hours), on)
    now, until = started + minutes(waited), started + minutes(waited + snooze)
    paused = pause(clock, on, until, now)
    assert paused.due_at >= clock.due_at
    if clock.due_at > now:
        gained = OFFICE.between(until, paused.due_at) - OFFICE.between(now, clock.due_at)
        assert timedelta(0) <= gained < timedelta(seconds=1)
    for before, after in zip(moments(clock, on), moments(paused, on), strict=True):
        assert after.at >= before.at
        assert after.at >= until or after.at == before.at
