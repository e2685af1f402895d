"""A year of routing, made up by a seed: twelve reps in four zones, their shifts, absences, holidays and caps.

What must hold is looked at with means of its own: the clock on each rep's wall, and counts kept by hand.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest

from bot.agreement import Agreement, Rep, Team, parse_agreement
from bot.rules.candidates import Candidate, Facts, bar_of, candidates_of, need_of
from bot.rules.rotation import RotationState, expected_turns, give_back
from bot.rules.routing import Choice, choose, reassign
from bot.rules.spans import Span

LEADS = 5000
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
MINUTE = timedelta(minutes=1)
P1_CLOCK = 5 * MINUTE
JUNK = {"U0NY2": 0.5}
"""Who gets more than their share of what is no lead at all."""

SAMPLE = (Path(__file__).parents[1] / "data" / "sample_agreement.toml").read_text(encoding="utf-8")
REPS = """reps = [
  { user = "U0NY1", timezone = "America/New_York", capacity = 25, per_day = 6, holidays = "US" },
  { user = "U0NY2", timezone = "America/New_York", weight = 2, holidays = ["US"], except = ["Columbus Day"] },
  { user = "U0NY3", timezone = "America/New_York", open = "12:00", close = "20:00", holidays = [] },
  { user = "U0DE1", timezone = "Europe/Berlin", weight = 2, per_week = 8, holidays = "DE" },
  { user = "U0DE2", timezone = "Europe/Berlin", capacity = 12, holidays = ["DE-BY", "12-24..12-31"] },
  { user = "U0DE3", timezone = "Europe/Berlin", days = ["sun", "mon"], open = "22:00", close = "06:00" },
  { user = "U0IN1", timezone = "Asia/Kolkata", weight = 3, wind_down = "2d", holidays = ["01-26", "08-15"] },
  { user = "U0IN2", timezone = "Asia/Kolkata", days = ["tue", "wed", "thu", "fri", "sat"], holidays = [] },
  { user = "U0IN3", timezone = "Asia/Kolkata", capacity = 20, per_day = 4, holidays = [] },
  { user = "U0AU1", timezone = "Australia/Sydney", holidays = [{ day = "12-24", open = "09:00-12:00" }] },
  { user = "U0AU2", timezone = "Australia/Sydney", open = "07:00", close = "15:00", holidays = "AU-NSW" },
  { user = "U0AU3", timezone = "Australia/Sydney", mon = ["09:00-12:30", "13:30-17:00"], holidays = [] },
]"""


def agreement() -> Agreement:
    before, rest = SAMPLE.split("reps = [", 1)
    agreed = parse_agreement(f"{before}{REPS}{rest.split(']', 1)[1]}")
    team = agreed.teams[0].model_copy(update={"assign": "rotate"})
    return agreed.model_copy(update={"teams": (team,)})


@dataclass
class Lead:
    at: datetime
    priority: str
    company: int | None
    open_for: timedelta


@dataclass
class Year:
    """What is known of everybody as the year goes on."""

    random: random.Random
    agreed: Agreement
    absences: dict[str, tuple[Span, ...]]
    state: RotationState = field(default_factory=RotationState)
    given: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    closes: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    owners: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    turns: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    had: Counter[str] = field(default_factory=Counter)

    @property
    def team(self) -> Team:
        return self.agreed.teams[0]

    def open(self, rep: Rep, at: datetime) -> int:
        return sum(1 for closes in self.closes[rep.user] if closes > at)

    def given_since(self, rep: Rep, at: datetime, days: int) -> int:
        """Leads of this day, or since Monday, on the rep's wall."""
        today = wall(rep, at).date()
        first = today if days == 1 else today - timedelta(days=today.weekday())
        return len(list(takewhile(lambda day: day >= first, reversed(self.given[rep.user]))))

    def facts(self, lead: Lead, had: frozenset[str] = frozenset()) -> dict[str, Facts]:
        owner, deed = self.owners.get(lead.company or -1, ("", BEGIN))
        return {
            rep.user: Facts(
                self.open(rep, lead.at),
                self.given_since(rep, lead.at, 1),
                self.given_since(rep, lead.at, 7),
                self.absences[rep.user],
                held_before=rep.user in had,
                owns_company=rep.user == owner,
                company_deed_at=deed if rep.user == owner else None,
            )
            for rep in self.team.reps
        }

    def take(self, lead: Lead, rep: Rep) -> None:
        user = rep.user
        self.given[user].append(wall(rep, lead.at).date())
        self.closes[user] = [at for at in self.closes[user] if at > lead.at] + [lead.at + lead.open_for]
        if lead.company is not None:
            self.owners[lead.company] = (user, lead.at)


