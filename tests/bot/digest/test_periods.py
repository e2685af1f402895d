"""Stretches of time: what people write, what they may not write, and where weeks begin and end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agreement import default_agreement
from bot.agreement.model import Digest
from bot.digest.periods import BadPeriod, Span, quarters_over, read_period, take_period, week_of
from bot.digest.posting import due_digest

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("text", "label", "title"),
    [
        ("week", "2026-W48", "Week 48, 23 to 29 Nov 2026"),
        ("this week", "2026-W48", "Week 48, 23 to 29 Nov 2026"),
        ("Last Week", "2026-W47", "Week 47, 16 to 22 Nov 2026"),
        ("month", "2026-11", "November 2026"),
        ("last month", "2026-10", "October 2026"),
        ("quarter", "2026-Q4", "Quarter 4 of 2026"),
        ("last quarter", "2026-Q3", "Quarter 3 of 2026"),
        ("last year", "2025", "2025"),
        ("2026-W01", "2026-W01", "Week 1, 29 Dec 2025 to 4 Jan 2026"),
        ("2026w05", "2026-W05", "Week 5, 26 Jan to 1 Feb 2026"),
        ("2026-09", "2026-09", "September 2026"),
        ("2026q1", "2026-Q1", "Quarter 1 of 2026"),
        ("2026-11-01..2026-11-15", "2026-11-01..2026-11-15", "1 to 15 Nov 2026"),
        ("2026-11-01 ... 2026-11-15", "2026-11-01..2026-11-15", "1 to 15 Nov 2026"),
        ("2026-11-02", "2026-11-02..2026-11-02", "2 Nov 2026"),
    ],
)
def test_what_people_write_names_a_stretch_and_can_be_asked_for_again(
    text: str, label: str, title: str
) -> None:
    span = read_period(text, NOW, NEW_YORK)
    assert (span.label, span.title) == (label, title)
    assert read_period(span.label, NOW, NEW_YORK).first == span.first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-11-20..2026-11-10", "2026-11-20 is after 2026-11-10. Write the earlier day first"),
        ("2026-12-01..2026-12-05", "is still to come"),
        ("2027-W02", "is still to come"),
        ("9999-W52", "not a date in the calendar"),
        ("2026-02-30", "not a date in the calendar"),
        ("2026-W60", "not a date in the calendar"),
        ("2026-13", "not a date in the calendar"),
        ("1999-W01", "before my time"),
        ("soon", "“soon” is not a period. Write `week`"),
        ("", "is not a period"),
    ],
)
def test_what_cannot_be_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(BadPeriod, match=words.replace("`", "`").replace(".", r"\.")):
        read_period(text, NOW, NEW_YORK)


def test_what_follows_a_period_is_left_for_others() -> None:
    assert take_period("last week q4-webinar", NOW, NEW_YORK)[1] == "q4-webinar"
    span, rest = take_period("Team Enterprise", NOW, NEW_YORK)
    assert (span.label, rest) == ("2026-W48", "Team Enterprise")
    assert take_period("weekend deals", NOW, NEW_YORK)[1] == "weekend deals"


def test_a_week_over_the_change_of_the_clocks_is_an_hour_longer() -> None:
    week = week_of(date(2026, 11, 1), NEW_YORK)
    assert week.since == datetime(2026, 10, 26, 4, tzinfo=UTC)
    assert week.until == datetime(2026, 11, 2, 5, tzinfo=UTC)


@given(st.dates(date(2001, 1, 1), date(2100, 1, 1)), st.sampled_from(["week", "month", "quarter", "year"]))
def test_stretches_of_a_kind_follow_each_other_without_a_gap(day: date, kind: str) -> None:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    span = read_period(kind, now, NEW_YORK)
    assert span.back().until == span.since
    assert span.back(-1).since == span.until
    assert span.first <= day <= span.last


def test_the_quarters_of_a_stretch_cover_it() -> None:
    span = Span("days", date(2026, 3, 30), date(2026, 7, 2), NEW_YORK)
    assert [quarter.label for quarter in quarters_over(span)] == ["2026-Q1", "2026-Q2", "2026-Q3"]


@pytest.mark.parametrize(
    ("now", "week", "since"),
    [
        (datetime(2026, 11, 23, 14, 0, tzinfo=UTC), "2026-W47", datetime(2026, 11, 23, 14, tzinfo=UTC)),
        (datetime(2026, 11, 23, 13, 59, tzinfo=UTC), "2026-W46", datetime(2026, 11, 16, 14, tzinfo=UTC)),
        (datetime(2026, 11, 29, 23, 0, tzinfo=UTC), "2026-W47", datetime(2026, 11, 23, 14, tzinfo=UTC)),
        # Summer time in New York: nine o'clock is an hour earlier.
        (datetime(2026, 10, 26, 13, 0, tzinfo=UTC), "2026-W43", datetime(2026, 10, 26, 13, tzinfo=UTC)),
    ],
)
def test_the_digest_falls_due_at_the_agreed_time_and_covers_the_week_before(
    now: datetime, week: str, since: datetime
) -> None:
    due = due_digest(default_agreement().agreement, now)
    assert due is not None
    assert (due.span.label, due.since) == (week, since)


def test_a_digest_on_friday_still_covers_the_week_that_is_over() -> None:
    agreement = default_agreement().agreement
    friday = Digest.model_validate({"channel": "C0LEADS", "day": "fri", "time": "16:30"})
    due = due_digest(agreement.model_copy(update={"digest": friday}), NOW)
    assert due is not None
    assert (due.span.label, due.since) == ("2026-W46", datetime(2026, 11, 20, 21, 30, tzinfo=UTC))


def test_without_a_digest_in_the_agreement_none_falls_due() -> None:
    agreement = default_agreement().agreement.model_copy(update={"digest": None})
    assert due_digest(agreement, NOW + timedelta(days=1)) is None
