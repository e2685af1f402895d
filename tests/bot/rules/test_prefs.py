from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.prefs import QUIET_HOURS, NudgeBy, Prefs, known_zone, prefs_of, quiet_until
from storage.models import Person

BERLIN = "Europe/Berlin"


def row(**prefs: Any) -> Person:
    return cast(Person, SimpleNamespace(prefs=prefs))


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ({}, Prefs()),
        ({"nudges": "thread"}, Prefs(nudges=NudgeBy.THREAD)),
        ({"nudges": "pigeon", "quiet": "always", "digest": None}, Prefs()),
        ({"digest": False, "quiet": "20:00-08:00"}, Prefs(digest=False, quiet="20:00-08:00")),
    ],
)
def test_what_is_no_choice_is_the_default(told: dict[str, Any], means: Prefs) -> None:
    assert prefs_of(row(**told)) == means


def test_of_somebody_unknown_the_default_holds() -> None:
    assert prefs_of(None) == Prefs()


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        ("20:00-08:00", "2026-11-16 20:00", "2026-11-17 08:00"),
        ("20:00-08:00", "2026-11-17 07:59", "2026-11-17 08:00"),
        ("20:00-08:00", "2026-11-17 08:00", None),
        ("20:00-08:00", "2026-11-17 12:00", None),
        ("12:00-13:00", "2026-11-17 12:30", "2026-11-17 13:00"),
        ("12:00-13:00", "2026-11-17 13:00", None),
        (None, "2026-11-17 03:00", None),
    ],
)
def test_quiet_hours_end_when_they_should(quiet: str | None, now: str, until: str | None) -> None:
    def berlin(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}+01:00").astimezone(UTC)

    assert quiet_until(Prefs(quiet=quiet), BERLIN, berlin(now)) == (berlin(until) if until else None)


@given(
    quiet=st.sampled_from(QUIET_HOURS),
    minute=st.integers(0, 60 * 24 * 400),
    zone=st.sampled_from([BERLIN, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_quiet_hours_end_ahead_and_nobody_is_in_them_then(quiet: str, minute: int, zone: str) -> None:
    now = datetime.fromtimestamp(1_790_000_000 + minute * 60, UTC)
    prefs = Prefs(quiet=quiet)
    until = quiet_until(prefs, zone, now)
    if until is not None:
        assert now < until
        assert quiet_until(prefs, zone, until) is None


def test_a_zone_that_this_system_does_not_know_is_none() -> None:
    assert known_zone("Europe/Berlin") == "Europe/Berlin"
    for unknown in (None, "", "Mars/Olympus", "../etc/passwd"):
        assert known_zone(unknown) is None
