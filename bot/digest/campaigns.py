"""The campaigns of a report, cut to those that matter: what they handed off, brought in and cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.agreement.model import Agreement
from bot.digest import facts, tallies
from bot.digest.gathering import Gathered, Running
from bot.digest.report import CampaignLine, Line
from bot.metrics import Facts, Place, shown_in
from bot.metrics.values import under
from storage.figures.milestones import Slice

SHOWN = 12
_REASONS = 3


def campaign_lines(
    gathered: Gathered, agreement: Agreement, quality: Sequence[str]
) -> tuple[tuple[CampaignLine, ...], int]:
    """The campaigns with the most handoffs, deals or spend, and how many others were left out."""
    groups = tallies.grouped(gathered.slices, lambda each: tallies.campaign_key(each.campaign))
    weight: Counter[str] = Counter({key: tallies.total(rows)["handed_off"] for key, rows in groups.items()})
    for row in (*gathered.pipeline, *gathered.revenue):
        weight[tallies.campaign_key(row.campaign)] += row.deals
    for known in agreement.campaigns:
        weight.setdefault(tallies.campaign_key(known.name), 0)
    if gathered.scope.campaign is not None:
        weight = Counter({key: n for key, n in weight.items() if key == gathered.scope.campaign.casefold()})
    ordered = sorted(weight, key=lambda key: (-weight[key], key))
    lines = tuple(_line(key, groups.get(key, []), gathered, agreement, quality) for key in ordered[:SHOWN])
    return lines, max(0, len(ordered) - SHOWN)


def _line(
    key: str, rows: list[Slice], gathered: Gathered, agreement: Agreement, quality: Sequence[str]
) -> CampaignLine:
    known = agreement.campaign(key)
    name = known.name if known else tallies.spelling(rows) or key
    pipeline, revenue = (tallies.of_campaign(found, key) for found in (gathered.pipeline, gathered.revenue))
    own = facts.of_campaign(rows, pipeline, revenue, quality)
    running = gathered.running
    costs = facts.of_costs(
        known,
        _counts(running, key),
        tallies.of_campaign(running.revenue, key),
        could_have_closed=_could_have_closed(running, key, gathered.scope.until),
    )
    root = f"campaign.{name or key}."
    return CampaignLine(
        name=name,
        lines=_values(own, Place.CAMPAIGN, root) + _values(costs, Place.COSTS, root),
        reasons=tuple(tallies.rejections(rows).most_common(_REASONS)),
    )


def _values(found: Facts, place: Place, root: str) -> tuple[Line, ...]:
    return tuple(Line(figure.key, under(root, figure.of(found))) for figure in shown_in(place))


def _counts(running: Running, key: str) -> dict[str, int]:
    counts = dict.fromkeys(("handed_off", "accepted", "sql"), 0)
    for written, found in running.ran.items():
        if tallies.campaign_key(written) == key:
            counts = {name: counts[name] + found.counts[name] for name in counts}
    return counts


def _could_have_closed(running: Running, key: str, until: datetime) -> bool:
    """Whether a deal of the campaign has closed, or its first lead is as old as a deal usually gets.

    Before that, no revenue says nothing: an ROI of -100% would only say that the campaign is young.
    """
    deals = tallies.of_campaign(running.pipeline, key)
    if any(row.won or row.lost for row in (*deals, *tallies.of_campaign(running.revenue, key))):
        return True
    first = min(
        (ran.first_at for written, ran in running.ran.items() if tallies.campaign_key(written) == key),
        default=None,
    )
    usual = running.cycle
    return first is not None and usual is not None and until - first >= timedelta(seconds=usual.median)
