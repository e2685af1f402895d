from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agreement import Agreement, AgreementFaults, Duration, default_agreement, parse_agreement
from bot.agreement.scoring import EngagementRule
from bot.leadform.counts import COUNTS, count_of, told_moments
from bot.rules.qualification import Judgement, decayed, digit_of, judge, letter_of, scored

SAMPLE = (Path(__file__).parents[1] / "data" / "sample_agreement.toml").read_text(encoding="utf-8")
AGREEMENT = parse_agreement(SAMPLE)
RULES = AGREEMENT.qualification
NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
A_LEAD = {"title": "CTO", "employees": 500}


class Activity(NamedTuple):
    type: str
    at: datetime = NOW
    detail: Any = None
    summary: bool = False
    automated: bool = False


def ago(kind: str, detail: Any = None, **age: float) -> Activity:
    return Activity(kind, NOW - timedelta(**age), detail)


def judged(lead: dict[str, Any], *activities: Activity, now: datetime = NOW) -> Judgement:
    return judge(AGREEMENT, lead, activities, now)


@pytest.mark.parametrize(
    ("lead", "activities", "grade", "priority", "qualifies", "reason"),
    [
        (A_LEAD, [ago("demo_request")], "A1", "P1", True, "Raised a hand: demo request"),
        (A_LEAD, [ago("Demo Request", days=3)], "A1", "P1", True, "Raised a hand: demo request"),
        (A_LEAD, [ago("demo_request", days=7)], "A1", "P1", True, "Raised a hand: demo request"),
        (A_LEAD, [ago("demo_request", days=7, seconds=1)], "A1", "P1", True, "Grade A1 reaches B2"),
        (A_LEAD, [ago("demo_request", days=300)], "A3", "P3", False, "Grade A3 does not reach B2"),
        ({}, [ago("demo_request", days=8)], "D1", "P3", False, "Grade D1 does not reach B2"),
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
    assert (found.fit_points, found.engagement_points) == (70, 56)
    assert (found.why[2].decayed_from, str(found.why[2].half_life)) == (60, "30d")
    assert [why.rule for why in found.why] == ["fit[0]", "fit[1]", "engagement[0]"]


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(0), "just now (+60)"),
        (timedelta(minutes=1), "1 minute ago (+60)"),
        (timedelta(hours=23), "23 hours ago (+60)"),
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


@pytest.mark.parametrize(
    ("ahead", "points", "priority"),
    [
        (timedelta(minutes=5), 60, "P1"),
        (timedelta(minutes=5, seconds=1), 0, "P3"),
        (timedelta(days=9), 0, "P3"),
    ],
)
def test_an_activity_ahead_of_the_clock_does_not_count_until_then(
    ahead: timedelta, points: int, priority: str
) -> None:
    activity = Activity("demo_request", NOW + ahead)
    found = judged({}, activity)
    assert (found.engagement_points, found.priority) == (points, priority)
    assert judged({}, activity, now=NOW + ahead).priority == "P1"


def test_an_empty_date_in_disguise_never_counts() -> None:
    forever = parse_agreement(SAMPLE.replace('half_life = "30d"', ""))
    for at, points in ((datetime(1970, 1, 1, tzinfo=UTC), 0), (datetime(1990, 1, 1, tzinfo=UTC), 60)):
        assert judge(forever, {}, [Activity("demo_request", at)], NOW).engagement_points == points


def test_a_hand_raiser_is_told_by_its_newest_activity_alone() -> None:
    assert judged({}, ago("demo_request")).hand_raiser
    assert not judged({}, ago("demo_request", hours=2), ago("page_view", hours=1)).hand_raiser


@pytest.mark.parametrize(
    "newer",
    [
        Activity("email", NOW, automated=True),
        Activity("call", NOW),
        Activity("page_view", NOW, summary=True),
        Activity("page_view", NOW + timedelta(days=1)),
    ],
)
def test_what_others_did_does_not_hide_that_a_lead_raised_its_hand(newer: Activity) -> None:
    assert judged({}, ago("demo_request", hours=1), newer).hand_raiser


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


@pytest.mark.parametrize(
    ("points", "age", "half_life", "left"),
    [
        (60, timedelta(days=30), "30d", 30),
        (60, timedelta(days=30, hours=23), "30d", 30),
        (60, timedelta(days=31), "30d", 29),
        (60, timedelta(days=-1), "30d", 60),
        (60, timedelta(hours=23, minutes=59), "1h", 60),
        (25, timedelta(days=30), "30d", 13),
        (-25, timedelta(days=30), "30d", -13),
        (60, timedelta(days=300), None, 60),
    ],
)
def test_points_decay_by_whole_days_to_whole_points(
    points: int, age: timedelta, half_life: str | None, left: int
) -> None:
    assert decayed(points, age, Duration.parse(half_life) if half_life else None) == left


DEFAULT = default_agreement().agreement


def alone(rule: EngagementRule, **bands: int) -> Agreement:
    """The default agreement with one engagement rule, for activities called `it`, and these bands."""
    table = {1: bands["best"], 2: bands["next"]}
    rules = DEFAULT.qualification
    only = rule.model_copy(update={"when": {"activity": "it"}})
    changed = rules.model_copy(
        update={"engagement": (only,), "bands": rules.bands.model_copy(update={"engagement": table})}
    )
    return DEFAULT.model_copy(update={"qualification": changed})


RULES_AND_BANDS = [
    pytest.param(rule, least, id=f"{rule.why}, band {band} at {least}")
    for rule in DEFAULT.qualification.engagement
    for band, least in DEFAULT.qualification.bands.engagement.items()
]


WITHIN_A_DAY = [
    *(timedelta(hours=hours) for hours in range(24)),
    timedelta(hours=23, minutes=59, seconds=59),
]


@pytest.mark.parametrize(("rule", "least"), RULES_AND_BANDS)
def test_a_rule_of_as_many_points_as_a_band_asks_meets_it_for_24_hours(
    rule: EngagementRule, least: int
) -> None:
    exact = alone(rule.model_copy(update={"points": least}), best=least, next=least - 1)
    for age in WITHIN_A_DAY:
        found = judge(exact, {}, [Activity("it", NOW - age)], NOW)
        assert (found.digit, found.engagement_points) == (1, least)
        left = decayed(rule.points, age, rule.half_life)
        assert digit_of(DEFAULT.qualification, left) == digit_of(DEFAULT.qualification, rule.points)


@pytest.mark.parametrize("rule", DEFAULT.qualification.engagement, ids=lambda rule: rule.why)
@pytest.mark.parametrize("days", [0, 1, 6, 13, 30, 200])
def test_the_points_that_are_shown_are_the_points_that_are_judged(rule: EngagementRule, days: int) -> None:
    found = judge(alone(rule, best=50, next=25), {}, [ago("it", days=days)], NOW)
    shown = found.why[0].text.rpartition("(")[2].split()[0].rstrip(")")
    assert int(shown) == found.why[0].points == found.engagement_points


def test_each_activity_says_what_it_counts_and_why() -> None:
    activities = [
        ago("demo_request", days=3),
        ago("demo_request", days=9),
        ago("webinar"),
        Activity("demo_request", NOW + timedelta(days=2)),
        Activity("demo_request", datetime(1970, 1, 1, tzinfo=UTC)),
        Activity("demo_request", NOW, summary=True),
    ]
    handed = NOW - timedelta(hours=1)
    found = judge(AGREEMENT, {}, activities, NOW, handed_at=handed)
    lines = scored(AGREEMENT, found, activities, NOW, handed_at=handed)
    assert [(line.points, line.because) for line in lines] == [
        (56, "Asked for a demo 3 days ago (+56 of 60)"),
        (0, "Asked for a demo: a newer one counts"),
        (0, "in no rule"),
        (0, "lies ahead; counts from 04 Nov 2026 on"),
        (0, "is dated before 1990"),
        (0, "only a summary, of a lead that sales has had"),
    ]
    assert sum(line.points for line in lines) == found.engagement_points


@pytest.mark.parametrize(
    ("handed_at", "priority"),
    [(None, "P1"), (NOW - timedelta(days=1), "P3"), (NOW, "P1")],
)
def test_a_summary_lifts_only_a_lead_that_sales_never_had(handed_at: datetime | None, priority: str) -> None:
    summary = Activity("demo_request", NOW, summary=True)
    assert judge(AGREEMENT, {}, [summary], NOW, handed_at=handed_at).priority == priority


VISITS = SAMPLE.replace(
    "[qualification.bands]",
    """[[qualification.engagement]]
when = { visits = ">=5" }
points = 30
half_life = "10d"
why = "Came back five times"
[qualification.bands]""",
)


@pytest.mark.parametrize(
    ("lead", "points"),
    [
        ({"visits": "5"}, 30),
        ({"Visits": 12}, 30),
        ({"Number of Sessions": "1,204"}, 30),
        ({"web_visits": "5"}, 30),
        ({"visits": "4"}, 0),
        ({"visits": "many"}, 0),
        ({"visits": None}, 0),
        ({"page_views": "50"}, 0),
        ({}, 0),
    ],
)
def test_a_count_that_a_tool_exports_is_engagement(lead: dict[str, Any], points: int) -> None:
    found = judge(parse_agreement(VISITS), lead, [], NOW)
    assert found.engagement_points == points
    assert [why.activity for why in found.why] == [None] * bool(points)


@pytest.mark.parametrize(
    ("told_at", "updated_at", "points"),
    [
        ({}, None, 30),
        ({"visits": NOW - timedelta(days=10)}, None, 15),
        ({"visits": NOW - timedelta(days=10)}, NOW, 15),
        ({}, NOW - timedelta(days=20), 8),
    ],
)
def test_a_count_decays_from_the_moment_it_was_told(
    told_at: dict[str, datetime], updated_at: datetime | None, points: int
) -> None:
    lead = {"visits": "7", "updated_at": updated_at}
    found = judge(parse_agreement(VISITS), lead, [], NOW, told_at=told_at)
    assert found.engagement_points == points


def test_at_least_is_another_way_to_write_a_comparison() -> None:
    other = VISITS.replace('{ visits = ">=5" }', '{ field = "visits", at_least = 5 }')
    assert other != VISITS
    assert parse_agreement(other).qualification == parse_agreement(VISITS).qualification


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ('{ visits = "5" }', '"visits" is nothing an activity has'),
        ('{ activity = "x", visits = ">=5" }', 'asks about an activity and about "visits"'),
        ('{ field = "visits", at_least = "5" }', '"5" is not a number'),
    ],
)
def test_a_rule_about_a_count_is_a_comparison_and_stands_alone(when: str, fault: str) -> None:
    with pytest.raises(AgreementFaults, match=fault):
        parse_agreement(VISITS.replace('{ visits = ">=5" }', when))


