from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.agreement import parse_agreement
from bot.agreement.stale import past_holidays

SAMPLE = (Path(__file__).parents[1] / "data" / "sample_agreement.toml").read_text(encoding="utf-8")
TODAY = date(2026, 11, 27)


def places(office: str, rep: str = "") -> list[str]:
    text = SAMPLE.replace('holidays = "US"', f"holidays = {office}")
    if rep:
        text = text.replace(
            'timezone = "Europe/Berlin" }', f'timezone = "Europe/Berlin", holidays = {rep} }}'
        )
    return [stale.place for stale in past_holidays(parse_agreement(text), TODAY)]


@pytest.mark.parametrize(
    ("written", "is_stale"),
    [
        ('["2025-12-25", "2026-11-26"]', True),
        ('["2025-12-25", "2026-11-27"]', False),
        ('["2025-12-24..2026-01-01"]', True),
        ('["2025-12-25", "DE"]', False),
        ('["2025-12-25", "12-25"]', False),
        ("[]", False),
        ('"US"', False),
    ],
)
def test_a_list_that_lies_wholly_in_the_past_is_told(written: str, is_stale: bool) -> None:
    assert places(written) == (["hours.holidays"] if is_stale else [])


def test_the_list_of_one_rep_is_told_with_its_place_and_its_last_day() -> None:
    assert places('"US"', '["2025-12-25"]') == ['teams[0] "Enterprise".reps[1].holidays']
    [stale] = past_holidays(
        parse_agreement(SAMPLE.replace('holidays = "US"', 'holidays = ["2025-12-25"]')), TODAY
    )
    assert str(stale).startswith("hours.holidays: the last of these days was 2025-12-25, so nobody is off")
