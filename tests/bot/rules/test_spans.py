from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.moments import LONGEST, Ambiguous, NoMoment, Reading
from bot.rules.spans import Span, reading, span

BERLIN = "Europe/Berlin"
WEDNESDAY = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)  # 16:30 in Berlin

NOW, OPEN = "now", None
READ: dict[str, tuple[str, str | None]] = {
    "": (NOW, OPEN),
    "now": (NOW, OPEN),
    "until further notice": (NOW, OPEN),
    "until i'm back": (NOW, OPEN),
    "bis auf weiteres": (NOW, OPEN),
    # how long
    "2h": (NOW, "2026-11-18 18:30"),
    "for 2h": (NOW, "2026-11-18 18:30"),
    "1.5h": (NOW, "2026-11-18 18:00"),
    "1h30": (NOW, "2026-11-18 18:00"),
    "3 days": (NOW, "2026-11-21 16:30"),
    "for a week": (NOW, "2026-11-25 16:30"),
    "friday for 3 days": ("2026-11-20", "2026-11-23"),
    # until, which ends as its day begins
    "until monday": (NOW, "2026-11-23"),
    "until friday 14:00": (NOW, "2026-11-20 14:00"),
    "till tomorrow noon": (NOW, "2026-11-19 12:00"),
    "until 14:00": (NOW, "2026-11-19 14:00"),
    "until 18:00": (NOW, "2026-11-18 18:00"),
    "until next week": (NOW, "2026-11-23"),
    "until end of next week": (NOW, "2026-11-30"),
    "until end of november": (NOW, "2026-12-01"),
    "until 3 Jan": (NOW, "2027-01-03"),
    "hasta el lunes": (NOW, "2026-11-23"),
    # a day, a week, a part of a day
    "tomorrow": ("2026-11-19", "2026-11-20"),
    "today": (NOW, "2026-11-19"),
    "friday": ("2026-11-20", "2026-11-21"),
    "on Fri": ("2026-11-20", "2026-11-21"),
    "01.12.": ("2026-12-01", "2026-12-02"),
    "1.12.": ("2026-12-01", "2026-12-02"),
    "24.12.26": ("2026-12-24", "2026-12-25"),
    "27 Dec": ("2026-12-27", "2026-12-28"),
    "2026-12-24": ("2026-12-24", "2026-12-25"),
    "12/24": ("2026-12-24", "2026-12-25"),
    "24/12": ("2026-12-24", "2026-12-25"),
    "5/5": ("2027-05-05", "2027-05-06"),
    "3 März": ("2027-03-03", "2027-03-04"),
    "3 févr.": ("2027-02-03", "2027-02-04"),
    "do": ("2026-11-19", "2026-11-20"),
    "vendredi": ("2026-11-20", "2026-11-21"),
    "sáb": ("2026-11-21", "2026-11-22"),
    "next week": ("2026-11-23", "2026-11-30"),
    "this week": (NOW, "2026-11-23"),
    "KW 51": ("2026-12-14", "2026-12-21"),
    "the weekend": ("2026-11-21", "2026-11-23"),
    "next month": ("2026-12-01", "2027-01-01"),
    "december": ("2026-12-01", "2027-01-01"),
    "this afternoon": (NOW, "2026-11-18 18:00"),
    "tonight": (NOW, "2026-11-19"),
    "tomorrow morning": ("2026-11-19", "2026-11-19 12:00"),
    "friday afternoon": ("2026-11-20 12:00", "2026-11-20 18:00"),
    "eod": (NOW, "2026-11-19"),
    "until eod": (NOW, "2026-11-19"),
    "rest of the week": (NOW, "2026-11-23"),
    # from a day to a day: "to" and a dash include the last day, "until" ends as it begins
    "20 Dec to 3 Jan": ("2026-12-20", "2027-01-04"),
    "20 Dec \u2013 3 Jan": ("2026-12-20", "2027-01-04"),
    "20 Dec - 3 Jan": ("2026-12-20", "2027-01-04"),
    "20 Dec to 3 Jan 2027": ("2026-12-20", "2027-01-04"),
    "20 Dec until 3 Jan": ("2026-12-20", "2027-01-03"),
    "20.12.\u20133.1.": ("2026-12-20", "2027-01-04"),
    "20.12.-3.1.": ("2026-12-20", "2027-01-04"),
    "20/12 to 3/1": ("2026-12-20", "2027-01-04"),  # the one date settles how the other is meant
    "2026-12-24..2027-01-01": ("2026-12-24", "2027-01-02"),
    "2026-12-24 - 2027-01-01": ("2026-12-24", "2027-01-02"),
    "20-24 Dec": ("2026-12-20", "2026-12-25"),
    "Dec 20-24": ("2026-12-20", "2026-12-25"),
    "20. bis 24.12.": ("2026-12-20", "2026-12-25"),
    "28 to 3 Jan": ("2026-12-28", "2027-01-04"),
    "vom 20.12. bis 3.1.": ("2026-12-20", "2027-01-04"),
    "du 20 d\u00e9cembre au 3 janvier": ("2026-12-20", "2027-01-04"),
    "del 20 dic al 3 ene": ("2026-12-20", "2027-01-04"),
    "from monday until friday": ("2026-11-23", "2026-11-27"),
    "from monday to friday": ("2026-11-23", "2026-11-28"),
    "mon-fri": ("2026-11-23", "2026-11-28"),
    "friday to friday": ("2026-11-20", "2026-11-21"),
    "friday until friday": ("2026-11-20", "2026-11-27"),
    "tomorrow to friday": ("2026-11-19", "2026-11-21"),
    "to friday": (NOW, "2026-11-21"),
    "next week until friday": ("2026-11-23", "2026-11-27"),
    "from monday until further notice": ("2026-11-23", OPEN),
    "from 20 dec": ("2026-12-20", OPEN),
    "from friday 14:00": ("2026-11-20 14:00", OPEN),
    "tomorrow 9:00 to 12:00": ("2026-11-19 09:00", "2026-11-19 12:00"),
    "tomorrow 9:00-12:00": ("2026-11-19 09:00", "2026-11-19 12:00"),
    "22:00 to 6:00": ("2026-11-18 22:00", "2026-11-19 06:00"),
    # under way already
    "1 Nov to 30 Nov": (NOW, "2026-12-01"),
    "today 9:00 to 18:00": (NOW, "2026-11-18 18:00"),
    "10.11.2026 to 20.11.2026": (NOW, "2026-11-21"),
}


