from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.rules.worktime import WALL, Windows, WorkCalendar

Week = dict[int, Windows]

NINE_TO_FIVE: Windows = ((9 * 60, 17 * 60),)
OFFICE: Week = dict.fromkeys(range(5), NINE_TO_FIVE)
NIGHTS: Windows = ((22 * 60, 30 * 60),)


def daily(*windows: tuple[int, int]) -> Week:
    return dict.fromkeys(range(7), windows)


RECIPES: list[tuple[str, str, Week, str | tuple[date, ...]]] = [
    ("office", "America/New_York", OFFICE, "US"),
    ("split", "America/New_York", dict.fromkeys(range(5), ((540, 750), (810, 1020))), ()),
    ("small hours", "America/New_York", daily((90, 210)), ()),
    ("the skipped hour", "America/New_York", daily((120, 180)), ()),
    ("half skipped", "America/New_York", daily((150, 240)), ()),
    ("first half repeated", "America/New_York", daily((0, 90)), ()),
    ("nights", "Europe/Berlin", dict.fromkeys(range(5), NIGHTS), ()),
    ("nights, Christmas off", "Europe/Berlin", dict.fromkeys(range(5), NIGHTS), (date(2026, 12, 25),)),
    ("every night", "Europe/Berlin", daily(*NIGHTS), ()),
    ("Bavaria", "Europe/Berlin", OFFICE, "DE-BY"),
    ("Berlin", "Europe/Berlin", OFFICE, "DE-BE"),
    ("Kolkata", "Asia/Kolkata", dict.fromkeys(range(6), ((600, 1140),)), ()),
    ("Lord Howe", "Australia/Lord_Howe", daily((60, 180)), ()),
    ("Casablanca", "Africa/Casablanca", daily(*NINE_TO_FIVE), ()),
    ("Apia", "Pacific/Apia", daily(*NINE_TO_FIVE), ()),
    ("round the clock", "UTC", daily((0, 1440)), ()),
    ("spill", "UTC", {0: NIGHTS, 1: ((300, 540),)}, ()),
    ("summer Fridays", "UTC", {**OFFICE, 4: ((540, 780),)}, ()),
    ("one hour a week", "UTC", {2: ((600, 660),)}, ()),
]
CALENDARS: dict[str, tuple[str, WorkCalendar]] = {
    name: (zone, WorkCalendar.weekly(week, zone, days_off)) for name, zone, week, days_off in RECIPES
}


