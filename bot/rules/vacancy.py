"""A team in which nobody can take a lead: what keeps each of them, and when the first may be able again.

Pure: how the reps stand is told by the caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.agreement import Agreement, Rep, Team
from bot.rules.candidates import Bar, Candidate, bar_of, counted_from
from bot.rules.worktime import hours_for

_ANEW = {Bar.PER_DAY: timedelta(hours=36), Bar.PER_WEEK: timedelta(days=7, hours=12)}
"""How long after the day or the week began it is the next one for certain, and not yet the one after."""


@dataclass(frozen=True, slots=True)
class Vacancy:
    """That nobody can take a lead, why in words, and when the first may be able by the time alone.

    `until` is None where that is anybody's guess: hands that are full, an absence without an end.
    """

    why: str
    until: datetime | None


def vacancy_of(
    agreement: Agreement, team: Team, candidates: Sequence[Candidate], now: datetime
) -> Vacancy | None:
    """How the team stands at `now` (aware) if nobody in it can take a lead; None while somebody can."""
    reps = {rep.user: rep for rep in team.reps}
    members = [candidate for candidate in candidates if candidate.user in reps]
    if any(bar_of(candidate, reps[candidate.user]) is None for candidate in members):
        return None
    again = (_able_again(agreement, team, reps[each.user], each, now) for each in members)
    return Vacancy(nobody_because(members, reps), min(filter(None, again), default=None))


def nobody_because(members: Sequence[Candidate], reps: Mapping[str, Rep]) -> str:
    """What keeps all of them from taking a lead: how many for which reason."""
    if not members:
        return "Nobody can take it: the team is empty"
    bars = Counter(bar_of(candidate, reps[candidate.user]) for candidate in members)
    return "Nobody can take it: " + ", ".join(f"{count} {words}" for words, count in bars.items())


def _able_again(
    agreement: Agreement, team: Team, rep: Rep, candidate: Candidate, now: datetime
) -> datetime | None:
    bar = bar_of(candidate, rep)
    if bar is Bar.AWAY:
        return candidate.opens_at if candidate.back_at else None
    if bar not in _ANEW:
        return None
    zone = agreement.timezone_of(team, rep)
    begun = counted_from(now, zone)[bar is Bar.PER_WEEK]
    anew = counted_from(begun + _ANEW[bar], zone)[bar is Bar.PER_WEEK]
    return hours_for(agreement, team, rep).opens_next(anew)
