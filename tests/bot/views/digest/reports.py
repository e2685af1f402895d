"""Reports for the tests of their views: an ordinary week, an empty one, and the most that can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.digest.report import (
    WHOLE,
    About,
    CampaignLine,
    Cause,
    Dated,
    Decided,
    DigestReport,
    Foretold,
    Goal,
    Line,
    Overturned,
    Point,
    Reason,
    Reminders,
    RepLine,
    Week,
)
from bot.metrics import (
    FIGURES,
    Count,
    Figure,
    Forecast,
    Place,
    Quotient,
    Rate,
    Sum,
    Sums,
    Took,
    Unit,
    Value,
    shown_in,
)

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ABOUT = About(
    kind="week",
    label="2026-W47",
    title="Week 47, 16 to 22 Nov 2026",
    tz="America/New_York",
    since=datetime(2026, 11, 16, 5, tzinfo=UTC),
    until=datetime(2026, 11, 23, 5, tzinfo=UTC),
    counted_to=datetime(2026, 11, 23, 5, tzinfo=UTC),
    made_at=NOW,
    agreement="2026-Q4",
    first_day=date(2026, 1, 5),
)


def lines(
    places: tuple[Place, ...], value: Callable[[Figure], Value], *, before: bool = True, **rest: object
) -> tuple[Line, ...]:
    """A line for every figure of these places, each with a value of its kind."""
    return tuple(
        Line(
            figure.key,
            value(figure),
            before=value(figure) if before else None,
            goal=GOALS.get(figure.goal),
            **rest,  # type: ignore[arg-type]  # what a test wants otherwise
        )
        for figure in shown_in(*places)
    )


GOALS = {"committed": 38, "accepted": 30, "sla_attainment": 0.95}


def full(text: str, huge: int) -> Callable[[Figure], Value]:
    """Values full of figures; currencies are `text`."""
    sums = (Sum("pipeline.USD", "USD", 3, 12_000_000 * huge), Sum("pipeline.none", text, 2, 0, 2)) * 3

    def value(figure: Figure) -> Value:
        match figure.unit:
            case Unit.COUNT:
                return Count(figure.of.leads, 42 * huge)
            case Unit.SHARE if figure.key != "roi":
                return Rate(figure.of.leads, 90 * huge, 100 * huge, shows_rest=True)
            case Unit.BUSINESS | Unit.WALL:
                return Took(figure.of.leads, 40, 3700, 90_000)
            case Unit.MONEY if figure.of.leads:
                return Sums(sums)
            case Unit.MONEY:
                return Quotient(None, "USD", text) if "sql" in figure.key else Quotient(8012.5, "USD")
        return Quotient(1.5, "share")

    return value


def empty(figure: Figure) -> Value:
    """What a figure is where nothing happened."""
    match figure.unit:
        case Unit.COUNT:
            return Count(figure.of.leads, 0)
        case Unit.SHARE:
            return Rate(figure.of.leads, 0, 0, shows_rest=True)
        case Unit.BUSINESS | Unit.WALL:
            return Took(figure.of.leads, 0, 0, 0)
    return Sums(())


def week(
    text: str = "x", *, campaigns: int = 3, reps: int = 3, leads: int = 10, huge: int = 1
) -> DigestReport:
    """A week full of figures, every word of data in it being `text`."""
    met = Rate("missed", 90 * huge, 100 * huge, shows_rest=True)
    value = full(text, huge)
    parts = ((text, Took("", 40, 3700, 90_000)),) * 30
    return DigestReport(
        about=ABOUT,
        opening=f"Week 47: marketing handed off 42 MQLs of {text}.",
        decided=(Decided(text, "U0MGR", date(2026, 11, 30), "U0CMO", text, "reasons.x", (11, 18), (3, 15)),)
        * 9,
        lines=tuple(
            replace(line, usual=33, parts=parts if FIGURES[line.figure].unit is Unit.BUSINESS else ())
            for line in lines(WHOLE, value)
        ),
        reasons=tuple(
            Reason(f"r{n}", f"{text} {n}", Rate(f"reasons.r{n}", 9, 120), 2, 4, n % 2 == 0) for n in range(12)
        ),
        campaigns=tuple(
            CampaignLine(
                f"{text} {n}",
                lines((Place.CAMPAIGN, Place.COSTS), value, before=False),
                (("too_small", 3),),
            )
            for n in range(campaigns)
        ),
        campaigns_left_out=28,
        costs_since=date(2026, 11, 9),
        dated=Dated(5, 2, 3, 1),
        velocity=(("USD", 12_345.6),),
        causes=tuple(
            Cause(f"cause.{c}.accept", c, "accept", 3, c == "outage") for c in ("rep", "outage", text)
        ),
        overturned=tuple(
            Overturned(f"r{n}", f"{text} {n}", Rate(f"disputes.overturned.r{n}", 4, 11)) for n in range(12)
        ),
        reminders=Reminders(((text, 9),) * 20, 5, 4),
        merged=2,
        trend=tuple(Week(f"2026-W{n}", met, met) for n in range(36, 48)),
        agenda=tuple(
            Point(
                f"k{n}",
                f"{text}: 11 of 18 were rejected.",
                11,
                18,
                "decided",
                tuple(range(leads)),
                todo="Read the reasons together.",
            )
            for n in range(3)
        ),
        goals=(
            Goal(Forecast("MQLs", 120, 40, 30, 28, 39), 38),
            Goal(Forecast("Pipeline", 50_000_000, 12_000_000, 6_000_000, 28, 39, "USD"), 34, text, 12),
            Goal(Forecast("Revenue", 10_000_000, 0, 0, 28, 39, "USD"), words=f"no revenue of {text}"),
        ),
        goals_words=text,
        calibration=("Keep the MQL threshold at B2.", "A1: accepted 87% (n = 15), won 4 of 6", text),
        advised_line="A2",
        foretold=Foretold(
            text, 28, (120 * huge, 117), (14, 16), (9, 19), True, (Rate("", 128, 180), Rate("", 76, 110))
        ),
        reps=tuple(RepLine(f"U0REP{n}", text, lines((Place.REP,), value, before=False)) for n in range(reps)),
    )


def nothing() -> DigestReport:
    """A week in which nothing happened at all, long after the first lead."""
    return replace(
        week(campaigns=0, reps=0),
        opening="Week 47, 16 to 22 Nov 2026: marketing handed off no leads. No SLA of sales has fallen due.",
        decided=(),
        lines=lines(WHOLE, empty),
        reasons=(),
        campaigns_left_out=0,
        costs_since=date(2026, 10, 1),
        dated=Dated(0, 0, 0, 0),
        velocity=(),
        causes=(),
        overturned=(),
        reminders=Reminders((), 0, 0),
        merged=0,
        trend=tuple(Week(f"2026-W{n}", NONE, NONE) for n in range(36, 48)),
        agenda=(),
        goals=(),
        goals_words="The agreement sets no goals.",
        foretold=None,
        calibration=(),
    )


NONE = Rate("missed", 0, 0, shows_rest=True)