def moment(text: str, zone: str) -> datetime:
    """`2026-11-20 16:00` on the wall of the zone, or `…Z` in UTC."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


AFTER = [
    # the plain cases; 20 November 2026 is a Friday
    ("office", "2026-11-20 16:00", "4h", "2026-11-23 12:00"),
    ("office", "2026-11-20 16:00", "1h", "2026-11-20 17:00"),  # full to the brim: due at closing time
    ("office", "2026-11-20 16:00", "1h1m", "2026-11-23 09:01"),
    ("office", "2026-11-20 16:00", "0m", "2026-11-20 16:00"),
    ("office", "2026-11-21 12:00", "0m", "2026-11-21 12:00"),
    ("office", "2026-11-21 12:00", "30m", "2026-11-23 09:30"),
    ("office", "2026-11-23 08:00", "5m", "2026-11-23 09:05"),
    ("office", "2026-11-23 17:00", "5m", "2026-11-24 09:05"),
    ("office", "2026-11-23 23:59", "8h", "2026-11-24 17:00"),
    ("office", "2026-11-16 09:00", "40h", "2026-11-20 17:00"),
    ("office", "2026-11-09 09:00", "40h", "2026-11-16 17:00"),  # Wednesday the 11th is Veterans Day
    # holidays, days in lieu, the turn of the year
    ("office", "2026-11-25 16:00", "2h", "2026-11-27 10:00"),  # Thanksgiving
    ("office", "2026-11-26 12:00", "5m", "2026-11-27 09:05"),
    ("office", "2026-07-02 16:00", "2h", "2026-07-06 10:00"),  # the 4th is a Saturday, kept on Friday
    ("office", "2027-12-30 16:00", "2h", "2028-01-03 10:00"),  # New Year 2028 is kept in 2027
    ("office", "2026-12-31 16:00", "2h", "2027-01-04 10:00"),
    ("Bavaria", "2027-01-05 16:00", "2h", "2027-01-07 10:00"),  # Epiphany, in Bavaria only
    ("Berlin", "2027-01-05 16:00", "2h", "2027-01-06 10:00"),
    ("Bavaria", "2027-03-05 16:00", "2h", "2027-03-08 10:00"),
    ("Berlin", "2027-03-05 16:00", "2h", "2027-03-09 10:00"),  # Women's Day, in Berlin only
    # leap days
    ("office", "2028-02-28 16:00", "9h", "2028-02-29 17:00"),
    ("office", "2028-02-28 16:00", "10h", "2028-03-01 10:00"),
    ("office", "2027-02-26 16:00", "2h", "2027-03-01 10:00"),
    ("round the clock", "2028-02-28 12:00", "48h", "2028-03-01 12:00"),
    ("round the clock", "2026-12-31 12:00", "24h", "2027-01-01 12:00"),
    # a change of clocks over the weekend, seen in UTC
    ("office", "2027-03-12T21:00Z", "2h", "2027-03-15T14:00Z"),
    ("office", "2026-10-30T20:00Z", "2h", "2026-11-02T15:00Z"),
    # a change of clocks inside a window: an hour less, an hour more
    ("small hours", "2027-03-14 00:00", "1h", "2027-03-14T07:30Z"),
    ("small hours", "2027-03-14 00:00", "1h30m", "2027-03-15 02:00"),
    ("small hours", "2027-03-14 01:45", "30m", "2027-03-14 03:15"),
    ("small hours", "2026-11-01 00:00", "1h", "2026-11-01T06:30Z"),  # the second half past one
    ("small hours", "2026-11-01 00:00", "2h", "2026-11-01T07:30Z"),
    ("small hours", "2026-11-01 00:00", "3h", "2026-11-01T08:30Z"),
    ("small hours", "2026-11-01 00:00", "3h1m", "2026-11-02 01:31"),
    ("the skipped hour", "2027-03-13 02:30", "1h", "2027-03-15 02:30"),  # there is none on the 14th
    ("the skipped hour", "2026-11-01 00:00", "1h", "2026-11-01T08:00Z"),
    ("half skipped", "2027-03-14 00:00", "30m", "2027-03-14T07:30Z"),  # opens at three
    (
        "first half repeated",
        "2026-11-01 00:00",
        "1h31m",
        "2026-11-02 00:01",
    ),  # ends at the first half past one
    ("Lord Howe", "2026-10-04 01:00", "1h30m", "2026-10-03T16:00Z"),  # clocks move by half an hour there
    ("Lord Howe", "2027-04-04 01:00", "2h30m", "2027-04-03T16:30Z"),
    ("Casablanca", "2025-02-22T15:00Z", "2h", "2025-02-23T10:00Z"),  # an hour back for Ramadan
    ("Casablanca", "2025-04-05T16:00Z", "2h", "2025-04-06T09:00Z"),
    ("Apia", "2011-12-29 16:00", "2h", "2011-12-31 10:00"),  # Samoa left a Friday out
    ("Kolkata", "2026-11-21 18:00", "2h", "2026-11-23T05:30Z"),
    # shifts over midnight
    ("nights", "2026-11-23 23:00", "4h", "2026-11-24 03:00"),
    ("nights", "2026-11-23 20:00", "8h", "2026-11-24 06:00"),
    ("nights", "2026-11-20 23:00", "8h", "2026-11-23 23:00"),
    ("nights", "2026-11-21 05:00", "2h", "2026-11-23 23:00"),  # Friday's shift ends on Saturday
    ("nights", "2026-11-23 03:00", "1h", "2026-11-23 23:00"),  # Sunday has no shift
    ("nights, Christmas off", "2026-12-24 23:00", "7h", "2026-12-25 06:00"),  # Thursday's shift, to its end
    ("nights, Christmas off", "2026-12-24 23:00", "8h", "2026-12-28 23:00"),
    ("every night", "2026-12-31 23:00", "2h", "2027-01-01 01:00"),
    ("every night", "2026-10-24 22:00", "9h", "2026-10-25T05:00Z"),
    ("every night", "2027-03-27 22:00", "7h", "2027-03-28T04:00Z"),
    ("spill", "2026-11-23 22:00", "11h", "2026-11-24 09:00"),  # two windows that overlap count once
    # several windows a day, days of several lengths
    ("split", "2026-11-23 12:00", "1h", "2026-11-23 14:00"),
    ("split", "2026-11-23 12:30", "5m", "2026-11-23 13:35"),
    ("split", "2026-11-23 13:00", "7h", "2026-11-24 12:30"),
    ("summer Fridays", "2026-11-20 12:00", "2h", "2026-11-23 10:00"),
    ("one hour a week", "2026-11-18 10:30", "2h", "2026-12-02 10:30"),
]


def length(text: str) -> timedelta:
    hours, _, minutes = text.rpartition("h")
    return timedelta(hours=int(hours or 0), minutes=int(minutes.rstrip("m") or 0))


@pytest.mark.parametrize(("name", "start", "working", "end"), AFTER)
def test_the_moment_that_lies_some_working_time_ahead(name: str, start: str, working: str, end: str) -> None:
    zone, calendar = CALENDARS[name]
    a, b, work = moment(start, zone), moment(end, zone), length(working)
    assert calendar.after(a, work) == b
    assert calendar.between(a, b) == work


BETWEEN = [
    ("office", "2026-11-20 16:00", "2026-11-23 12:00", "4h"),
    ("office", "2026-11-20 18:00", "2026-11-23 08:00", "0h"),
    ("office", "2026-11-26 00:00", "2026-11-27 00:00", "0h"),
    ("office", "2026-11-23 00:00", "2026-11-30 00:00", "32h"),
    ("small hours", "2027-03-14 00:00", "2027-03-15 00:00", "1h"),
    ("small hours", "2026-11-01 00:00", "2026-11-02 00:00", "3h"),
    ("small hours", "2026-11-02 00:00", "2026-11-03 00:00", "2h"),
    ("round the clock", "2028-01-01 00:00", "2029-01-01 00:00", "8784h"),
    ("office", "2027-01-01 00:00", "2028-01-01 00:00", "1992h"),  # 261 weekdays, 12 of them holidays
]


@pytest.mark.parametrize(("name", "start", "end", "working"), BETWEEN)
def test_the_working_time_between_two_moments(name: str, start: str, end: str, working: str) -> None:
    zone, calendar = CALENDARS[name]
    a, b = moment(start, zone), moment(end, zone)
    assert calendar.between(a, b) == length(working)
    assert calendar.between(b, a) == -length(working)


OPENINGS = [
    ("office", "2026-11-23 09:00", True, "2026-11-23 09:00"),
    ("office", "2026-11-23 16:59", True, "2026-11-23 16:59"),
    ("office", "2026-11-23 17:00", False, "2026-11-24 09:00"),
    ("office", "2026-11-25 18:00", False, "2026-11-27 09:00"),
    ("office", "2026-12-31 18:00", False, "2027-01-04 09:00"),
    ("split", "2026-11-23 13:00", False, "2026-11-23 13:30"),
    ("nights", "2026-11-21 05:59", True, "2026-11-21 05:59"),
    ("nights", "2026-11-21 06:00", False, "2026-11-23 22:00"),
    ("the skipped hour", "2027-03-13 03:00", False, "2027-03-15 02:00"),
]


@pytest.mark.parametrize(("name", "at", "is_open", "opens"), OPENINGS)
def test_when_it_is_open_and_when_it_opens_next(name: str, at: str, is_open: bool, opens: str) -> None:
    zone, calendar = CALENDARS[name]
    assert calendar.is_open(moment(at, zone)) is is_open
    assert calendar.opens_next(moment(at, zone)) == moment(opens, zone)


@pytest.mark.parametrize(
    ("name", "at", "closes"),
    [
        ("office", "2026-11-23 09:00", "2026-11-23 17:00"),
        ("office", "2026-11-23 16:59", "2026-11-23 17:00"),
        ("office", "2026-11-23 17:00", None),
        ("split", "2026-11-23 12:00", "2026-11-23 12:30"),
        ("nights", "2026-11-20 23:00", "2026-11-21 06:00"),
        ("every night", "2026-12-31 23:30", "2027-01-01 06:00"),
        ("spill", "2026-11-23 22:00", "2026-11-24 09:00"),
        ("round the clock", "2026-11-23 22:00", None),
    ],
)
def test_when_it_closes_next(name: str, at: str, closes: str | None) -> None:
    zone, calendar = CALENDARS[name]
    assert calendar.closes_next(moment(at, zone)) == (moment(closes, zone) if closes else None)


def test_a_pool_works_whenever_any_of_its_people_do() -> None:
    new_york = CALENDARS["office"][1]
    berlin = WorkCalendar.weekly(OFFICE, "Europe/Berlin", "DE")
    pool = WorkCalendar.union([new_york, berlin])
    early = datetime(2026, 11, 23, 8, tzinfo=UTC)  # 9:00 in Berlin, 3:00 in New York
    assert pool.after(early, timedelta(hours=14)) == datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert pool.between(early, early + timedelta(days=1)) == timedelta(hours=14)
    assert pool.day == timedelta(hours=14)
    thanksgiving = datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert pool.closes_next(thanksgiving) == datetime(2026, 11, 26, 16, tzinfo=UTC)


def test_a_union_of_one_calendar_is_that_calendar_and_of_wall_time_is_wall_time() -> None:
    office, nights = CALENDARS["office"][1], CALENDARS["nights"][1]
    assert WorkCalendar.union([office, office]) is office
    assert WorkCalendar.union([office, nights]) is WorkCalendar.union([nights, office, nights])
    assert WorkCalendar.union([office, WALL]) is WALL
    nested = WorkCalendar.union([WorkCalendar.union([office, nights]), office])
    assert nested.day == WorkCalendar.union([office, nights]).day
    with pytest.raises(ValueError, match="at least one"):
        WorkCalendar.union([])


@pytest.mark.parametrize(
    ("name", "hours"),
    [("office", 8), ("split", 7), ("nights", 8), ("summer Fridays", 7.2), ("round the clock", 24)],
)
def test_a_working_day_is_the_mean_of_the_days_that_have_windows(name: str, hours: float) -> None:
    assert CALENDARS[name][1].day == timedelta(hours=hours)


def test_wall_time_never_closes() -> None:
    at = datetime(2026, 11, 21, 3, tzinfo=UTC)
    assert WALL.after(at, timedelta(hours=5)) == at + timedelta(hours=5)
    assert WALL.between(at, at - timedelta(hours=5)) == timedelta(hours=-5)
    assert WALL.is_open(at)
    assert WALL.opens_next(at) == at
    assert WALL.day == timedelta(hours=24)


def test_moments_come_back_in_utc_whatever_zone_they_came_in() -> None:
    start = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("America/New_York"))
    for calendar in (WALL, CALENDARS["office"][1]):
        for out in (calendar.after(start, timedelta(0)), calendar.opens_next(start)):
            assert out.tzinfo is UTC


@pytest.mark.parametrize("calendar", [WALL, CALENDARS["office"][1]])
def test_naive_moments_and_negative_work_are_refused(calendar: WorkCalendar) -> None:
    naive = datetime(2026, 11, 21)  # noqa: DTZ001 - the very thing to refuse
    aware = naive.replace(tzinfo=UTC)
    for refused in (
        lambda: calendar.after(naive, timedelta(hours=1)),
        lambda: calendar.between(naive, aware),
        lambda: calendar.between(aware, naive),
        lambda: calendar.is_open(naive),
        lambda: calendar.opens_next(naive),
        lambda: calendar.after(aware, timedelta(seconds=-1)),
    ):
        with pytest.raises(ValueError, match=r"aware|negative"):
            refused()


@pytest.mark.parametrize(
    ("windows", "zone", "days_off", "words"),
    [
        ({}, "UTC", (), "no working time"),
        ({0: ()}, "UTC", (), "no working time"),
        ({0: ((540, 540),)}, "UTC", (), "more than nothing"),
        ({0: ((1020, 540),)}, "UTC", (), "more than nothing"),
        ({0: ((0, 1441),)}, "UTC", (), "at most 24 hours"),
        ({0: ((-60, 60),)}, "UTC", (), "within the day"),
        (OFFICE, "Mars/Olympus", (), "not a time zone"),
        (OFFICE, "../etc/passwd", (), "not a time zone"),
        (OFFICE, "UTC", "XX", "no holidays are known"),
        (OFFICE, "UTC", "US-QQ", "no holidays are known"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_in_words(
    windows: Week, zone: str, days_off: str | tuple[date, ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        WorkCalendar.weekly(windows, zone, days_off).is_open(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_calendar_whose_every_day_is_a_holiday_says_so_and_ends() -> None:
    every_monday = tuple(date(2026, 1, 5) + timedelta(weeks=n) for n in range(52 * 40))
    calendar = WorkCalendar.weekly({0: NINE_TO_FIVE}, "UTC", every_monday)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="every day that has working hours is a holiday"):
        calendar.after(start, timedelta(minutes=1))
    with pytest.raises(ValueError, match="no working time is left"):
        calendar.opens_next(start)
    assert calendar.between(start, start + timedelta(days=3650)) == timedelta(0)


def test_a_few_years_without_work_are_bridged() -> None:
    sabbatical = tuple(date(2027, 1, 1) + timedelta(days=n) for n in range(3 * 366))
    calendar = WorkCalendar.weekly(OFFICE, "UTC", sabbatical)
    assert calendar.after(moment("2026-12-31 16:00", "UTC"), length("2h")) == moment(
        "2030-01-03 10:00", "UTC"
    )


def test_equal_calendars_are_one() -> None:
    as_lists = {day: [(540, 1020)] for day in range(5)}
    assert WorkCalendar.weekly(as_lists, ZoneInfo("America/New_York"), "US") is CALENDARS["office"][1]


@pytest.mark.parametrize("none", ["", (), []])
def test_no_holidays_may_be_said_in_several_ways(none: str | tuple[date, ...]) -> None:
    assert WorkCalendar.weekly(OFFICE, "UTC", none) is WorkCalendar.weekly(OFFICE, "UTC")


def test_threads_may_share_a_calendar() -> None:
    calendar = WorkCalendar.weekly(OFFICE, "Europe/Berlin", [date(2026, 5, 1)])
    start = datetime(2000, 1, 1, tzinfo=UTC)
    starts = [start + timedelta(days=97 * n) for n in range(400)]
    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(lambda at: calendar.after(at, timedelta(hours=100)), starts))
    assert all(calendar.between(a, b) == timedelta(hours=100) for a, b in zip(starts, ends, strict=True))
