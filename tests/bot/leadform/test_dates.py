from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform.date_columns import ColumnDates, settle
from bot.leadform.dates import Order, read_moment, zone_in
from bot.leadform.text import BadValue

DAY = datetime(2026, 11, 13, tzinfo=UTC)
NOON = DAY.replace(hour=14, minute=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DATES = st.dates(date(1990, 1, 1), date(2069, 12, 31))


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-13",
        "2026/11/13",
        "2026.11.13",
        "20261113",
        "13.11.2026",
        "13.11.26",
        "13. 11. 2026",
        "13/11/2026",
        "11/13/2026",
        "11/13/26",
        "13-11-2026",
        "Nov 13, 2026",
        "November 13, 2026",
        "Nov. 13 2026",
        "November 13th, 2026",
        "Friday, November 13, 2026",
        "13 Nov 2026",
        "13-Nov-2026",
        "13-Nov-26",
        "13. November 2026",
        "Freitag, 13. November 2026",
        "13 novembre 2026",
        "vendredi 13 novembre 2026",
        "13 de noviembre de 2026",
        "13 de novembro de 2026",
        "13 nov. 2026",
        "13 november 2026",
        "2026年11月13日",
        "'2026-11-13",
        46339,
        "46339",
    ],
)
def test_a_day_is_read_in_the_forms_of_exports(written: Any) -> None:
    assert read_moment(written) == DAY


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-13T14:30:00Z",
        "2026-11-13T09:30:00-05:00",
        "2026-11-13T15:30:00.000+0100",
        "2026-11-13 14:30",
        "2026-11-13 14:30:00 UTC",
        "2026-11-13 09:30 EST",
        "11/13/2026 14:30",
        "11/13/2026 2:30 PM",
        "11/13/2026, 2:30:00 p.m.",
        "13.11.2026 14:30",
        "13.11.2026, 14:30 Uhr",
        "13/11/2026 14h30",
        "Nov 13, 2026 02:30 PM",
        "Fri, 13 Nov 2026 14:30:00 +0000",
        "Fri Nov 13 14:30:00 UTC 2026",
        "13 Nov 2026 15:30 (GMT+01:00)",
        1794580200,
        "1794580200",
        1794580200000,
        "1794580200000",
        46339.604166666664,
        "46339,60416667",
        NOON,
    ],
)
def test_a_time_is_read_in_the_forms_of_exports(written: Any) -> None:
    assert read_moment(written) == NOON


@pytest.mark.parametrize(
    ("written", "hour"),
    [("11/13/2026 12:05 AM", 0), ("11/13/2026 12:05 PM", 12), ("11/13/2026 11:05 pm", 23)],
)
def test_noon_and_midnight_are_where_they_belong(written: str, hour: int) -> None:
    assert read_moment(written) == DAY.replace(hour=hour, minute=5)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("11/5/2026", "may be 5 November or 11 May"),
        ("5-11-2026 14:30", "may be 11 May or 5 November"),
        ("next week", "is not a date or time"),
        ("--", "is not a date or time"),
        ("31.02.2026", "is not a date or time"),
        ("2026-13-45", "is not a date or time"),
        ("11/13/2026 25:00", "is not a date or time"),
        ("11/13/2026 13:00 PM", "is not a date or time"),
        ("11/13/2026 14:00 XYZ", "is not a date or time"),
        ("Foo 13, 2026", "is not a date or time"),
        ("500", "is not a date or time"),
        ("", "is not a date or time"),
        (float("nan"), "is not a date or time"),
        (True, "is not a date or time"),
        ("1899-12-30", "lies before 1970"),
        (["2026-11-13"], "must be text"),
    ],
)
def test_what_is_no_date_or_two_is_refused_with_the_reason(written: Any, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        read_moment(written)


@pytest.mark.parametrize(
    ("header", "hours"),
    [
        ("Create Date (GMT-05:00)", -5),
        ("Created At (UTC)", 0),
        ("Start [EST]", -5),
        ("Time (UTC+5:30)", 5.5),
        ("Joined (America/New_York)", -5),
        ("Join Time", None),
        ("Time in Session (minutes)", None),
        ("Start (No/Where)", None),
    ],
)
def test_a_header_may_name_the_zone(header: str, hours: float | None) -> None:
    zone = zone_in(header)
    assert (zone and zone.utcoffset(NOON.replace(tzinfo=None))) == (
        None if hours is None else timedelta(hours=hours)
    )


def column(*texts: str, header: str = "") -> ColumnDates:
    dates = ColumnDates(header)
    for text in texts:
        dates.feed(text)
    return dates


@pytest.mark.parametrize(
    ("texts", "order", "moment"),
    [
        (["11/5/2026", "11/13/2026 14:30"], Order.MONTH_FIRST, datetime(2026, 11, 5, tzinfo=UTC)),
        (["11/5/2026", "13/11/2026"], Order.DAY_FIRST, datetime(2026, 5, 11, tzinfo=UTC)),
        (["11/5/2026", "13.11.2026", "11/30/26", ""], Order.MONTH_FIRST, datetime(2026, 11, 5, tzinfo=UTC)),
    ],
)
def test_the_whole_column_settles_the_order(texts: list[str], order: Order, moment: datetime) -> None:
    dates = column(*texts)
    assert (dates.order, dates.read(texts[0])) == (order, moment)


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["11/5/2026", "3/4/2026", "2026-11-13", "13.11.2026", "5/5/2026"], "has no date that tells which"),
        (["11/5/2026", "13/11/2026", "11/13/2026"], "has dates of either order"),
    ],
)
def test_where_nothing_settles_it_only_what_is_certain_is_read(texts: list[str], why: str) -> None:
    dates = column(*texts)
    assert dates.order is None
    with pytest.raises(BadValue, match=why):
        dates.read("11/5/2026")
    assert dates.read("13/11/2026") == dates.read("11/13/2026") == dates.read("Nov 13, 2026") == DAY
    assert dates.read("5/5/2026") == datetime(2026, 5, 5, tzinfo=UTC)


