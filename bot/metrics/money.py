"""Sales velocity. Amounts are integers of hundredths of one currency."""

from __future__ import annotations

from bot.metrics.values import FEWEST

_DAY = 86_400


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
