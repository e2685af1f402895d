"""A lead that heats up while sales has it: never worse, told at once, due earlier where that is earlier."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agreement import default_agreement
from bot.leadform import ActivityForm
from bot.rules import sla
from bot.rules.heat import Held, Tell, because_of, heat, shown
from bot.rules.qualification import Judgement, judge
from storage.models import ClockKind, HandoffState

AGREEMENT = default_agreement().agreement
TEAM = AGREEMENT.teams[0]
NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)  # a Monday, everybody is at work
WAITING, ACCEPTED = HandoffState.WAITING, HandoffState.ACCEPTED


def judged(*kinds: str, **lead: Any) -> Judgement:
    did = [ActivityForm(type=kind, at=NOW) for kind in kinds]
    return judge(AGREEMENT, {"title": "CTO", "employees": 450, **lead}, did, NOW)


DEMO = judged("demo_request")  # A1, P1
WEBINAR = judged("webinar")  # A2, P2
NOTHING = judged()  # A3, P3


def held(
    state: HandoffState = WAITING,
    grade: str = "A3",
    priority: str = "P3",
    due: timedelta | None = timedelta(hours=4),
) -> Held:
    return Held(state, grade, priority, TEAM, None, NOW + due if due is not None else None)


def test_a_waiting_lead_that_asks_for_a_demo_is_p1_and_due_in_five_minutes() -> None:
    found = heat(AGREEMENT, held(), DEMO, NOW, hand=True)
    assert (found.grade, found.priority, found.raised, found.tell) == ("A1", "P1", True, Tell.CLAIMANTS)
    assert found.says == "now P1: asked for a demo"
    assert found.clock is not None
    assert (found.clock.kind, found.clock.due_at) == (ClockKind.ACCEPT, NOW + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("due", "renewed"),
    [(timedelta(minutes=5, seconds=1), True), (timedelta(minutes=5), False), (timedelta(minutes=-9), False)],
)
def test_the_clock_runs_anew_only_where_it_falls_due_earlier(due: timedelta, renewed: bool) -> None:
    found = heat(AGREEMENT, held(due=due), DEMO, NOW, hand=True)
    assert (found.priority, found.raised) == ("P1", True)
    assert (found.clock is not None) is renewed


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [
        (NOTHING, ("A1", "P1"), ("A1", "P1")),
        (WEBINAR, ("A1", "P1"), ("A1", "P1")),
        (WEBINAR, ("B1", "P2"), ("B1", "P2")),
        (WEBINAR, ("B2", "P3"), ("A2", "P2")),
        (DEMO, ("B1", "P2"), ("A1", "P1")),
        (judged("demo_request", title="Intern", employees=3), ("B2", "P3"), ("B2", "P1")),
        (NOTHING, ("A3", "P9"), ("A3", "P3")),
    ],
)
@pytest.mark.parametrize("state", [WAITING, ACCEPTED])
def test_nothing_gets_worse_while_it_is_open(
    now: Judgement, before: tuple[str, str], after: tuple[str, str], state: HandoffState
) -> None:
    found = heat(AGREEMENT, held(state, *before), now, NOW)
    assert (found.grade, found.priority) == after
    assert found.raised is (after[1] != before[1])


def test_a_better_grade_alone_is_shown_and_rouses_nobody() -> None:
    found = heat(AGREEMENT, held(grade="B2", priority="P2"), WEBINAR, NOW)
    assert (found.grade, found.priority, found.raised, found.tell) == ("A2", "P2", False, Tell.NOBODY)
    assert found.clock is None


def test_the_owner_of_an_accepted_lead_hears_of_every_raised_hand() -> None:
    hot = held(ACCEPTED, "A1", "P1", timedelta(minutes=10))
    found = heat(AGREEMENT, hot, DEMO, NOW, hand=True)
    assert (found.raised, found.tell, found.says) == (True, Tell.OWNER, "Asked for a demo")
    assert found.clock is None
    assert not heat(AGREEMENT, hot, DEMO, NOW).raised


def test_an_accepted_lead_without_a_first_touch_has_its_clock_renewed() -> None:
    found = heat(AGREEMENT, held(ACCEPTED, due=timedelta(hours=7)), DEMO, NOW, hand=True)
    assert found.clock is not None
    assert (found.clock.kind, found.clock.due_at) == (ClockKind.FIRST_TOUCH, NOW + timedelta(minutes=15))
    touched = heat(AGREEMENT, held(ACCEPTED, due=None), DEMO, NOW, hand=True)
    assert (touched.tell, touched.clock) == (Tell.OWNER, None)


def test_a_raised_hand_ends_a_snooze() -> None:
    snoozed = held(grade="A1", priority="P1", due=timedelta(hours=20))
    found = heat(AGREEMENT, snoozed, DEMO, NOW, hand=True)
    assert (found.raised, found.tell) == (True, Tell.CLAIMANTS)
    assert found.clock is not None
    assert not heat(AGREEMENT, snoozed, DEMO, NOW).raised


def test_the_new_clock_runs_in_the_hours_of_whoever_holds_it() -> None:
    evening = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)  # Berlin has closed, New York has not
    berlin = replace(held(due=timedelta(days=9)), rep=TEAM.rep("U0REP2"))
    found = heat(AGREEMENT, berlin, DEMO, evening, hand=True)
    expected = sla.start(AGREEMENT, ClockKind.ACCEPT, "P1", TEAM, TEAM.rep("U0REP2"), evening)
    assert found.clock == expected
    assert found.clock is not None
    assert found.clock.due_at.date() > evening.date()


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (DEMO, "asked for a demo"),
        (judged("demo_request", "page_view"), "asked for a demo"),
        (judge(AGREEMENT, {}, [ActivityForm(type="webinar", at=NOW)], NOW), "came to a webinar"),
        (judge(AGREEMENT, {}, [], NOW), "grade D3"),
    ],
)
def test_what_it_rests_on_is_said_in_the_words_of_the_rule(now: Judgement, words: str) -> None:
    assert because_of(now) == words


def test_while_a_handoff_is_open_every_place_shows_its_own_grade_and_priority() -> None:
    assert shown(held(grade="A1", priority="P1"), NOTHING) == ("A1", "P1")
    assert shown(None, NOTHING) == ("A3", "P3")


grades = st.builds(lambda letter, digit: f"{letter}{digit}", st.sampled_from("ABCD"), st.sampled_from("123"))
kinds = st.lists(st.sampled_from(["demo_request", "webinar", "page_view", "email_click"]), max_size=3)


@given(
    st.sampled_from([WAITING, ACCEPTED]),
    grades,
    st.sampled_from(["P1", "P2", "P3"]),
    st.integers(-600, 600),
    st.lists(kinds, max_size=5),
    st.booleans(),
)
def test_over_any_course_grade_and_priority_only_get_better_and_the_clock_only_earlier(
    state: HandoffState, grade: str, priority: str, minutes: int, course: list[list[str]], hand: bool
) -> None:
    now, hold = NOW, held(state, grade, priority, timedelta(minutes=minutes))
    for step in course:
        now += timedelta(minutes=7)
        found = heat(AGREEMENT, hold, judged(*step), now, hand=hand)
        assert found.grade[0] <= hold.grade[0]
        assert found.grade[1] <= hold.grade[1]
        assert found.priority <= hold.priority
        assert hold.due_at is not None
        due_at = found.clock.due_at if found.clock else hold.due_at
        assert due_at <= hold.due_at
        assert found.raised or found.priority == hold.priority
        hold = replace(hold, grade=found.grade, priority=found.priority, due_at=due_at)
