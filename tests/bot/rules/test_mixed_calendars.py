"""Days off in a mix of all forms, at every level of the file, as the clocks of a rep count them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.agreement import Agreement, default_agreement, loaded
from bot.rules.worktime import hours_for

BERLIN = ZoneInfo("Europe/Berlin")
MIXED = """holidays = ["US", "2026-12-28..2026-12-30", "12-31", { day = "12-24", open = "09:00-12:00" }]
except = ["Columbus Day", "2026-11-11"]
wind_down = "2d\""""


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    text = default_agreement().text.replace('holidays = "US"  ', MIXED + "\n#", 1)
    text = text.replace('assign  = "rotate"', 'assign  = "rotate"\nholidays = ["DE-BY", "2026-11-16"]', 1)
    return loaded(text).agreement


def worked(agreement: Agreement, team: str, rep: str, day: str) -> timedelta:
    """How much of a day somebody works."""
    found = agreement.team(team)
    assert found is not None
    begin = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=UTC)
    return hours_for(agreement, found, found.rep(rep)).between(begin, begin + timedelta(days=1, hours=6))


@pytest.mark.parametrize(
    ("team", "rep", "day", "hours"),
    [
        ("Enterprise", "U0REP1", "2026-11-26", 0),  # Thanksgiving
        ("Enterprise", "U0REP1", "2026-10-12", 8),  # an exception by name
        ("Enterprise", "U0REP1", "2026-11-11", 8),  # an exception by date
        ("Enterprise", "U0REP1", "2026-12-24", 3),  # a half day
        ("Enterprise", "U0REP1", "2026-12-29", 0),  # in the range
        ("Enterprise", "U0REP1", "2027-12-31", 0),  # each year
        ("Enterprise", "U0REP2", "2026-11-26", 8),  # the rep's own country
        ("Enterprise", "U0REP2", "2026-10-03", 0),
        ("Growth", "U0REP3", "2026-11-16", 0),  # the team's own list
        ("Growth", "U0REP3", "2026-11-26", 8),
        ("Growth", "U0REP3", "2026-12-24", 8),
    ],
)
def test_each_level_has_its_own_days_off(
    agreement: Agreement, team: str, rep: str, day: str, hours: int
) -> None:
    assert worked(agreement, team, rep, day) == timedelta(hours=hours)


def test_the_wind_down_of_the_office_holds_for_every_rep(agreement: Agreement) -> None:
    for team in agreement.teams:
        assert [str(agreement.hours_of(team, rep).wind_down) for rep in team.reps] == ["2d"] * len(team.reps)
