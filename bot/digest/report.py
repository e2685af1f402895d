"""The alignment report as a value: every figure that it shows, each with the key of the leads behind it.

It is what is stored, drawn, printed and exported; how it is made is the business of the files beside it.
Moments are aware UTC, times in seconds, amounts in hundredths of their currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from bot.metrics import Economics, Forecast, Rate, Sum


@dataclass(frozen=True, slots=True)
class About:
    """Which report this is: the period, and the campaign or team to which it is narrowed.

    `counted_to` is where counting stopped: the period's end, or when the report was made if that is earlier.
    """

    kind: str
    label: str
    title: str
    tz: str
    since: datetime
    until: datetime
    counted_to: datetime
    made_at: datetime
    agreement: str
    campaign: str | None = None
    team: str | None = None

    @property
    def so_far(self) -> bool:
        """Whether the period was not over yet."""
        return self.counted_to < self.until


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the funnel: its count, that of the period before and the mean of the four before, each
    seen at the same age, and the goal pro rata. None where there is nothing to compare with."""

    key: str
    name: str
    count: int
    before: int
    mean: float | None = None
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """One line of a scorecard: how far a promise was kept, now and in the period before.

    `goal` is a share. `none_because` says why there is nothing to judge.
    """

    name: str
    rate: Rate
    before: Rate
    goal: float | None = None
    none_because: str | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    """What marketing handed off, and what it had committed to, pro rata; None: nothing was agreed."""

    handed_off: int
    before: int
    committed: float | None
    none_because: str | None = None


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, in one kind of time: median and 90th percentile of `n`, in seconds."""

    n: int
    median: int
    p90: int


@dataclass(frozen=True, slots=True)
class Timing:
    """Time to one step, in business and in wall time, this period and before; business time by priority."""

    name: str
    business: Took | None
    wall: Took | None
    business_before: Took | None
    wall_before: Took | None
    by_priority: tuple[tuple[str, Took], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for rejection: its share of all rejections, and how often it was given before."""

    code: str
    label: str
    share: Rate
    before: int
    mean: float | None
    quality: bool


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One campaign: what it handed off and what became of it. `costs` are of the stretch in `costs_since`."""

    key: str
    name: str
    handed_off: int
    accepted: Rate
    rejected: Rate
    reasons: tuple[tuple[str, int], ...]
    pipeline: tuple[Sum, ...]
    revenue: tuple[Sum, ...]
    costs: Economics


@dataclass(frozen=True, slots=True)
class RepLine:
    """One rep of a team, for its manager: load, times and kept promises."""

    user: str
    team: str
    open_now: int
    accepted: int
    accept: Took | None
    touch: Took | None
    kept: Rate
    overturned: Rate


@dataclass(frozen=True, slots=True)
class Cause:
    """Breached clocks of one kind for one cause; `excused` ones count against nobody."""

    key: str
    cause: str
    clock: str
    count: int
    excused: bool


@dataclass(frozen=True, slots=True)
class Disputes:
    """What marketing answered to rejections in the period, and how managers ruled in it."""

    agreed: int
    resubmitted: int
    contested: int
    upheld: int
    overturned: int
    unruled: int


@dataclass(frozen=True, slots=True)
class Overturned:
    """Of the rulings on contested rejections for one reason, the share that overturned the rejection."""

    code: str
    label: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Noise:
    """Reminders that reached people: lines by what they said, the messages that carried them, the places.

    `acted` is the share of the lines whose commitment was met within a day of them.
    """

    lines: tuple[tuple[str, int], ...]
    messages: int
    people: int
    before: int
    acted: Rate


@dataclass(frozen=True, slots=True)
class Week:
    """Kept promises of both sides in one week."""

    label: str
    sales: Rate
    marketing: Rate


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to talk about: a sentence with its figures, and the leads behind it.

    `count` is the figure at `key`, `of` the one at `of_key`; without that, `of` is 0.
    """

    key: str
    sentence: str
    count: int
    of: int = 0
    of_key: str | None = None
    leads: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided over the last report, and how its figure stands since: `then` and `now` so many of so
    many."""

    what: str
    who: str | None
    until: date | None
    by: str
    sentence: str
    key: str
    then: tuple[int, int]
    now: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Goal:
    """One shared goal of the quarter and where it leads.

    `more_mqls` would close what is missing at today's rates; `best` is the campaign of which fewer would.
    """

    forecast: Forecast
    more_mqls: int | None = None
    best: str | None = None
    best_mqls: int | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class DigestReport:
    """All of it. Tuples are in the order in which they are shown, and already cut to what matters."""

    about: About
    opening: str
    decided: tuple[Decided, ...]
    volume: Volume
    marketing: tuple[Promise, ...]
    sales: tuple[Promise, ...]
    funnel: tuple[Stage, ...]
    rates: tuple[tuple[str, Rate], ...]
    timings: tuple[Timing, ...]
    reasons: tuple[Reason, ...]
    campaigns: tuple[CampaignLine, ...]
    campaigns_left_out: int
    costs_since: date
    pipeline: tuple[Sum, ...]
    revenue: tuple[Sum, ...]
    velocity: tuple[tuple[str | None, float], ...]
    causes: tuple[Cause, ...]
    disputes: Disputes
    overturned: tuple[Overturned, ...]
    noise: Noise
    merged: int
    trend: tuple[Week, ...]
    agenda: tuple[Point, ...]
    goals: tuple[Goal, ...]
    goals_words: str | None
    reps: tuple[RepLine, ...] = ()
    calibration: tuple[str, ...] = ()


_JSON: TypeAdapter[DigestReport] = TypeAdapter(DigestReport)


def to_json(report: DigestReport) -> dict[str, Any]:
    """The report as a JSON object, with the value of each rate or null where there are too few."""
    found: dict[str, Any] = _JSON.dump_python(report, mode="json")
    return found


def from_json(stored: dict[str, Any]) -> DigestReport:
    """The report that `to_json` made."""
    return _JSON.validate_python(stored, strict=False)