def local(at: datetime | None, zone: str = BERLIN) -> str | None:
    return None if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}".removesuffix(" 00:00")


@pytest.mark.parametrize("text", READ)
def test_people_write_spans_in_many_ways(text: str) -> None:
    found = span(text, WEDNESDAY, BERLIN)
    assert (NOW if found.begins == WEDNESDAY else local(found.begins), local(found.ends)) == READ[text]


ASKED: dict[str, tuple[str, ...]] = {
    "12/1": ("Tuesday 12 January 2027", "Tuesday 1 December"),
    "until 12/1": ("until Tuesday 12 January 2027", "until Tuesday 1 December"),
    "12/1 to 12/5": (
        "Tuesday 12 January 2027 to Wednesday 12 May 2027",
        "Tuesday 1 December to Saturday 5 December",
    ),
    "wednesday": ("the rest of today", "Wednesday 25 November"),
    "from wed to fri": ("until Saturday 21 November", "Wednesday 25 November to Friday 27 November"),
    "tomorrow 14:00": ("until Thursday 19 November 14:00", "from Thursday 19 November 14:00 on"),
    "18:00": ("until Wednesday 18 November 18:00", "from Wednesday 18 November 18:00 on"),
}


@pytest.mark.parametrize("text", ASKED)
def test_what_may_mean_two_things_is_asked_with_both_in_words(text: str) -> None:
    with pytest.raises(Ambiguous) as asked:
        span(text, WEDNESDAY, BERLIN)
    assert tuple(each.words for each in asked.value.readings) == ASKED[text]
    assert all(words in str(asked.value) for words in ASKED[text])


def test_each_reading_is_written_so_that_it_means_only_that() -> None:
    for text in ASKED:
        with pytest.raises(Ambiguous) as asked:
            span(text, WEDNESDAY, BERLIN)
        for each in asked.value.readings:
            meant = span(each.text, WEDNESDAY, BERLIN)
            assert reading(meant, WEDNESDAY, BERLIN).words == each.words


def test_a_year_leaves_nothing_to_ask_where_the_other_reading_is_past() -> None:
    assert local(span("12/1/2026", WEDNESDAY, BERLIN).begins) == "2026-12-01"


