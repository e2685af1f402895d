"""Adding up what was gathered: by reason, by campaign whatever its case, by kind of clock."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from bot.metrics import Sum
from storage.figures.commitments import ClockSlice
from storage.figures.deals import DealSlice
from storage.figures.evidence import NO_CURRENCY
from storage.figures.milestones import MEASURES, Counts, Slice
from storage.models import ClockKind

NO_CAMPAIGN = ""
"""The name under which leads without a campaign are gathered."""
SALES = (ClockKind.ACCEPT, ClockKind.FIRST_TOUCH, ClockKind.OUTCOME)


def total(slices: Iterable[Slice]) -> Counts:
    """Every measure over all of them; 0 where there is nothing."""
    found = dict.fromkeys(MEASURES, 0)
    for each in slices:
        for name, count in each.counts.items():
            found[name] += count
    return found


def grouped(slices: Iterable[Slice], by: Callable[[Slice], str]) -> dict[str, list[Slice]]:
    """The slices by a label of theirs."""
    found: dict[str, list[Slice]] = defaultdict(list)
    for each in slices:
        found[by(each)].append(each)
    return dict(found)


def rejections(slices: Iterable[Slice]) -> Counter[str]:
    """How often each reason was given."""
    found: Counter[str] = Counter()
    for each in slices:
        if each.counts["rejected"]:
            found[each.reason or ""] += each.counts["rejected"]
    return found


def campaign_key(name: str | None) -> str:
    """A campaign's name as it is compared; leads without one are a campaign of their own."""
    return (name or "").strip().casefold() or NO_CAMPAIGN


def spelling(slices: Iterable[Slice]) -> str:
    """How a campaign is written most often."""
    written = Counter[str]()
    for each in slices:
        written[each.campaign or ""] += each.counts["handed_off"]
    return max(written, key=lambda name: (written[name], name), default="")


def attained(slices: Iterable[ClockSlice], *kinds: ClockKind) -> tuple[int, int]:
    """Met and missed over the clocks of these kinds."""
    chosen = [each for each in slices if each.kind in kinds]
    return sum(each.met for each in chosen), sum(each.missed for each in chosen)


def sums(rows: Sequence[DealSlice], what: str) -> tuple[Sum, ...]:
    """The deals by currency, the greatest count first. `what` is the figure's key: pipeline or revenue."""
    found: dict[str | None, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        entry = found[row.currency]
        entry[0] += row.deals
        entry[1] += row.amount
        entry[2] += row.without_amount
    made = (
        Sum(f"{what}.{currency or NO_CURRENCY}", currency, *numbers) for currency, numbers in found.items()
    )
    return tuple(sorted(made, key=lambda each: (-each.deals, each.currency or "")))


def of_campaign(rows: Iterable[DealSlice], key: str) -> list[DealSlice]:
    """The deals of one campaign."""
    return [row for row in rows if campaign_key(row.campaign) == key]
