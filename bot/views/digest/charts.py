"""Charts as Slack draws them, and the same numbers as bars of text where Slack refuses to.

The limits are those of Slack's `data_visualization`: a title of 50 characters, labels of 20, a pie of 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.digest import words
from bot.digest.report import DigestReport, Week
from bot.metrics import Rate
from bot.views.blocks import Block, section
from bot.views.text import escape, flat

_TITLE, _LABEL, _SEGMENTS = 50, 20, 6
_BAR = 20  # characters of the longest bar
_FEWEST_WEEKS = 2  # a line has two ends


@dataclass(frozen=True, slots=True)
class Series:
    """One line or colour of a chart, with a value for each category."""

    name: str
    values: tuple[float, ...]


def funnel(report: DigestReport, *, plain: bool) -> list[Block]:
    """The stages of this period beside the last one and the usual; nothing where nothing was handed off."""
    stages = report.funnel
    series = [
        Series("This period", tuple(stage.count for stage in stages)),
        Series("The one before", tuple(stage.before for stage in stages)),
    ]
    means = [stage.mean for stage in stages]
    if all(mean is not None for mean in means):
        series.append(Series("Mean of four", tuple(mean or 0.0 for mean in means)))
    if not any(value for each in series for value in each.values):
        return []
    return _chart("bar", "From MQL to won", [stage.name for stage in stages], series, plain=plain)


def trend(report: DigestReport, *, plain: bool) -> tuple[list[Block], str]:
    """Kept promises of both sides by week, and what is left out of the chart because there was too little."""
    weeks = [week for week in report.trend if week.sales.share is not None]
    both = [week for week in weeks if week.marketing.share is not None]
    sides = [("Sales", _sales), ("Marketing", _marketing)]
    if len(both) < max(_FEWEST_WEEKS, len(weeks) // 2):
        sides, shown = sides[:1], weeks
    else:
        shown = both
    said = _left_out(report.trend, shown, with_marketing=len(sides) == 2)
    if len(shown) < _FEWEST_WEEKS:
        return [], said
    series = [Series(name, tuple(_percent(of(week)) for week in shown)) for name, of in sides]
    labels = [week.label.partition("-")[2] for week in shown]
    return _chart("line", "Promises kept, % by week", labels, series, plain=plain, unit="%"), said


def reasons(report: DigestReport, *, plain: bool) -> list[Block]:
    """Why leads were rejected, as a pie: the first reasons, and the others together."""
    given = [(reason.label, reason.share.part) for reason in report.reasons]
    if not given:
        return []
    whole = report.reasons[0].share.n
    shown = given if len(given) <= _SEGMENTS and whole == sum(n for _, n in given) else given[: _SEGMENTS - 1]
    rest = whole - sum(count for _, count in shown)
    slices = [*shown, *([("All others", rest)] if rest else [])]
    if plain:
        return [_bars("Why leads were rejected", [(label, [("", float(count))]) for label, count in slices])]
    labels = _distinct([label for label, _ in slices])
    segments = [{"label": label, "value": count} for label, (_, count) in zip(labels, slices, strict=True)]
    return [_visual("Why leads were rejected", {"type": "pie", "segments": segments})]


def _sales(week: Week) -> Rate:
    return week.sales


def _marketing(week: Week) -> Rate:
    return week.marketing


def _percent(rate: Rate) -> float:
    return round((rate.share or 0.0) * 100, 1)


def _left_out(weeks: Sequence[Week], shown: Sequence[Week], *, with_marketing: bool) -> str:
    """What a reader would otherwise take for a zero."""
    said = []
    if missing := len(weeks) - len(shown):
        said.append(f"{missing} of {len(weeks)} weeks had too few clocks to show")
    if not with_marketing:
        n = sum(week.marketing.n for week in weeks)
        said.append(f"marketing owed too few answers for a line (n = {n:,} in {len(weeks)} weeks)")
    return "; ".join(said)


def _chart(
    kind: str, title: str, labels: Sequence[str], series: Sequence[Series], *, plain: bool, unit: str = ""
) -> list[Block]:
    categories = _distinct(labels)
    if plain:
        rows = [
            (label, [(each.name, each.values[index]) for each in series])
            for index, label in enumerate(categories)
        ]
        return [_bars(title, rows, unit)]
    drawn = [
        {
            "name": each.name,
            "data": [
                {"label": label, "value": value} for label, value in zip(categories, each.values, strict=True)
            ],
        }
        for each in series
    ]
    axis = {"categories": categories}
    return [_visual(title, {"type": kind, "series": drawn, "axis_config": axis})]


def _visual(title: str, chart: Block) -> Block:
    return {"type": "data_visualization", "title": title[:_TITLE], "chart": chart}


def _distinct(labels: Sequence[str]) -> list[str]:
    """Labels of at most 20 characters, no two alike."""
    found: list[str] = []
    for label in labels:
        short = flat(label)[:_LABEL] or "?"
        number = 2
        while short in found:
            short = f"{flat(label)[: _LABEL - 4]} ({number})"
            number += 1
        found.append(short)
    return found


def _bars(title: str, rows: Sequence[tuple[str, list[tuple[str, float]]]], unit: str = "") -> Block:
    """Bars of text, one for the first value of each row, the others as numbers behind it."""
    greatest = max((values[0][1] for _, values in rows), default=0) or 1
    width = max(len(flat(label)[:_LABEL]) for label, _ in rows)
    lines = []
    for label, values in rows:
        first = values[0][1]
        bar = "█" * round(first / greatest * _BAR) or ("▏" if first else "")
        others = ", ".join(f"{name.lower()} {words.number(value)}{unit}" for name, value in values[1:])
        said = f"{words.number(first)}{unit}{f'  ({others})' if others else ''}"
        lines.append(escape(f"{flat(label)[:_LABEL]:<{width}}  {bar} {said}"))
    text = "\n".join(lines)
    return section(f"*{escape(title)}*\n```{text[:2800]}```")
