"""How long is waited after each attempt, and when an event is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events.retries import (
    GIVE_UP_AFTER,
    LONGEST,
    LONGEST_WAIT_ASKED,
    asked_for,
    is_given_up,
    wait_after,
)

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)


def test_the_waits_grow_up_to_four_hours() -> None:
    waits = [wait_after(attempts, 0.5) for attempts in range(1, 9)]
    assert [wait.total_seconds() for wait in waits] == [5, 20, 80, 320, 1280, 5120, 14400, 14400]


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_jitter_is_a_fifth_and_no_wait_is_endless(attempts: int, chance: float) -> None:
    wait, middle = wait_after(attempts, chance), wait_after(attempts, 0.5)
    assert 0.79 * middle <= wait <= 1.21 * middle <= 1.21 * LONGEST


def test_what_a_receiver_asks_for_is_waited_for_within_reason() -> None:
    assert wait_after(1, 0.5, timedelta(minutes=2)) == timedelta(minutes=2)
    assert wait_after(5, 0.5, timedelta(seconds=1)) == wait_after(5, 0.5)
    assert wait_after(1, 0.5, timedelta(days=9999)) == LONGEST_WAIT_ASKED


def test_three_days_after_the_first_attempt_an_event_is_given_up() -> None:
    assert not is_given_up(None, NOW)
    assert not is_given_up(NOW - GIVE_UP_AFTER + timedelta(seconds=1), NOW)
    assert is_given_up(NOW - GIVE_UP_AFTER, NOW)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("40", 40),
        (" 7 ", 7),
        ("9" * 400, 3600),
        ("Mon, 16 Nov 2026 15:01:30 GMT", 90),
        ("Mon, 16 Nov 2026 14:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("123456789.5", None),
        ("-5", None),
        ("soon", None),
        ("²", None),
        ("", None),
    ],
)
def test_a_retry_after_is_read_in_both_its_forms(told: str, seconds: int | None) -> None:
    found = asked_for({"Retry-After": told, "Date": "Mon, 16 Nov 2026 15:00:00 GMT"})
    assert (found.total_seconds() if found is not None else None) == seconds


def test_a_moment_without_the_date_of_the_answer_says_nothing() -> None:
    assert asked_for({"Retry-After": "Mon, 16 Nov 2026 15:01:30 GMT"}) is None
