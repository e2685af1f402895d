from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.agreement import Agreement, Duration, Step
from bot.agreement.loader import load_agreement
from bot.agreement.vocabulary import ClockTime
from bot.rules.sla import (
    Clock,
    Course,
    accept_starts_at,
    amber_at,
    cause,
    course,
    due_steps,
    gap_between,
    may_reassign,
    meet,
    moments,
    next_moment,
    pingable_at,
    plan,
    start,
)
from bot.rules.worktime import WALL, WorkCalendar, calendar_for, hours_for, is_p1, runs_after_hours
from storage.models import Cause, ClockKind

AGREEMENT = load_agreement(Path(__file__).parents[1] / "data" / "sample_agreement.toml").agreement
TEAM = AGREEMENT.teams[0]
NEW_YORKER, BERLINER = TEAM.reps
OFFICE = WorkCalendar.weekly(dict.fromkeys(range(5), ((540, 1020),)), "America/New_York", "US")
BERLIN = WorkCalendar.weekly(dict.fromkeys(range(5), ((540, 1020),)), "Europe/Berlin", "US")
STEPS = AGREEMENT.ladder[ClockKind.ACCEPT]


def changed(**update: object) -> Agreement:
    return AGREEMENT.model_copy(update=update)


def ny(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


FRIDAY = ny("2026-11-20 16:00")
MONDAY = ny("2026-11-23 10:00")


def on_ladder(priority: str = "P3") -> Course:
    return course(AGREEMENT, ClockKind.ACCEPT, priority, TEAM)


def clock_of(priority: str = "P3", now: datetime = FRIDAY) -> Clock:
    clock = start(AGREEMENT, ClockKind.ACCEPT, priority, TEAM, None, now)
    assert clock is not None
    return clock


def steps_of(clock: Clock, on: Course) -> list[tuple[str, datetime]]:
    return [(moment.do, moment.at) for moment in moments(clock, on)]


def test_a_ladder_is_climbed_in_working_time() -> None:
    assert clock_of().due_at == ny("2026-11-23 12:00")
    assert steps_of(clock_of(), on_ladder()) == [
        ("nudge", ny("2026-11-23 10:00")),
        ("nudge", ny("2026-11-23 11:00")),
        ("notify_manager", ny("2026-11-23 12:00")),
        ("reassign", ny("2026-11-23 14:00")),
    ]


def test_a_priority_skips_the_rungs_that_name_it_and_keeps_the_numbers_of_the_others() -> None:
    assert [m.step for m in moments(clock_of("P1"), on_ladder("P1"))] == [1, 2, 3]
    assert steps_of(clock_of("P1"), on_ladder("P1"))[0] == ("nudge", ny("2026-11-20 16:03:45"))


def test_the_last_rung_comes_again_once_a_working_day_nine_times() -> None:
    on = course(AGREEMENT, ClockKind.ACCEPT, "P3", TEAM, repeats=True)
    found = moments(clock_of(), on)
    assert [moment.do for moment in found[3:]] == ["reassign"] * 10
    assert [moment.step for moment in found] == [*range(13)]
    assert [moment.repeat for moment in found[3:]] == [*range(10)]
    assert [moment.at for moment in found[3:6]] == [
        ny("2026-11-23 14:00"),
        ny("2026-11-24 14:00"),
        ny("2026-11-25 14:00"),
    ]
    assert found[6].at == ny("2026-11-27 14:00")  # after Thanksgiving


def test_each_repetition_is_due_once_and_then_the_ladder_is_silent() -> None:
    on = course(AGREEMENT, ClockKind.ACCEPT, "P3", TEAM, repeats=True)
    clock, now = clock_of(), FRIDAY
    done: list[int] = []
    while clock.next_at is not None:
        now = clock.next_at
        due = due_steps(clock, on, now)
        clock = due.clock
        done += [moment.step for moment in due.moments]
    assert done == [*range(13)]
    assert now == moments(clock_of(), on)[-1].at


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"repeat": None}, 4),
        ({"repeat": Duration(2, "h")}, 13),
        ({"ladder": {ClockKind.ACCEPT: (Step(at=1.0, do="marketing"),)}}, 1),
        ({"ladder": {ClockKind.ACCEPT: (Step(at=1.0, do="nudge", skip=("P3",)),)}}, 0),
        ({"ladder": {}}, 0),
    ],
)
def test_what_is_not_repeated(change: dict[str, object], count: int) -> None:
    on = course(changed(**change), ClockKind.ACCEPT, "P3", TEAM, repeats=True)
    assert len(moments(clock_of(), on)) == count
    assert len(moments(clock_of(), course(changed(**change), ClockKind.ACCEPT, "P3", TEAM))) <= 4


