"""What another agreement would have changed: in figures, each with its leads, and in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.metrics.values import share_interval
from bot.replay.comparing import Compared, Course
from bot.replay.estimating import Estimate, PastTimes, expected, guessed_kinds
from bot.replay.record import Record
from bot.replay.running import Replayed
from storage.models import ClockKind

_SALES = (ClockKind.ACCEPT, ClockKind.FIRST_TOUCH, ClockKind.OUTCOME)
_NEVER = datetime.min.replace(tzinfo=UTC)
POOL = "nobody yet"
"""Who has what waits for the first to accept."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A count, and the leads behind it."""

    leads: tuple[int, ...] = ()

    @property
    def n(self) -> int:
        """How many."""
        return len(self.leads)

    def to_json(self) -> dict[str, Any]:
        """As `replay --format json` gives it."""
        return {"n": self.n, "leads": list(self.leads)}


@dataclass(frozen=True, slots=True)
class Missed:
    """The commitments that were missed, and would have been: those known for sure, and those expected."""

    recorded: Figure
    known: Figure
    estimated: Estimate
    unknown: int = 0  # of which nobody has any past times to go by

    @property
    def replayed(self) -> float:
        """All that are expected."""
        return self.known.n + self.estimated.mean

    def to_json(self) -> dict[str, Any]:
        """As `replay --format json` gives it."""
        return {
            "recorded": self.recorded.to_json(),
            "known": self.known.to_json(),
            "estimated": self.estimated.to_json(),
            "unknown": self.unknown,
        }


@dataclass(frozen=True, slots=True)
class Alike:
    """What became of the leads like those that would have been handed off too: `n` were decided."""

    n: int
    accepted: int

    def to_json(self) -> dict[str, Any]:
        """As `replay --format json` gives it; no share where there is none."""
        low, high = share_interval(self.accepted, self.n)
        share = {"low": round(low, 3), "high": round(high, 3)} if self.n else {}
        return {"n": self.n, "accepted": self.accepted, **share}


