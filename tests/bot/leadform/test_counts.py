"""Since when a count has its value: what its points decay from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.leadform.counts import told_moments

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=10)


@pytest.mark.parametrize(
    ("known", "told", "moment"),
    [
        ({}, {"visits": "7"}, NOW),
        ({"visits": "7"}, {"visits": "7"}, BEFORE),
        ({"visits": "7"}, {"visits": 7}, BEFORE),
        ({"visits": "7"}, {"Visits": "7"}, BEFORE),
        ({"visits": "7"}, {"visits": "8"}, NOW),
        ({"visits": "7"}, {"visits": "many"}, BEFORE),
        ({"visits": "7"}, {"page_views": "7"}, BEFORE),
    ],
)
def test_a_count_has_the_moment_of_the_record_that_told_it_first(
    known: dict[str, Any], told: dict[str, Any], moment: datetime
) -> None:
    moments = dict.fromkeys(known, BEFORE)
    assert told_moments(known, told, moments, NOW)["visits"] == moment


def test_a_count_under_the_name_of_its_sender_is_known_by_its_own_too() -> None:
    assert told_moments({}, {"Number of Sessions": "7"}, {}, NOW) == {"numberofsessions": NOW, "visits": NOW}