def made_up(seed: int) -> tuple[Year, list[Lead]]:
    chance, agreed = random.Random(seed), agreement()
    absences = {
        rep.user: tuple(
            Span(begins, begins + timedelta(hours=chance.choice((2, 24, 72, 200, 350))))
            for begins in (BEGIN + YEAR * chance.random() for _ in range(6))
        )
        for rep in agreed.teams[0].reps
    }
    leads = [
        Lead(
            BEGIN + YEAR * chance.random(),
            chance.choice(("P1", "P2", "P3", "P3")),
            chance.randrange(400) if chance.random() < 0.3 else None,
            timedelta(hours=chance.expovariate(1 / 150)),
        )
        for _ in range(LEADS)
    ]
    return Year(chance, agreed, absences), sorted(leads, key=lambda lead: lead.at)


# What is looked at with other means


def wall(rep: Rep, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(rep.timezone or "UTC")).replace(tzinfo=None)


PUBLIC: dict[str, tuple[holidays.HolidayBase, tuple[str, ...]]] = {
    "U0NY1": (holidays.country_holidays("US"), ()),
    "U0NY2": (holidays.country_holidays("US"), ("Columbus Day",)),
    "U0DE1": (holidays.country_holidays("DE"), ()),
    "U0DE2": (holidays.country_holidays("DE", subdiv="BY"), ()),
    "U0DE3": (holidays.country_holidays("US"), ()),  # the office's
    "U0AU2": (holidays.country_holidays("AU", subdiv="NSW"), ()),
}
OWN = {
    "U0DE2": {f"12-{day}" for day in range(24, 32)},
    "U0IN1": {"01-26", "08-15"},
}


def is_off(user: str, day: date) -> bool:
    public, but = PUBLIC.get(user, (None, ()))
    is_public = public is not None and day in public and public[day] not in but
    return is_public or f"{day:%m-%d}" in OWN.get(user, set())


def windows(rep: Rep, day: date) -> list[tuple[int, int]]:
    if is_off(rep.user, day):
        return []
    hours = rep.hours
    assert hours is not None
    if rep.user == "U0AU3" and day.weekday() == 0:
        return [(540, 750), (810, 1020)]
    names = hours.days or ("mon", "tue", "wed", "thu", "fri")
    if f"{day:%a}".lower() not in names:
        return []
    opens, closes = hours.open or 540, hours.close or 1020
    closes = 720 if rep.user == "U0AU1" and f"{day:%m-%d}" == "12-24" else closes
    return [(opens, closes if closes > opens else closes + 1440)]


def is_absent(year: Year, user: str, at: datetime) -> bool:
    return any(each.begins <= at and (each.ends is None or at < each.ends) for each in year.absences[user])


def is_at_work(year: Year, rep: Rep, at: datetime) -> bool:
    """By the clock on the rep's wall."""
    now = wall(rep, at)
    days = (now.date(), now.date() - timedelta(days=1))
    since = {day: (now - datetime.combine(day, time())) / MINUTE for day in days}
    open_ = any(start <= since[day] < end for day in days for start, end in windows(rep, day))
    return open_ and not is_absent(year, rep.user, at)


