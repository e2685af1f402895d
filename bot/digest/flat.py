"""A report as rows, one a number: for the terminal's table, CSV and other tools.

The figures of the table follow from it, by the shape of their values; here stand only the lists beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from bot.digest import words
from bot.digest.report import CampaignLine, Cause, DigestReport, Line, RepLine
from bot.metrics import FEWEST, FIGURES, Count, Figure, Place, Quotient, Rate, Sum, Sums, Took

_FIRST = (Place.MARKETING, Place.SALES, Place.FUNNEL, Place.RATES, Place.TIMES)


@dataclass(frozen=True, slots=True)
class Row:
    """One number. `value` is a count, seconds, or hundredths of `unit` where that is a currency.

    `share` is `value` ÷ `n`, None where n is too small or the figure is no rate; `key` leads to the leads,
    `figure` is its key in the table of figures. What begins with `share_` is a share too, the rest is in the
    unit of `value`.
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
    figure: str = ""


COLUMNS = tuple(field.name for field in fields(Row))


def rows(report: DigestReport) -> list[Row]:
    """Every number of the report, in the order in which it shows them."""
    return [
        *_placed(report, *_FIRST),
        *(
            _rate(
                "reasons", each.label, each.share, before=each.before, note="quality" if each.quality else ""
            )
            for each in report.reasons
        ),
        *(row for line in report.campaigns for row in _campaign(line)),
        *_placed(report, Place.DEALS),
        *(Row("velocity", "a day", value, unit=code or "no currency") for code, value in report.velocity),
        *(_cause(each) for each in report.causes),
        *_placed(report, Place.DISPUTES),
        *(_rate("overturned, of those decided", each.label, each.rate) for each in report.overturned),
        *_placed(report, Place.REMINDERS),
        *(
            Row("reminders", words.nag_name(what), count, key=f"nags.{what}")
            for what, count in report.reminders.by_kind
        ),
        *_weeks(report),
        *_goals(report),
        *(row for each in report.reps for row in _rep(each)),
    ]


def _placed(report: DigestReport, *places: Place) -> Iterator[Row]:
    for place in places:
        for line in report.at(place):
            yield from _figure(place.value, line)


def _figure(section: str, line: Line) -> Iterator[Row]:
    """The rows of one figure: one, two for times, or one for each currency."""
    figure, note = FIGURES[line.figure], line.why_not or ""
    match line.now:
        case Count(key, count):
            before = line.before.count if isinstance(line.before, Count) else None
            yield Row(
                section,
                figure.title,
                count,
                before=before,
                goal=line.goal,
                key=key,
                note=note,
                figure=figure.key,
            )
        case Rate() as rate:
            yield _rate(
                section,
                figure.title,
                rate,
                note=note or (figure.says if section == Place.RATES.value else ""),
                share_before=line.before.share if isinstance(line.before, Rate) else None,
                share_goal=line.goal,
                figure=figure.key,
            )
        case Took() as took:
            yield from _took(section, figure, took, line.before if isinstance(line.before, Took) else None)
        case Sums(sums):
            yield from (_money(section, figure, each) for each in sums)
        case Quotient(value, unit, why_not):
            yield Row(section, figure.title, value, unit=unit, note=why_not or "", figure=figure.key)


def _rate(
    section: str,
    name: str,
    rate: Rate,
    *,
    before: float | None = None,
    note: str = "",
    share_before: float | None = None,
    share_goal: float | None = None,
    figure: str = "",
) -> Row:
    return Row(
        section,
        name,
        rate.part,
        rate.n,
        rate.share,
        before=before,
        share_before=share_before,
        share_goal=share_goal,
        key=rate.key,
        note=note,
        figure=figure,
    )


def _took(section: str, figure: Figure, now: Took, before: Took | None) -> Iterator[Row]:
    for part, fewest in (("median", 1), ("p90", FEWEST)):
        yield Row(
            section,
            f"{figure.title}, {figure.unit.value}, {part}",
            getattr(now, part) if now.n >= fewest else None,
            now.n,
            unit="seconds",
            before=getattr(before, part) if before and before.n >= fewest else None,
            key=now.key,
            note="" if now.n >= fewest else f"too few for a {part}" if now.n else "none yet",
            figure=figure.key,
        )


def _money(section: str, figure: Figure, each: Sum) -> Row:
    note = f"{each.without_amount} without an amount" if each.without_amount else ""
    return Row(
        section,
        figure.title,
        None if each.deals == each.without_amount else each.amount,
        each.deals,
        unit=each.currency or "no currency",
        key=each.key,
        note=note,
        figure=figure.key,
    )


def _cause(each: Cause) -> Row:
    name = f"{words.clock_name(each.clock)}: {words.cause_name(each.cause)}"
    return Row("SLA missed", name, each.count, key=each.key, note="excused" if each.excused else "")


def _campaign(campaign: CampaignLine) -> Iterator[Row]:
    for line in campaign.lines:
        yield from _figure(f"campaign {campaign.name or 'none'}", line)


def _rep(rep: RepLine) -> Iterator[Row]:
    for line in rep.lines:
        yield from _figure(f"rep {rep.user}", line)


def _weeks(report: DigestReport) -> Iterator[Row]:
    for week in report.trend:
        yield _rate("SLA met by week", f"{week.label} sales", week.sales)
        yield _rate("SLA met by week", f"{week.label} marketing", week.marketing)


def _goals(report: DigestReport) -> Iterator[Row]:
    for goal in report.goals:
        forecast = goal.forecast
        unit = forecast.currency or "count"
        yield Row("goals", f"{forecast.goal_name} so far", forecast.so_far, unit=unit, goal=forecast.goal)
        yield Row(
            "goals",
            f"{forecast.goal_name} expected",
            round(forecast.expected),
            unit=unit,
            goal=forecast.goal,
            note=goal.words or "",
        )
