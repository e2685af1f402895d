"""Why each rep of a team has a lead, or has it not, in words: "shift ends in 2 min, due tomorrow 9:05".

Pure; who the reps are called is for whoever shows it. The choice itself is made in routing.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.agreement import Agreement, Rep, Team
from bot.rules.candidates import Bar, Candidate, Need, bar_of
from bot.rules.routing import Choice, in_the_running

_SOON = timedelta(hours=1)
_MOMENT = re.compile(r"\{(\d{4}-[^}]+)\}")


@dataclass(frozen=True, slots=True)
class Because:
    """Why a rep has the lead (`chosen`), could have had it (`able`), or could not."""

    user: str
    words: str
    chosen: bool
    able: bool


def why_each(
    agreement: Agreement,
    team: Team,
    candidates: Sequence[Candidate],
    choice: Choice,
    need: Need,
    timezone: str | None = None,
) -> tuple[Because, ...]:
    """A reason for every rep of the team, in its order; times as in this IANA time zone, seen at `need.now`.

    `candidates` and `choice` are those of the one decision. Without a time zone the moments in the words wait
    for whoever reads them: `in_zone` puts them in.
    """
    known = {candidate.user: candidate for candidate in candidates}
    members = [(known[rep.user], rep) for rep in team.reps if rep.user in known]
    able = [candidate for candidate, rep in members if bar_of(candidate, rep) is None]
    turns = dict(choice.among)  # who takes a lead over from somebody has to be sooner than who had it
    running = {each.user: each for each in able if each.user in turns} or in_the_running(able, need)
    told = _Told(need, ZoneInfo(timezone) if timezone else None)
    owns = agreement.routing.company_owner is not None
    return tuple(told.of(candidate, rep, choice, running, owns=owns) for candidate, rep in members)


@dataclass(frozen=True, slots=True)
class KeptChoice:
    """A choice as it was made: when, for whom and why, and what there was to say of each rep of the team.

    The moments in the words wait for their reader, as `in_zone` puts them in.
    """

    at: datetime
    user: str | None
    why: str
    instead_of: str | None
    each: tuple[Because, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> KeptChoice:
        """Read what `decided` wrote."""
        each = tuple(Because(user, words, user == data["user"], able) for user, words, able in data["each"])
        at = datetime.fromisoformat(data["at"])
        return cls(at, data["user"], data["why"], data.get("instead_of"), each)


def decided(choice: Choice, need: Need, each: Sequence[Because]) -> dict[str, Any]:
    """A choice and its reasons as JSON, to be kept with the handoff."""
    return {
        **{"at": need.now.isoformat(), "user": choice.user, "why": choice.why},
        **({"instead_of": choice.instead_of} if choice.instead_of else {}),
        "each": [[one.user, one.words, one.able] for one in each],
    }


def clock_words(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """`9:05`, `tomorrow 9:05`, `Mon 9:05`, `Mon 30 Nov 9:05`: as short as it can be and still be clear."""
    there, here = at.astimezone(zone), now.astimezone(zone)
    ahead = (there.date() - here.date()).days
    clock = f"{there.hour}:{there:%M}"
    if ahead == 0:
        return clock
    if ahead == 1:
        return f"tomorrow {clock}"
    return f"{there:%a} {clock}" if 0 < ahead < 7 else f"{there:%a} {there.day} {there:%b} {clock}"


def in_zone(words: str, at: datetime, timezone: str) -> str:
    """The words of a decision made at a moment, with the times as in this IANA time zone."""
    zone = ZoneInfo(timezone)
    return _MOMENT.sub(lambda found: clock_words(datetime.fromisoformat(found[1]), at, zone), words)


@dataclass(frozen=True, slots=True)
class _Told:
    need: Need
    zone: ZoneInfo | None

    def of(
        self, it: Candidate, rep: Rep, choice: Choice, running: Mapping[str, Candidate], *, owns: bool
    ) -> Because:
        chosen, bar = it.user == choice.user, bar_of(it, rep)
        if chosen:
            words = choice.why
        elif bar is not None:
            words = _BARRED[bar](self, it, rep)
        elif it.user in running:
            words = f"could take it, {self._load(it, rep)}; it was not their turn"
        else:
            words = self._late(it)
        if owns and it.is_company_owner and not chosen:
            words = f"owns the company, but: {words}"
        return Because(it.user, words, chosen, bar is None)

    def at(self, moment: datetime) -> str:
        return (
            f"{{{moment.isoformat()}}}"
            if self.zone is None
            else clock_words(moment, self.need.now, self.zone)
        )

    def _late(self, it: Candidate) -> str:
        """Why somebody able is not in the running: their clock would fall due too late."""
        due = f"due {self.at(it.due)}"
        if not it.on_shift:
            return f"starts {self.at(it.opens_at)}, {due}"
        if it.shift_ends is None or it.due <= it.shift_ends:
            return due
        left = it.shift_ends - self.need.now
        ends = (
            f"in {round(left / timedelta(minutes=1))} min" if left < _SOON else f"at {self.at(it.shift_ends)}"
        )
        return f"shift ends {ends}, {due}"

    @staticmethod
    def _load(it: Candidate, rep: Rep) -> str:
        return f"{it.open_leads} open" if rep.capacity is None else f"{it.open_leads} of {rep.capacity} open"

    def away(self, it: Candidate, _rep: Rep) -> str:
        return f"away until {self.at(it.back_at)}" if it.back_at else "away"

    def leaves(self, it: Candidate, _rep: Rep) -> str:
        if it.leaves_at is None:
            return str(Bar.WINDING_DOWN)
        return f"away from {self.at(it.leaves_at)} on, takes no new leads before"


_BARRED: dict[Bar, Callable[[_Told, Candidate, Rep], str]] = {
    Bar.LEFT: lambda _told, _it, _rep: str(Bar.LEFT),
    Bar.AWAY: _Told.away,
    Bar.WINDING_DOWN: _Told.leaves,
    Bar.HELD_BEFORE: lambda _told, _it, _rep: str(Bar.HELD_BEFORE),
    Bar.FULL: lambda _told, it, rep: f"at capacity, {it.open_leads} of {rep.capacity} open",
    Bar.PER_DAY: lambda _told, it, rep: f"had {it.given_today} today, at most {rep.per_day} a day",
    Bar.PER_WEEK: lambda _told, it, rep: f"had {it.given_this_week} this week, at most {rep.per_week} a week",
}
