"""Business time on calendars that nobody wrote by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.worktime import WALL, WorkCalendar

ZONES = [
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Pacific/Apia",
    "Pacific/Chatham",
]
windows_of_a_day = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda w: (w[0], w[0] + w[1])), max_size=3
)
weeks = st.dictionaries(st.integers(0, 6), windows_of_a_day, min_size=1).filter(
    lambda week: any(week.values())
)
days_off = st.one_of(
    st.sampled_from(["US", "US-CA", "DE", "GB", "JP", "BR"]),
    st.lists(st.dates(date(2005, 1, 1), date(2035, 12, 31)), max_size=20),
)
one_calendar = st.builds(WorkCalendar.weekly, weeks, st.sampled_from(ZONES), days_off)
several = st.lists(one_calendar, min_size=1, max_size=4)
calendars = one_calendar | several.map(WorkCalendar.union) | st.just(WALL)
moments = st.datetimes(datetime(2006, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - zone given
works = st.timedeltas(timedelta(0), timedelta(days=5)) | st.integers(0, 120).map(lambda n: timedelta(hours=n))
"""So much takes years already, where a week is open for minutes."""


@given(calendars, moments, works)
@settings(max_examples=80, deadline=None)
def test_after_and_between_are_inverse(calendar: WorkCalendar, start: datetime, work: timedelta) -> None:
    end = calendar.after(start, work)
    assert end >= start
    assert calendar.between(start, end) == work
    if work:
        assert calendar.between(start, end - timedelta(microseconds=1)) < work


@given(calendars, moments, moments)
@settings(max_examples=60, deadline=None)
def test_between_and_after_are_inverse_where_it_is_open(
    calendar: WorkCalendar, a: datetime, b: datetime
) -> None:
    a, b = sorted((a, b))
    reached = calendar.after(a, calendar.between(a, b))
    assert reached <= b
    opened = calendar.opens_next(b)
    assert opened == b or not calendar.is_open(b)
    assert calendar.is_open(opened)
    if b > a and calendar.is_open(b - timedelta(microseconds=1)):
        assert reached == b


@given(calendars, moments, works, works)
@settings(max_examples=60, deadline=None)
def test_after_is_monotone_and_additive(
    calendar: WorkCalendar, start: datetime, one: timedelta, other: timedelta
) -> None:
    there = calendar.after(start, one)
    assert calendar.after(there, other) == calendar.after(start, one + other)
    assert (there <= calendar.after(start, other)) == (one <= other)
    assert there <= calendar.after(start + other, one)


@given(calendars, moments, moments, moments)
@settings(max_examples=60, deadline=None)
def test_between_is_additive_and_never_more_than_the_time_that_passed(
    calendar: WorkCalendar, a: datetime, b: datetime, c: datetime
) -> None:
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert timedelta(0) <= calendar.between(min(a, b), max(a, b)) <= abs(b - a)


@given(calendars, moments)
@settings(max_examples=60, deadline=None)
def test_it_closes_at_the_end_of_the_stretch_it_is_open_in(calendar: WorkCalendar, at: datetime) -> None:
    closes = calendar.closes_next(at)
    if not calendar.is_open(at):
        assert closes is None
    elif closes is not None:
        assert closes > at
        assert calendar.between(at, closes) == closes - at
        assert not calendar.is_open(closes)
    else:
        assert calendar.is_open(at + timedelta(days=364))


@given(several, moments, st.lists(moments, max_size=20), works)
@settings(max_examples=60, deadline=None)
def test_a_union_is_open_whenever_any_of_its_members_is(
    members: list[WorkCalendar], start: datetime, at: list[datetime], work: timedelta
) -> None:
    union = WorkCalendar.union(members)
    near = [start, *at, union.after(start, work), *(each.opens_next(start) for each in members)]
    near += [closes for each in members if (closes := each.closes_next(start))]
    for moment in near:
        assert union.is_open(moment) is any(each.is_open(moment) for each in members)
        assert union.opens_next(moment) == min(each.opens_next(moment) for each in members)
    assert union.after(start, work) <= min(each.after(start, work) for each in members)


@given(several, moments, moments)
@settings(max_examples=60, deadline=None)
def test_a_union_counts_an_hour_once_however_many_work_it(
    members: list[WorkCalendar], a: datetime, b: datetime
) -> None:
    a, b = sorted((a, b))
    b = min(b, a + timedelta(days=9))
    union, edges, at = WorkCalendar.union(members), [a], a
    while at < b:  # walk from one opening or closing of anybody to the next
        ahead = [each.closes_next(at) or each.opens_next(at) for each in members]
        at = min(b, *(edge for edge in ahead if edge > at))
        edges.append(at)
    worked = sum(
        (y - x for x, y in pairwise(edges) if any(each.is_open(x) for each in members)), timedelta(0)
    )
    assert union.between(a, b) == worked
    assert worked <= sum((each.between(a, b) for each in members), timedelta(0))


CHANGES = [
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Havana", date(2026, 11, 1)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Africa/Casablanca", date(2027, 2, 7)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("UTC", date(2027, 1, 1)),
]


def counted(
    week: dict[int, list[tuple[int, int]]], zone: ZoneInfo, off: date, days: list[date]
) -> dict[datetime, bool]:
    """Each minute about the days, and whether it is worked: found by walking and looking at the wall."""
    first = datetime.combine(days[0], datetime.min.time(), UTC) - timedelta(days=2)
    minutes = [first + timedelta(minutes=n) for n in range((len(days) + 5) * 1440)]
    walls = [at.astimezone(zone).replace(tzinfo=None) for at in minutes]
    worked = dict.fromkeys(minutes, False)
    for day in days:
        for start, end in week.get(day.weekday(), []) if day != off else []:
            midnight = datetime.combine(day, datetime.min.time())
            opens, closes = (
                next(n for n, wall in enumerate(walls) if wall >= midnight + timedelta(minutes=minute))
                for minute in (start, end)
            )
            worked.update(dict.fromkeys(minutes[opens:closes], True))
    return worked


@given(weeks, st.sampled_from(CHANGES), st.integers(-2, 2), st.data())
@settings(max_examples=15, deadline=None)
def test_a_walk_through_every_minute_about_a_change_of_clocks_agrees(
    week: dict[int, list[tuple[int, int]]], change: tuple[str, date], holiday: int, data: st.DataObject
) -> None:
    zone, changed = change
    off = changed + timedelta(days=holiday)
    calendar = WorkCalendar.weekly(week, zone, [off])
    worked = counted(week, ZoneInfo(zone), off, [changed + timedelta(days=n) for n in range(-4, 4)])
    begin = datetime.combine(changed, datetime.min.time(), UTC) - timedelta(days=2)
    pairs = st.lists(st.tuples(st.integers(0, 4 * 1440), st.integers(0, 4 * 1440)), min_size=5, max_size=9)
    for minutes in data.draw(pairs):  # the walk is what takes long, so that much is asked of each
        a, b = (begin + timedelta(minutes=minute) for minute in sorted(minutes))
        assert calendar.is_open(a) is worked[a]
        assert calendar.between(a, b) == sum(
            1 for at, open_ in worked.items() if a <= at < b and open_
        ) * timedelta(minutes=1)
