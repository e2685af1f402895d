"""Money: sums by currency, what a campaign cost for each stage and brought in, and sales velocity.

Amounts are integers of hundredths. Two currencies are never added, compared or divided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.metrics.rates import FEWEST

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Sum:
    """The deals in one currency. `currency` None: the deals name none. `key` leads to their leads.

    `without_amount` of the deals have no amount, so that the sum is of the others.
    """

    key: str
    currency: str | None
    deals: int
    amount: int
    without_amount: int = 0


@dataclass(frozen=True, slots=True)
class Economics:
    """What a campaign cost and brought in. Costs are in hundredths of `currency`.

    A figure that cannot be given is None, and `why_not` says why. `roi` is a share: 0.5 is half the spend on
    top of it.
    """

    spend: int | None
    currency: str | None
    per_mql: int | None = None
    per_sal: int | None = None
    per_sql: int | None = None
    roi: float | None = None
    why_not: str | None = None


def economics(
    spend: int | None, currency: str | None, counts: Mapping[str, int], revenue: Mapping[str | None, int]
) -> Economics:
    """Spend ÷ count for each stage, and (revenue - spend) ÷ spend, in the currency of the spend.

    `counts` has handed_off, accepted and sql; `revenue` is in hundredths by currency.
    """
    if not spend:
        why = "no spend is agreed" if spend is None else "the spend is 0"
        return Economics(spend, currency, why_not=why)
    others = sorted(name or "no currency" for name in revenue if name != currency)
    roi = None if others else (revenue.get(currency, 0) - spend) / spend
    return Economics(
        spend,
        currency,
        per_mql=_each(spend, counts["handed_off"]),
        per_sal=_each(spend, counts["accepted"]),
        per_sql=_each(spend, counts["sql"]),
        roi=roi,
        why_not=f"revenue is also in {', '.join(others)}, the spend in {currency}" if others else None,
    )


def _each(spend: int, count: int) -> int | None:
    return round(spend / count) if count else None


def velocity(
    deals: int, amount: int, won: int, lost: int, wins_timed: int, median_cycle: int | None
) -> float | None:
    """Opportunities * win rate * average amount ÷ median cycle days: hundredths of the currency a day.

    `deals` with an amount, in one currency, and their `amount`; `won`, `lost` and the median cycle (seconds,
    of `wins_timed` deals) whatever the currency. None where fewer than `FEWEST` are behind a part.
    """
    if deals == 0 or min(won + lost, wins_timed) < FEWEST or not median_cycle:
        return None
    return deals * (won / (won + lost)) * (amount / deals) / (median_cycle / _DAY)
