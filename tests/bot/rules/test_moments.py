from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.moments import LONGEST, Ambiguous, NoMoment, moment

BERLIN = "Europe/Berlin"
MONDAY = datetime(2026, 11, 16, 15, 30, tzinfo=UTC)  # 16:30 in Berlin, a Monday

READ = {
    "2h": "2026-11-16 18:30",
    "for 90 minutes": "2026-11-16 18:00",
    "an hour": "2026-11-16 17:30",
    "3 days": "2026-11-19 16:30",
    "2w": "2026-11-30 16:30",
    "in two weeks": "2026-11-30 16:30",
    "until monday": "2026-11-23 09:00",
    "Monday": "2026-11-23 09:00",
    "until next tue": "2026-11-17 09:00",
    "till friday 14:00": "2026-11-20 14:00",
    "next week": "2026-11-23 09:00",
    "tomorrow": "2026-11-17 09:00",
    "tomorrow 9:00": "2026-11-17 09:00",
    "tomorrow at 2pm": "2026-11-17 14:00",
    "tomorrow noon": "2026-11-17 12:00",
    "today 17:45": "2026-11-16 17:45",
    "18:00": "2026-11-16 18:00",
    "9:00": "2026-11-17 09:00",
    "until 5:30 pm": "2026-11-16 17:30",
    "12 am": "2026-11-17 00:00",
    "2026-12-27": "2026-12-27 09:00",
    "2026-12-27T13:15": "2026-12-27 13:15",
    "until 2026-12-27 8:05": "2026-12-27 08:05",
    "27 Dec": "2026-12-27 09:00",
    "27th december": "2026-12-27 09:00",
    "Dec 27, 2026": "2026-12-27 09:00",
    "3 March": "2027-03-03 09:00",
    "16 november 17:00": "2026-11-16 17:00",
    "01.12.": "2026-12-01 09:00",
    "1.12.2026 8:30": "2026-12-01 08:30",
    "24/12": "2026-12-24 09:00",
    "donnerstag 14 uhr": "2026-11-19 14:00",
    "demain": "2026-11-17 09:00",
    "1.5 hours": "2026-11-16 18:00",
}

REFUSED = {
    "": "cannot read",
    "whenever": "cannot read",
    "until": "cannot read",
    "5 parsecs": "cannot read",
    "tomorrow 25:00": "cannot read",
    "13 pm": "cannot read",
    "2026-02-30": "There is no ",
    "31 June": "There is no ",
    "2026-13-01": "There is no ",
    "2026-11-01": "is past",
    "today": "is past",
    "0h": "is past",
    "9999 days": "over a year ahead",
    "2031-01-01": "over a year ahead",
    "x" * 4000: "cannot read",
}


@pytest.mark.parametrize("text", READ)
def test_people_write_moments_in_many_ways(text: str) -> None:
    local = moment(text, MONDAY, BERLIN).astimezone(ZoneInfo(BERLIN))
    assert f"{local:%Y-%m-%d %H:%M}" == READ[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_taken_is_refused_with_a_reason_and_examples(text: str) -> None:
    with pytest.raises(NoMoment, match=REFUSED[text]) as refused:
        moment(text, MONDAY, BERLIN)
    assert "2026-12-27" in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_date_that_may_be_read_in_two_ways_is_asked() -> None:
    with pytest.raises(Ambiguous) as asked:
        moment("until 12/1 14:00", MONDAY, BERLIN)
    assert [each.words for each in asked.value.readings] == ["12 January 2027 14:00", "1 December 2026 14:00"]
    assert [each.text for each in asked.value.readings] == ["2027-01-12 14:00", "2026-12-01 14:00"]


def test_a_day_is_a_day_on_the_clock_even_where_the_clock_changes() -> None:
    saturday = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)  # 12:00 in Berlin; at night the clock goes back
    assert moment("1 day", saturday, BERLIN) == saturday + timedelta(hours=25)
    assert moment("24h", saturday, BERLIN) == saturday + timedelta(hours=24)


def test_the_same_words_mean_the_morning_of_whoever_writes_them() -> None:
    assert moment("tomorrow", MONDAY, "America/New_York") == datetime(2026, 11, 17, 14, 0, tzinfo=UTC)
    assert moment("tomorrow", MONDAY, "Asia/Tokyo") == datetime(2026, 11, 18, 0, 0, tzinfo=UTC)


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(max_size=40)
    | st.from_regex(
        r"(until |in )?([0-9]{1,4} ?(h|d|days|w|min)|[a-z]{3,9} [0-9]{1,2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})",
        fullmatch=True,
    ),
    hours=st.integers(0, 90 * 365 * 24),
)
def test_whatever_is_written_is_a_moment_within_a_year_or_is_refused(text: str, hours: int) -> None:
    now = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    try:
        found = moment(text, now, "America/St_Johns")
    except NoMoment:
        return
    assert found.tzinfo is UTC
    assert now < found <= now + LONGEST
