"""The alignment report as a value: every figure that it shows, each with the key of the leads behind it.

It is what is stored, drawn, printed and exported; how it is made is the business of the files beside it.
Moments are aware UTC, times in seconds, amounts in hundredths of their currency.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from bot.metrics import Forecast, Place, Rate, Took, Value, shown_in

WHOLE = (
    Place.MARKETING,
    Place.SALES,
    Place.FUNNEL,
    Place.RATES,
    Place.TIMES,
    Place.DEALS,
    Place.DISPUTES,
    Place.REMINDERS,
)
"""The places whose figures are of the whole period."""


@dataclass(frozen=True, slots=True)
class About:
    """Which report this is: the period, and the campaign or team to which it is narrowed.

    `counted_to` is where counting stopped: the period's end, or when the report was made if that is earlier.
    `first_day` is the day of the very first handoff, in the zone `tz`: there are no data from before it.
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
    first_day: date | None = None

    @property
    def so_far(self) -> bool:
        """Whether the period was not over yet."""
        return self.counted_to < self.until

    @property
    def data_since(self) -> date | None:
        """The first day with data, where it lies in the period and is not its first; else None."""
        first = self.since.astimezone(ZoneInfo(self.tz)).date()
        return self.first_day if self.first_day is not None and self.first_day > first else None

    @property
    def has_data(self) -> bool:
        """Whether the period reaches to the time of which there are data."""
        last = (self.until - timedelta(microseconds=1)).astimezone(ZoneInfo(self.tz)).date()
        return self.first_day is not None and self.first_day <= last


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the table, with its value: now, in the period before, and as it should be.

    `usual` is the mean of the four periods before, each seen at the same age. `parts` are times by priority.
    None where there is nothing to compare with. `why_not` says why there is nothing to judge.
    """

    figure: str
    now: Value
    before: Value | None = None
    usual: int | None = None
    goal: float | None = None
    why_not: str | None = None
    parts: tuple[tuple[str, Took], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for rejection: its share of all rejections, how often it was given before, and usually."""

    code: str
    label: str
    share: Rate
    before: int | None
    usual: int | None
    quality: bool


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One campaign: its figures, those of `costs_since` among them, and why its leads were rejected."""

    name: str
    lines: tuple[Line, ...]
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RepLine:
    """One rep of a team, for its manager."""

    user: str
    team: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """Deals by their own date, and how many of them came from the leads that the funnel follows."""

    opened: int
    opened_of_cohort: int
    won: int
    won_of_cohort: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Breached clocks of one kind for one cause; `excused` ones count against nobody."""

    key: str
    cause: str
    clock: str
    count: int
    excused: bool


@dataclass(frozen=True, slots=True)
class Overturned:
    """Of the contested rejections for one reason that were decided, the share that was overturned."""

    code: str
    label: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Reminders:
    """Reminders that reached people: how many by what they said, in how many messages, to how many people."""

    by_kind: tuple[tuple[str, int], ...]
    messages: int
    people: int


@dataclass(frozen=True, slots=True)
class Week:
    """SLAs met by both sides in one week."""

    label: str
    sales: Rate
    marketing: Rate


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to talk about: what happened, with its figures and the leads behind it, and what to do.

    `count` is the figure at `key`, `of` the one at `of_key`; without that, `of` is 0.
    """

    key: str
    sentence: str
    count: int
    of: int = 0
    of_key: str | None = None
    leads: tuple[int, ...] = ()
    todo: str = ""


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
class AgreedChange:
    """A change of the agreement that both sides signed: in words (mrkdwn), who, and since when it holds."""

    says: tuple[str, ...]
    by: str
    signed: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Foretold:
    """What was foretold of a version for its first `days`, and what came: pairs in this order.

    Counts are of handoffs and of the SLAs that sales missed, foretold with 95 % certainty between two bounds;
    `at_least`: of some commitments nobody could tell. `accepted` is of those that were decided.
    """

    version: str
    days: int
    handoffs: tuple[int, int]
    missed: tuple[int, int]
    missed_between: tuple[int, int]
    at_least: bool
    accepted: tuple[Rate, Rate]


@dataclass(frozen=True, slots=True)
class Goal:
    """One shared goal of the quarter and where it leads.

    `more_mqls` would close what is missing at today's rates; `best` is the campaign of which fewer would.
    Not `foretold`: there are too few days with data, and `words` says so.
    """

    forecast: Forecast
    more_mqls: int | None = None
    best: str | None = None
    best_mqls: int | None = None
    words: str | None = None
    foretold: bool = True


@dataclass(frozen=True, slots=True)
class DigestReport:
    """All of it. Tuples are in the order in which they are shown, and already cut to what matters."""

    about: About
    opening: str
    decided: tuple[Decided, ...]
    lines: tuple[Line, ...]
    reasons: tuple[Reason, ...]
    campaigns: tuple[CampaignLine, ...]
    campaigns_left_out: int
    costs_since: date
    dated: Dated
    velocity: tuple[tuple[str | None, float], ...]
    causes: tuple[Cause, ...]
    overturned: tuple[Overturned, ...]
    reminders: Reminders
    merged: int
    trend: tuple[Week, ...]
    agenda: tuple[Point, ...]
    goals: tuple[Goal, ...]
    goals_words: str | None
    reps: tuple[RepLine, ...] = ()
    calibration: tuple[str, ...] = ()
    advised_line: str | None = None  # the line for MQLs that the calibration proposes
    agreed: tuple[AgreedChange, ...] = ()  # in the period
    foretold: Foretold | None = None
    removed: tuple[int, int] = (0, 0)  # people erased in the period: by age, and on request

    def at(self, *places: Place) -> tuple[Line, ...]:
        """The lines that are shown in these places."""
        return lines_at(self.lines, *places)

    def line(self, figure: str) -> Line:
        """The line of a figure of the whole report. Raises StopIteration for a figure that it has not."""
        return next(line for line in self.lines if line.figure == figure)


def lines_at(lines: Iterable[Line], *places: Place) -> tuple[Line, ...]:
    """Those that are shown in these places, in the order of the table of figures."""
    by_key = {line.figure: line for line in lines}
    return tuple(by_key[figure.key] for figure in shown_in(*places) if figure.key in by_key)


_JSON: TypeAdapter[DigestReport] = TypeAdapter(DigestReport)


def to_json(report: DigestReport) -> dict[str, Any]:
    """The report as a JSON object, with the value of each rate or null where there are too few."""
    found: dict[str, Any] = _JSON.dump_python(report, mode="json")
    return found


def from_json(stored: dict[str, Any]) -> DigestReport:
    """The report that `to_json` made. Raises ValidationError for one that another version of Baton made."""
    return _JSON.validate_python(stored, strict=False)


_AGENDA: TypeAdapter[tuple[Point, ...]] = TypeAdapter(tuple[Point, ...])


def agenda_of(stored: dict[str, Any]) -> tuple[Point, ...]:
    """The agenda of a stored report, whatever version of Baton made it."""
    return _AGENDA.validate_python(stored.get("agenda", ()), strict=False)