def test_in_a_pool_the_clock_runs_while_anybody_who_is_there_works() -> None:
    both = course(AGREEMENT, ClockKind.ACCEPT, "P3", TEAM, present=[NEW_YORKER.user, BERLINER.user])
    assert both.calendar is WorkCalendar.union([OFFICE, BERLIN])
    alone = course(AGREEMENT, ClockKind.ACCEPT, "P3", TEAM, present=[BERLINER.user])
    assert alone.calendar is BERLIN
    nobody = course(AGREEMENT, ClockKind.ACCEPT, "P3", TEAM, present=[])
    assert nobody.calendar is OFFICE
    owned = course(AGREEMENT, ClockKind.ACCEPT, "P3", TEAM, NEW_YORKER, present=[BERLINER.user])
    assert owned.calendar is OFFICE


TARGETS = [
    (ClockKind.ACCEPT, "P1", minutes(5)),
    (ClockKind.ACCEPT, "P2", minutes(30)),
    (ClockKind.FIRST_TOUCH, "P1", minutes(15)),
    (ClockKind.FIRST_TOUCH, "P3", timedelta(hours=8)),
    (ClockKind.OUTCOME, "P1", timedelta(hours=5 * 8)),
    (ClockKind.OUTCOME, "P2", timedelta(hours=10 * 8)),
    (ClockKind.ANSWER, "P2", timedelta(hours=5 * 8)),
]


@pytest.mark.parametrize(("kind", "priority", "duration"), TARGETS)
def test_each_clock_has_its_target_and_a_day_is_a_working_day(
    kind: ClockKind, priority: str, duration: timedelta
) -> None:
    clock = start(AGREEMENT, kind, priority, TEAM, NEW_YORKER, MONDAY)
    assert clock is not None
    assert (clock.kind, clock.started_at, clock.duration) == (kind, MONDAY, duration)
    assert OFFICE.between(MONDAY, clock.due_at) == duration
    assert not clock.wall


def test_a_clock_runs_in_the_hours_of_its_owner() -> None:
    late_in_berlin = datetime(2026, 11, 23, 15, 45, tzinfo=UTC)
    mine = start(AGREEMENT, ClockKind.FIRST_TOUCH, "P2", TEAM, BERLINER, late_in_berlin)
    theirs = start(AGREEMENT, ClockKind.FIRST_TOUCH, "P2", TEAM, None, late_in_berlin)
    assert mine is not None
    assert mine.due_at == datetime(2026, 11, 24, 9, 45, tzinfo=UTC)
    assert theirs is not None
    assert theirs.due_at == datetime(2026, 11, 23, 17, 45, tzinfo=UTC)


def test_marketing_answers_in_the_hours_of_the_office() -> None:
    assert course(AGREEMENT, ClockKind.ANSWER, "P3", TEAM, BERLINER).calendar is OFFICE


def test_an_unknown_priority_is_an_error() -> None:
    with pytest.raises(KeyError):
        start(AGREEMENT, ClockKind.ACCEPT, "P9", TEAM, None, MONDAY)


def test_without_a_promise_of_marketing_there_is_no_clock() -> None:
    silent = changed(duty=type(AGREEMENT.duty)())
    assert start(silent, ClockKind.ANSWER, "P1", None, None, MONDAY) is None


CALENDARS = [
    (ClockTime.BUSINESS, False, "P1", OFFICE),
    (ClockTime.BUSINESS, True, "P1", WALL),
    (ClockTime.BUSINESS, True, "P2", OFFICE),
    (ClockTime.WALL, False, "P3", WALL),
]


@pytest.mark.parametrize(("counts", "after_hours", "priority", "calendar"), CALENDARS)
def test_which_calendar_a_clock_runs_on(
    counts: ClockTime, after_hours: bool, priority: str, calendar: WorkCalendar
) -> None:
    agreement = changed(clock=counts, p1_after_hours=after_hours)
    assert calendar_for(agreement, TEAM, NEW_YORKER, priority=priority) is calendar
    assert hours_for(agreement, TEAM, BERLINER) is BERLIN
    assert hours_for(agreement, None) is OFFICE
    assert runs_after_hours(agreement, priority) is (after_hours and priority == "P1")


@pytest.mark.parametrize(
    ("names", "urgent"),
    [(("P1", "P2"), {"P1"}), (("P0", "P1", "P2"), {"P0", "P1"}), (("hot", "warm"), {"hot"})],
)
def test_p1_is_p1_and_what_stands_above_it_or_else_the_first(
    names: tuple[str, ...], urgent: set[str]
) -> None:
    some = AGREEMENT.priorities[0]
    agreement = changed(priorities=tuple(some.model_copy(update={"name": name}) for name in names))
    assert {name for name in names if is_p1(agreement, name)} == urgent


