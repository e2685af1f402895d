from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agreement import Duration, parse_agreement
from bot.rules.qualification import Judgement, decayed, digit_of, judge, letter_of

SAMPLE = (Path(__file__).parents[1] / "data" / "sample_agreement.toml").read_text(encoding="utf-8")
AGREEMENT = parse_agreement(SAMPLE)
RULES = AGREEMENT.qualification
NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
A_LEAD = {"title": "CTO", "employees": 500}


class Activity(NamedTuple):
    type: str
    at: datetime = NOW
    detail: Any = None


def ago(kind: str, detail: Any = None, **age: float) -> Activity:
    return Activity(kind, NOW - timedelta(**age), detail)


def judged(lead: dict[str, Any], *activities: Activity, now: datetime = NOW) -> Judgement:
    return judge(AGREEMENT, lead, activities, now)


@pytest.mark.parametrize(
    ("lead", "activities", "grade", "priority", "qualifies", "reason"),
    [
        (A_LEAD, [ago("demo_request")], "A1", "P1", True, "Raised a hand: demo request"),
        (A_LEAD, [ago("Demo Request", days=3)], "A1", "P1", True, "Raised a hand: demo request"),
        (A_LEAD, [ago("demo_request", days=300)], "A3", "P1", True, "Raised a hand: demo request"),
        (
            A_LEAD,
            [ago("demo_request", days=20), ago("page_view", days=1)],
            "A2",
            "P2",
            True,
            "Grade A2 reaches B2",
        ),
        ({"employees": 500}, [ago("demo_request", days=20), ago("page_view")], "B2", "P3", True, None),
        ({"title": "VP"}, [ago("demo_request", days=20), ago("page_view")], "C2", "P3", False, None),
        (A_LEAD, [], "A3", "P3", False, "Grade A3 does not reach B2"),
        ({}, [], "D3", "P3", False, "Grade D3 does not reach B2"),
        ({"qualified": True}, [], "D3", "P3", True, "Marketing qualified it"),
        ({}, [ago("pricing_request", days=2)], "D3", "P1", True, "Raised a hand: pricing request"),
    ],
)
def test_a_lead_is_judged_by_the_agreement(
    lead: dict[str, Any],
    activities: list[Activity],
    grade: str,
    priority: str,
    qualifies: bool,
    reason: str | None,
) -> None:
    found = judged(lead, *activities)
    assert (found.grade, found.priority, found.qualifies) == (grade, priority, qualifies)
    assert reason is None or found.reason_qualified == reason


def test_the_reasons_read_like_sentences() -> None:
    found = judged(A_LEAD, ago("demo_request", days=3))
    assert [why.text for why in found.why] == [
        "Senior title (+30)",
        "200+ employees (+40)",
        "Asked for a demo 3 days ago (+56 of 60)",
    ]
    assert (found.fit_points, round(found.engagement_points, 2)) == (70, 55.98)
    assert (found.why[2].decayed_from, str(found.why[2].half_life)) == (60, "30d")


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(0), "just now (+60)"),
        (timedelta(minutes=1), "1 minute ago (+60)"),
        (timedelta(hours=23), "23 hours ago (+59 of 60)"),
        (timedelta(days=1), "1 day ago (+59 of 60)"),
        (timedelta(days=59), "59 days ago (+15 of 60)"),
        (timedelta(days=60), "2 months ago (+15 of 60)"),
    ],
)
def test_the_age_of_an_activity_is_told_in_words(age: timedelta, words: str) -> None:
    assert judged({}, Activity("demo_request", NOW - age)).why[0].text == f"Asked for a demo {words}"


def test_a_rule_counts_once_for_the_latest_activity() -> None:
    found = judged(
        {}, ago("demo_request", days=90), ago("demo_request", days=30), ago("demo_request", days=60)
    )
    assert found.engagement_points == pytest.approx(30)


def test_an_activity_in_the_future_counts_as_now() -> None:
    assert judged({}, Activity("demo_request", NOW + timedelta(days=5))).engagement_points == 60


def test_a_hand_raiser_is_told_by_its_newest_activity_alone() -> None:
    assert judged({}, ago("demo_request")).hand_raiser
    assert not judged({}, ago("demo_request", hours=2), ago("page_view", hours=1)).hand_raiser


def test_a_rule_may_ask_for_the_detail_of_an_activity() -> None:
    agreement = parse_agreement(
        SAMPLE.replace(
            'when = { activity = "demo_request" }', 'when = { activity = "page_view", detail = "~pricing" }'
        )
    )
    for detail, points in (("/Pricing/eu", 60.0), ("/blog", 0.0), (None, 0.0)):
        assert judge(agreement, {}, [ago("page_view", detail)], NOW).engagement_points == points


def test_a_lead_that_no_priority_asks_for_has_the_last() -> None:
    agreement = parse_agreement(SAMPLE.replace('P3 = ["*"]', 'P3 = ["B2"]'))
    assert judge(agreement, {}, [], NOW).priority == "P3"


def test_half_the_points_are_left_after_a_half_life() -> None:
    assert decayed(60, timedelta(days=30), Duration(30, "d")) == pytest.approx(30)
    assert decayed(60, timedelta(days=300), None) == 60


kinds = st.sampled_from(["demo_request", "pricing_request", "page_view", "webinar"])
ages = st.integers(0, 400 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
histories = st.lists(st.builds(lambda kind, age: Activity(kind, NOW - age), kinds, ages), max_size=6)


@given(histories, ages)
def test_engagement_never_rises_as_time_passes_without_activity(
    history: list[Activity], later: timedelta
) -> None:
    before, after = judged({}, *history), judged({}, *history, now=NOW + later)
    assert after.engagement_points <= before.engagement_points + 1e-9
    assert after.digit >= before.digit


@given(histories, kinds)
def test_another_activity_never_lowers_the_grade(history: list[Activity], kind: str) -> None:
    assert judged(A_LEAD, *history, Activity(kind)).digit <= judged(A_LEAD, *history).digit


@given(st.integers(-200, 200), st.integers(0, 200))
def test_more_points_never_lower_the_grade(points: int, more: int) -> None:
    assert letter_of(RULES, points + more) <= letter_of(RULES, points)
    assert digit_of(RULES, points + more) <= digit_of(RULES, points)