@pytest.mark.parametrize(
    ("column", "count"),
    [
        ("Number of Pageviews", "page_views"),
        ("Web Page Views", "page_views"),
        ("Marketing emails opened", "email_opens"),
        ("Time on site (min)", "minutes_on_site"),
        ("Lead Score", "score"),
        *((count, count) for count in COUNTS),
        ("Employees", None),
    ],
)
def test_a_count_is_known_by_the_names_that_exports_give_it(column: str, count: str | None) -> None:
    assert count_of(column) == count


def test_a_count_keeps_its_moment_until_it_is_told_another_value() -> None:
    later = NOW + timedelta(days=3)
    first = told_moments({}, {"Number of Sessions": "4", "City": "Bonn"}, {}, NOW)
    assert first == {"numberofsessions": NOW, "visits": NOW}
    same = told_moments({"Number of Sessions": "4"}, {"number_of_sessions": "4.0"}, first, later)
    assert same == first
    changed = told_moments({"Number of Sessions": "4"}, {"Number of Sessions": "5"}, first, later)
    assert changed == {"numberofsessions": later, "visits": later}


kinds = st.sampled_from(["demo_request", "pricing_request", "page_view", "webinar"])
ages = st.integers(0, 400 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
histories = st.lists(st.builds(lambda kind, age: Activity(kind, NOW - age), kinds, ages), max_size=6)


@given(histories, ages)
def test_engagement_never_rises_as_time_passes_without_activity(
    history: list[Activity], later: timedelta
) -> None:
    before, after = judged({}, *history), judged({}, *history, now=NOW + later)
    assert after.engagement_points <= before.engagement_points
    assert after.digit >= before.digit


@given(histories, kinds)
def test_another_activity_never_lowers_the_grade(history: list[Activity], kind: str) -> None:
    assert judged(A_LEAD, *history, Activity(kind)).digit <= judged(A_LEAD, *history).digit


@given(st.integers(-200, 200), st.integers(0, 200))
def test_more_points_never_lower_the_grade(points: int, more: int) -> None:
    assert letter_of(RULES, points + more) <= letter_of(RULES, points)
    assert digit_of(RULES, points + more) <= digit_of(RULES, points)
