from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.agreement import Rep
from bot.agreement.loader import load_agreement
from bot.rules.candidates import Candidate, Need
from bot.rules.rotation import RotationState
from bot.rules.routing import choose
from bot.rules.verdicts import clock_words, why_each

AGREEMENT = load_agreement(Path(__file__).parents[1] / "data" / "sample_agreement.toml").agreement
NEW_YORK = "America/New_York"
NOW = datetime(2026, 11, 24, 21, 50, tzinfo=UTC)  # Tuesday, 16:50 in New York
ANN, SAM = "U0ANN", "U0SAM"
TEAM = AGREEMENT.teams[0].model_copy(
    update={
        "reps": (
            Rep(user=ANN, timezone=NEW_YORK),
            Rep(user=SAM, capacity=20, per_day=5, per_week=9, timezone=NEW_YORK),
        )
    }
)
P1 = Need(NOW, "P1", timedelta(minutes=5), urgent=True)
P3 = Need(NOW, "P3", timedelta(hours=4), urgent=False)


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


ANN_AT_WORK = Candidate(ANN, 3, NOW, True, due_at=minutes(5), shift_ends=minutes(200))
SAM_AT_WORK = Candidate(SAM, 7, NOW, True, due_at=minutes(5), shift_ends=minutes(200))
MORNING = minutes(16 * 60 + 10)  # tomorrow, 9:00 in New York


def of_sam(sam: Candidate, need: Need = P1) -> str:
    candidates = [ANN_AT_WORK, sam]
    choice = choose(AGREEMENT, TEAM, candidates, RotationState(), need=need)
    ann, told = why_each(AGREEMENT, TEAM, candidates, choice, need, NEW_YORK)
    assert (ann.user, ann.chosen, ann.able, ann.words) == (ANN, True, True, choice.why)
    assert (told.user, told.chosen) == (SAM, False)
    return told.words


WHY_NOT = [
    (
        replace(SAM_AT_WORK, shift_ends=minutes(2), due_at=MORNING + timedelta(minutes=5)),
        "shift ends in 2 min, due tomorrow 9:05",
    ),
    (
        replace(SAM_AT_WORK, shift_ends=minutes(70), due_at=MORNING),
        "shift ends at 18:00, due tomorrow 9:00",
    ),
    (
        replace(
            SAM_AT_WORK,
            on_shift=False,
            shift_ends=None,
            opens_at=MORNING,
            due_at=MORNING + timedelta(minutes=5),
        ),
        "starts tomorrow 9:00, due tomorrow 9:05",
    ),
    (SAM_AT_WORK, "could take it, 7 of 20 open; it was not their turn"),
    (replace(SAM_AT_WORK, left=True), "left the workspace"),
    (replace(SAM_AT_WORK, held_before=True), "had it before"),
    (replace(SAM_AT_WORK, away=True), "away"),
    (replace(SAM_AT_WORK, away=True, back_at=MORNING), "away until tomorrow 9:00"),
    (replace(SAM_AT_WORK, away=True, back_at=MORNING + timedelta(days=5)), "away until Mon 9:00"),
    (replace(SAM_AT_WORK, away=True, back_at=MORNING + timedelta(days=12)), "away until Mon 7 Dec 9:00"),
    (replace(SAM_AT_WORK, leaves_at=MORNING), "away from tomorrow 9:00 on, takes no new leads before"),
    (replace(SAM_AT_WORK, open_leads=20), "at capacity, 20 of 20 open"),
    (replace(SAM_AT_WORK, given_today=5), "had 5 today, at most 5 a day"),
    (replace(SAM_AT_WORK, given_this_week=9), "had 9 this week, at most 9 a week"),
    (
        replace(SAM_AT_WORK, is_company_owner=True, away=True, back_at=MORNING),
        "owns the company, but: away until tomorrow 9:00",
    ),
]


@pytest.mark.parametrize(("sam", "words"), WHY_NOT)
def test_why_a_rep_does_not_have_the_lead(sam: Candidate, words: str) -> None:
    assert of_sam(sam) == words


def test_who_would_be_later_at_something_that_is_not_urgent_is_told_so() -> None:
    late = replace(SAM_AT_WORK, due_at=minutes(300), shift_ends=minutes(400))
    assert of_sam(late, P3) == "due 21:50"


def test_the_reasons_are_as_many_as_the_reps_when_nobody_can_have_it() -> None:
    candidates = [replace(ANN_AT_WORK, away=True), replace(SAM_AT_WORK, open_leads=20)]
    choice = choose(AGREEMENT, TEAM, candidates, RotationState(), need=P1)
    told = why_each(AGREEMENT, TEAM, candidates, choice, P1, NEW_YORK)
    assert [(each.user, each.words, each.able) for each in told] == [
        (ANN, "away", False),
        (SAM, "at capacity, 20 of 20 open", False),
    ]


def test_times_are_those_of_whoever_reads_them() -> None:
    assert clock_words(MORNING, NOW, ZoneInfo(NEW_YORK)) == "tomorrow 9:00"
    assert clock_words(MORNING, NOW, ZoneInfo("Asia/Tokyo")) == "23:00"
    assert clock_words(MORNING - timedelta(days=2), NOW, ZoneInfo(NEW_YORK)) == "Mon 23 Nov 9:00"
