from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.agreement import Agreement, Rep, parse_agreement
from bot.agreement.vocabulary import ClockTime
from bot.rules.candidates import (
    NEVER,
    Candidate,
    Facts,
    bar_of,
    can_any,
    candidates_of,
    counted_from,
    need_of,
)
from bot.rules.spans import Span

SAMPLE = (Path(__file__).parents[1] / "data" / "sample_agreement.toml").read_text(encoding="utf-8")
AGREEMENT = parse_agreement(SAMPLE)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
ANN = Rep(user="U0ANN", timezone=BERLIN)
REPS = (ANN, Rep(user="U0BOB", timezone=NEW_YORK), Rep(user="U0CAT", timezone=BERLIN))


def agreement(more: dict[str, object] | None = None) -> Agreement:
    team = AGREEMENT.teams[0].model_copy(update={"reps": REPS})
    return AGREEMENT.model_copy(update={"teams": (team,), **(more or {})})


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def candidate(
    now: str, *absences: Span, priority: str = "P1", more: dict[str, object] | None = None
) -> Candidate:
    """Ann, who works from nine to five in Berlin."""
    agreed = agreement(more)
    team = agreed.teams[0]
    need = need_of(agreed, team, priority, berlin(now))
    return candidates_of(agreed, team, need, {"U0ANN": Facts(absences=absences)})[0]


def away(begins: str, ends: str | None) -> Span:
    return Span(berlin(begins), berlin(ends) if ends else None)


def told(it: Candidate) -> tuple[bool, str, str | None, str]:
    local = [
        f"{at.astimezone(ZoneInfo(BERLIN)):%a %H:%M}" if at else None
        for at in (it.opens_at, it.shift_ends, it.due)
    ]
    return it.on_shift, str(local[0]), local[1], str(local[2])


TUESDAY = "2026-11-24"
TIMES = [
    (f"{TUESDAY} 10:00", "P1", (True, "Tue 10:00", "Tue 17:00", "Tue 10:05")),
    (f"{TUESDAY} 16:58", "P1", (True, "Tue 16:58", "Tue 17:00", "Wed 09:03")),
    (f"{TUESDAY} 08:00", "P1", (False, "Tue 09:00", None, "Tue 09:05")),
    (f"{TUESDAY} 17:00", "P1", (False, "Wed 09:00", None, "Wed 09:05")),
    (f"{TUESDAY} 14:00", "P3", (True, "Tue 14:00", "Tue 17:00", "Wed 10:00")),
]


@pytest.mark.parametrize(("now", "priority", "expected"), TIMES)
def test_when_somebody_could_act_and_until_when(
    now: str, priority: str, expected: tuple[bool, str, str | None, str]
) -> None:
    assert told(candidate(now, priority=priority)) == expected


ABSENT = [
    # away now: from their return on
    ([away("2026-11-23 00:00", "2026-11-25 00:00")], (False, "Wed 09:00", None, "Wed 09:05")),
    ([away("2026-11-23 00:00", "2026-11-25 11:00")], (False, "Wed 11:00", None, "Wed 11:05")),
    # going before the clock falls due: it would be met when they are back
    ([away(f"{TUESDAY} 10:03", f"{TUESDAY} 12:00")], (True, "Tue 10:00", "Tue 10:03", "Tue 12:05")),
    # going after it: nothing changes but nothing else is promised
    ([away(f"{TUESDAY} 10:05", f"{TUESDAY} 12:00")], (True, "Tue 10:00", "Tue 17:00", "Tue 10:05")),
]


@pytest.mark.parametrize(("absences", "expected"), ABSENT)
def test_an_absence_moves_when_somebody_could_act(
    absences: list[Span], expected: tuple[bool, str, str | None, str]
) -> None:
    assert told(candidate(f"{TUESDAY} 10:00", *absences)) == expected


def test_an_absence_before_the_next_shift_moves_it() -> None:
    it = candidate(f"{TUESDAY} 08:00", away(f"{TUESDAY} 08:30", f"{TUESDAY} 12:00"))
    assert told(it) == (False, "Tue 12:00", None, "Tue 12:05")
    overnight = candidate(f"{TUESDAY} 18:00", away(f"{TUESDAY} 20:00", f"{TUESDAY} 22:00"))
    assert told(overnight) == (False, "Wed 09:00", None, "Wed 09:05")


