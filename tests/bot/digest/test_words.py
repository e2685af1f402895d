"""Figures in words: names, shares, lengths of time, the opening; short sentences, whole numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum

import pytest

from bot.digest import agenda, words
from bot.digest.opening import opening
from bot.digest.report import Dated, Line
from bot.metrics import Count, Rate
from storage.models import Cause, ClockKind, NagKind
from tests.bot.views.digest.reports import ABOUT


@pytest.mark.parametrize(
    ("table", "vocabulary"),
    [
        (words.CAUSE_WORDS, Cause),
        (words.CLOCK_WORDS, ClockKind),
        (words.NAG_WORDS, NagKind),
        (agenda.NEXT_STEPS, ClockKind),
    ],
)
def test_every_member_of_a_vocabulary_has_its_words(
    table: Mapping[StrEnum, str], vocabulary: type[StrEnum]
) -> None:
    assert set(table) == set(vocabulary)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("rejected", "Rejected"),
        ("quality", "Rejected for quality"),
        ("accept.missed", "Accept SLA missed"),
        ("missed", "SLA missed"),
        ("team.Growth.accept.missed", "Team Growth: accept SLA missed"),
        ("campaign.fair.de.rejected", "Campaign fair.de: rejected"),
        ("campaign.fair.de.pipeline.USD", "Campaign fair.de: pipeline: USD"),
        ("rep.U0REP1.disputes.overturned", "Rep U0REP1: rejections overturned"),
        ("reasons.too_small", "Rejected: too small"),
        ("cause.rep.accept", "SLA missed: rep: accept"),
        ("undecided", "Still open"),
    ],
)
def test_the_key_of_some_leads_is_named_in_the_words_of_the_report(key: str, name: str) -> None:
    assert words.figure_name(key) == name


@pytest.mark.parametrize(
    ("seconds", "wall", "business"),
    [
        (0, "0 s", "0 s"),
        (45, "45 s", "45 s"),
        (60, "1 min", "1 min"),
        (522, "9 min", "9 min"),  # 8.7 min
        (3599, "1 h", "1 h"),
        (13_740, "3 h 49 min", "3 h 49 min"),
        (26 * 3600 + 600, "26 h", "26 h"),
        (60 * 3600, "2 days 12 h", "60 h"),
        (30 * 86_400, "30 days", "720 h"),
    ],
)
def test_a_length_of_time_is_as_exact_as_people_say_it(seconds: int, wall: str, business: str) -> None:
    assert words.length(seconds) == wall
    assert words.length(seconds, business=True) == business


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0%"), (0.001, "under 1%"), (0.87, "87%"), (0.999, "over 99%"), (1, "100%")]
)
def test_a_share_is_0_or_100_percent_only_when_it_is_so(value: float, said: str) -> None:
    assert words.share(value) == said


def counts(handed_off: int, accepted: int, decided: int) -> dict[str, int]:
    return {
        "handed_off": handed_off,
        "accepted": accepted,
        "decided": decided,
        "undecided": handed_off - decided,
    }


def lines(met: int, n: int, committed: int | None = 9, goal: float | None = 0.95) -> dict[str, Line]:
    return {
        "volume": Line("volume", Count("handed_off", 15), goal=committed),
        "sla_met": Line("sla_met", Rate("missed", met, n, shows_rest=True), goal=goal),
    }


@pytest.mark.parametrize(
    ("counted", "found", "said"),
    [
        (
            counts(29, 20, 26),
            lines(27, 31),
            "marketing handed off 29 MQLs, sales accepted 20. Marketing committed to 9. "
            "3 still open; 26 of 29 decided. Sales met 87% of SLAs (n = 31, goal 95%).",
        ),
        (
            counts(1, 1, 1),
            lines(1, 1, None),
            "marketing handed off 1 MQL, sales accepted 1. All are decided. Sales met 1 of 1 SLA.",
        ),
        (
            counts(0, 0, 0),
            lines(0, 0),
            "marketing handed off no leads. Marketing committed to 9. No SLA of sales has fallen due.",
        ),
    ],
)
def test_the_opening_can_be_repeated(counted: dict[str, int], found: dict[str, Line], said: str) -> None:
    whole = opening(ABOUT, counted, found)
    assert whole == f"Week 47, 16 to 22 Nov 2026: {said}"
    for sentence in re.split(r"[.:;] ", whole):
        assert len(sentence.split()) < 15


def test_a_period_says_since_when_there_are_data() -> None:
    late = replace(ABOUT, first_day=date(2026, 11, 18))
    assert words.period_words(late) == "Week 47, 16 to 22 Nov 2026, since 18 Nov"
    assert words.period_words(replace(late, first_day=date(2026, 11, 16))) == ABOUT.title


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (date(2026, 11, 27), "no data. The first lead was handed off on 27 Nov 2026."),
        (None, "no data yet. No lead was handed off so far."),
    ],
)
def test_a_period_without_data_has_no_figures_in_its_opening(first: date | None, said: str) -> None:
    before = replace(ABOUT, first_day=first)
    assert opening(before, counts(0, 0, 0), lines(0, 0)) == f"{ABOUT.title}: {said}"


@pytest.mark.parametrize(
    ("dated", "said"),
    [
        (Dated(0, 0, 0, 0), "No deal is dated in the week."),
        (Dated(1, 0, 0, 0), "Dated in the week: 1 deal opened (0 from these MQLs), 0 won (0)."),
        (Dated(2, 1, 2, 0), "Dated in the week: 2 deals opened (1 from these MQLs), 2 won (0)."),
    ],
)
def test_one_line_says_why_funnel_and_deals_differ(dated: Dated, said: str) -> None:
    assert words.reconciled(ABOUT, dated) == f"The funnel follows the week's MQLs. {said}"