@dataclass(frozen=True, slots=True)
class Side:
    """A team or a rep: the leads they had and would have had, and what they missed."""

    name: str
    recorded: Figure
    replayed: Figure
    missed: Missed

    def to_json(self) -> dict[str, Any]:
        """As `replay --format json` gives it."""
        return {
            "name": self.name,
            "recorded": self.recorded.to_json(),
            "replayed": self.replayed.to_json(),
            "missed": self.missed.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it. `versions` were in force in the period, `unknown` says what cannot be known, in words.

    `faithful_from`: from when on the history keeps all that a replay asks, None from its beginning; the leads
    `estimated` are judged by what is known of them later.
    """

    version: str
    since: datetime
    until: datetime
    recorded: Figure
    replayed: Figure
    same: int
    more: Figure
    alike: Alike
    fewer: Figure
    fewer_accepted: Figure
    fewer_won: Figure
    moved: tuple[tuple[str, str, Figure], ...]
    missed: Missed
    reminders: tuple[int, int]
    teams: tuple[Side, ...]
    reps: tuple[Side, ...]
    versions: tuple[str, ...] = ()
    unknown: tuple[tuple[str, Figure], ...] = field(default=())
    faithful_from: datetime | None = None
    estimated: Figure = field(default_factory=Figure)

    @property
    def all_same(self) -> bool:
        """Whether everything comes out as it was recorded."""
        return self.same == self.recorded.n == self.replayed.n

    def to_json(self) -> dict[str, Any]:
        """As `replay --format json` gives it."""
        return {
            "version": self.version,
            "from": self.since.isoformat(),
            "to": self.until.isoformat(),
            "versions": list(self.versions),
            "faithful_from": self.faithful_from and self.faithful_from.isoformat(),
            "estimated": self.estimated.to_json(),
            "handoffs": {"recorded": self.recorded.n, "replayed": self.replayed.n, "same": self.same},
            "more": {**self.more.to_json(), "lookalikes": self.alike.to_json()},
            "fewer": {
                **self.fewer.to_json(),
                "accepted": self.fewer_accepted.to_json(),
                "won": self.fewer_won.to_json(),
            },
            "moved": [
                {"from": before, "to": after, **figure.to_json()} for before, after, figure in self.moved
            ],
            "missed": self.missed.to_json(),
            "reminders": {"recorded": self.reminders[0], "replayed": self.reminders[1]},
            "teams": [each.to_json() for each in self.teams],
            "reps": [each.to_json() for each in self.reps],
            "unknown": [{"why": why, **figure.to_json()} for why, figure in self.unknown],
        }


def summarise(
    record: Record,
    replayed: Replayed,
    compared: Sequence[Compared],
    version: str,
    since: datetime,
    until: datetime,
) -> Summary:
    """What came of a replay over a period."""
    times = PastTimes(record)
    more = [each for each in compared if each.recorded is None]
    fewer = [each for each in compared if each.replayed is None]
    moved: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in compared:
        if each.recorded and each.replayed and each.recorded.team != each.replayed.team:
            moved[each.recorded.team, each.replayed.team].append(each.lead)
    both = sorted(moved.items(), key=lambda one: (-len(one[1]), one[0]))
    steps = Counter[str]()
    for each in compared:
        steps["recorded"] += len(each.recorded.steps) if each.recorded else 0
        steps["replayed"] += len(each.replayed.steps) if each.replayed else 0
    return Summary(
        version,
        since,
        until,
        _figure(each for each in compared if each.recorded),
        _figure(each for each in compared if each.replayed),
        sum(each.same for each in compared),
        _figure(more),
        _alike(record, more),
        _figure(fewer),
        _figure(each for each in fewer if each.row is not None and each.row.accepted_at is not None),
        _figure(each for each in fewer if each.row is not None and each.row.won_at is not None),
        tuple((before, after, Figure(tuple(leads))) for (before, after), leads in both),
        _missed(times, compared),
        (steps["recorded"], steps["replayed"]),
        _sides(times, compared, by_team=True),
        _sides(times, compared, by_team=False),
        _in_force(record, since, until),
        _unknown(record, replayed, since, until),
        record.faithful_from,
        _estimated(record, since, until),
    )


def _estimated(record: Record, since: datetime, until: datetime) -> Figure:
    """The leads handed off in the period of which a later record changed what the history does not say."""
    handed = [row for row in record.handoffs.values() if not row.history and since <= row.handed_at < until]
    late = (row.lead_id for row in handed if row.handed_at <= record.blurred.get(row.lead_id, _NEVER))
    return Figure(tuple(dict.fromkeys(late)))


def _figure(found: Iterable[Compared]) -> Figure:
    return Figure(tuple(each.lead for each in found))


def _alike(record: Record, more: Sequence[Compared]) -> Alike:
    """Leads of the same grades that were handed off all the same, because somebody said so or they came by
    themselves later, and were decided."""
    grades = {each.replayed.grade for each in more if each.replayed is not None}
    decided = [
        row
        for row in record.handoffs.values()
        if row.grade in grades and (row.accepted_at is not None or row.rejected_at is not None)
    ]
    return Alike(len(decided), sum(row.accepted_at is not None for row in decided))


def _missed(times: PastTimes, compared: Sequence[Compared], *, whose: str | None = None) -> Missed:
    """What sales missed; `whose`: of one rep alone."""
    recorded: list[int] = []
    known: list[int] = []
    chances: list[tuple[float, int, str]] = []
    unknown = 0
    for each in compared:
        guessed = guessed_kinds(each.found) if each.found is not None else frozenset()
        recorded += [each.lead] * _breaches(each.recorded, whose)
        known += [each.lead] * _breaches(each.replayed, whose, guessed)
        for kind in guessed:
            chance = _chance(times, each, kind, whose)
            if chance is not None and chance[1] == 0:
                unknown += 1
            elif chance is not None:
                chances.append(chance)
    return Missed(Figure(tuple(recorded)), Figure(tuple(known)), expected(chances), unknown)


def _breaches(course: Course | None, whose: str | None, guessed: frozenset[ClockKind] = frozenset()) -> int:
    """How many commitments of sales were missed that are no guess; `whose`: by one rep alone."""
    return sum(
        breach.clock in _SALES and breach.clock not in guessed and whose in (None, breach.owner or POOL)
        for breach in (course.breaches if course is not None else ())
    )


def _chance(
    times: PastTimes, each: Compared, kind: ClockKind, whose: str | None
) -> tuple[float, int, str] | None:
    """How likely a commitment is missed that nobody knows of; None where it is none, or somebody else's."""
    found = each.found
    if found is None:
        return None
    ran = next((clock for clock in reversed(found.clocks) if clock.kind is kind), None)
    owner = (ran.owner if ran is not None else None) or found.owner
    if whose is not None and (owner or POOL) != whose:
        return None
    if ran is not None:
        length = ran.clock.duration
    else:
        targets = found.book.current.sla.get(found.priority)
        if targets is None or kind is not ClockKind.FIRST_TOUCH:
            return None
        length = targets.first_touch.wall()
    likely = times.misses(owner, kind, length)
    return (*likely, owner or POOL) if likely is not None else (0.0, 0, owner or POOL)


def _sides(times: PastTimes, compared: Sequence[Compared], *, by_team: bool) -> tuple[Side, ...]:
    recorded: dict[str, list[Compared]] = defaultdict(list)
    replayed: dict[str, list[Compared]] = defaultdict(list)
    for each in compared:
        for course, found in ((each.recorded, recorded), (each.replayed, replayed)):
            if course is not None:
                found[course.team if by_team else course.owner or POOL].append(each)
    concern = {} if by_team else _by_rep(compared)
    sides = []
    for name in sorted({*recorded, *replayed}):
        if by_team:
            theirs = [
                each
                for each in compared
                if name in {course.team for course in (each.recorded, each.replayed) if course is not None}
            ]
            missed = _missed(times, [_only(each, name) for each in theirs])
        else:
            missed = _missed(times, concern[name], whose=name)
        sides.append(Side(name, _figure(recorded[name]), _figure(replayed[name]), missed))
    return tuple(sides)


def _by_rep(compared: Sequence[Compared]) -> Mapping[str, Sequence[Compared]]:
    """The handoffs that each rep had at any time, recorded or replayed."""
    found: dict[str, list[Compared]] = defaultdict(list)
    for each in compared:
        owners = [breach.owner for breach in each.recorded.breaches] if each.recorded else []
        if each.found is not None:
            owners += [each.found.owner, *(ran.owner for ran in each.found.clocks)]
        for name in {owner or POOL for owner in owners}:
            found[name].append(each)
    return found


def _only(each: Compared, team: str) -> Compared:
    """The handoff as far as it is this team's."""
    replayed = each.replayed if each.replayed is not None and each.replayed.team == team else None
    recorded = each.recorded if each.recorded is not None and each.recorded.team == team else None
    return Compared(each.lead, each.handoff, replayed, recorded, each.found if replayed else None, each.row)


def _in_force(record: Record, since: datetime, until: datetime) -> tuple[str, ...]:
    began = [version for moment, version in record.in_force if moment < since][-1:]
    within = [version for moment, version in record.in_force if since <= moment < until]
    return tuple(dict.fromkeys(record.books[version].current.version for version in (*began, *within)))


def _unknown(
    record: Record, replayed: Replayed, since: datetime, until: datetime
) -> tuple[tuple[str, Figure], ...]:
    why: dict[str, list[int]] = defaultdict(list)
    handed = {row.lead_id for row in record.handoffs.values() if since <= row.handed_at < until}
    for lead, reason in replayed.unknown.items():
        if lead in handed:
            why[reason].append(lead)
    found = [(reason, Figure(tuple(leads))) for reason, leads in sorted(why.items())]
    for version, reason in record.gone.items():
        leads = tuple(row.lead_id for row in record.handoffs.values() if row.agreement_id == version)
        found.append((reason, Figure(leads)))
    return tuple(found)