def test_a_date_against_the_order_of_its_column_is_refused() -> None:
    with pytest.raises(BadValue, match="does not fit the order"):
        column("11/13/2026").read("31/12/2026")


def test_the_times_of_a_column_are_in_the_zone_that_its_name_gives() -> None:
    assert column(header="Create Date (GMT-05:00)").read("2026-11-13 09:30") == NOON
    assert ColumnDates("Joined", timezone(timedelta(hours=1))).read("11/13/2026 15:30") == NOON


def test_columns_that_cannot_tell_follow_those_that_can() -> None:
    created, last = column("11/2/2026"), column("11/5/2026", "11/13/2026")
    assert settle([created, last]) is Order.MONTH_FIRST
    assert created.read("11/2/2026") == datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize("other", [["13/11/2026"], ["13/11/2026", "11/13/2026"]])
def test_columns_that_differ_lend_nothing(other: list[str]) -> None:
    created, last = column("11/2/2026"), column("11/13/2026")
    assert settle([created, last, column(*other)]) is None
    with pytest.raises(BadValue, match="has no date that tells which"):
        created.read("11/2/2026")


@given(days=st.lists(DATES, min_size=1, max_size=30), form=st.sampled_from(["{1}/{0}/{2}", "{0}/{1}/{2}"]))
def test_a_column_is_read_right_or_not_at_all(days: list[date], form: str) -> None:
    texts = [form.format(day.day, day.month, day.year) for day in days]
    dates = column(*texts)
    for day, text in zip(days, texts, strict=True):
        try:
            assert dates.read(text).date() == day
        except BadValue:
            assert dates.order is None
    assert (dates.order is None) == all(day.day <= 12 or day.day == day.month for day in days)


@given(
    moment=st.integers(0, 51_000_000).map(lambda minutes: EPOCH + timedelta(minutes=minutes)),
    form=st.integers(0, 5),
)
def test_every_form_gives_back_the_moment_that_was_written(moment: datetime, form: int) -> None:
    written = [
        moment.isoformat(),
        f"{moment:%b %d, %Y %I:%M %p}",
        f"{moment:%d.%m.%Y %H:%M}",
        f"{moment:%d %B %Y %H:%M}",
        f"{moment:%a, %d %b %Y %H:%M:%S +0000}",
        f"{moment:%Y/%m/%d %H:%M:%S}",
    ][form]
    assert read_moment(written) == moment


@given(text=st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(BadValue):
        assert column(text).read(text).tzinfo is UTC
