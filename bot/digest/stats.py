"""The counts of a stretch of time as other tools take them, by team, campaign, reason, week or month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.digest import facts, tallies
from bot.digest.gathering import scope_of
from bot.digest.making import quality_reasons
from bot.digest.periods import MONTH, WEEK, BadPeriod, Span, local_day, read_period
from bot.metrics import Facts, Place, Rate, Value, shown_in
from storage.figures import commitments, milestones
from storage.figures.commitments import ClockSlice
from storage.figures.milestones import Slice

BY = ("", "team", "campaign", "reason", "week", "month")
MOST_PERIODS = 106
"""The most weeks or months in one answer: two years of weeks."""


def stretch(begin: str | None, end: str | None, now: datetime, tz: str) -> Span:
    """From a day to a day, both included; the last 28 days without either. Raises BadPeriod."""
    today = local_day(now, tz)
    first = begin or str((read_period(end, now, tz).first if end else today) - timedelta(days=27))
    return read_period(f"{first}..{end or today}", now, tz)


def stats(tx: Connection, book: AgreementBook, span: Span, by: str, now: datetime) -> list[dict[str, Any]]:
    """One object a group: its label, every count, every rate with its n, and the SLAs met ("promises").

    SLAs are left out where clocks have no such label: by campaign and by reason. Raises BadPeriod
    for more than `MOST_PERIODS` weeks or months.
    """
    if by in (WEEK, MONTH):
        return [_whole(tx, book, each, now) | {by: each.label} for each in _periods(span, by, now)]
    slices = milestones.slices(tx, scope_of(span, now))
    clocks = commitments.slices(tx, scope_of(span, now)) if by in ("", "team") else []
    quality = quality_reasons(tx, book, slices)
    groups = tallies.grouped(slices, _LABELS[by])
    if by == "team":
        groups |= {team: [] for team in {each.team for each in clocks} - set(groups)}
    if not by and not groups:
        groups = {"": []}
    found = []
    for label, rows in sorted(groups.items()):
        own = [each for each in clocks if by != "team" or each.team == label]
        name = tallies.spelling(rows) if by == "campaign" else label
        found.append(
            _figures(rows, own if by in ("", "team") else None, quality) | ({by: name or None} if by else {})
        )
    return found


_LABELS: Mapping[str, Callable[[Slice], str]] = {
    "": lambda _each: "",
    "team": lambda each: each.team,
    "campaign": lambda each: tallies.campaign_key(each.campaign),
    "reason": lambda each: each.reason or "",
}


def first_day(tx: Connection, tz: str) -> date | None:
    """The first day with data; None before any. A count from before it is no zero but unknown."""
    first = milestones.first_handed_off(tx)
    return local_day(first, tz) if first is not None else None


def _whole(tx: Connection, book: AgreementBook, span: Span, now: datetime) -> dict[str, Any]:
    scope = scope_of(span, now)
    slices = milestones.slices(tx, scope)
    return _figures(slices, commitments.slices(tx, scope), quality_reasons(tx, book, slices))


def _figures(
    slices: Sequence[Slice], clocks: Sequence[ClockSlice] | None, quality: Sequence[str]
) -> dict[str, Any]:
    found = facts.of_group(slices, clocks, quality)
    names = (*milestones.MEASURES, "rejected_for_quality")
    answer: dict[str, Any] = {
        "counts": {name: found.counts[name] for name in names},
        "rates": {
            figure.key: _as_json(figure.of(found)) | {"formula": figure.says}
            for figure in shown_in(Place.STATS)
        },
    }
    if clocks is not None:
        answer["promises"] = dict(_promises(found))
    return answer


def _promises(found: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    """The SLAs met, by kind of clock."""
    for figure in shown_in(Place.STATS_SLA):
        yield figure.key.removesuffix("_met"), _as_json(figure.of(found))


def _as_json(found: Value) -> dict[str, Any]:
    """A rate as JSON: null where there are too few to say."""
    assert isinstance(found, Rate), found
    return {"value": found.share, "part": found.part, "n": found.n}


def _periods(span: Span, by: str, now: datetime) -> list[Span]:
    """The whole weeks or months that a stretch touches, up to now."""
    form = "%G-W%V" if by == WEEK else "%Y-%m"
    each = read_period(span.first.strftime(form), now, span.tz)
    found = []
    while each.first <= span.last and each.since <= now:
        found.append(each)
        if len(found) > MOST_PERIODS:
            raise BadPeriod(f"That is more than {MOST_PERIODS} {by}s; ask for fewer at once.")
        each = each.back(-1)
    return found
