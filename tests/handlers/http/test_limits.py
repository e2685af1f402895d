"""How often one caller may come."""

from __future__ import annotations

import pytest

from handlers.http.limits import Pace, network_of


def test_a_burst_goes_through_and_the_next_waits() -> None:
    pace = Pace(50, 50)
    assert [pace.wait("a", 100.0) for _ in range(50)] == [0.0] * 50
    assert pace.wait("a", 100.0) == pytest.approx(0.02)
    assert pace.wait("b", 100.0) == 0.0


def test_what_was_used_comes_back_steadily_and_no_more_than_the_burst() -> None:
    pace = Pace(10, 5)
    assert sum(pace.wait("a", 0.0) == 0 for _ in range(9)) == 5
    assert sum(pace.wait("a", 0.2) == 0 for _ in range(9)) == 2
    assert sum(pace.wait("a", 100.0) == 0 for _ in range(9)) == 5


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    pace = Pace(1, 1)
    assert pace.wait("a", 100.0) == 0
    assert pace.wait("a", 50.0) > 0


def test_no_more_keys_are_remembered_than_fit() -> None:
    pace = Pace(1, 1)
    for number in range(20_000):
        pace.wait(str(number), 0.0)
    assert len(pace._left) == 10_000


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_as_much_of_it_as_one_person_has(address: str, network: str) -> None:
    assert network_of(address) == network