def test_in_wall_time_a_day_is_24_hours() -> None:
    clock = start(changed(clock=ClockTime.WALL), ClockKind.OUTCOME, "P1", TEAM, NEW_YORKER, FRIDAY)
    assert clock is not None
    assert clock.wall
    assert clock.due_at == FRIDAY + timedelta(days=5)


@pytest.mark.parametrize(("posted_after", "starts_after"), [(None, 0), (0, 0), (60, 0), (61, 61), (600, 600)])
def test_accept_waits_for_a_card_that_slack_took_late(posted_after: int | None, starts_after: int) -> None:
    posted = None if posted_after is None else FRIDAY + timedelta(seconds=posted_after)
    assert accept_starts_at(FRIDAY, posted) == FRIDAY + timedelta(seconds=starts_after)


# What is due


def test_nothing_is_due_before_its_moment_and_everything_at_it() -> None:
    clock, on = clock_of(), on_ladder()
    assert clock.next_at == ny("2026-11-23 10:00")
    before = due_steps(clock, on, ny("2026-11-23 10:00") - timedelta(microseconds=1))
    assert (before.moments, before.breached, before.clock) == ((), False, clock)
    due = due_steps(clock, on, ny("2026-11-23 10:00"))
    assert [m.do for m in due.moments] == ["nudge"]
    assert (due.clock.next_step, due.clock.next_at) == (1, ny("2026-11-23 11:00"))
    assert not due.breached


def test_after_downtime_all_that_was_missed_is_due_at_once() -> None:
    due = due_steps(clock_of(), on_ladder(), ny("2026-11-23 13:00"))
    assert [m.do for m in due.moments] == ["nudge", "nudge", "notify_manager"]
    assert due.breached
    assert due.clock.breached_at == ny("2026-11-23 12:00")
    last = due_steps(due.clock, on_ladder(), ny("2026-11-24 13:00"))
    assert [m.do for m in last.moments] == ["reassign"]
    assert not last.breached
    assert last.clock.next_at is None
    assert next_moment(last.clock, on_ladder()) is None


def test_a_clock_without_a_ladder_still_turns_amber_and_falls_due() -> None:
    bare = Course(OFFICE)
    clock = plan(ClockKind.ACCEPT, FRIDAY, timedelta(hours=4), bare)
    assert clock.next_at == amber_at(clock, bare) == ny("2026-11-23 11:00")
    amber = due_steps(clock, bare, amber_at(clock, bare))
    assert (amber.moments, amber.breached, amber.amber) == ((), False, True)
    assert amber.clock.next_at == clock.due_at
    due = due_steps(amber.clock, bare, clock.due_at)
    assert (due.moments, due.breached, due.amber, due.clock.next_at) == ((), True, False, None)


def test_a_ladder_without_a_rung_at_the_due_moment_is_looked_at_then() -> None:
    on = Course(OFFICE, ((0, Step(at=0.5, do="nudge")), (1, Step(at=2.0, do="reassign"))))
    clock = plan(ClockKind.ACCEPT, MONDAY, timedelta(hours=1), on)
    most = due_steps(clock, on, MONDAY + minutes(45)).clock
    assert most.next_at == clock.due_at
    due = due_steps(most, on, clock.due_at)
    assert (due.moments, due.breached) == ((), True)
    assert due.clock.next_at == MONDAY + timedelta(hours=2)


def test_a_policy_change_does_not_move_a_running_clock() -> None:
    clock = clock_of()
    kept = moments(clock, on_ladder())
    hurried = changed(sla={**AGREEMENT.sla, "P3": AGREEMENT.sla["P1"]})
    assert start(hurried, ClockKind.ACCEPT, "P3", TEAM, None, FRIDAY) != clock
    assert moments(clock, course(hurried, ClockKind.ACCEPT, "P3", TEAM)) == kept


