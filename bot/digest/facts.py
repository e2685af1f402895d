"""From what was counted to the facts that formulas use: of a period, a campaign, a rep, or any group.

A count has the name of its evidence, so that whatever a formula divides can be looked behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.agreement.model import Campaign
from bot.digest import tallies
from bot.digest.gathering import Attained, Comparison, Gathered, Spreads
from bot.metrics import Facts, Sum
from storage.figures.commitments import ClockSlice
from storage.figures.deals import DealSlice
from storage.figures.disputes import Ruled
from storage.figures.milestones import Counts, Slice
from storage.figures.reminders import Reminders
from storage.figures.times import Measure, Spread
from storage.models import Cause, ClockKind


def of_period(gathered: Gathered, quality: Sequence[str]) -> Facts:
    """The period that was asked for. `quality` are the reasons that count against lead quality."""
    clocks = {kind: tallies.attained(gathered.clocks, kind) for kind in ClockKind}
    return Facts(
        counts={
            **_handoffs(gathered.slices, quality),
            **_data(gathered.slices, gathered.complete),
            **of_clocks(clocks),
            **{f"disputes.{what}": count for what, count in gathered.disputes.items()},
            **_reminders(gathered.reminders),
        },
        keys=keys_of(quality),
        times=_times(gathered.spreads),
        sums=_sums(gathered.pipeline, gathered.revenue),
    )


def of_before(before: Comparison, quality: Sequence[str]) -> Facts:
    """The period before, of which less is counted: neither disputes nor deals."""
    return Facts(
        counts={
            **_handoffs(before.slices, quality),
            **_data(before.slices, before.complete),
            **of_clocks(before.attained),
            **_reminders(before.reminders),
        },
        keys=keys_of(quality),
        times=_times(before.spreads),
    )


def of_group(slices: Sequence[Slice], clocks: Iterable[ClockSlice] | None, quality: Sequence[str]) -> Facts:
    """Some handoffs; with the clocks that are theirs, where clocks have such a label."""
    found = _handoffs(slices, quality)
    if clocks is not None:
        own = list(clocks)
        found |= of_clocks({kind: tallies.attained(own, kind) for kind in ClockKind})
    return Facts(found, keys_of(quality))


def of_campaign(
    slices: Sequence[Slice],
    pipeline: Sequence[DealSlice],
    revenue: Sequence[DealSlice],
    quality: Sequence[str],
) -> Facts:
    """One campaign in the period."""
    return Facts(_handoffs(slices, quality), keys_of(quality), sums=_sums(pipeline, revenue))


def of_costs(
    known: Campaign | None, counts: Counts, revenue: Sequence[DealSlice], *, could_have_closed: bool
) -> Facts:
    """One campaign over the time for which its spend is agreed."""
    return Facts(
        counts,
        sums={"revenue": tallies.sums(revenue, "revenue")},
        spend=None if known is None or known.spend is None else int(known.spend * 100),
        currency=known.currency if known else None,
        could_have_closed=could_have_closed,
    )


def of_rep(
    user: str,
    clocks: Iterable[ClockSlice],
    *,
    open_now: int,
    accepted: int,
    times: Mapping[Measure, Spread | None],
    rulings: Ruled,
) -> Facts:
    """One rep, who is held to what was theirs: not to outages, missing colleagues or bad data."""
    own = [each for each in clocks if each.owner == user and each.kind in tallies.SALES]
    return Facts(
        {
            "open_now": open_now,
            "accepted": accepted,
            "met": sum(each.met for each in own),
            "missed": sum(each.missed for each in own if each.cause in (None, Cause.REP)),
            "disputes.overturned": rulings.overturned,
            "disputes.upheld": rulings.rulings - rulings.overturned,
        },
        keys={"open_now": ""},
        times={measure.value: spread for measure, spread in times.items() if spread is not None},
    )


def of_clocks(attained: Attained) -> dict[str, int]:
    """Met and missed of each kind of clock, and of all that sales owes."""
    found: dict[str, int] = {}
    for kind in ClockKind:
        found[f"{kind.value}.met"], found[f"{kind.value}.missed"] = attained.get(kind, (0, 0))
    for what in ("met", "missed"):
        found[what] = sum(found[f"{kind.value}.{what}"] for kind in tallies.SALES)
    return found


def _handoffs(slices: Iterable[Slice], quality: Sequence[str]) -> dict[str, int]:
    rows = list(slices)
    given = tallies.rejections(rows)
    return tallies.total(rows) | {"rejected_for_quality": sum(given[code] for code in quality)}


def _data(slices: Iterable[Slice], complete: int) -> dict[str, int]:
    return {"complete": complete, "incomplete": tallies.total(slices)["handed_off"] - complete}


def keys_of(quality: Sequence[str]) -> dict[str, str]:
    """The evidence of what counts against quality; none where no reason does."""
    return {"rejected_for_quality": f"rejected:{'+'.join(quality)}" if quality else ""}


def _reminders(found: Reminders) -> dict[str, int]:
    return {"nags": sum(found.lines.values()), "nags.acted": found.acted_on}


def _times(spreads: Spreads) -> dict[str, Spread]:
    return {measure.value: found[None] for measure, found in spreads.items() if None in found}


def _sums(pipeline: Sequence[DealSlice], revenue: Sequence[DealSlice]) -> dict[str, tuple[Sum, ...]]:
    return {"pipeline": tallies.sums(pipeline, "pipeline"), "revenue": tallies.sums(revenue, "revenue")}
