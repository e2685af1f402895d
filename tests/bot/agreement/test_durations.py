from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agreement import Duration

EIGHT_HOURS = timedelta(hours=8)


@given(st.integers(1, 36_500), st.sampled_from("smhd"))
def test_a_duration_reads_back_as_it_was_written(amount: int, unit: str) -> None:
    assert str(Duration.parse(f"{amount}{unit}")) == f"{amount}{unit}"


@pytest.mark.parametrize(
    ("text", "working", "wall"),
    [
        ("90s", timedelta(seconds=90), timedelta(seconds=90)),
        ("5m", timedelta(minutes=5), timedelta(minutes=5)),
        ("24h", timedelta(hours=24), timedelta(hours=24)),
        ("3d", timedelta(hours=24), timedelta(days=3)),
    ],
)
def test_a_day_is_a_working_day_or_24_hours(text: str, working: timedelta, wall: timedelta) -> None:
    duration = Duration.parse(text)
    assert (duration.working(EIGHT_HOURS), duration.wall()) == (working, wall)


def test_years_are_read_only_where_they_make_sense() -> None:
    assert Duration.parse("3y", years=True).wall() == timedelta(days=3 * 365)
    with pytest.raises(ValueError, match="working time"):
        Duration.parse("3y", years=True).working(EIGHT_HOURS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5 min", '"5 min" is not a duration; write "5m"'),
        ("5M", '"5M" is not a duration; write "5m"'),
        ("1.5h", '"1.5h" is not a duration; write "90m"'),
        ("0,5 days", '"0,5 days" is not a duration; write "12h"'),
        ("2w", '"2w" is not a duration; write "14d"'),
        ("2 Weeks", '"2 Weeks" is not a duration; write "14d"'),
        ("3y", '"3y" is not a duration; write "1095d"'),
        ("1.5y", '"1.5y" is not a duration; write "13140h"'),
        ("soon", '"soon" is not a duration; write "5m"'),
        ("-5m", '"-5m" is not a duration; write "5m"'),
        ("", '"" is not a duration; write "5m"'),
        (5, '5 is not a duration; write "5m"'),
        (None, 'None is not a duration; write "5m"'),
        ("\u0665m", '"\u0665m" is not a duration; write "5m"'),
        ("0m", '"0m" is not a length of time; write "1m" or more'),
        ("99999d", '"99999d" is over 100 years; write a shorter duration'),
    ],
)
def test_what_is_no_duration_is_refused_with_a_remedy(text: object, message: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        Duration.parse(text)
    assert str(caught.value) == message
