"""A report as a list of figures, each on a line of its own: for tables, CSV and other tools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bot.digest.report import CampaignLine, DigestReport, Promise, Took
from bot.metrics import FORMULAS, Rate, Sum


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `value` is a count, seconds, or hundredths of `unit` where that is a currency.

    `share` is `value` ÷ `n`, None where n is too small or the figure is no rate; `key` leads to the leads.
    What begins with `share_` is a share too, the rest is in the unit of `value`.
    """

    section: str
    name: str
    value: float | None
    n: int | None = None
    share: float | None = None
    unit: str = "count"
    before: float | None = None
    goal: float | None = None
    share_before: float | None = None
    share_goal: float | None = None
    key: str = ""
    note: str = ""


COLUMNS = tuple(field.name for field in fields(Figure))


def figures(report: DigestReport) -> list[Figure]:
    """Every figure of the report, in the order in which it shows them."""
    return [
        *_scorecards(report),
        *_funnel(report),
        *_times(report),
        *(
            _rate(
                "reasons", each.label, each.share, before=each.before, note="quality" if each.quality else ""
            )
            for each in report.reasons
        ),
        *(figure for line in report.campaigns for figure in _campaign(line)),
        *_money("pipeline", report.pipeline),
        *_money("revenue", report.revenue),
        *(Figure("velocity", "a day", value, unit=code or "no currency") for code, value in report.velocity),
        *(
            Figure(
                "causes",
                f"{each.cause}: {each.clock}",
                each.count,
                key=each.key,
                note="excused" if each.excused else "",
            )
            for each in report.causes
        ),
        *(
            Figure("disputes", name, count, key=f"disputes.{name}")
            for name, count in asdict(report.disputes).items()
        ),
        *(_rate("overturned of rulings", each.label, each.rate) for each in report.overturned),
        *(Figure("noise", what, count, key=f"nags.{what}") for what, count in report.noise.lines),
        _rate("noise", "acted on within a day", report.noise.acted),
        *_weeks(report),
        *_goals(report),
        *(figure for each in report.reps for figure in _rep(each)),
    ]


def _scorecards(report: DigestReport) -> Iterator[Figure]:
    volume = report.volume
    yield Figure(
        "marketing",
        "Volume",
        volume.handed_off,
        before=volume.before,
        goal=volume.committed,
        key="handed_off",
        note=volume.none_because or "",
    )
    for side, promises in (("marketing", report.marketing), ("sales", report.sales)):
        yield from (_promise(side, promise) for promise in promises)


def _promise(side: str, promise: Promise) -> Figure:
    made = _rate(side, promise.name, promise.rate, note=promise.none_because or "")
    return replace(made, share_before=promise.before.share, share_goal=promise.goal)


def _rate(section: str, name: str, rate: Rate, *, before: float | None = None, note: str = "") -> Figure:
    return Figure(section, name, rate.part, rate.n, rate.share, before=before, key=rate.key, note=note)


def _funnel(report: DigestReport) -> Iterator[Figure]:
    for stage in report.funnel:
        yield Figure("funnel", stage.name, stage.count, before=stage.before, goal=stage.goal, key=stage.key)
    for name, rate in report.rates:
        yield _rate("rates", FORMULAS[name].title, rate, note=FORMULAS[name].says)


def _times(report: DigestReport) -> Iterator[Figure]:
    for timing in report.timings:
        spans = (
            ("business", timing.business, timing.business_before),
            ("wall", timing.wall, timing.wall_before),
        )
        for kind, now, before in spans:
            yield from _took(f"{timing.name}, {kind} time", now, before)


def _took(name: str, now: Took | None, before: Took | None) -> Iterator[Figure]:
    for part in ("median", "p90"):
        yield Figure(
            "times",
            f"{name}, {part}",
            getattr(now, part) if now else None,
            now.n if now else 0,
            unit="seconds",
            before=getattr(before, part) if before else None,
        )


def _campaign(line: CampaignLine) -> Iterator[Figure]:
    section, costs = f"campaign {line.name or 'none'}", line.costs
    yield Figure(section, "handed off", line.handed_off, key=line.key)
    yield _rate(section, "accepted", line.accepted)
    yield _rate(section, "rejected", line.rejected)
    yield from _money("pipeline", line.pipeline, section)
    yield from _money("revenue", line.revenue, section)
    for name in ("per_mql", "per_sal", "per_sql"):
        note = costs.why_not if not costs.spend else ""
        cost = getattr(costs, name)
        yield Figure(
            section, f"cost {name.replace('_', ' ')}", cost, unit=costs.currency or "", note=note or ""
        )
    yield Figure(
        section, "ROI", costs.roi, unit="share", note=costs.why_not or "" if costs.roi is None else ""
    )


def _money(name: str, sums: tuple[Sum, ...], section: str | None = None) -> Iterator[Figure]:
    for each in sums:
        note = f"{each.without_amount} without an amount" if each.without_amount else ""
        unknown = each.deals == each.without_amount
        yield Figure(
            section or name,
            name,
            None if unknown else each.amount,
            each.deals,
            unit=each.currency or "no currency",
            key=each.key,
            note=note,
        )


def _weeks(report: DigestReport) -> Iterator[Figure]:
    for week in report.trend:
        yield _rate("weeks", f"{week.label} sales", week.sales)
        yield _rate("weeks", f"{week.label} marketing", week.marketing)


def _goals(report: DigestReport) -> Iterator[Figure]:
    for goal in report.goals:
        forecast = goal.forecast
        unit = forecast.currency or "count"
        yield Figure("goals", f"{forecast.goal_name} so far", forecast.so_far, unit=unit, goal=forecast.goal)
        yield Figure(
            "goals",
            f"{forecast.goal_name} expected",
            round(forecast.expected, 1),
            unit=unit,
            goal=forecast.goal,
            note=goal.words or "",
        )


def _rep(rep: Any) -> Iterator[Figure]:
    section = f"rep {rep.user}"
    yield Figure(section, "open now", rep.open_now)
    yield Figure(section, "accepted", rep.accepted, key=f"rep.{rep.user}.accepted")
    yield _rate(section, "kept", rep.kept)
    for name, took in (("time to accept", rep.accept), ("time to first touch", rep.touch)):
        yield Figure(
            section, f"{name}, median", took.median if took else None, took.n if took else 0, unit="seconds"
        )
    yield _rate(section, "overturned of rulings", rep.overturned)