REFUSED = {
    "whenever": "cannot read",
    "in a while": "cannot read",
    "until": "cannot read",
    "9-12": "cannot read",
    "from monday until": "cannot read",
    "tomorrow 25:00": "cannot read",
    "friday for ages": "cannot read",
    "friday to tomorrow": "ends before it begins",
    "20 dec until 20 dec": "ends before it begins",
    "2026-12-24 to 2026-12-20": "ends before it begins",
    "yesterday": "is past",
    "until today": "is past",
    "this morning": "is past",
    "2026-11-01 to 2026-11-10": "is past",
    "2026-02-30": "There is no ",
    "31 June": "There is no ",
    "31.6.": "There is no ",
    "2027-02-29": "There is no 29 February 2027",
    "29 Feb": "reaches to 29 February 2028, over a year ahead",
    "20 Dec to 20 Dec 2027": "over a year ahead",
    "2031-01-01": "reaches to 1 January 2031, over a year ahead",
    "9999 weeks": "over a year ahead",
    "x" * 4000: "cannot read",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_taken_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(NoMoment, match=REFUSED[text]) as refused:
        span(text, WEDNESDAY, BERLIN)
    assert not isinstance(refused.value, Ambiguous)
    assert len(str(refused.value)) < 300


def test_over_new_year_a_span_that_has_begun_is_this_one_not_the_next() -> None:
    at = datetime(2026, 12, 27, 12, tzinfo=UTC)
    assert span("20 Dec to 3 Jan", at, BERLIN) == Span(at, span("until 4 Jan", at, BERLIN).ends)
    late = datetime(2027, 1, 5, 12, tzinfo=UTC)
    assert local(span("20 Dec to 30 Dec", late, BERLIN).begins) == "2027-12-20"


def test_the_29th_of_february_is_a_day_in_a_leap_year() -> None:
    found = span("29 Feb", datetime(2027, 11, 1, tzinfo=UTC), BERLIN)
    assert (local(found.begins), local(found.ends)) == ("2028-02-29", "2028-03-01")


@pytest.mark.parametrize(
    ("at", "text", "ends"),
    [
        ("2026-10-24T20:00", "until 2:30", "2026-10-25T00:30"),  # there twice: the first of the two
        ("2026-10-25T00:40", "until 2:30", "2026-10-25T01:30"),  # the first is past
        ("2026-10-25T01:40", "until 2:30", "2026-10-26T01:30"),
        ("2027-03-27T20:00", "until 2:30", "2027-03-28T01:00"),  # skipped: when the clock is put on
        ("2026-10-24T20:00", "until monday", "2026-10-25T23:00"),
    ],
)
def test_the_hour_that_is_there_twice_and_the_one_that_is_not(at: str, text: str, ends: str) -> None:
    now = datetime.fromisoformat(f"{at}+00:00")
    assert span(text, now, BERLIN).ends == datetime.fromisoformat(f"{ends}+00:00")


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_is_put_on() -> None:
    now = datetime(2027, 3, 20, tzinfo=UTC)  # in Beirut the clock is put on at midnight
    assert span("2027-03-28", now, "Asia/Beirut").begins == datetime(2027, 3, 27, 22, tzinfo=UTC)


def test_the_same_words_mean_the_days_of_whoever_writes_them() -> None:
    ends = {zone: span("until friday", WEDNESDAY, zone).ends for zone in ("Asia/Tokyo", "America/New_York")}
    assert ends == {
        "Asia/Tokyo": datetime(2026, 11, 19, 15, tzinfo=UTC),
        "America/New_York": datetime(2026, 11, 20, 5, tzinfo=UTC),
    }


WORDS = """until to from for monday fri next week 20 dec 3 jan 12/1 01.12. - \u2013 tomorrow 14:00 eod 2h
end of this afternoon 2026-12-24 further notice morning today month 29 feb 0"""
words = st.sampled_from(WORDS.split())


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(max_size=30) | st.lists(words, max_size=6).map(" ".join),
    hours=st.integers(0, 60 * 365 * 24),
    zone=st.sampled_from(["America/St_Johns", "Europe/Berlin", "America/Havana", "Pacific/Apia"]),
)
def test_whatever_is_written_is_a_span_ahead_or_is_refused(text: str, hours: int, zone: str) -> None:
    now = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    asked: tuple[Reading, ...] = ()
    try:
        found = span(text, now, zone)
    except Ambiguous as ambiguous:
        asked = ambiguous.readings
    except NoMoment:
        return
    if asked:
        assert len({each.text for each in asked}) == len(asked) > 1
        return
    assert found.begins.tzinfo is UTC
    assert now <= found.begins <= now + LONGEST
    assert found.ends is None or found.begins < found.ends <= now + LONGEST


@settings(max_examples=200, deadline=None)
@given(begin=st.integers(-5, 8000), lasts=st.integers(1, 700))
def test_a_span_in_words_can_be_read_back(begin: int, lasts: int) -> None:
    now = datetime(2026, 11, 18, 15, tzinfo=UTC)
    begins = max(now, now + timedelta(hours=begin))
    found = Span(begins, begins + timedelta(hours=lasts))
    assert span(reading(found, now, "Asia/Kolkata").text, now, "Asia/Kolkata") == found