def test_who_does_not_say_when_they_are_back_comes_last() -> None:
    now = berlin(f"{TUESDAY} 10:00")
    gone = candidate(f"{TUESDAY} 10:00", away("2026-11-23 00:00", None))
    assert (gone.away, gone.back_at, gone.due) == (True, None, now + NEVER)
    going = candidate(f"{TUESDAY} 10:00", away(f"{TUESDAY} 10:01", None))
    assert (going.away, going.on_shift, going.due) == (False, True, now + NEVER)


def test_who_winds_down_for_a_long_absence_takes_nothing_new() -> None:
    agreed = parse_agreement(SAMPLE.replace('holidays = "US"', 'holidays = "US"\nwind_down = "2d"'))
    team = agreed.teams[0]
    now = datetime(2026, 11, 24, 15, tzinfo=UTC)
    need = need_of(agreed, team, "P2", now)
    long = Facts(absences=(Span(now + timedelta(days=1), now + timedelta(days=9)),))
    short = Facts(absences=(Span(now + timedelta(days=1), now + timedelta(days=3)),))
    one, other = candidates_of(agreed, team, need, {"U0REP1": long, "U0REP2": short})
    assert (one.leaves_at, other.leaves_at) == (now + timedelta(days=1), None)
    assert bar_of(one, team.reps[0]) == "winding down for an absence"
    assert bar_of(other, team.reps[1]) is None


KNOWN = [
    Facts(),
    Facts(open_leads=1),
    Facts(given_today=2),
    Facts(given_this_week=3),
    Facts(left=True),
    Facts(held_before=True),
    Facts(absences=(away("2026-11-23 00:00", None),)),
    Facts(absences=(away(f"{TUESDAY} 12:00", "2026-12-12 00:00"),)),
    Facts(absences=(away(f"{TUESDAY} 12:00", f"{TUESDAY} 13:00"),)),
]


@pytest.mark.parametrize("known", KNOWN)
def test_somebody_can_take_a_lead_where_nothing_keeps_them_all_from_it(known: Facts) -> None:
    agreed = parse_agreement(SAMPLE.replace('holidays = "US"', 'holidays = "US"\nwind_down = "2d"'))
    capped = ANN.model_copy(update={"capacity": 1, "per_day": 2, "per_week": 3})
    team = agreed.teams[0].model_copy(update={"reps": (capped,)})
    need = need_of(agreed, team, "P2", berlin(f"{TUESDAY} 10:00"))
    (one,) = candidates_of(agreed, team, need, {"U0ANN": known})
    assert can_any(agreed, team, need, {"U0ANN": known}) == (bar_of(one, capped) is None)


@pytest.mark.parametrize(
    ("more", "on_shift", "due"),
    [
        ({"clock": ClockTime.WALL}, True, "Tue 22:05"),
        ({"p1_after_hours": True}, False, "Tue 22:05"),
        ({}, False, "Wed 09:05"),
    ],
)
def test_wall_time_and_p1_after_hours(more: dict[str, object], on_shift: bool, due: str) -> None:
    it = candidate(f"{TUESDAY} 22:00", more=more)
    assert (it.on_shift, told(it)[3]) == (on_shift, due)


def test_need_says_how_long_the_clock_is_and_whether_it_is_urgent() -> None:
    agreed, now = agreement(), berlin(f"{TUESDAY} 10:00")
    needs = [need_of(agreed, agreed.teams[0], priority, now) for priority in ("P1", "P3")]
    assert [(need.clock, need.urgent) for need in needs] == [
        (timedelta(minutes=5), True),
        (timedelta(hours=4), False),
    ]


def test_leads_of_a_day_and_a_week_are_counted_where_the_rep_is() -> None:
    now = datetime(2026, 11, 25, 3, tzinfo=UTC)  # Wednesday in Berlin, still Tuesday in New York
    assert counted_from(now, BERLIN) == (
        datetime(2026, 11, 24, 23, tzinfo=UTC),
        datetime(2026, 11, 22, 23, tzinfo=UTC),
    )
    assert counted_from(now, NEW_YORK) == (
        datetime(2026, 11, 24, 5, tzinfo=UTC),
        datetime(2026, 11, 23, 5, tzinfo=UTC),
    )
