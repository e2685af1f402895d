"""Charts as Slack draws them, and the same numbers as bars of text where Slack refuses to.

The limits are those of Slack's `data_visualization`: a title of 50 characters, labels of 20, a pie of 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.digest.report import DigestReport, Line, Week
from bot.metrics import FIGURES, Count, Place, Rate, Value
from bot.views.blocks import Block, section
from bot.views.text import clip, escape, flat, plural

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
    stages = report.at(Place.FUNNEL)
    series = [
        Series("This period", tuple(_count(line.now) for line in stages)),
        *(
            [Series("The one before", tuple(_count(line.before) for line in stages))]
            if _has_before(stages)
            else []
        ),
        *(
            [Series("Usually", tuple(float(line.usual or 0) for line in stages))]
            if _has_usual(stages)
            else []
        ),
    ]
    if not any(value for each in series for value in each.values):
        return []
    names = [FIGURES[line.figure].title for line in stages]
    return _chart("bar", "From MQL to won", names, series, plain=plain)


def _count(value: Value | None) -> float:
    return float(value.count) if isinstance(value, Count) else 0.0


def _has_before(stages: Sequence[Line]) -> bool:
    return any(line.before is not None for line in stages)


def _has_usual(stages: Sequence[Line]) -> bool:
    return any(line.usual is not None for line in stages)


def trend(report: DigestReport, *, plain: bool) -> list[Block]:
    """SLAs met by both sides, week by week; nothing where there are too few weeks for a line."""
    shown, with_marketing = _weeks(report)
    if len(shown) < _FEWEST_WEEKS:
        return []
    sides = [("Sales", _sales), *([("Marketing", _marketing)] if with_marketing else [])]
    series = [Series(name, tuple(_percent(of(week)) for week in shown)) for name, of in sides]
    labels = [week.label.partition("-")[2] for week in shown]
    return _chart("line", "SLA met, % by week", labels, series, plain=plain, unit="%")


def left_out(report: DigestReport) -> str:
    """What the line leaves out and a reader would otherwise take for a zero."""
    shown, with_marketing = _weeks(report)
    weeks, said = report.trend, []
    if missing := len(weeks) - len(shown):
        said.append(f"{missing} of {plural(len(weeks), 'week')} had too few SLAs due")
    if weeks and not with_marketing:
        n = sum(week.marketing.n for week in weeks)
        said.append(f"marketing owed too few answers (n = {n:,})")
    return "; ".join(said)


def _weeks(report: DigestReport) -> tuple[list[Week], bool]:
    """The weeks with enough to show a rate, and whether marketing has enough of them for a line beside."""
    weeks = [week for week in report.trend if week.sales.share is not None]
    both = [week for week in weeks if week.marketing.share is not None]
    if len(both) < max(_FEWEST_WEEKS, len(weeks) // 2):
        return weeks, False
    return both, True


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
    return float(round((rate.share or 0.0) * 100))


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
    return {"type": "data_visualization", "title": clip(title, _TITLE), "chart": chart}


def _distinct(labels: Sequence[str]) -> list[str]:
    """Labels of at most 20 characters, no two alike."""
    found: list[str] = []
    for label in labels:
        short = clip(flat(label), _LABEL) or "?"
        number = 2
        while short in found:
            short = f"{clip(flat(label), _LABEL - 4)} ({number})"
            number += 1
        found.append(short)
    return found


def _bars(title: str, rows: Sequence[tuple[str, list[tuple[str, float]]]], unit: str = "") -> Block:
    """Bars of text, one for the first value of each row, the others as numbers behind it."""
    greatest = max((values[0][1] for _, values in rows), default=0) or 1
    width = max(len(clip(flat(label), _LABEL)) for label, _ in rows)
    lines = []
    for label, values in rows:
        first = values[0][1]
        bar = "█" * round(first / greatest * _BAR) or ("▏" if first else "")
        others = ", ".join(f"{name.lower()} {value:,.0f}{unit}" for name, value in values[1:])
        said = f"{first:,.0f}{unit}{f'  ({others})' if others else ''}"
        lines.append(escape(f"{clip(flat(label), _LABEL):<{width}}  {bar} {said}"))
    text = "\n".join(lines)
    return section(f"*{escape(title)}*\n```{clip(text, 2800)}```")
