"""The campaigns of a report, cut to those that matter: what they handed off, brought in and cost."""

from __future__ import annotations

from collections import Counter

from bot.agreement.model import Agreement, Campaign
from bot.digest import tallies
from bot.digest.gathering import Gathered
from bot.digest.report import CampaignLine
from bot.metrics import Economics, economics, rate
from storage.figures.milestones import Slice

SHOWN = 12
_REASONS = 3


def campaign_lines(gathered: Gathered, agreement: Agreement) -> tuple[tuple[CampaignLine, ...], int]:
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
    lines = tuple(_line(key, groups.get(key, []), gathered, agreement) for key in ordered[:SHOWN])
    return lines, max(0, len(ordered) - SHOWN)


def _line(key: str, rows: list[Slice], gathered: Gathered, agreement: Agreement) -> CampaignLine:
    counts = tallies.total(rows)
    known = agreement.campaign(key)
    name = known.name if known else tallies.spelling(rows) or key
    root = f"campaign.{name or key}"
    return CampaignLine(
        key=f"{root}.handed_off",
        name=name,
        handed_off=counts["handed_off"],
        accepted=rate("acceptance", counts, f"{root}.accepted"),
        rejected=rate("rejection", counts, f"{root}.rejected"),
        reasons=tuple(tallies.rejections(rows).most_common(_REASONS)),
        pipeline=tallies.sums(tallies.of_campaign(gathered.pipeline, key), f"{root}.pipeline"),
        revenue=tallies.sums(tallies.of_campaign(gathered.revenue, key), f"{root}.revenue"),
        costs=_costs(key, known, gathered),
    )


def _costs(key: str, known: Campaign | None, gathered: Gathered) -> Economics:
    counts = dict.fromkeys(("handed_off", "accepted", "sql"), 0)
    for written, found in gathered.running.counts.items():
        if tallies.campaign_key(written) == key:
            counts = {name: counts[name] + found[name] for name in counts}
    revenue: Counter[str | None] = Counter()
    for row in tallies.of_campaign(gathered.running.revenue, key):
        revenue[row.currency] += row.amount
    spend = None if known is None or known.spend is None else int(known.spend * 100)
    return economics(spend, known.currency if known else None, counts, revenue)
