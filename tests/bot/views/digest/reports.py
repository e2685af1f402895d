"""Reports for the tests of their views: an ordinary week, an empty one, and the most that can be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

from bot.digest.report import (
    About,
    CampaignLine,
    Cause,
    Decided,
    DigestReport,
    Disputes,
    Goal,
    Noise,
    Overturned,
    Point,
    Promise,
    Reason,
    RepLine,
    Stage,
    Timing,
    Took,
    Volume,
    Week,
)
from bot.metrics import Economics, Forecast, Rate, Sum

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
)
NONE = Rate("missed", 0, 0, shows_rest=True)


def week(
    text: str = "x", *, campaigns: int = 3, reps: int = 3, leads: int = 10, huge: int = 1
) -> DigestReport:
    """A week full of figures, every word of data in it being `text`."""
    kept = Rate("missed", 90 * huge, 100 * huge, shows_rest=True)
    took = Took(40, 3700, 90_000)
    sums = (Sum("pipeline.USD", "USD", 3, 12_000_000 * huge), Sum("pipeline.none", None, 2, 0, 2))
    promise = partial(Promise, rate=kept, before=Rate("missed", 5, 7, shows_rest=True), goal=0.95)
    return DigestReport(
        about=ABOUT,
        opening=f"Week 47: marketing handed off 42 leads of {text}.",
        decided=(Decided(text, "U0MGR", date(2026, 11, 30), "U0CMO", text, "reasons.x", (11, 18), (3, 15)),)
        * 9,
        volume=Volume(42 * huge, 30, 38.4),
        marketing=(promise("Lead quality"), promise("Complete data"), promise("Answers in time")),
        sales=tuple(promise(name) for name in ("Accept", "Touch", "Outcome", "All of them")),
        funnel=tuple(
            Stage(n, n, 42 * huge, 30, 33.25, 38.4) for n in ("MQL", "SAL", "SQL", "Opportunity", "Won")
        ),
        rates=(("acceptance", kept), ("sal_to_sql", Rate("sql", 1, 3))),
        timings=(Timing("Time to accept", took, took, took, None, ((text, took),) * 30),) * 2,
        reasons=tuple(
            Reason(f"r{n}", f"{text} {n}", Rate(f"reasons.r{n}", 9, 120), 2, 3.5, n % 2 == 0)
            for n in range(12)
        ),
        campaigns=tuple(campaign(f"{text} {n}") for n in range(campaigns)),
        campaigns_left_out=28,
        costs_since=date(2026, 10, 1),
        pipeline=sums * 3,
        revenue=(),
        velocity=(("USD", 12_345.6),),
        causes=tuple(
            Cause(f"cause.{c}.accept", c, "accept", 3, c == "outage") for c in ("rep", "outage", text)
        ),
        disputes=Disputes(1, 2, 3, 1, 1, 1),
        overturned=tuple(
            Overturned(f"r{n}", f"{text} {n}", Rate(f"disputes.overturned.r{n}", 4, 11)) for n in range(12)
        ),
        noise=Noise(((text, 9),) * 20, 5, 4, 3, Rate("nags.acted", 90, 180)),
        merged=2,
        trend=tuple(Week(f"2026-W{n}", kept, kept) for n in range(36, 48)),
        agenda=tuple(
            Point(f"k{n}", f"{text}: 11 of 18 were rejected.", 11, 18, "decided", tuple(range(leads)))
            for n in range(3)
        ),
        goals=(
            Goal(Forecast("MQLs", 120, 40, 30, 28, 39), 38),
            Goal(Forecast("pipeline", 50_000_000, 12_000_000, 6_000_000, 28, 39, "USD"), 34, text, 12),
            Goal(Forecast("revenue", 10_000_000, 0, 0, 28, 39, "USD"), words=f"no revenue of {text}"),
        ),
        goals_words=text,
        reps=tuple(RepLine(f"U0REP{n}", text, n, 3, took, None, kept, kept) for n in range(reps)),
    )


def campaign(name: str) -> CampaignLine:
    sums = tuple(Sum("x", code, 2, 10**9) for code in ("USD", "EUR", "GBP", "JPY", "SEK"))
    costs = Economics(1_200_000, "USD", 5000, 8000, None, 1.5)
    accepted = Rate("x", 8, 20)
    return CampaignLine("x", name, 20, accepted, accepted, (("too_small", 3),), sums, sums, costs)


def nothing() -> DigestReport:
    """A week in which nothing happened at all."""
    return DigestReport(
        about=ABOUT,
        opening="Week 47, 16 to 22 Nov 2026: marketing handed off no leads.",
        decided=(),
        volume=Volume(0, 0, None, "the agreement commits to no number of MQLs"),
        marketing=(
            Promise("Lead quality", NONE, NONE, None, "no reason counts"),
            Promise("Complete data", NONE, NONE),
        ),
        sales=(Promise("Accept in time", NONE, NONE, 0.95), Promise("All of them", NONE, NONE)),
        funnel=tuple(Stage(n, n, 0, 0, 0.0) for n in ("MQL", "SAL")),
        rates=(("acceptance", Rate("accepted", 0, 0)),),
        timings=(Timing("Time to accept", None, None, None, None),),
        reasons=(),
        campaigns=(),
        campaigns_left_out=0,
        costs_since=date(2026, 10, 1),
        pipeline=(),
        revenue=(),
        velocity=(),
        causes=(),
        disputes=Disputes(0, 0, 0, 0, 0, 0),
        overturned=(),
        noise=Noise((), 0, 0, 0, Rate("nags.acted", 0, 0)),
        merged=0,
        trend=tuple(Week(f"2026-W{n}", NONE, NONE) for n in range(36, 48)),
        agenda=(),
        goals=(),
        goals_words="The agreement names no goals.",
    )