def is_barred(year: Year, rep: Rep, lead: Lead) -> bool:
    """Whether a cap or an absence keeps a rep from it; winding down is looked at elsewhere."""
    counts = (
        (year.open(rep, lead.at), rep.capacity),
        (year.given_since(rep, lead.at, 1), rep.per_day),
        (year.given_since(rep, lead.at, 7), rep.per_week),
    )
    full = any(most is not None and count >= most for count, most in counts)
    return full or is_absent(year, rep.user, lead.at)


def can_keep(year: Year, rep: Rep, at: datetime) -> bool:
    """Whether somebody is at work and stays so for as long as a P1 has."""
    return all(is_at_work(year, rep, at + n * MINUTE) for n in range(5)) and is_at_work(
        year, rep, at + P1_CLOCK - timedelta(seconds=1)
    )


def check(year: Year, lead: Lead, choice: Choice, candidates: list[Candidate]) -> None:
    reps = {rep.user: rep for rep in year.team.reps}
    able = [each for each in candidates if bar_of(each, reps[each.user]) is None]
    by_hand = {rep.user for rep in year.team.reps if not is_barred(year, rep, lead)}
    winding = {each.user for each in candidates if each.leaves_at is not None}
    assert winding <= {"U0IN1"}
    assert {each.user for each in able} == by_hand - winding
    if choice.user is None:
        assert not able
        return
    assert choice.user in by_hand - winding
    if lead.priority == "P1":
        others = by_hand - winding - {choice.user}
        assert can_keep(year, reps[choice.user], lead.at) or not any(
            can_keep(year, reps[user], lead.at) for user in others
        )
    else:
        chosen = next(each for each in candidates if each.user == choice.user)
        assert chosen.due <= min(each.due for each in able) + timedelta(hours=4)


def late(year: Year, lead: Lead, holder: str) -> None:
    """The ladder takes a lead that was not acted on from its holder, some time after."""
    again = Lead(lead.at + timedelta(minutes=year.random.randint(7, 600)), lead.priority, None, lead.open_for)
    need = need_of(year.agreed, year.team, again.priority, again.at)
    candidates = candidates_of(year.agreed, year.team, need, year.facts(again))
    choice = reassign(year.agreed, year.team, candidates, year.state, holder=holder, need=need)
    known = {each.user: each for each in candidates}
    assert choice.user != holder
    if choice.user is not None:
        assert known[choice.user].opens_at <= known[holder].opens_at
        reps = {rep.user: rep for rep in year.team.reps}
        others = [rep for rep in year.team.reps if rep.user != holder and not is_barred(year, rep, again)]
        awake = [
            rep.user for rep in others if is_at_work(year, rep, again.at) and not known[rep.user].leaves_at
        ]
        assert is_at_work(year, reps[choice.user], again.at) or not awake


@pytest.mark.parametrize("seed", [2026])
def test_in_a_whole_year_no_hot_lead_goes_to_the_sleeping_and_turns_are_fair(seed: int) -> None:
    year, leads = made_up(seed)
    reps, nobody = {rep.user: rep for rep in year.team.reps}, 0
    for number, lead in enumerate(leads):
        need = need_of(year.agreed, year.team, lead.priority, lead.at)
        candidates = candidates_of(year.agreed, year.team, need, year.facts(lead))
        choice = choose(year.agreed, year.team, candidates, year.state, need=need)
        check(year, lead, choice, candidates)
        if choice.user is None:
            nobody += 1
            continue
        if number % 10 == 0:
            late(year, lead, choice.user)
        year.state = choice.state
        year.take(lead, reps[choice.user])
        if choice.among and year.random.random() < JUNK.get(choice.user, 0.02):  # and the turn does not count
            year.state = give_back(year.state, choice.user)
        elif choice.among:
            year.turns.append((choice.user, dict(choice.among)))
            year.had[choice.user] += 1
    assert nobody < LEADS / 20
    due = expected_turns(among for _, among in year.turns)
    assert set(due) == {rep.user for rep in year.team.reps}
    for user, share in due.items():
        assert Fraction(10, 12) <= year.had[user] / share <= Fraction(12, 10), (user, year.had[user], share)