@given(
    started=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - zone given
    hours=st.integers(1, 200),
    shares=st.lists(st.integers(1, 400), max_size=6).map(sorted),
    gaps=st.lists(st.integers(1, 3000), min_size=1, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_every_rung_is_taken_exactly_once_and_in_order_however_the_ticks_fall(
    started: datetime, hours: int, shares: list[int], gaps: list[int]
) -> None:
    on = Course(OFFICE, tuple((n, Step(at=s / 100, do="nudge")) for n, s in enumerate(shares)))
    clock = plan(ClockKind.ACCEPT, started, timedelta(hours=hours), on)
    taken: list[int] = []
    breaches, ambers, now = 0, 0, started
    while clock.next_at is not None:
        now = max(now + minutes(gaps[len(taken) % len(gaps)]), clock.next_at)
        due = due_steps(clock, on, now)
        assert due.moments or due.breached or due.amber
        assert all(moment.at <= now for moment in due.moments)
        taken += [moment.step for moment in due.moments]
        breaches += due.breached
        ambers += due.amber
        clock = due.clock
    assert taken == list(range(len(shares)))
    assert (breaches, ambers) == (1, 1)
    assert clock.breached_at == clock.due_at


# How it ends


def test_a_clock_that_is_met_has_nothing_due() -> None:
    met = meet(clock_of(), ny("2026-11-23 11:30"))
    assert met.in_time
    assert met.next_at is None
    due = due_steps(met, on_ladder(), ny("2026-11-25 12:00"))
    assert (due.moments, due.breached, due.clock) == ((), False, met)


@pytest.mark.parametrize(("late", "in_time"), [(0, True), (1, False), (86_400, False)])
def test_late_is_after_the_due_moment(late: int, in_time: bool) -> None:
    clock = clock_of()
    met = meet(clock, clock.due_at + timedelta(seconds=late))
    assert met.in_time is in_time
    assert met.breached_at == (None if in_time else clock.due_at)


def test_a_breach_is_not_undone_by_meeting_the_clock_later() -> None:
    breached = due_steps(clock_of(), on_ladder(), ny("2026-11-23 12:00")).clock
    met = meet(breached, ny("2026-11-23 12:00"))
    assert not met.in_time
    assert met.breached_at == ny("2026-11-23 12:00")
    assert not breached.in_time


DUE = ny("2026-11-23 12:00")
OUTAGE = (DUE - minutes(1), DUE + minutes(1))
CAUSES = [
    (ClockKind.ACCEPT, (OUTAGE,), True, False, Cause.OUTAGE),
    (ClockKind.ACCEPT, (OUTAGE,), False, True, Cause.OUTAGE),
    (ClockKind.ANSWER, (OUTAGE,), True, True, Cause.OUTAGE),
    (ClockKind.ACCEPT, ((DUE - minutes(9), DUE - minutes(1)), OUTAGE), True, False, Cause.OUTAGE),
    (ClockKind.ACCEPT, ((DUE, DUE + minutes(2)),), True, False, Cause.OUTAGE),
    (ClockKind.ACCEPT, ((DUE - minutes(9), DUE - minutes(1)),), True, False, Cause.REP),
    (ClockKind.ACCEPT, ((DUE - minutes(0.5), DUE + minutes(0.5)),), True, False, Cause.REP),
    (ClockKind.ACCEPT, (), False, True, Cause.NO_ELIGIBLE_REP),
    (ClockKind.ACCEPT, (), True, True, Cause.BAD_DATA),
    (ClockKind.OUTCOME, (), True, False, Cause.REP),
    (ClockKind.ANSWER, (), True, False, Cause.MARKETING),
    (ClockKind.ANSWER, (), False, True, Cause.MARKETING),
]


@pytest.mark.parametrize(("kind", "gaps", "eligible", "to_fix", "expected"), CAUSES)
def test_why_a_clock_was_not_met(
    kind: ClockKind,
    gaps: tuple[tuple[datetime, datetime], ...],
    eligible: bool,
    to_fix: bool,
    expected: Cause,
) -> None:
    assert cause(kind, DUE, gaps=gaps, had_eligible_rep=eligible, rejected_to_fix=to_fix) is expected


def test_an_outage_is_over_a_minute_without_a_heartbeat() -> None:
    assert gap_between(None, DUE) is None
    assert gap_between(DUE - minutes(1), DUE) is None
    assert gap_between(DUE - timedelta(seconds=61), DUE) == (DUE - timedelta(seconds=61), DUE)


# Whom to ping, and who decides

EVENING = ny("2026-11-20 18:00")
MORNING = ny("2026-11-23 09:00")
PINGS = [
    (MONDAY, None, False, False, MONDAY),
    (MONDAY, MONDAY - minutes(1), False, False, MONDAY),
    (MONDAY, MONDAY + minutes(3), False, False, MONDAY + minutes(3)),
    (MONDAY, MONDAY + minutes(3), True, False, MONDAY),
    (EVENING, None, False, False, MORNING),
    (EVENING, None, True, False, MORNING),
    (EVENING, EVENING + minutes(3), True, True, EVENING),
    (ny("2026-11-20 16:59"), ny("2026-11-20 17:02"), False, False, MORNING),
]


@pytest.mark.parametrize(("now", "quiet_until", "p1", "after_hours", "expected"), PINGS)
def test_when_a_person_may_be_pinged(
    now: datetime, quiet_until: datetime | None, p1: bool, after_hours: bool, expected: datetime
) -> None:
    assert pingable_at(now, OFFICE, quiet_until=quiet_until, p1=p1, after_hours=after_hours) == expected


@pytest.mark.parametrize(("times", "allowed"), [(0, True), (1, True), (2, False), (3, False)])
def test_after_two_reassignments_the_manager_chooses(times: int, allowed: bool) -> None:
    assert may_reassign(times) is allowed
